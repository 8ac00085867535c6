"""Listings that a youth keeps."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlmodel import col

from domain.core.actors import Actor
from domain.core.db import Read, Write
from domain.core.keyset import Order, newest_first
from domain.core.refusals import NotFound
from domain.core.rights import require_youth
from domain.core.unnesting import ByKeys
from domain.internships.listing import LISTINGS, listings, readable_by_id
from domain.internships.models import BookmarkRow, ListingRow

NEWEST: Order = newest_first(col(BookmarkRow.created_at), col(BookmarkRow.internship_id), "bookmarks")


async def bookmark(tx: Write, listing_id: UUID, bookmarked: bool) -> UUID:
    """Keep a listing, or no longer; saying the same again changes nothing."""
    youth = require_youth(tx.actor)
    if bookmarked and listing_id not in await listings(tx, tx.actor, [listing_id]):
        raise NotFound("internship_id")
    if bookmarked:
        row = {"youth_id": youth.id, "internship_id": listing_id, "created_at": tx.now}
        await tx.execute(pg_insert(BookmarkRow).values(row).on_conflict_do_nothing())
    else:
        await tx.execute(
            sa.delete(BookmarkRow).where(
                col(BookmarkRow.youth_id) == youth.id, col(BookmarkRow.internship_id) == listing_id
            )
        )
    return listing_id


_AMONG = ByKeys(
    lambda listings: sa.select(col(BookmarkRow.internship_id)).where(
        col(BookmarkRow.youth_id) == sa.bindparam("youth", type_=sa.Uuid),
        col(BookmarkRow.internship_id) == listings,
    ),
    sa.Uuid,
)


async def bookmarked(db: Read, youth_id: UUID, listing_ids: Iterable[UUID]) -> frozenset[UUID]:
    """Those of the listings that the youth keeps."""
    return frozenset(await db.scalars(*_AMONG.of(listing_ids, youth=youth_id)))


def selection(actor: Actor, youth_id: UUID) -> sa.Select[Any]:
    """The youth's kept listings, as far as they may still be read."""
    return (
        LISTINGS.select()
        .join(BookmarkRow, col(BookmarkRow.internship_id) == col(ListingRow.id))
        .where(col(BookmarkRow.youth_id) == youth_id, readable_by_id(actor))
    )
