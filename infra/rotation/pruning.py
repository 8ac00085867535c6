"""Rows of the blind index under keys that are not in the ring any more find nothing; they are removed here."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import SQLModel, col

from domain.core.blind_index import BlindIndexRow
from domain.core.db import Database, Write
from infra.rotation.walking import KEYS, STEP_ROWS, Show, array, size, steps

_TABLE = SQLModel.metadata.tables[str(BlindIndexRow.__tablename__)]


async def prune(database: Database, key_ids: Sequence[str], show: Show) -> tuple[int, int]:
    """
    How many rows were removed, and how many had to stay: a row stays while its owner has none under the newest key, since
    then nothing else says whose the text is (`qingyi keys rotate` mends that, while it can still be opened).
    """
    key = list(_TABLE.primary_key.columns)
    removed = kept = seen = 0
    total = await size(database, _TABLE)
    async for step in steps(database, _TABLE):
        # In the index's order: a plan that is kept for all steps cannot know how few rows a step has.
        gone = sa.select(_TABLE.c.purpose, _TABLE.c.digest, _TABLE.c.owner_id).where(
            step.rows, _TABLE.c.key_id.not_in(key_ids)
        )
        async with database.write(KEYS) as tx:
            rows = await tx.rows(gone.order_by(*key).limit(STEP_ROWS))
            done = await _remove(tx, rows, key_ids[0]) if rows else 0
        removed += done
        kept += len(rows) - done
        seen = min(seen + STEP_ROWS, total)
        show(_TABLE.name, seen, total)
    return removed, kept


async def _remove(tx: Write, rows: Sequence[sa.Row[tuple[str, bytes, object]]], newest: str) -> int:
    """Those of the rows that the newest key stands in for."""
    row, other = BlindIndexRow, aliased(BlindIndexRow)
    purposes, digests, owners = zip(*rows, strict=True)
    gone = (
        sa.func.unnest(array(sa.Text(), purposes), array(sa.LargeBinary(), digests), array(sa.Uuid(), owners))
        .table_valued("purpose", "digest", "owner_id")
        .render_derived()
    )
    replaced = (
        sa.select(sa.literal(1))
        .where(
            col(other.owner_id) == col(row.owner_id),
            col(other.purpose) == col(row.purpose),
            col(other.key_id) == newest,
        )
        .exists()
    )
    return await tx.execute(
        sa.delete(row).where(
            col(row.purpose) == gone.c.purpose,
            col(row.digest) == gone.c.digest,
            col(row.owner_id) == gone.c.owner_id,
            replaced,
        )
    )
