"""
What the first searches would otherwise pay: dictionaries that are read, statements that are composed, an index that lies on a disk.

A cold index of a million listings makes a search wait some hundred times for the disk.
"""

import asyncio

import sqlalchemy as sa
import structlog
from sqlalchemy.dialects.postgresql import ARRAY

from domain.core.db import Database
from domain.core.keyset import PageAsked
from domain.core.paging import page
from domain.core.text import warm_up
from domain.internships.filtering import ListingFilter
from domain.internships.finding import find
from domain.internships.listing import Listing
from domain.internships.models import SEARCH
from infra.database import NO_ANSWER

ASKED = ("实习 会计", "qianduan", "软件 数据 产品 运营 会计 行政 设计 销售")
"""A search that is short, one by sound, one that is long: together they use each kind of statement."""

_MEANT = (SEARCH.index_name, SEARCH.table, f"{SEARCH.table}_pkey")

_READ_IN = sa.text(
    "SELECT pg_prewarm(relation, 'read') FROM ("
    " SELECT to_regclass(name) AS relation, sum(pg_relation_size(to_regclass(name))) OVER (ORDER BY place) AS together"
    " FROM unnest(:names) WITH ORDINALITY AS meant (name, place)"
    ") AS relations WHERE together <= pg_size_bytes(current_setting('effective_cache_size'))"
).bindparams(sa.bindparam("names", type_=ARRAY(sa.Text)))

log = structlog.get_logger()


async def read_in(database: Database) -> int:
    """
    Have Postgres read the index of listings' words, and their table where there is room, into the machine's memory: as much as
    `effective_cache_size` says that it holds. Gives the number of blocks; without the extension pg_prewarm nothing happens.
    """
    known = sa.text("SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_prewarm')")
    try:
        async with database.read() as db:
            return sum(await db.scalars(_READ_IN, {"names": list(_MEANT)})) if await db.scalar(known) else 0
    except NO_ANSWER as error:
        log.warning("search_not_read_in", error=type(getattr(error, "orig", None) or error).__name__)
        return 0


async def ask_once(database: Database) -> None:
    """Search before anybody else does, in the process that serves."""
    await asyncio.to_thread(warm_up)
    try:
        async with database.read() as db:
            for text in ASKED:
                found = await find(db, ListingFilter(text=text), None)
                await page(db, found.statement, Listing, found.order, PageAsked())
    except NO_ANSWER as error:
        log.warning("search_not_warmed", error=type(getattr(error, "orig", None) or error).__name__)
