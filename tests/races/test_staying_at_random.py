"""
Guests, the desk and the clock in any order and at the same time: every invariant holds after every step.

A step is a handful of actions that begin at once. What each comes to is not foretold; what is left must be lawful.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import rule
from races.at_random import Act, Living, World, a_world, act, at_once, run_at_random
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
STAY = WHO, WHERE, WHEN, NIGHTS


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

    async def closes(self, where: int, room: int, after: int, nights: int) -> None:
        given = {**self._rooms(where, room, after, nights), "reason": "维修"}
        await self.inns[where].operator.done("closeHostelRoom", "hostel { id }", **given)

    async def reopens(self, where: int, room: int, after: int, nights: int) -> None:
        given = self._rooms(where, room, after, nights)
        await self.inns[where].operator.done("reopenHostelRoom", "hostel { id }", **given)

    def _rooms(self, where: int, room: int, after: int, nights: int) -> dict[str, str]:
        rooms = list(self.inns[where].rooms.values())
        return {
            "roomId": rooms[room % len(rooms)],
            "from": day(self.house, after),
            "to": day(self.house, after + nights),
        }

    async def works(self) -> None:
        await self.house.work()


ACTS = at_once(
    act(Town.books, *STAY),
    act(Town.books, *STAY),
    act(Town.waits, *STAY),
    act(Town.cancels, WHICH),
    act(Town.arrives, WHICH),
    act(Town.leaves, WHICH),
    act(Town.stays_away, WHICH),
    act(Town.changes_rooms, WHICH, ROOM),
    act(Town.closes, WHERE, ROOM, WHEN, NIGHTS),
    act(Town.reopens, WHERE, ROOM, WHEN, NIGHTS),
    act(Town.works),
)


async def a_town(house: House) -> Town:
    move_to(house, day_of(house.clock()) + timedelta(days=25), hour=9)  # nobody's stays of before matter
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


class Staying(Living[Town]):
    ENDS_AFTER = 15  # every stay is over, and no event is removed yet

    @rule(acts=ACTS)
    def at_once(self, acts: list[Act]) -> None:
        self.together(acts)

    @rule(hours=st.sampled_from((2.1, 9, 24)))
    def time_goes_by(self, hours: float) -> None:
        with self.step(f"{hours} hours go by"):
            self.world.house.clock.move(hours=hours)

    @rule()
    def in_the_evening(self) -> None:
        with self.step("it is half past ten in the evening"):
            move_to(self.world.house, day_of(self.world.house.clock()), hour=22, minute=30)


async def lawful(town: Town) -> None:
    await assert_lawful_stays(town.house)


@pytest.mark.timeout(600)
def test_every_invariant_holds(world: World) -> None:
    run_at_random(world, lambda: Staying(world, a_town, lawful), examples=6, steps=14)


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_for_long(world: World) -> None:
    run_at_random(world, lambda: Staying(world, a_town, lawful), examples=300, steps=50)
