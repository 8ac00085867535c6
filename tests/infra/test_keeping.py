"""Rows that are kept for a moment: for whom, for how long, how many, and what becomes of those who wait together."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import col
from support.asking import listing
from support.house import House, open_house, settings_for
from support.listings import a_listing, posted, upserted
from support.watching import statements

from domain.core.actors import System
from domain.core.divisions import DIVISIONS, DivisionRow
from domain.holdings import HOLDINGS
from domain.internships.models import ListingRow
from domain.partners.models import OrganizationRow
from domain.public import PUBLIC_TABLES
from infra import keeping
from infra.changes import Changes
from infra.database import EngineDatabase
from infra.embedded.services import Services
from infra.keeping import BYTES_OF_VALUES, Keeper
from infra.reading import PlainReads, Rows
from infra.tables import tables_read, tables_written

LIST = "{ internships(first: 5) { totalCount nodes { title organization { name } division { name } } } }"


@pytest.fixture
async def kept(database_url: str, servers: Services) -> AsyncIterator[House]:
    """The house as it is in production: what is public is kept."""
    async with open_house(settings_for(database_url, servers.redis_url, cache_seconds=0.8)) as opened:
        yield opened


def keeper_of(house: House) -> Keeper:
    found = house.database._keeper
    assert found is not None
    return found


async def test_a_crowd_of_strangers_costs_the_statements_of_one(kept: House) -> None:
    await posted(await kept.partner(), a_listing())
    with statements(kept) as alone:
        first = await kept.anyone.run(LIST)
    with statements(kept) as crowd:
        answers = await asyncio.gather(*(kept.anyone.run(LIST) for _ in range(20)))
    assert len(alone) >= 3
    assert len(crowd) <= len(alone) + 1  # one asks about rights and is not of the kept kind, if any
    assert all(answer == first for answer in answers)


async def test_whoever_changes_something_sees_it_at_once(kept: House) -> None:
    partner = await kept.partner()
    content = a_listing(title="旧")
    identity = await posted(partner, content)
    for number in range(5):
        assert await listing(kept.anyone, identity, "title") is not None
        await upserted(partner, {**content, "title": f"新{number}"})
        for client in (partner, kept.anyone):  # in the same process strangers too
            assert (await listing(client, identity, "title"))["title"] == f"新{number}"


async def test_who_has_credentials_asks_the_database(kept: House) -> None:
    youth = await kept.youth()
    identity = await posted(await kept.partner(), a_listing())
    await listing(youth, identity, "title")
    with statements(kept) as seen:
        await listing(youth, identity, "title")
    assert len(seen) == 1


async def test_a_change_of_which_nobody_tells_is_seen_within_a_second(kept: House, database_url: str) -> None:
    identity = await posted(await kept.partner(), a_listing(title="旧"))
    assert (await listing(kept.anyone, identity, "title"))["title"] == "旧"
    other = EngineDatabase(kept.database.engine)
    async with other.write(System()) as tx:
        await tx.connection.execute(sa.text("UPDATE internship_listing SET title = '新'"))
    committed = time.monotonic()
    while (await listing(kept.anyone, identity, "title"))["title"] == "旧":
        assert time.monotonic() - committed < 1
        await asyncio.sleep(0.01)


async def test_another_process_hears_of_a_change(kept: House, database_url: str, servers: Services) -> None:
    partner, content = await kept.partner(), a_listing(title="旧")
    identity = await posted(partner, content)
    async with open_house(settings_for(database_url, servers.redis_url, cache_seconds=0.8)) as other:
        keeper_of(other).seconds = 600.0  # only what it hears can show it the change
        for number in range(100):  # until it listens
            await upserted(partner, {**content, "title": f"新{number}"})
            await asyncio.sleep(0.05)
            if (await listing(other.anyone, identity, "title"))["title"] == f"新{number}" and number:
                break
        else:
            pytest.fail("it never heard of a change")


async def test_nothing_is_kept_where_it_is_switched_off(database_url: str, servers: Services) -> None:
    async with open_house(settings_for(database_url, servers.redis_url, cache_seconds=0)) as house:
        await house.anyone.run(LIST)
        with statements(house) as once:
            await house.anyone.run(LIST)
        with statements(house) as thrice:
            for _ in range(3):
                await house.anyone.run(LIST)
    assert len(thrice) == 3 * len(once) > 0


def test_what_is_kept_is_about_no_youth() -> None:
    about_youths = {str(holding.table.__tablename__) for holding in HOLDINGS.tables}
    assert PUBLIC_TABLES & about_youths == set()


# ── those who wait together ──────────────────────────────────────────────────


class Slow(PlainReads):
    """Reads that come when they are let go; the first may fail."""

    def __init__(self, house: House, fault: Exception | None = None) -> None:
        super().__init__(house.database.engine)
        self.go = asyncio.Event()
        self.fault = fault
        self.runs = 0

    async def run(self, composed: Any) -> Rows:
        self.runs += 1
        fault, self.fault = self.fault, None
        await self.go.wait()
        if fault is not None:
            raise fault
        return await super().run(composed)


def asked(plain: PlainReads, keeper: Keeper, statement: Any = None) -> Any:
    composed = plain.composed(DIVISIONS.select() if statement is None else statement)
    return keeper.rows(plain, composed, frozenset({"core_division"}))


async def test_one_who_goes_away_takes_nobody_along(house: House) -> None:
    plain, keeper = Slow(house), Keeper(Changes(), 0.8, 1_000_000)
    first, second = (asyncio.create_task(asked(plain, keeper)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    plain.go.set()
    assert len((await second).all()) > 100
    assert plain.runs == 1
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_the_failure_of_one_is_nobody_elses(house: House) -> None:
    plain, keeper = Slow(house, OSError("gone")), Keeper(Changes(), 0.8, 1_000_000)
    first, second = (asyncio.create_task(asked(plain, keeper)) for _ in range(2))
    await asyncio.sleep(0)
    plain.go.set()
    assert len((await second).all()) > 100
    with pytest.raises(OSError, match="gone"):
        await first
    assert plain.runs == 2


async def test_what_was_asked_before_a_change_is_not_given_after_it(house: House) -> None:
    changes = Changes({"core_division"})
    plain, keeper = Slow(house), Keeper(changes, 0.8, 1_000_000)
    before = asyncio.create_task(asked(plain, keeper))
    await asyncio.sleep(0)
    changes.note({"core_division"})
    after = asyncio.create_task(asked(plain, keeper))
    await asyncio.sleep(0)
    plain.go.set()
    await asyncio.gather(before, after)
    assert plain.runs == 2


# ── how much ─────────────────────────────────────────────────────────────────


async def test_it_keeps_no_more_than_it_may(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    plain, keeper = PlainReads(house.database.engine), Keeper(Changes(), 60, 20_000)
    monkeypatch.setattr(keeping, "ENTRIES_MOST", 30)
    for number in range(100):
        await asked(plain, keeper, DIVISIONS.select().where(col(DivisionRow.id) != str(number)).limit(3))
        assert len(keeper._kept) <= 30
    assert 0 < keeper._bytes <= 20_000
    assert keeper._bytes == sum(one.size for one in keeper._kept.values())


async def test_what_is_very_large_is_not_kept(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    plain, keeper = PlainReads(house.database.engine), Keeper(Changes(), 60, 1_000_000)
    monkeypatch.setattr(keeping, "BYTES_OF_ONE", 1_000)
    await asked(plain, keeper)
    assert len(keeper._kept) == keeper._bytes == 0


async def test_what_was_given_much_is_not_kept(house: House) -> None:
    plain, keeper = PlainReads(house.database.engine), Keeper(Changes(), 60, 1_000_000)
    for many in ("x" * BYTES_OF_VALUES, ["44" * 3] * 1_000):
        of_these = sa.literal([many] if isinstance(many, str) else many, ARRAY(sa.Text))
        await asked(plain, keeper, DIVISIONS.select().where(col(DivisionRow.id) == sa.func.any(of_these)))
    assert len(keeper._kept) == keeper._bytes == 0


async def test_what_was_given_counts(house: House) -> None:
    plain, keeper = PlainReads(house.database.engine), Keeper(Changes(), 60, 1_000_000)
    await asked(plain, keeper, DIVISIONS.select().where(col(DivisionRow.id) == "x" * 1_000))
    assert keeper._bytes > 1_000


# ── which tables ─────────────────────────────────────────────────────────────


def test_the_tables_of_a_statement_are_known() -> None:
    inner = sa.select(col(OrganizationRow.id)).where(col(OrganizationRow.name) == "x")
    statement = sa.select(col(ListingRow.title)).where(col(ListingRow.organization_id).in_(inner))
    both = {"internship_listing", "partners_organization"}
    assert tables_read(statement) == both
    assert tables_read(sa.select(statement.cte("found").c.title)) == both
    assert tables_read(sa.union_all(statement, statement)) == both
    assert tables_read(statement.with_for_update()) == frozenset()
    assert tables_read(statement.where(sa.text("random() < 1"))) == frozenset()
    change = sa.update(ListingRow).values(title="x").returning(col(ListingRow.id))
    assert tables_read(change) == frozenset()
    assert tables_written(change) == {"internship_listing"}
    assert tables_written(sa.select(change.cte("changed").c.id)) == {"internship_listing"}
    assert tables_written(statement) == frozenset()
