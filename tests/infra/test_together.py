"""Rows looked up by their ids: by one statement for many requests, and kept by id for those who may see changes late."""

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import col
from support.house import House, Person, open_house, settings_for
from support.listings import a_listing, posted, upserted
from support.watching import statements

import infra.together
from domain.core.actors import StaffRole
from domain.core.db import Given
from domain.core.divisions import DivisionRow
from domain.core.unnesting import ByKeys
from domain.partners.organizations import organizations
from infra.changes import Changes
from infra.embedded.services import Services
from infra.keeping import Keeper
from infra.reading import PlainReads, Rows
from infra.together import Together

ONE = "query ($id: ID!) { node(id: $id) { ... on Internship { id title organization { id name } } } }"


@pytest.fixture
async def kept(database_url: str, servers: Services) -> AsyncIterator[House]:
    """The house as it is in production: what is public is kept."""
    async with open_house(settings_for(database_url, servers.redis_url, cache_seconds=0.8)) as opened:
        yield opened


async def told(youth: Person, identity: str) -> dict[str, Any]:
    found: dict[str, Any] = (await youth.run(ONE, id=identity))["node"]
    return found


async def test_each_gets_theirs_by_one_statement_for_all(house: House) -> None:
    partner = await house.partner()
    wanted = [await posted(partner, a_listing(title=f"岗位 {number}")) for number in range(20)]
    youths = await house.youths(20)
    await asyncio.gather(*(told(youth, identity) for youth, identity in zip(youths, wanted, strict=True)))
    with statements(house) as seen:
        found = await asyncio.gather(
            *(told(youth, identity) for youth, identity in zip(youths, wanted, strict=True))
        )
    assert [one["id"] for one in found] == wanted
    assert [one["title"] for one in found] == [f"岗位 {number}" for number in range(20)]
    assert len(seen) <= 10


async def test_nobody_is_given_what_others_asked_for(kept: House) -> None:
    ids = [(await kept.partner()).key for _ in range(6)]
    async with kept.database.read_as_youth() as db:
        for _ in range(2):  # read together, then kept
            found = await asyncio.gather(*(organizations(db, [key]) for key in ids))
            assert [list(each) for each in found] == [[key] for key in ids]


async def test_what_others_may_not_see_is_not_given_to_them(house: House) -> None:
    # given a listing in review, which its organization and staff alone see yet
    partner, youths = await house.partner(verified=False), await house.youths(10)
    hidden = await posted(partner, a_listing(), "IN_REVIEW")
    shown = await posted(await house.partner(), a_listing())
    # when it is asked for by everybody at one time
    for _ in range(3):
        mine, *others = await asyncio.gather(
            partner.run(ONE, id=hidden),
            *(youth.run(ONE, id=identity) for youth in youths for identity in (hidden, shown)),
        )
        # then
        assert mine["node"]["id"] == hidden
        assert [one["node"] and one["node"]["id"] for one in others] == [None, shown] * 10


async def test_whoever_has_written_sees_it_in_the_midst_of_a_crowd(house: House) -> None:
    partner, youths = await house.partner(), await house.youths(8)
    content = a_listing(title="旧")
    identity = await posted(partner, content)
    going_on = True

    async def ask(youth: Person) -> None:
        while going_on:
            assert (await told(youth, identity))["id"] == identity

    crowd = [asyncio.create_task(ask(youth)) for youth in youths]
    try:
        for number in range(10):
            await upserted(partner, {**content, "title": f"新 {number}"})
            assert (await partner.run(ONE, id=identity))["node"]["title"] == f"新 {number}"
    finally:
        going_on = False
        await asyncio.gather(*crowd)


async def test_organizations_are_kept_for_youths_by_id(kept: House) -> None:
    partners, youth = [await kept.partner() for _ in range(3)], await kept.youth()
    first, second, third = [await posted(partner, a_listing()) for partner in partners]
    await told(youth, first)
    await told(youth, second)
    with statements(kept) as seen:
        await told(youth, first)
        await told(youth, second)
    assert not [sent for sent in seen.sent if sent.startswith("SELECT partners_organization")]
    with statements(kept) as seen:
        await told(youth, third)
    assert len([sent for sent in seen.sent if sent.startswith("SELECT partners_organization")]) == 1


async def test_others_see_a_changed_organization_within_a_second(kept: House) -> None:
    partner, youth = await kept.partner(), await kept.youth()
    identity = await posted(partner, a_listing())
    organization = (await told(youth, identity))["organization"]
    admin = await kept.staff(StaffRole.ADMIN)
    document = (
        "query ($id: ID!) { node(id: $id) { ... on Organization { name version kind division { code } } } }"
    )
    now = (await admin.run(document, id=organization["id"]))["node"]
    given = {
        "id": organization["id"],
        "expectedVersion": now["version"],
        "name": "改名公司",
        "kind": now["kind"],
        "divisionCode": now["division"]["code"],
    }
    await admin.done("upsertOrganization", "organization { name }", **given)
    # whoever changed it sees it at once
    assert (await admin.run(document, id=organization["id"]))["node"]["name"] == "改名公司"
    # others within a second
    await asyncio.sleep(1)
    assert (await told(youth, identity))["organization"]["name"] == "改名公司"


class Counted(PlainReads):
    """How often the database was asked."""

    runs = 0

    async def execute(self, statement: sa.Executable, given: Given = None, /) -> Rows:
        self.runs += 1
        return await super().execute(statement, given)


def together_of(house: House, changes: Changes) -> tuple[Together, Counted]:
    plain = Counted(house.database.engine)
    keeper = Keeper(changes, 60, 1_000_000)
    return Together(plain, shared=True, keeper=keeper, tables=frozenset({"core_division"})), plain


NAMES = ByKeys(
    lambda keys: sa.select(col(DivisionRow.id), col(DivisionRow.name)).where(col(DivisionRow.id) == keys),
    sa.Text,
)


async def test_what_is_kept_by_id_ends_with_the_first_change_that_is_noted(house: House) -> None:
    changes = Changes({"core_division", "partners_organization"})
    together, plain = together_of(house, changes)
    for _ in range(2):
        assert (await together.looked_up(NAMES, str_of, ["440100"]))["440100"].endswith("广州市")
    assert plain.runs == 1
    changes.note({"partners_organization"})
    await together.looked_up(NAMES, str_of, ["440100"])
    assert plain.runs == 1
    changes.note({"core_division"})
    await together.looked_up(NAMES, str_of, ["440100"])
    assert plain.runs == 2


async def test_what_is_kept_by_id_ends_with_its_time(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    together, plain = together_of(house, Changes())
    runs = []
    for instant in (1_000.0, 1_059.0, 1_061.0, 1_062.0):
        monkeypatch.setattr(infra.together, "time", SimpleNamespace(monotonic=lambda now=instant: now))
        await together.looked_up(NAMES, str_of, ["440100"])
        runs.append(plain.runs)
    assert runs == [1, 1, 2, 2]


def str_of(*row: object) -> str:
    return " ".join(map(str, row))
