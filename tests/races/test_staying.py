"""Beds, allowances and holds under many who act at once, in one process."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import pytest
from races.racing import deadlocks, outside, rows, waiting
from races.staying import assert_lawful_stays, book, verdict
from support.asking import day
from support.hostels import (
    Inn,
    a_room,
    booked,
    cancelled,
    free,
    guest,
    guests,
    in_line,
    nights_left,
    opened,
    status,
    wish,
)
from support.house import House, Person, open_house, settings_for

from domain.accounts.models import Gender
from graph.core.ids import Tag, decode
from infra.embedded.services import Services


@pytest.fixture(scope="module")
async def other(database_url: str, servers: Services) -> AsyncIterator[House]:
    """A second server on the same database, with lines and a memory of its own."""
    async with open_house(settings_for(database_url, servers.redis_url)) as opened_house:
        yield opened_house


def through(house: House, who: Person) -> Person:
    return Person(house.http, who.token, id=who.id, key=who.key, phone=who.phone)


async def test_as_many_stays_as_beds(house: House, other: House) -> None:
    """Forty reach for twelve beds by two servers: twelve have one, the others are told so."""
    inn = await opened(house, a_room("101", beds=7), a_room("102", beds=5))
    people = await guests(house, 40)

    answers = await asyncio.gather(
        *(
            book(through((house, other)[number % 2], who), inn, day(house, 3), 2, "race")
            for number, who in enumerate(people)
        )
    )

    assert Counter(map(verdict, answers)) == {"CONFIRMED": 12, "SOLD_OUT": 28}
    assert await free(house, inn, after=3, nights=2) == [0, 0]
    await assert_lawful_stays(house)


async def test_one_guest_at_many_hostels_at_once(house: House, other: House) -> None:
    """One bed on a night anywhere, and never over the nights of the year, whichever server is asked."""
    inns = [await opened(house, a_room(beds=5)) for _ in range(6)]
    for nights, after in ((2, 1), (3, 10)):
        who = await guest(house)
        answers = await asyncio.gather(
            *(
                book(through((house, other)[n % 2], who), inn, day(house, after), nights, f"{inn.id}")
                for n, inn in enumerate(inns)
            )
        )
        assert Counter(map(verdict, answers)) == {"CONFIRMED": 1, "ALREADY_EXISTS": 5}
    who = await guest(house)
    answers = await asyncio.gather(
        *(
            book(through((house, other)[n % 2], who), inn, day(house, 20 + 3 * n), 3, f"{inn.id}")
            for n, inn in enumerate(inns)
        )
    )
    assert Counter(map(verdict, answers)) == {"CONFIRMED": 2, "QUOTA_EXCEEDED": 4}
    assert await nights_left(house, who, inns[0]) == 1
    await assert_lawful_stays(house)


async def test_the_same_key_many_times_at_once(house: House, other: House) -> None:
    inn = await opened(house, a_room(beds=3))
    who = await guest(house)

    answers = await asyncio.gather(
        *(book(through((house, other)[n % 2], who), inn, day(house, 4), 1, "same") for n in range(16))
    )

    assert len({payload["booking"]["id"] for payload in answers}) == 1
    assert await free(house, inn, after=4) == [2]
    reused = await book(who, inn, day(house, 5), 1, "same")
    assert verdict(reused) == "IDEMPOTENCY_KEY_REUSED"


async def test_refusals_are_remembered_by_their_key(house: House) -> None:
    inn = await opened(house)
    first, second = await guests(house, 2)
    stay = await booked(house, first, inn, after=4)
    assert verdict(await book(second, inn, day(house, 4), 1, "early")) == "SOLD_OUT"
    await cancelled(first, stay["id"])

    assert verdict(await book(second, inn, day(house, 4), 1, "early")) == "SOLD_OUT"
    assert verdict(await book(second, inn, day(house, 4), 1, "later")) == "CONFIRMED"


async def test_what_comes_free_is_seen_at_once_by_every_server(house: House, other: House) -> None:
    """Both servers remember that all is sold; a cancellation through either lifts it in both."""
    inn = await opened(house)
    people = await guests(house, 8)
    holder = people[0]
    stay = await booked(house, holder, inn, after=6)
    for number, who in enumerate(people[1:7], 1):
        for server in (house, other):
            answer = await book(through(server, who), inn, day(house, 6), 1, f"{number}-{server is house}")
            assert verdict(answer) == "SOLD_OUT"
        await cancelled(holder, stay["id"])
        answer = await book(through((house, other)[number % 2], who), inn, day(house, 6), 1, "free now")
        assert verdict(answer) == "CONFIRMED"
        holder, stay = who, answer["booking"]


async def test_one_persons_fault_is_not_anothers(house: House) -> None:
    """Among those who are decided together some are refused, each with their own reasons."""
    inn = await opened(house, a_room(beds=30))
    good = await guests(house, 6)
    bad = await house.youths(6)

    answers = await asyncio.gather(
        *(who.mutate("bookHostelStay", "booking { id }", **wish(house, inn, 2)) for who in [*good, *bad])
    )

    assert all(not payload["userErrors"] for payload in answers[:6])
    for payload in answers[6:]:
        assert {error["code"] for error in payload["userErrors"]} == {"REAL_NAME_REQUIRED", "NOT_ELIGIBLE"}
    await assert_lawful_stays(house)


async def test_a_bed_in_hand_is_passed_over_and_not_waited_for(house: House, database_url: str) -> None:
    inn = await opened(house, a_room(beds=2))
    first, second, third = await guests(house, 3)
    async with outside(database_url) as holder:
        async with holder.transaction():
            await holder.execute(
                "SELECT 1 FROM hostel_bed_night WHERE hostel_id = $1 AND bed = 1 FOR UPDATE",
                decode(Tag.Hostel, inn.id),
            )
            stay = await booked(house, first, inn, after=1)
            assert stay["segments"][0]["bed"] == "2"
            asking = asyncio.create_task(book(second, inn, day(house, 1), 1, "last"))
            await asyncio.sleep(0.3)
            assert not asking.done(), "the last bed may yet come back: nobody is told that all is sold"
        assert verdict(await asking) == "CONFIRMED"
    assert verdict(await book(third, inn, day(house, 1), 1, "none")) == "SOLD_OUT"


async def test_bookings_do_not_wait_for_the_hostels_row(house: House, database_url: str) -> None:
    inn = await opened(house, a_room(beds=2))
    who = await guest(house)
    async with outside(database_url) as holder, holder.transaction():
        await holder.execute(
            "SELECT 1 FROM hostel_hostel WHERE id = $1 FOR NO KEY UPDATE", decode(Tag.Hostel, inn.id)
        )
        async with asyncio.timeout(5):
            assert (await booked(house, who, inn))["status"] == "CONFIRMED"


async def test_a_room_closed_while_it_is_booked(house: House, database_url: str) -> None:
    """By hand: the closing waits for a booking under way, then finds its guest."""
    inn = await opened(house)
    who = await guest(house)
    async with outside(database_url) as holder, outside(database_url) as watcher:
        async with holder.transaction():
            await holder.execute("SELECT 1 FROM accounts_youth WHERE id = $1 FOR UPDATE", who.key)
            booking = asyncio.create_task(book(who, inn, day(house, 2), 1, "late"))
            await waiting(watcher, 1)
            given = {"roomId": inn.room, "from": day(house, 2), "to": day(house, 3), "reason": "维修"}
            closing = asyncio.create_task(inn.operator.done("closeHostelRoom", "hostel { id }", **given))
            await asyncio.sleep(0.3)
        payload = await booking
        await closing
    assert await rows(house, "SELECT 1 FROM hostel_bed_night WHERE closed AND guest_id IS NOT NULL") == []
    if payload["booking"] is not None:
        assert await status(who, payload["booking"]["id"]) == "CANCELLED"
    await assert_lawful_stays(house)


async def test_cancelled_many_times_gives_back_once(house: House, other: House) -> None:
    inn = await opened(house)
    people = await guests(house, 4)
    stay = await booked(house, people[0], inn, after=3)
    waits = [await in_line(house, who, inn, after=3) for who in people[1:]]

    await asyncio.gather(
        *(cancelled(through((house, other)[n % 2], people[0]), stay["id"]) for n in range(8))
    )

    assert [await status(who, entry["id"]) for who, entry in zip(people[1:], waits, strict=True)] == [
        "HELD",
        "WAITLISTED",
        "WAITLISTED",
    ]
    await assert_lawful_stays(house)


async def test_the_holder_and_the_clock(house: House, other: House) -> None:
    """Confirming at the end of the hold and ending it meet: one of them happened, whole."""
    for _ in range(5):
        inn: Inn = await opened(house)
        first, second, third = await guests(house, 3)
        stay = await booked(house, first, inn, after=3)
        waits = await in_line(house, second, inn, after=3)
        await in_line(house, third, inn, after=3)
        await cancelled(first, stay["id"])
        assert await status(second, waits["id"]) == "HELD"
        house.clock.move(hours=2, seconds=1)
        other.clock.ahead = house.clock.ahead
        answers = await asyncio.gather(
            book(through(other, second), inn, day(house, 3), 1, "mine"), house.work(), house.work()
        )
        assert verdict(answers[0]) in {"CONFIRMED", "SOLD_OUT", "ALREADY_EXISTS"}
        await assert_lawful_stays(house)


async def test_both_sexes_and_mixed_rooms_at_once(house: House, other: House) -> None:
    inn = await opened(
        house,
        a_room("女", beds=4, gender="FEMALE"),
        a_room("男", beds=4, gender="MALE"),
        a_room("混", beds=4),
    )
    people = [*await guests(house, 15), *await guests(house, 15, gender=Gender.FEMALE)]

    answers = await asyncio.gather(
        *(
            book(through((house, other)[n % 2], who), inn, day(house, 1), 3, "sexes")
            for n, who in enumerate(people)
        )
    )

    assert Counter(map(verdict, answers))["CONFIRMED"] == 12
    await assert_lawful_stays(house)
    assert await deadlocks(house) == 0
