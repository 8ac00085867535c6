"""
What is sealed can still be unique and be found: a keyed hash of it stands here, with its owner.

A value has one row under every root key of the ring, so that the primary key, and no look beforehand, decides between two
who claim it at once, also while a key is being changed: rings that follow each other share a root. Who owns what is of no
interest to this module; a purpose names one kind of value of one kind of owner ("phone": of a youth).
"""

from collections.abc import Iterable, Mapping
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlmodel import Field, SQLModel, col

from domain.core import columns
from domain.core.db import Read, Write
from domain.core.refusals import Refusal
from domain.core.sealing import Sealer


class BlindIndexRow(SQLModel, table=True):
    """One value of one owner, hashed by one root key."""

    __tablename__ = "core_blind_index"
    __table_args__ = (sa.Index("core_blind_index_owner", "owner_id", "purpose"),)

    purpose: str = Field(sa_type=sa.Text, primary_key=True)
    digest: bytes = Field(sa_type=sa.LargeBinary, primary_key=True)
    key_id: str = columns.text()
    owner_id: UUID = Field()


async def owners(db: Read, sealer: Sealer, purpose: str, texts: Iterable[str]) -> dict[str, UUID]:
    """Who owns each of the values; those that nobody owns are left out."""
    by_digest = {digest: text for text in texts for digest in sealer.blinds(text, purpose).values()}
    rows = await db.rows(
        sa.select(col(BlindIndexRow.digest), col(BlindIndexRow.owner_id)).where(
            col(BlindIndexRow.purpose) == purpose, col(BlindIndexRow.digest).in_(by_digest)
        )
    )
    return {by_digest[row.digest]: row.owner_id for row in rows}


async def owner(db: Read, sealer: Sealer, purpose: str, text: str) -> UUID | None:
    return (await owners(db, sealer, purpose, [text])).get(text)


async def claim_all(
    tx: Write, sealer: Sealer, purpose: str, values: Mapping[UUID, str], taken: Refusal
) -> None:
    """
    Give each owner its value, in place of the one it had. Raises `taken` when another owner has one of them.

    Whoever claims a value at the same moment is waited for. Rows are written in the order of their digests, so that two who
    claim several never wait for each other in turn.
    """
    owned = sorted(
        (digest, key_id, owner_id)
        for owner_id, text in values.items()
        for key_id, digest in sealer.blinds(text, purpose).items()
    )
    if not owned:
        return
    rows = [
        {"purpose": purpose, "digest": digest, "key_id": key_id, "owner_id": owner_id}
        for digest, key_id, owner_id in owned
    ]
    mine = sa.and_(col(BlindIndexRow.purpose) == purpose, col(BlindIndexRow.owner_id).in_(list(values)))
    digests = [digest for digest, _, _ in owned]
    await tx.execute(sa.delete(BlindIndexRow).where(mine, col(BlindIndexRow.digest).not_in(digests)))
    await tx.execute(pg_insert(BlindIndexRow).values(rows).on_conflict_do_nothing())
    held = sa.select(sa.func.count()).select_from(BlindIndexRow).where(mine)
    if await tx.scalar(held) != len(rows):
        raise taken


async def claim(tx: Write, sealer: Sealer, purpose: str, text: str, owner_id: UUID, taken: Refusal) -> None:
    """As `claim_all`, for one."""
    await claim_all(tx, sealer, purpose, {owner_id: text}, taken)


async def release(tx: Write, owner_id: UUID, *purposes: str) -> None:
    """The owner's values, of these purposes or of all, belong to nobody any more."""
    theirs = sa.delete(BlindIndexRow).where(col(BlindIndexRow.owner_id) == owner_id)
    await tx.execute(theirs.where(col(BlindIndexRow.purpose).in_(purposes)) if purposes else theirs)
