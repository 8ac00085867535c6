"""Rows of the blind index under keys that are not in the ring any more find nothing; they are removed here."""

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import SQLModel, col

from domain.core.blind_index import BlindIndexRow
from domain.core.db import Database
from infra.rotation.walking import KEYS, STEP_ROWS, Show, size, steps

_TABLE = SQLModel.metadata.tables[BlindIndexRow.__tablename__]


async def prune(database: Database, key_ids: tuple[str, ...], show: Show) -> tuple[int, int]:
    """
    How many rows were removed, and how many had to stay: a row stays while its owner has none under the newest key, since
    then nothing else says whose the text is (`qingyi keys rotate` mends that, while it can still be opened).
    """
    row, other = BlindIndexRow, aliased(BlindIndexRow)
    replaced = (
        sa.select(sa.literal(1))
        .where(
            col(other.owner_id) == col(row.owner_id),
            col(other.purpose) == col(row.purpose),
            col(other.key_id) == key_ids[0],
        )
        .exists()
    )
    gone = col(row.key_id).not_in(key_ids)
    removed = kept = seen = 0
    total = await size(database, _TABLE)
    async for step in steps(database, _TABLE):
        async with database.write(KEYS) as tx:
            removed += await tx.execute(sa.delete(row).where(step.rows, gone, replaced))
            kept += int(await tx.scalar(sa.select(sa.func.count()).select_from(row).where(step.rows, gone)))
        seen = min(seen + STEP_ROWS, total)
        show(_TABLE.name, seen, total)
    return removed, kept
