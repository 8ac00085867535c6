"""Hostels and stays as tests make them."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from typing import Any

from support.asking import day, node, sent
from support.client import Client
from support.house import House, Person

from domain.accounts.models import Gender
from domain.core.actors import StaffRole
from domain.core.clock import day_of

_numbers = count(1)

BOOKING = "booking { id status checkIn checkOut holdExpiresAt segments { bed from to room { id name } } }"


@dataclass(frozen=True, slots=True)
class Inn:
    """A hostel with who runs it; rooms by name."""

    id: str
    operator: Person
    rooms: dict[str, str]

    @property
    def room(self) -> str:
        """The first room."""
        return next(iter(self.rooms.values()))


def a_room(name: str = "101", beds: int = 1, gender: str | None = None) -> dict[str, Any]:
    return {"name": name, "beds": beds, "gender": gender}


def a_hostel(*rooms: dict[str, Any], **others: Any) -> dict[str, Any]:
    """A valid UpsertHostelInput; anything may be said otherwise."""
    number = next(_numbers)
    return {
        "name": f"青年驿站{number}号",
        "divisionCode": "440106",
        "address": f"天河路{number}号",
        "location": {"latitude": 23.12, "longitude": 113.32},
        "rooms": list(rooms) or [a_room()],
        **others,
    }


async def opened(house: House, *rooms: dict[str, Any], unit: str = "440000", **others: Any) -> Inn:
    """A hostel, entered by an operator of its own; one mixed room with one bed when nothing is said."""
    operator = await house.staff(StaffRole.HOSTEL_OPERATOR, unit=unit)
    return await entered(operator, a_hostel(*rooms, **others))


async def entered(operator: Person, given: dict[str, Any]) -> Inn:
    """A hostel that must be taken, entered or changed."""
    payload = await sent(operator, "upsertHostel", "hostel { id rooms { id name } }", given)
    assert payload["userErrors"] == [], payload["userErrors"]
    hostel = payload["hostel"]
    return Inn(hostel["id"], operator, {room["name"]: room["id"] for room in hostel["rooms"]})


async def guests(house: House, number: int, **wish: Any) -> list[Person]:
    """Youths who may stay: verified, men unless wished otherwise, graduating this year."""
    year = day_of(house.clock()).year
    chosen = {"verified": True, "gender": Gender.MALE, "graduation_year": year, **wish}
    return await house.youths(number, **chosen)


async def guest(house: House, **wish: Any) -> Person:
    return (await guests(house, 1, **wish))[0]


def wish(house: House, inn: Inn, after: int = 1, nights: int = 1, **others: Any) -> dict[str, Any]:
    """The input of a booking so many days from today."""
    return {
        "hostelId": inn.id,
        "checkIn": day(house, after),
        "nights": nights,
        "idempotencyKey": f"stay-{next(_numbers)}",
        **others,
    }


async def booked(
    house: House, who: Person, inn: Inn, after: int = 1, nights: int = 1, **others: Any
) -> dict[str, Any]:
    """A booking that must be taken."""
    payload = await who.done("bookHostelStay", BOOKING, **wish(house, inn, after, nights, **others))
    return payload["booking"]


async def refused(
    house: House, who: Client, inn: Inn, after: int = 1, nights: int = 1, **others: Any
) -> list[str]:
    """The codes with which a booking is refused."""
    reasons = await who.refused(
        "bookHostelStay", "booking { id }", **wish(house, inn, after, nights, **others)
    )
    return sorted(code for code, _ in reasons)


async def in_line(
    house: House, who: Person, inn: Inn, after: int = 1, nights: int = 1, **others: Any
) -> dict[str, Any]:
    """A place in the waiting list that must be given."""
    given = wish(house, inn, after, nights, **others)
    return (await who.done("joinHostelWaitlist", BOOKING, **given))["booking"]


async def cancelled(who: Person, booking: str) -> dict[str, Any]:
    return (await who.done("cancelHostelBooking", BOOKING, bookingId=booking))["booking"]


async def booking(who: Client, identity: str, selection: str = "status") -> Any:
    return await node(who, "HostelBooking", identity, selection)


async def status(who: Client, identity: str) -> str:
    return str((await booking(who, identity))["status"])


async def arrived(who: Person, inn: Inn, identity: str) -> dict[str, Any]:
    """Checked in by the code that the guest shows."""
    code = (await booking(who, identity, "checkInCode"))["checkInCode"]
    given = {"hostelId": inn.id, "checkInCode": code}
    return (await inn.operator.done("checkInHostelGuest", BOOKING, **given))["booking"]


async def free(
    house: House, inn: Inn, after: int = 1, nights: int = 1, gender: str | None = None
) -> list[int]:
    """Free beds of the whole hostel on each night."""
    data = await house.anyone.run(
        "query ($id: ID!, $from: Date!, $to: Date!, $gender: Gender) { node(id: $id) { ... on Hostel"
        " { availability(from: $from, to: $to, gender: $gender) { date bedsFree } } } }",
        id=inn.id,
        to=day(house, after + nights),
        gender=gender,
        **{"from": day(house, after)},
    )
    found: dict[str, int] = {}
    for row in data["node"]["availability"]:
        found[row["date"]] = found.get(row["date"], 0) + row["bedsFree"]
    return list(found.values())


async def eligibility(house: House, who: Client, inn: Inn, after: int = 1, nights: int = 1) -> dict[str, Any]:
    data = await who.run(
        "query ($id: ID!, $in: Date!, $nights: Int!) { node(id: $id) { ... on Hostel { stayEligibility("
        "checkIn: $in, nights: $nights) { eligible reasons { code field message } freeNightsLeft"
        " alternatives { id name } } } } }",
        id=inn.id,
        nights=nights,
        **{"in": day(house, after)},
    )
    return data["node"]["stayEligibility"]


async def nights_left(house: House, who: Client, inn: Inn, after: int = 1) -> int:
    return int((await eligibility(house, who, inn, after))["freeNightsLeft"])


def move_to(house: House, wanted: date, hour: int = 12, minute: int = 0) -> None:
    """Move the house's clock to a day in Shanghai, at an hour of it."""
    now = house.clock() + timedelta(hours=8)
    there = timedelta(days=(wanted - now.date()).days, hours=hour, minutes=minute)
    into_day = timedelta(hours=now.hour, minutes=now.minute, seconds=now.second, microseconds=now.microsecond)
    house.clock.ahead += there - into_day
