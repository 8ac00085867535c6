"""
Saved searches: each new match is told once, in a digest a day; deleting the search stops it.

A match is told when its row in `internship_told_match` is written, in the transaction of the digest's event.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlmodel import col

from domain.core import columns
from domain.core.db import Read, Write
from domain.core.outbox import Delivery, emit
from domain.core.projection import projection
from domain.core.refusals import ErrorCode, Invalid, NotFound, Refusal
from domain.core.rights import require_youth
from domain.internships.events import DigestsDue, MatchesFound
from domain.internships.filtering import ListingFilter, conditions
from domain.internships.finding import TEXT_MOST, understood
from domain.internships.listing import published
from domain.internships.models import SEARCH, ListingRow, SavedSearchRow, ToldMatchRow

SEARCHES_MOST = 20
NAME_MOST = 60
DIGEST_MOST = 200
SEARCHES_AT_ONCE = 50
_FILTER = TypeAdapter(ListingFilter)


class TooManySearches(Refusal):
    code = ErrorCode.QUOTA_EXCEEDED
    zh = "最多保存 {most} 个订阅。"
    en = "You may keep {most} searches at most."


@dataclass(frozen=True, slots=True)
class SavedSearch:
    id: UUID
    youth_id: UUID
    name: str
    filter: dict[str, Any]
    created_at: datetime
    watched_from: datetime
    last_notified_at: datetime | None

    @property
    def asked(self) -> ListingFilter:
        return _FILTER.validate_python(self.filter)


SEARCHES = projection(SavedSearch, SavedSearchRow)


async def create(tx: Write, name: str, asked: ListingFilter) -> UUID:
    """Watch for listings published from now on."""
    youth = require_youth(tx.actor)
    name = name.strip()
    if not 1 <= len(name) <= NAME_MOST:
        raise Invalid(
            "name",
            zh=f"名称需为 1 至 {NAME_MOST} 个字符。",
            en=f"The name must have 1 to {NAME_MOST} characters.",
        )
    if asked.text is not None and len(asked.text) > TEXT_MOST:
        raise Invalid("filter", "text", zh="搜索词过长。", en="The search text is too long.")
    await tx.execute(
        sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(f"searches:{youth.id}", 0)))
    )
    mine = sa.select(sa.func.count()).where(col(SavedSearchRow.youth_id) == youth.id)
    if await tx.scalar(mine) >= SEARCHES_MOST:
        raise TooManySearches(most=SEARCHES_MOST)
    identity = columns.new_id()
    row = {
        "id": identity,
        "youth_id": youth.id,
        "name": name,
        "filter": _FILTER.dump_python(asked, mode="json", exclude_none=True),
        "created_at": tx.now,
        "watched_from": tx.now,
    }
    await tx.insert(SavedSearchRow, [row])
    return identity


async def delete(tx: Write, search_id: UUID) -> SavedSearch:
    """Stop it; the search as it was. NotFound for anyone else's."""
    youth = require_youth(tx.actor)
    mine = sa.and_(col(SavedSearchRow.id) == search_id, col(SavedSearchRow.youth_id) == youth.id)
    found = await SEARCHES.first(tx, SEARCHES.select().where(mine).with_for_update())
    if found is None:
        raise NotFound("search_id")
    await tx.execute(sa.delete(SavedSearchRow).where(mine))
    return found


async def searches_of(db: Read, youth_id: UUID) -> list[SavedSearch]:
    """The youth's searches, the latest first."""
    statement = SEARCHES.select().where(col(SavedSearchRow.youth_id) == youth_id)
    return await SEARCHES.all(db, statement.order_by(col(SavedSearchRow.id).desc()))


async def own_searches(db: Read, youth_id: UUID, ids: Iterable[UUID]) -> dict[UUID, SavedSearch]:
    statement = SEARCHES.select().where(
        col(SavedSearchRow.id).in_(list(ids)), col(SavedSearchRow.youth_id) == youth_id
    )
    return {found.id: found for found in await SEARCHES.all(db, statement)}


def _new(search: SavedSearch, db: Read) -> sa.Select[Any]:
    """Listings that the search has still to tell of: an alert wants every whole word, a list only any."""
    asked = search.asked
    statement = sa.select(col(ListingRow.id)).where(
        published(db.today),
        *conditions(asked),
        col(ListingRow.published_at) > search.watched_from,
        ~sa.select(sa.literal(1))
        .select_from(ToldMatchRow)
        .where(
            col(ToldMatchRow.search_id) == search.id, col(ToldMatchRow.internship_id) == col(ListingRow.id)
        )
        .exists(),
    )
    if asked.text is not None and asked.text.strip():
        statement = statement.where(SEARCH.holds_all(understood(asked.text)))
    return statement


async def new_matches(db: Read, search: SavedSearch) -> int:
    """How many the next digest will tell of, to DIGEST_MOST."""
    found = _new(search, db).limit(DIGEST_MOST).subquery()
    return int(await db.scalar(sa.select(sa.func.count()).select_from(found)))


async def _digest(tx: Write, search: SavedSearch) -> None:
    found = await tx.scalars(
        _new(search, tx).order_by(col(ListingRow.published_at).desc()).limit(DIGEST_MOST)
    )
    if not found:
        return
    told = [{"search_id": search.id, "internship_id": listing, "told_at": tx.now} for listing in found]
    await tx.execute(pg_insert(ToldMatchRow).values(told).on_conflict_do_nothing())
    await tx.execute(
        sa.update(SavedSearchRow).where(col(SavedSearchRow.id) == search.id).values(last_notified_at=tx.now)
    )
    await emit(tx, MatchesFound(search.id, search.youth_id, search.name, len(found)))


async def send_digests(tx: Write) -> None:
    """Ask for the digests of all searches, some at a time: each some is a piece of work of its own."""
    ids = await tx.scalars(sa.select(col(SavedSearchRow.id)).order_by(col(SavedSearchRow.id)))
    parts = range(0, len(ids), SEARCHES_AT_ONCE)
    await emit(tx, *(DigestsDue(tuple(ids[first : first + SEARCHES_AT_ONCE])) for first in parts))


async def digests_due(tx: Write, event: Delivery) -> None:
    """Send digests. A search that fails goes on alone, to be tried again, so that it holds up no other."""
    ids = [UUID(text) for text in event.payload["search_ids"]]
    for search in await SEARCHES.by_ids(tx, ids):
        if len(ids) == 1:
            await _digest(tx, search)
            continue
        try:
            async with tx.savepoint():
                await _digest(tx, search)
        except Exception:  # noqa: BLE001  # whatever it is, it is this search's alone
            await emit(tx, DigestsDue((search.id,)))
