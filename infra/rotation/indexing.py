"""
A sealed text that is unique has a row in the blind index under every key of the ring; those that lack are added here.

Whether a row of a table owns its text at all is for the index to say (a claim that waits for the registry does not). It is
locked meanwhile by `infra.rotation.resealing`, as it is by whoever claims another text for it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlmodel import col

from domain.core.blind_index import BlindIndexRow
from domain.core.db import Read, Write
from infra.rotation.walking import array
from infra.sealing import RingSealer

Owned = Mapping[tuple[UUID, str], Mapping[bytes, str]]
"""By owner and purpose: digests with the ids of their keys."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A row to be in the index."""

    digest: bytes
    purpose: str
    key_id: str
    owner_id: UUID


class OfAnotherText(Exception):
    """The index knows the owner by another text than the sealed one."""


def lacks(sealer: RingSealer, owner: sa.ColumnElement[UUID], purpose: str) -> sa.ColumnElement[bool]:
    """In SQL: the owner has a text of this purpose, but not under every key of the ring."""
    mine = sa.and_(col(BlindIndexRow.owner_id) == owner, col(BlindIndexRow.purpose) == purpose)
    known = sa.func.count().filter(col(BlindIndexRow.key_id).in_(sealer.key_ids))
    return (
        sa.select(sa.literal(1))
        .select_from(BlindIndexRow)
        .where(mine)
        .having(sa.func.count() > 0, known < len(sealer.key_ids))
        .exists()
    )


async def owned(db: Read, owners: Sequence[UUID], purposes: Iterable[str]) -> Owned:
    """What these owners have in the index."""
    found: defaultdict[tuple[UUID, str], dict[bytes, str]] = defaultdict(dict)
    row = BlindIndexRow
    for owner_id, purpose, digest, key_id in await db.rows(
        sa.select(col(row.owner_id), col(row.purpose), col(row.digest), col(row.key_id)).where(
            col(row.owner_id).in_(owners), col(row.purpose).in_(list(purposes))
        )
    ):
        found[owner_id, purpose][digest] = key_id
    return found


def missing(
    sealer: RingSealer, held: Mapping[bytes, str], text: str, purpose: str, owner_id: UUID
) -> list[Entry]:
    """What must be added for an owner of a text, who holds these digests. OfAnotherText."""
    if not held:
        return []
    digests = {digest: key_id for key_id, digest in sealer.blinds(text, purpose).items()}
    if any(key_id in sealer.key_ids and digest not in digests for digest, key_id in held.items()):
        raise OfAnotherText
    return [
        Entry(digest, purpose, key_id, owner_id) for digest, key_id in digests.items() if digest not in held
    ]


async def add(tx: Write, entries: Iterable[Entry]) -> list[Entry]:
    """
    Add them; given back are those whose text another owner has. Whoever claims one at the moment is waited for, in the
    order of the digests, as claims do themselves.
    """
    rows = sorted(entries, key=lambda entry: entry.digest)
    if not rows:
        return []
    new = (
        sa.func.unnest(
            array(sa.Text(), [row.purpose for row in rows]),
            array(sa.LargeBinary(), [row.digest for row in rows]),
            array(sa.Text(), [row.key_id for row in rows]),
            array(sa.Uuid(), [row.owner_id for row in rows]),
        )
        .table_valued("purpose", "digest", "key_id", "owner_id")
        .render_derived()
    )
    inserted = (
        pg_insert(BlindIndexRow)
        .from_select(list(new.c.keys()), sa.select(new))
        .on_conflict_do_nothing()
        .returning(col(BlindIndexRow.digest))
    )
    done = set(await tx.scalars(inserted))
    return [row for row in rows if row.digest not in done]
