"""What looks unlikely, each just below its limit and just above it; who sees it, and page by page."""

from datetime import datetime, timedelta
from itertools import count
from statistics import median
from typing import Any

import pytest
from support.asking import day, decided
from support.client import Client
from support.house import House, Partner, Person
from support.volunteering import a_record, at, recorded

from domain.core.actors import StaffRole
from domain.core.divisions import reference
from domain.core.geo import Point, meters_between
from domain.volunteering.policies import (
    ABOVE_PEERS,
    BURST_MINUTES,
    BURST_OF_ORGANIZATION,
    BURST_OF_PERSON,
    TRAVEL_KILOMETRES,
    TRAVEL_KILOMETRES_AN_HOUR,
)

_refs = count(1)
SEATS = {row["id"]: Point(row["latitude"], row["longitude"]) for row in reference()}
GUANGZHOU, FOSHAN, SHENZHEN, SHANTOU = "440106", "440604", "440304", "440507"

BURSTS = (
    "ofPerson records mostAtOnce minutes firstAt lastAt organization { id } volunteer { id maskedName phone }"
)
JOURNEYS = "meters leftAt arrivedAt fromEntryId toEntryId fromOrganization { id } toOrganization { id } volunteer { id }"
PEERS = "minutes volunteers minutesEach peers peersMedian score organization { id } city { code }"


async def asked(who: Client, field: str, selection: str, arguments: str = "") -> list[dict[str, Any]]:
    found = (await who.run(f"{{ {field}(first: 100{arguments}) {{ totalCount nodes {{ {selection} }} }} }}"))[
        field
    ]
    assert found["totalCount"] == len(found["nodes"])
    return found["nodes"]


async def bursts(who: Client) -> list[dict[str, Any]]:
    return await asked(who, "serviceBursts", BURSTS)


async def journeys(who: Client) -> list[dict[str, Any]]:
    return await asked(who, "impossibleJourneys", JOURNEYS)


def of(found: list[dict[str, Any]], who: Person) -> list[dict[str, Any]]:
    return [one for one in found if one["volunteer"] is not None and one["volunteer"]["id"] == who.id]


@pytest.fixture(scope="module")
async def staff(house: House) -> Person:
    return await house.staff(StaffRole.PROGRAMME_MANAGER)


@pytest.fixture
async def partner(house: House) -> Partner:
    return await house.partner(division_code=GUANGZHOU)


def short(house: House, who: Person | str, number: int, minutes: int = 10) -> dict[str, Any]:
    """One of many short records of days long past, a hundred a day."""
    day_, place = divmod(number, 100)
    begin = at(house, 20 + day_, 0) + timedelta(minutes=10 * place)
    return a_record(
        house,
        who,
        ref=f"short-{next(_refs)}",
        startedAt=begin.isoformat(),
        endedAt=(begin + timedelta(minutes=minutes)).isoformat(),
    )


# ── bursts ───────────────────────────────────────────────────────────────────


async def test_a_burst_of_a_person(house: House, staff: Person, partner: Partner) -> None:
    least = BURST_OF_PERSON.default
    below, above = await house.youths(2, verified=True)
    await recorded(partner, *(short(house, below, number, minutes=4) for number in range(least - 1)))
    await recorded(partner, *(short(house, above, number, minutes=4) for number in range(least)))

    found = await bursts(staff)
    assert of(found, below) == []
    [told] = of(found, above)
    assert (told["ofPerson"], told["records"], told["mostAtOnce"], told["minutes"]) == (
        True,
        least,
        least,
        least * 4,
    )
    assert told["organization"]["id"] == partner.id
    assert told["volunteer"]["maskedName"].endswith("*")
    assert told["volunteer"]["phone"] is None


async def test_a_burst_has_its_time(house: House, staff: Person, partner: Partner) -> None:
    """So many within the minutes, and not within a moment more; what follows on closely is of the same burst."""
    least, minutes = BURST_OF_PERSON.default, BURST_MINUTES.default
    slow, quick, on = await house.youths(3)
    for who in (slow, quick, on):
        await recorded(partner, *(short(house, who, number, minutes=4) for number in range(least - 1)))
    house.clock.move(minutes=minutes - 1)
    for who in (quick, on):
        await recorded(partner, short(house, who, least, minutes=4))
    house.clock.move(minutes=2)
    await recorded(partner, short(house, slow, least, minutes=4))
    await recorded(partner, short(house, on, least + 1, minutes=4))

    found = await bursts(staff)
    assert of(found, slow) == []
    assert [one["records"] for one in of(found, quick)] == [least]
    assert [(one["records"], one["mostAtOnce"]) for one in of(found, on)] == [(least + 1, least)]


async def test_the_same_person_by_two_organizations_is_no_burst_of_either(
    house: House, staff: Person, partner: Partner
) -> None:
    other, youth = await house.partner(), await house.youth()
    half = BURST_OF_PERSON.default // 2 + 1
    await recorded(partner, *(short(house, youth, number, minutes=4) for number in range(half)))
    await recorded(other, *(short(house, youth, 50 + number, minutes=4) for number in range(half)))
    assert of(await bursts(staff), youth) == []


async def test_a_burst_of_an_organization(house: House, staff: Person, partner: Partner) -> None:
    most = 60
    other = await house.partner()
    crowd = await house.youths(most)
    await recorded(partner, *(short(house, who, 0) for who in crowd[: most - 1]))
    await recorded(other, *(short(house, who, 1) for who in crowd))

    assert not {one["organization"]["id"] for one in await bursts(staff)} & {partner.id, other.id}
    async with decided(house, BURST_OF_ORGANIZATION, most):
        found = {one["organization"]["id"]: one for one in await bursts(staff) if not one["ofPerson"]}
    assert partner.id not in found
    assert (found[other.id]["records"], found[other.id]["volunteer"]) == (most, None)


async def test_what_was_rejected_is_no_burst(house: House, staff: Person, partner: Partner) -> None:
    youth = await house.youth()
    records = [short(house, youth, number, minutes=4) for number in range(BURST_OF_PERSON.default)]
    await recorded(partner, *records)
    assert len(of(await bursts(staff), youth)) == 1
    entry = (
        await youth.run(
            "{ viewer { youth { volunteer { entries(first: 1) { nodes { id } } } } } }",
        )
    )["viewer"]["youth"]["volunteer"]["entries"]["nodes"][0]["id"]
    await staff.done("correctServiceRecord", "entry { id }", entryId=entry, minutes=0, reason="误录")
    assert of(await bursts(staff), youth) == []


# ── journeys ─────────────────────────────────────────────────────────────────


async def travelled(house: House, one: Partner, other: Partner, minutes: int, days_ago: int = 3) -> Person:
    """Somebody who serves at one place from eight to nine, and at the other so many minutes later."""
    youth = await house.youth()
    begin = at(house, days_ago, 9) + timedelta(minutes=minutes)
    there = a_record(
        house,
        youth,
        startedAt=begin.isoformat(),
        endedAt=(begin + timedelta(hours=1)).isoformat(),
    )
    for partner, record in (
        (one, a_record(house, youth, days_ago=days_ago, start=8, hours=1)),
        (other, there),
    ):
        [result] = await recorded(partner, record)
        assert result["userErrors"] == []
    return youth


async def test_a_journey_that_nobody_makes(house: House, staff: Person, partner: Partner) -> None:
    far = await house.partner(division_code=SHANTOU)
    meters = meters_between(SEATS[GUANGZHOU], SEATS[SHANTOU])
    enough = meters * 60 / (TRAVEL_KILOMETRES_AN_HOUR.default * 1_000)
    in_time = await travelled(house, partner, far, int(enough) + 1)
    too_soon = await travelled(house, partner, far, int(enough))
    back = await travelled(house, far, partner, 0)

    found = await journeys(staff)
    assert of(found, in_time) == []
    [told] = of(found, too_soon)
    assert (told["meters"], told["fromOrganization"]["id"], told["toOrganization"]["id"]) == (
        meters,
        partner.id,
        far.id,
    )
    [told] = of(found, back)
    assert (told["fromOrganization"]["id"], told["leftAt"]) == (far.id, told["arrivedAt"])


async def test_a_way_within_the_width_of_divisions(house: House, staff: Person, partner: Partner) -> None:
    near = await house.partner(division_code=FOSHAN)
    kilometres = meters_between(SEATS[GUANGZHOU], SEATS[FOSHAN]) / 1_000
    assert kilometres < TRAVEL_KILOMETRES.default
    youth = await travelled(house, partner, near, 0)
    assert of(await journeys(staff), youth) == []

    async with decided(house, TRAVEL_KILOMETRES, kilometres + 0.001):
        assert of(await journeys(staff), youth) == []
    async with decided(house, TRAVEL_KILOMETRES, kilometres - 0.001):
        assert len(of(await journeys(staff), youth)) == 1


async def test_the_nearest_before_is_told_once(house: House, staff: Person, partner: Partner) -> None:
    """Two services at one place, then one far away: one journey; and one of the next day is none."""
    far = await house.partner(division_code=SHANTOU)
    youth = await travelled(house, partner, far, 60)
    await recorded(partner, a_record(house, youth, days_ago=3, start=7, hours=1))
    await recorded(partner, a_record(house, youth, days_ago=2, start=20, hours=1))
    [told] = of(await journeys(staff), youth)
    assert datetime.fromisoformat(told["leftAt"]) == at(house, 3, 9)


async def test_who_sees_a_journey(house: House, partner: Partner) -> None:
    far = await house.partner(division_code=SHANTOU)
    youth = await travelled(house, partner, far, 1)
    for unit, sees in ((GUANGZHOU, True), ("440500", True), (SHANTOU, True), (SHENZHEN, False)):
        for role in (StaffRole.PROGRAMME_MANAGER, StaffRole.AUDITOR):
            who = await house.staff(role, unit=unit)
            assert len(of(await journeys(who), youth)) == int(sees), (unit, role)


# ── peers ────────────────────────────────────────────────────────────────────


def score(each: list[int], one: int) -> float:
    middle = median(each)
    spread = max(median(abs(value - middle) for value in each), middle / 10)
    return 0.6745 * (one - middle) / spread


async def an_organization(house: House, minutes: int, code: str, kind: str) -> Partner:
    """One that records so many minutes of one person."""
    made = await house.partner(division_code=code, kind=kind)
    begin = at(house, 4, 0)
    record = a_record(
        house,
        await house.youth(),
        startedAt=begin.isoformat(),
        endedAt=(begin + timedelta(minutes=minutes)).isoformat(),
    )
    [result] = await recorded(made, record)
    assert result["userErrors"] == []
    return made


async def above(who: Client) -> dict[str, dict[str, Any]]:
    found = await asked(who, "organizationsAbovePeers", PEERS)
    scores = [one["score"] for one in found]
    assert scores == sorted(scores, reverse=True)
    return {one["organization"]["id"]: one for one in found}


@pytest.mark.parametrize(
    ("code", "peers"), [("440402", [60, 70, 80, 90, 100, 110, 120, 130]), ("440902", [60] * 8)]
)
async def test_far_above_its_peers(house: House, staff: Person, code: str, peers: list[int]) -> None:
    """The least that is too much, and a minute less; also where the peers are all alike."""
    city = f"{code[:4]}00"
    most = next(
        minutes for minutes in range(1, 1_440) if score([*peers, minutes], minutes) > ABOVE_PEERS.default
    )
    for minutes in peers:
        await an_organization(house, minutes, code, "SOCIAL")
    below = await an_organization(house, most - 1, code, "SOCIAL")
    assert below.id not in await above(staff)

    # a minute more, by the same organization
    begin = at(house, 6, 0)
    record = a_record(
        house,
        await house.youth(),
        startedAt=begin.isoformat(),
        endedAt=(begin + timedelta(minutes=most + 1)).isoformat(),
    )
    await recorded(below, record)
    told = (await above(staff))[below.id]
    assert (told["minutes"], told["volunteers"], told["minutesEach"]) == (2 * most, 2, most)
    assert (told["peers"], told["city"]) == (len(peers), {"code": city})
    assert told["peersMedian"] == median([*peers, most])
    assert told["score"] == pytest.approx(score([*peers, most], most), abs=0.005)

    beside = await house.staff(StaffRole.AUDITOR, unit="440300")
    assert below.id not in await above(beside)
    assert below.id in await above(await house.staff(StaffRole.AUDITOR, unit=code))


async def test_of_too_few_in_the_city_those_of_its_kind_everywhere(house: House, staff: Person) -> None:
    kind = "PUBLIC_INSTITUTION"
    lonely = await an_organization(house, 470, "441502", kind)
    for minutes in (60, 61, 62, 63, 64, 65, 66):
        await an_organization(house, minutes, "441602", kind)
    assert lonely.id not in await above(staff)

    await an_organization(house, 67, "441702", kind)
    told = (await above(staff))[lonely.id]
    assert (told["peers"], told["city"]) == (8, None)


# ── windows, pages ───────────────────────────────────────────────────────────


async def test_only_what_came_in_meanwhile(house: House, staff: Person, partner: Partner) -> None:
    youth = await house.youth()
    records = [short(house, youth, number, minutes=4) for number in range(BURST_OF_PERSON.default)]
    await recorded(partner, *records)
    today = day(house)
    for since, until, sees in ((0, 0, True), (-30, 0, True), (-20, -1, False)):
        window = f', since: "{day(house, since)}", until: "{day(house, until)}"'
        found = await asked(staff, "serviceBursts", BURSTS, window)
        assert len(of(found, youth)) == int(sees), (since, until)
    for wrong in (
        f', since: "{day(house, -31)}"',
        f', until: "{day(house, 1)}"',
        f', since: "{today}", until: "{day(house, -1)}"',
    ):
        answer = (await staff.post(f"{{ serviceBursts(first: 1{wrong}) {{ totalCount }} }}")).json()
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["INVALID_INPUT"]


async def test_page_by_page(house: House, staff: Person, partner: Partner) -> None:
    far = await house.partner(division_code=SHANTOU)
    for days_ago in range(1, 6):
        await travelled(house, partner, far, 10, days_ago)
    whole = [one["toEntryId"] for one in await journeys(staff)]
    seen, after = [], "null"
    while True:
        arguments = f"first: 2, after: {after}"
        page = (
            await staff.run(
                f"{{ impossibleJourneys({arguments}) {{ nodes {{ toEntryId }} pageInfo {{ hasNextPage endCursor }} }} }}"
            )
        )["impossibleJourneys"]
        seen += [one["toEntryId"] for one in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = f'"{page["pageInfo"]["endCursor"]}"'
    assert seen == whole
    assert len(set(seen)) >= 5
