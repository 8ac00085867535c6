"""
Guests, the desk and the clock in any order and at the same time: every invariant holds after every step.

A step is a handful of actions that begin at once. What each comes to is not foretold; what is left must be lawful.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from races.at_random import World, a_world, run_at_random
from races.staying import assert_lawful_stays, book
from support.asking import day
from support.hostels import Inn, a_room, booking, guests, move_to, opened, wish
from support.house import House, Person

from domain.accounts.models import Gender
from domain.core.clock import day_of
from infra.embedded.services import Services

LAWFUL = {
    "SOLD_OUT",
    "ALREADY_EXISTS",
    "QUOTA_EXCEEDED",
    "NOT_ELIGIBLE",
    "INVALID_STATE",
    "INVALID_INPUT",
    "NOT_FOUND",
    "CONFLICT",
}
WHO, WHERE, WHEN, NIGHTS = st.integers(0, 4), st.integers(0, 1), st.integers(0, 5), st.integers(1, 4)
WHICH, ROOM = st.integers(0, 10_000), st.integers(0, 2)
STAY = st.tuples(WHO, WHERE, WHEN, NIGHTS)


@dataclass(slots=True)
class Town:
    """Two hostels of few beds, five guests, and all that was booked so far."""

    house: House
    inns: list[Inn]
    people: list[Person]
    stays: list[tuple[Person, Inn, str]] = field(default_factory=list)
    keys: int = 0

    async def asked(self, who: Person, name: str, **given: Any) -> Any:
        """The booking that came of it; None when it was refused for a lawful reason."""
        payload = await who.mutate(name, "booking { id status }", **given)
        codes = {error["code"] for error in payload["userErrors"]}
        assert codes <= LAWFUL, (name, codes)
        return payload["booking"]

    def some(self, number: int) -> tuple[Person, Inn, str] | None:
        """One of the latest stays."""
        recent = self.stays[-12:]
        return recent[number % len(recent)] if recent else None

    async def books(self, who: int, where: int, after: int, nights: int) -> None:
        self.keys += 1
        guest, inn = self.people[who], self.inns[where]
        payload = await book(guest, inn, day(self.house, after), nights, f"key-{self.keys}")
        assert {error["code"] for error in payload["userErrors"]} <= LAWFUL
        if payload["booking"] is not None:
            self.stays.append((guest, inn, payload["booking"]["id"]))

    async def waits(self, who: int, where: int, after: int, nights: int) -> None:
        guest, inn = self.people[who], self.inns[where]
        found = await self.asked(guest, "joinHostelWaitlist", **wish(self.house, inn, after, nights))
        if found is not None:
            self.stays.append((guest, inn, found["id"]))

    async def cancels(self, which: int) -> None:
        if stay := self.some(which):
            await self.asked(stay[0], "cancelHostelBooking", bookingId=stay[2])

    async def arrives(self, which: int) -> None:
        if stay := self.some(which):
            code = (await booking(stay[0], stay[2], "checkInCode"))["checkInCode"]
            if code is not None:
                inn = stay[1]
                await self.asked(inn.operator, "checkInHostelGuest", hostelId=inn.id, checkInCode=code)

    async def leaves(self, which: int) -> None:
        if stay := self.some(which):
            await self.asked(stay[1].operator, "checkOutHostelGuest", bookingId=stay[2])

    async def stays_away(self, which: int) -> None:
        if stay := self.some(which):
            await self.asked(stay[1].operator, "markHostelNoShow", bookingId=stay[2])

    async def changes_rooms(self, which: int, room: int) -> None:
        if stay := self.some(which):
            rooms = list(stay[1].rooms.values())
            given = {"bookingId": stay[2], "roomId": rooms[room % len(rooms)]}
            await self.asked(stay[1].operator, "moveHostelGuest", **given)

    async def closes(self, where: int, room: int, after: int, nights: int, *, opens: bool = False) -> None:
        inn = self.inns[where]
        rooms = list(inn.rooms.values())
        given = {
            "roomId": rooms[room % len(rooms)],
            "from": day(self.house, after),
            "to": day(self.house, after + nights),
        }
        name = "reopenHostelRoom" if opens else "closeHostelRoom"
        await inn.operator.done(name, "hostel { id }", **given, **({} if opens else {"reason": "维修"}))


Act = Callable[[Town], Awaitable[None]]
ACTS: st.SearchStrategy[Act] = st.one_of(
    STAY.map(lambda given: lambda town: town.books(*given)),
    STAY.map(lambda given: lambda town: town.books(*given)),
    STAY.map(lambda given: lambda town: town.waits(*given)),
    WHICH.map(lambda which: lambda town: town.cancels(which)),
    WHICH.map(lambda which: lambda town: town.arrives(which)),
    WHICH.map(lambda which: lambda town: town.leaves(which)),
    WHICH.map(lambda which: lambda town: town.stays_away(which)),
    st.tuples(WHICH, ROOM).map(lambda given: lambda town: town.changes_rooms(*given)),
    st.tuples(WHERE, ROOM, WHEN, NIGHTS).map(lambda given: lambda town: town.closes(*given)),
    st.tuples(WHERE, ROOM, WHEN, NIGHTS).map(lambda given: lambda town: town.closes(*given, opens=True)),
    st.just(lambda town: town.house.work()),
)


async def a_town(house: House) -> Town:
    move_to(house, day_of(house.clock()) + timedelta(days=40), hour=9)  # nobody's stays of before matter
    year = day_of(house.clock()).year
    inns = [
        await opened(house, a_room("101", beds=2), a_room("女", beds=1, gender="FEMALE")),
        await opened(house, a_room("101", beds=1), a_room("102", beds=1), freeNightsPerYear=6),
    ]
    men = await guests(house, 3, graduation_year=year)
    women = await guests(house, 2, graduation_year=year, gender=Gender.FEMALE)
    return Town(house, inns, [*men, *women])


@pytest.fixture
def world(database_url: str, servers: Services) -> Iterator[World]:
    with a_world(database_url, servers) as found:
        yield found


def machine_of(world: World) -> type[RuleBasedStateMachine]:
    class Staying(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.town = world.runner.run(a_town(world.house))

        @rule(acts=st.lists(ACTS, min_size=1, max_size=6))
        def at_once(self, acts: list[Act]) -> None:
            async def together() -> None:
                await asyncio.gather(*(act(self.town) for act in acts))

            world.runner.run(together())

        @rule(hours=st.sampled_from((2.1, 9, 24)))
        def time_goes_by(self, hours: float) -> None:
            world.house.clock.move(hours=hours)

        @rule()
        def in_the_evening(self) -> None:
            move_to(world.house, day_of(world.house.clock()), hour=22, minute=30)

        @invariant()
        def lawful(self) -> None:
            world.runner.run(assert_lawful_stays(world.house))

    return Staying


@pytest.mark.timeout(600)
def test_every_invariant_holds(world: World) -> None:
    run_at_random(world, machine_of(world), examples=6, steps=14)


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_for_long(world: World) -> None:
    run_at_random(world, machine_of(world), examples=300, steps=50)
