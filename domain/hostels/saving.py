"""
A hostel and its rooms are entered and changed.

A room not named any more is retired: what is free of it goes out of sale at once, who has a bed there keeps it, and it is
gone when the last of them has left. The same holds for beds that are taken away.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.accounts.models import Gender
from domain.accounts.reach import reaches
from domain.core import columns
from domain.core.db import Write
from domain.core.divisions import require_known
from domain.core.geo import Point, point_faults
from domain.core.refusals import (
    ChangedMeanwhile,
    ErrorCode,
    Invalid,
    NotAllowed,
    NotFound,
    Refusal,
    refuse_all,
)
from domain.core.rights import Action, require_staff
from domain.hostels import stock
from domain.hostels.hostel import ROOMS, Hostel, Room, held_by_staff
from domain.hostels.models import BedNightRow, HostelRow, RoomRow
from domain.hostels.moving import in_hand
from domain.hostels.waiting import settle
from domain.hostels.wording import hostel_document

NAME_MOST, ROOM_NAME_MOST, ADDRESS_MOST, PHONE_MOST = 60, 40, 200, 30
AMENITIES_MOST, AMENITY_MOST = 30, 40
ROOMS_MOST, BEDS_MOST = 200, 100
_NUMBERS = {
    "free_nights_per_year": range(367),
    "max_nights_per_stay": range(1, 91),
    "graduate_within_years": range(11),
    "bookable_days_ahead": range(367),
}
_KEPT = frozenset({"location", "phone", "amenities", *_NUMBERS})
"""Fields that keep their value where they are not given."""


class RoomNameTwice(Refusal):
    code = ErrorCode.INVALID_INPUT
    zh = "房间名称“{name}”重复。"
    en = "Two rooms are called {name}."


class GuestsOfOtherSex(Refusal):
    code = ErrorCode.INVALID_STATE
    zh = "该房间已有另一性别的入住安排，请先换床。"
    en = "Guests of the other sex have beds in this room; move them first."


@dataclass(frozen=True, slots=True)
class RoomFields:
    """Without an id, the room of that name or a new one."""

    id: UUID | None
    name: str
    gender: Gender | None
    beds: int


@dataclass(frozen=True, slots=True)
class HostelFields:
    name: str
    unit_id: UUID | None
    division_code: str
    address: str
    location: Point | None
    phone: str | None
    amenities: tuple[str, ...]
    free_nights_per_year: int
    max_nights_per_stay: int
    graduate_within_years: int
    bookable_days_ahead: int
    rooms: tuple[RoomFields, ...]


def _length_fault(field: str, text: str, most: int) -> Iterable[Refusal]:
    if not 1 <= len(text.strip()) <= most:
        yield Invalid(field, zh=f"需为 1 至 {most} 个字符。", en=f"Must have 1 to {most} characters.")


def _room_faults(rooms: Sequence[RoomFields]) -> Iterable[Refusal]:
    if len(rooms) > ROOMS_MOST:
        yield Invalid("rooms", zh=f"最多 {ROOMS_MOST} 间。", en=f"{ROOMS_MOST} rooms at most.")
    names: set[str] = set()
    for place, room in enumerate(rooms):
        at = ("rooms", str(place))
        for fault in _length_fault("name", room.name, ROOM_NAME_MOST):
            yield fault.at(*at)
        if not 1 <= room.beds <= BEDS_MOST:
            yield Invalid(
                *at, "beds", zh=f"需在 1 与 {BEDS_MOST} 之间。", en=f"Must lie between 1 and {BEDS_MOST}."
            )
        if room.name.strip() in names:
            yield RoomNameTwice(*at, "name", name=room.name.strip())
        names.add(room.name.strip())


def _faults(fields: HostelFields) -> Iterable[Refusal]:
    yield from _length_fault("name", fields.name, NAME_MOST)
    yield from _length_fault("address", fields.address, ADDRESS_MOST)
    if fields.phone is not None:
        yield from _length_fault("phone", fields.phone, PHONE_MOST)
    yield from (fault.at("location") for fault in point_faults(fields.location))
    if len(fields.amenities) > AMENITIES_MOST or any(
        not 1 <= len(amenity.strip()) <= AMENITY_MOST for amenity in fields.amenities
    ):
        yield Invalid(
            "amenities",
            zh=f"最多 {AMENITIES_MOST} 项，每项 1 至 {AMENITY_MOST} 个字符。",
            en=f"{AMENITIES_MOST} at most, each of 1 to {AMENITY_MOST} characters.",
        )
    for name, allowed in _NUMBERS.items():
        if getattr(fields, name) not in allowed:
            least, most = allowed.start, allowed.stop - 1
            yield Invalid(
                name, zh=f"需在 {least} 与 {most} 之间。", en=f"Must lie between {least} and {most}."
            )
    yield from _room_faults(fields.rooms)


def _as_before(fields: HostelFields, before: Hostel, given: frozenset[str]) -> HostelFields:
    """With the hostel's own values where none were given."""
    own: dict[str, Any] = {name: getattr(before, name) for name in _KEPT - {"location"}}
    own["location"] = (
        None
        if before.latitude is None or before.longitude is None
        else Point(before.latitude, before.longitude)
    )
    return replace(fields, **{name: own[name] for name in _KEPT - given})


async def save(
    tx: Write,
    hostel_id: UUID | None,
    fields: HostelFields,
    given: frozenset[str],
    expected_version: int | None,
) -> UUID:
    """Enter a hostel, or change one, keeping what is not `given`. Its unit must be in the member's reach."""
    staff = require_staff(tx.actor, Action.MANAGE_HOSTELS)
    before = None
    if hostel_id is not None:
        before = await held_by_staff(tx, hostel_id, Action.MANAGE_HOSTELS, "id")
        if expected_version is not None and before.version != expected_version:
            raise ChangedMeanwhile("expected_version")
        fields = _as_before(fields, before, given)
    unit_id = fields.unit_id or (staff.unit_id if before is None else before.unit_id)
    refuse_all(_faults(fields))
    await require_known(tx, [fields.division_code], "division_code")
    if not await reaches(tx, staff, unit_id):
        raise NotAllowed("unit_id")
    values = {**_values(fields), "unit_id": unit_id, "updated_at": tx.now}
    if hostel_id is None:
        hostel_id = columns.new_id()
        await tx.insert(HostelRow, [{"id": hostel_id, "version": 1, "created_at": tx.now, **values}])
    else:
        await tx.execute(
            sa.update(HostelRow)
            .where(col(HostelRow.id) == hostel_id)
            .values(**values, version=col(HostelRow.version) + 1)
        )
    await _save_rooms(tx, hostel_id, fields.rooms)
    await stock.make_nights(tx, hostel_id, fields.bookable_days_ahead)
    if before is not None:
        await settle(tx, await in_hand(tx, before))
    return hostel_id


def _values(fields: HostelFields) -> dict[str, Any]:
    location = fields.location
    amenities = [amenity.strip() for amenity in fields.amenities]
    return {
        "name": fields.name.strip(),
        "division_code": fields.division_code,
        "address": fields.address.strip(),
        "latitude": None if location is None else location.latitude,
        "longitude": None if location is None else location.longitude,
        "phone": fields.phone,
        "amenities": amenities,
        **{name: getattr(fields, name) for name in _NUMBERS},
        **hostel_document(fields.name, amenities, fields.address),
    }


async def _save_rooms(tx: Write, hostel_id: UUID, rooms: Sequence[RoomFields]) -> None:
    now = await ROOMS.all(
        tx,
        ROOMS.select().where(col(RoomRow.hostel_id) == hostel_id, col(RoomRow.retired_at).is_(None)),
    )
    matched = _matched(now, rooms)
    kept = {room.id for room in matched.values()}
    for room in now:
        if room.id not in kept:
            await _retire(tx, room)
    # Names may change places: none may be taken while they are written.
    changed = [room for place, room in matched.items() if room.name != rooms[place].name.strip()]
    for room in changed:
        await _write(tx, room.id, name=f"{room.id}")
    for place, fields in enumerate(rooms):
        values = {
            "name": fields.name.strip(),
            "gender": fields.gender,
            "beds": fields.beds,
            "position": place,
        }
        old = matched.get(place)
        if old is None:
            row = {
                "id": columns.new_id(),
                "hostel_id": hostel_id,
                "stocked_until": tx.today,
                "created_at": tx.now,
            }
            await tx.insert(RoomRow, [row | values])
        else:
            await _change(tx, old, values, ("rooms", str(place)))


def _matched(now: Sequence[Room], rooms: Sequence[RoomFields]) -> Mapping[int, Room]:
    """The room that each place in the input speaks of; NotFound for an id that is none of the hostel's."""
    by_id, by_name = {room.id: room for room in now}, {room.name: room for room in now}
    named = {fields.id for fields in rooms if fields.id is not None}
    matched: dict[int, Room] = {}
    for place, fields in enumerate(rooms):
        if fields.id is None:
            found = by_name.get(fields.name.strip())
            if found is not None and found.id not in named:
                matched[place] = found
        elif fields.id not in by_id or fields.id in {room.id for room in matched.values()}:
            raise NotFound("rooms", str(place), "id")
        else:
            matched[place] = by_id[fields.id]
    return matched


async def _write(tx: Write, room_id: UUID, **values: Any) -> None:
    await tx.execute(sa.update(RoomRow).where(col(RoomRow.id) == room_id).values(values))


async def _retire(tx: Write, room: Room) -> None:
    await _write(tx, room.id, retired_at=tx.now)
    await _drop(tx, room.id, 0)


async def _drop(tx: Write, room_id: UUID, beds: int) -> None:
    """Take the nights to come of the beds beyond so many out of sale; those that are taken stay."""
    await tx.execute(
        sa.delete(BedNightRow).where(
            col(BedNightRow.room_id) == room_id,
            col(BedNightRow.bed) > beds,
            col(BedNightRow.night) >= tx.today,
            col(BedNightRow.guest_id).is_(None),
        )
    )


async def _change(tx: Write, old: Room, values: dict[str, Any], at: tuple[str, ...]) -> None:
    """Other beds are made or dropped; another sex must be that of everybody who has a bed there."""
    more = values["beds"] > old.beds
    await _write(tx, old.id, **values, **({"stocked_until": tx.today} if more else {}))
    if values["beds"] < old.beds:
        await _drop(tx, old.id, values["beds"])
    gender: Gender | None = values["gender"]
    if gender is old.gender:
        return
    to_come = sa.and_(col(BedNightRow.room_id) == old.id, col(BedNightRow.night) >= tx.today)
    suiting = (
        sa.true()
        if gender is None
        else sa.or_(col(BedNightRow.guest_gender).is_(None), col(BedNightRow.guest_gender) == gender)
    )
    await tx.execute(sa.update(BedNightRow).where(to_come, suiting).values(room_gender=gender))
    if await tx.exists(sa.select(col(BedNightRow.bed)).where(to_come, ~suiting)):
        raise GuestsOfOtherSex(*at, "gender")
    await stock.say_freed(tx, old.hostel_id, tx.today, tx.today)
