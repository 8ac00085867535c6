"""How the requests of one transaction are decided: reasons, beds, allowances, then all is written at once."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.core.actors import Actor, StaffActor
from domain.core.db import Write
from domain.core.gathering import AGAIN, Answer
from domain.core.idempotency import Once, Outcome
from domain.core.outbox import emit
from domain.core.refusals import ErrorCode, NotFound, Refusal, SignInNeeded
from domain.core.states import record_by
from domain.hostels import allowances, stock
from domain.hostels.bookings import BOOKINGS, Booking
from domain.hostels.codes import NewBooking
from domain.hostels.eligibility import Standing, Stay, bars, faults, purpose_faults, standings
from domain.hostels.events import BookingMoved
from domain.hostels.hostel import Hostel, Room, rooms
from domain.hostels.models import BookingRow
from domain.hostels.packing import Bed, Packing, Piece, suits
from domain.hostels.selling_out import SOLD_OUT, Key, RoomOfOtherSex, SoldOut
from domain.hostels.states import BookingStatus
from domain.hostels.stock import Nights, Wanted

_SALT = secrets.randbits(32) | 1
"""This process's: two that book at the same moment seldom reach for the same bed."""

ROUNDS = 3
"""How often, in one transaction, those who lost a bed reach for the next."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request for a stay. `problems` were found before it came here; without a guest there is one."""

    actor: Actor
    key: Once | None
    hostel_id: UUID
    guest_id: UUID | None
    stay: Stay
    room_id: UUID | None
    purpose: str | None
    new: NewBooking
    problems: tuple[Refusal, ...] = ()

    @property
    def by_desk(self) -> bool:
        return isinstance(self.actor, StaffActor)


@dataclass(slots=True)
class _Try:
    """A request on its way to a bed."""

    asked: Asked
    hostel: Hostel
    who: Standing
    reasons: list[Refusal]
    pieces: list[Piece] = field(default_factory=list)

    @property
    def entry(self) -> Booking | None:
        """The bed held for these very nights, or the place in the line for them: it becomes the booking."""
        return self.who.hold(self.asked.stay) or self.who.entry(self.asked.stay)

    @property
    def id(self) -> UUID:
        return self.asked.new.id if self.entry is None else self.entry.id

    @property
    def charges(self) -> dict[allowances.Charge, int]:
        return {(self.who.youth.id, year): count for year, count in self.asked.stay.by_year().items()}

    @property
    def sought(self) -> Key:
        """By which it is remembered that no bed was left."""
        stay = self.asked.stay
        return stay.check_in, stay.nights, self.who.youth.gender, self.asked.room_id

    @property
    def is_a_stay(self) -> bool:
        """Is it worth looking for a bed?"""
        return not any(
            reason.code is ErrorCode.INVALID_INPUT or reason.field == ("room_id",) for reason in self.reasons
        )

    def seek(self, free: Mapping[UUID, Packing], nights: Nights) -> bool:
        """Is there a bed? It is taken out of what is free, unless the request is refused anyway."""
        stay, beds = self.asked.stay, free[self.hostel.id]
        start, end = nights.number(stay.check_in), nights.number(stay.check_out)
        look = beds.find if self.reasons else beds.place
        found = look(start, end, self.who.youth.gender, self.asked.room_id)
        self.pieces = found or []
        return found is not None

    def wanted(self, nights: Nights) -> Wanted:
        gender = self.who.youth.gender
        assert gender is not None  # `faults` refuses who has no verified sex
        beds = tuple(
            (bed, nights.day(number)) for bed, start, end in self.pieces for number in range(start, end)
        )
        return Wanted(self.id, self.who.youth.id, gender, beds)


def _room_faults(hostel: Hostel, one: Asked, who: Standing, known: Mapping[UUID, Room]) -> Iterable[Refusal]:
    if one.room_id is None:
        return
    room = known.get(one.room_id)
    if room is None or room.retired or room.hostel_id != hostel.id:
        yield NotFound("room_id")
    elif who.youth.gender is not None and not suits(room.gender, who.youth.gender):
        yield RoomOfOtherSex("room_id")


class Batch:
    """The requests of one transaction, and what has been decided so far."""

    def __init__(self, tx: Write, hostels: Mapping[UUID, Hostel], asked: Sequence[Asked]) -> None:
        self.tx = tx
        self.hostels = hostels
        self.asked = asked
        self.answers: dict[int, Answer] = {}

    async def decide(self, places: Sequence[int]) -> None:
        """Decide the requests at these places of the batch."""
        tries = await self._tries(places)
        await self._confirm_held(tries)
        left = {place: one for place, one in tries.items() if place not in self.answers}
        going, nights = await self._find_beds(left)
        if going:
            going = await self._charged(going)
        if going:
            await self._book(going, nights)

    async def _tries(self, places: Sequence[int]) -> dict[int, _Try]:
        """Each guest's first request, with every reason against it but the want of a bed."""
        asked = [self.asked[place] for place in places]
        first, last = min(one.stay.check_in for one in asked), max(one.stay.check_out for one in asked)
        guests: dict[UUID, UUID] = {}
        for one in asked:
            if one.guest_id is not None:
                guests.setdefault(one.guest_id, one.hostel_id)
        known = await standings(self.tx, guests, first, last)
        by_hostel = await bars(self.tx, (self.hostels[key] for key in {one.hostel_id for one in asked}))
        wished = {one.room_id for one in asked if one.room_id is not None}
        rooms_known = await rooms(self.tx, wished) if wished else {}
        tries: dict[int, _Try] = {}
        seen: set[UUID] = set()
        for place, one in zip(places, asked, strict=True):
            who = None if one.guest_id is None else known.get(one.guest_id)
            if who is None:
                self.answers[place] = Outcome(refusals=one.problems or (SignInNeeded(),))
            elif who.youth.id in seen:
                self.answers[place] = AGAIN  # once the guest's first request is decided
            else:
                seen.add(who.youth.id)
                hostel = self.hostels[one.hostel_id]
                reasons = [
                    *one.problems,
                    *purpose_faults(one.purpose),
                    *faults(hostel, one.stay, who, by_hostel[hostel.id], self.tx.today),
                    *_room_faults(hostel, one, who, rooms_known),
                ]
                tries[place] = _Try(one, hostel, who, reasons)
        return tries

    async def _confirm_held(self, tries: Mapping[int, _Try]) -> None:
        """Who has a bed held for these very nights gets that one."""
        holds: dict[UUID, int] = {}
        for place, one in tries.items():
            hold = one.who.hold(one.asked.stay)
            if hold is not None and one.reasons:
                self.answers[place] = Outcome(refusals=tuple(one.reasons))
            elif hold is not None:
                holds[hold.id] = place
        if not holds:
            return
        held = await self._locked(holds, BookingStatus.HELD)
        kept = [found for found in held if not found.lapsed(self.tx.now)]
        for place in holds.values():
            self.answers[place] = AGAIN
        for found in kept:
            self._booked(holds[found.id], found)
        await self._confirm(kept)
        await self._tell([tries[holds[found.id]] for found in kept])

    async def _locked(self, ids: Iterable[UUID], status: BookingStatus) -> list[Booking]:
        mine = sa.and_(col(BookingRow.id).in_(list(ids)), col(BookingRow.status) == status)
        statement = BOOKINGS.select().where(mine).with_for_update(skip_locked=True)
        return await BOOKINGS.all(self.tx, statement)

    async def _confirm(self, found: Sequence[Booking]) -> None:
        if found:
            await self.tx.execute(
                sa.update(BookingRow)
                .where(col(BookingRow.id).in_([one.id for one in found]))
                .values(status=BookingStatus.CONFIRMED, hold_expires_at=None, updated_at=self.tx.now)
            )

    async def _find_beds(self, tries: Mapping[int, _Try]) -> tuple[dict[int, _Try], Nights]:
        """Choose a bed for each in turn; who is refused is answered here."""
        stays = {place for place, one in tries.items() if one.is_a_stay}
        open_to = {
            place for place in stays if not SOLD_OUT.remembers(tries[place].hostel, tries[place].sought)
        }
        nights = Nights(self.tx.today)
        if open_to:
            beds, nights = await self._free_beds([tries[place] for place in open_to])
        going: dict[int, _Try] = {}
        going_to: set[UUID] = set()
        for place, one in tries.items():
            if place in stays and not (place in open_to and one.seek(beds, nights)):
                one.reasons.append(SoldOut("check_in"))
                # Only what nobody has: a bed chosen for somebody before may come back yet.
                if one.hostel.id not in going_to:
                    SOLD_OUT.remember(one.hostel, one.sought)
            if one.reasons:
                self.answers[place] = Outcome(refusals=tuple(one.reasons))
            else:
                going[place] = one
                going_to.add(one.hostel.id)
        return going, nights

    async def _free_beds(self, tries: Iterable[_Try]) -> tuple[dict[UUID, Packing], Nights]:
        times: dict[UUID, stock.Times] = {}
        for one in tries:
            stay = one.asked.stay
            first, last = times.get(one.hostel.id, (stay.check_in, stay.check_out))
            times[one.hostel.id] = min(first, stay.check_in), max(last, stay.check_out)
        return await stock.packings(self.tx, times, _SALT if len(self.asked) > 1 else 0)

    async def _charged(self, going: dict[int, _Try]) -> dict[int, _Try]:
        """Charge the nights; who has used theirs up meanwhile, or is being offered a bed, comes again."""
        entries = {one.entry.id: place for place, one in going.items() if one.entry is not None}
        if entries:
            waiting = await self._locked(entries, BookingStatus.WAITLISTED)
            for key in entries.keys() - {found.id for found in waiting}:
                self.answers[entries[key]] = AGAIN
                del going[entries[key]]
        wanted = {
            key: (count, one.hostel.free_nights_per_year)
            for one in going.values()
            for key, count in one.charges.items()
        }
        done = await allowances.charge(self.tx, wanted)
        short = {place: one for place, one in going.items() if not one.charges.keys() <= done}
        if short:
            undo = {k: n for one in short.values() for k, n in one.charges.items() if k in done}
            await allowances.give_back(self.tx, undo)
            for place in short:
                self.answers[place] = AGAIN
        return {place: one for place, one in going.items() if place not in short}

    async def _book(self, going: dict[int, _Try], nights: Nights) -> None:
        """Write the bookings, then take their beds; who gets none leaves no trace and comes again."""
        fresh = [one for one in going.values() if one.entry is None]
        await self.tx.insert(BookingRow, (self._row(one) for one in fresh))
        got = await self._take(list(going.values()), nights)
        lost = {place: one for place, one in going.items() if one.id not in got}
        if lost:
            gone = [one.id for one in lost.values() if one.entry is None]
            await self.tx.execute(sa.delete(BookingRow).where(col(BookingRow.id).in_(gone)))
            await allowances.give_back(
                self.tx, {key: count for one in lost.values() for key, count in one.charges.items()}
            )
        for place, one in going.items():
            if place in lost:
                self.answers[place] = AGAIN
            else:
                self._booked(place, one.entry or self._new(one))
        booked = [one for place, one in going.items() if place not in lost]
        await self._confirm([one.entry for one in booked if one.entry is not None])
        await self._tell(booked)

    async def _take(self, tries: Sequence[_Try], nights: Nights) -> set[UUID]:
        """Take the beds; who loses one reaches for the next that nobody has in hand. The bookings that have theirs."""
        got = set(await stock.take(self.tx, [one.wanted(nights) for one in tries]))
        lost = [one for one in tries if one.id not in got]
        in_hand: list[tuple[Bed, date]] = []
        for _ in range(ROUNDS):
            if not lost:
                break
            in_hand += [pair for one in lost for pair in one.wanted(nights).beds]
            free, nights = await self._free_beds(lost)
            for beds in free.values():
                beds.without((bed, nights.number(night)) for bed, night in in_hand if night >= nights.first)
            found = [one for one in lost if one.seek(free, nights)]
            got |= await stock.take(self.tx, [one.wanted(nights) for one in found])
            lost = [one for one in found if one.id not in got]
        return got

    def _booked(self, place: int, before: Booking) -> None:
        booking = replace(before, status=BookingStatus.CONFIRMED, hold_expires_at=None)
        self.answers[place] = Outcome(record_id=booking.id, record=booking)

    def _new(self, one: _Try) -> Booking:
        asked = one.asked
        return Booking(
            id=asked.new.id,
            hostel_id=one.hostel.id,
            guest_id=one.who.youth.id,
            check_in=asked.stay.check_in,
            check_out=asked.stay.check_out,
            status=BookingStatus.CONFIRMED,
            hold_expires_at=None,
            purpose=asked.purpose,
            code_sealed=asked.new.code_sealed,
            created_at=self.tx.now,
        )

    def _row(self, one: _Try) -> dict[str, Any]:
        new = one.asked.new
        new_row = self._new(one)
        return {column: getattr(new_row, column) for column in BOOKINGS.names} | {
            "code_index": new.code_index,
            "key_id": new.key_id,
            "updated_at": self.tx.now,
        }

    async def _tell(self, booked: Sequence[_Try]) -> None:
        """History and news, each by whoever asked."""
        confirmed = BookingStatus.CONFIRMED
        await record_by(self.tx, ((one.asked.actor.key, one.id, confirmed, None) for one in booked))
        await emit(
            self.tx,
            *(
                BookingMoved(
                    booking_id=one.id,
                    hostel_id=one.hostel.id,
                    guest_id=one.who.youth.id,
                    status=confirmed.value,
                    check_in=one.asked.stay.check_in.isoformat(),
                    check_out=one.asked.stay.check_out.isoformat(),
                    by_guest=not one.asked.by_desk,
                )
                for one in booked
            ),
        )
