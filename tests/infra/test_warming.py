"""Before the first search: what is composed and read then, nobody waits for later."""

from typing import Any

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs
from support.house import House
from support.listings import a_listing, posted

from domain.core.keyset import PageAsked
from domain.core.paging import page
from domain.internships.filtering import ListingFilter
from domain.internships.finding import ListingOrder, find
from domain.internships.listing import Listing
from infra.database import EngineDatabase, make_engine
from infra.reading import PlainReads
from infra.warming import ask_once, read_in


async def _searched(house: House, text: str, order: ListingOrder | None = None) -> list[str]:
    async with house.database.read() as db:
        found = await find(db, ListingFilter(text=text), order)
        return [
            row.title for row in (await page(db, found.statement, Listing, found.order, PageAsked())).rows
        ]


async def test_once_warm_no_search_is_composed(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    await posted(await house.partner(), a_listing(title="税务会计"))

    def composing(*_: Any) -> None:
        raise AssertionError("a statement is composed")

    await ask_once(house.database)
    monkeypatch.setattr(PlainReads, "_compiled", composing)

    for text in ("会计", "kuaiji", "税务 会计", "会计 税务 出纳 行政 前端 后端 测试 销售 客服 设计"):
        for order in ListingOrder.RELEVANCE, ListingOrder.NEWEST:
            assert await _searched(house, text, order) == ["税务会计"], text


async def test_the_index_is_read_where_the_extension_is(house: House) -> None:
    assert await read_in(house.database) == 0

    async with house.runtime.database.engine.begin() as connection:
        await connection.execute(sa.text("CREATE EXTENSION pg_prewarm"))

    assert await read_in(house.database) >= 3  # of the index, the table, its key


async def test_a_database_that_cannot_be_reached_is_told_once() -> None:
    away = EngineDatabase(make_engine("postgresql+asyncpg://127.0.0.1:1/x", pool=1))

    with capture_logs() as told:
        await ask_once(away)
        assert await read_in(away) == 0

    assert [(line["event"], line["error"]) for line in told] == [
        ("search_not_warmed", "ConnectionRefusedError"),
        ("search_not_read_in", "ConnectionRefusedError"),
    ]
