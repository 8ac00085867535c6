"""Stays and places in the waiting list as clients see them, and where they hang."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import strawberry
from sqlmodel import col

from domain.accounts.access_log import purpose
from domain.core.actors import StaffActor, YouthActor
from domain.core.states import histories
from domain.hostels import bookings as domain
from domain.hostels.codes import shown
from domain.hostels.hostel import desks
from domain.hostels.models import BookingRow
from domain.hostels.states import STAYING
from graph.accounts.youths import OWN_EYES, Unmasked, Youth, YouthCard, youth_card, youth_rows
from graph.core.connection import (
    After,
    Before,
    Connection,
    First,
    Last,
    NestedList,
    Paging,
    connect,
    connection_of,
)
from graph.core.context import Context, Info, Loader, keyed_loader
from graph.core.extending import extends
from graph.core.history import StateEvent, show_move
from graph.core.ids import Tag, encode
from graph.core.node import Node, loads
from graph.hostels.enums import BookingStatus
from graph.hostels.hostels import Hostel, HostelRoom, hostel_by_id, room_by_id

On = Annotated[date, strawberry.argument(description="The day; also that of departure.")]
_MASKED = "****"
AT_DESK = Unmasked(
    purpose("hostel-desk", zh="青年驿站前台接待", en="received at a hostel's desk"), phone=False
)


@strawberry.type(description="One bed from one day to another.")
class StaySegment:
    room_key: strawberry.Private[UUID]
    bed: str = strawberry.field(description="The bed's number in its room.")
    from_: date = strawberry.field(description="The first night.", name="from")
    to: date = strawberry.field(description="Exclusive.")

    @strawberry.field(description="Which room.")
    async def room(self, info: Info) -> HostelRoom:
        found = await info.context.loader(room_by_id).load(self.room_key)
        assert found is not None  # the database's foreign key says so
        return found


@strawberry.type(description="A stay at a hostel, or a place in its waiting list.")
class HostelBooking(Node):
    row: strawberry.Private[domain.Booking]
    check_in: date = strawberry.field(description="The day of arrival.")
    check_out: date = strawberry.field(description="The day of departure.")
    status: BookingStatus = strawberry.field(description="How far it has come.")
    hold_expires_at: datetime | None = strawberry.field(
        description="Until when a bed is held for this entry of the waiting list."
    )
    purpose: str | None = strawberry.field(description="What the guest comes for.")
    created_at: datetime = strawberry.field(description="When it was made.")

    @strawberry.field(description="At which hostel.")
    async def hostel(self, info: Info) -> Hostel:
        found = await info.context.loader(hostel_by_id).load(self.row.hostel_id)
        assert found is not None  # the database's foreign key says so
        return found

    @strawberry.field(description="Who stays; the name for the desk on the days of the stay.")
    async def guest(self, info: Info) -> YouthCard:
        if isinstance(info.context.actor, YouthActor):
            return await youth_card(info.context, self.row.guest_id, OWN_EYES)
        expected = self._is_expected(info.context)
        return await youth_card(info.context, self.row.guest_id, AT_DESK if expected else None)

    @strawberry.field(
        description="The guest's number with its middle hidden: for the guest, and for the desk on the days of the stay."
    )
    async def guest_phone_masked(self, info: Info) -> str | None:
        if not (isinstance(info.context.actor, YouthActor) or self._is_expected(info.context)):
            return None
        youth = await info.context.loader(youth_rows).load(self.row.guest_id)
        phone = None if youth is None else youth.phone(info.context.ports.sealer)
        return None if phone is None else f"{phone[:-8]}{_MASKED}{phone[-4:]}"

    @strawberry.field(
        description="Which bed on which nights; more than one only where no single bed was free for all of them; empty on"
        " the waiting list."
    )
    async def segments(self, info: Info) -> list[StaySegment]:
        if self.status is BookingStatus.CANCELLED:
            return []
        found = await info.context.loader(_segments).load(self.row.id) or []
        return [
            StaySegment(room_key=piece.room_id, bed=str(piece.bed), from_=piece.from_on, to=piece.to_on)
            for piece in found
        ]

    @strawberry.field(description="Every move, the oldest first.")
    async def history(self, info: Info) -> list[StateEvent]:
        return await info.context.loader(_history).load(self.row.id) or []

    @strawberry.field(description="Shown at the desk; only the guest sees it.")
    def check_in_code(self, info: Info) -> str | None:
        sealed = self.row.code_sealed
        if sealed is None or not isinstance(info.context.actor, YouthActor) or self.status not in STAYING:
            return None
        return shown(info.context.ports.sealer, self.row.id, sealed)

    @strawberry.field(
        description="Where it stands, from 1, among those who wait at the hostel for any of the same nights."
    )
    async def waitlist_position(self, info: Info) -> int | None:
        if self.status is not BookingStatus.WAITLISTED:
            return None
        return await info.context.loader(_positions).load(self.row.id)

    def _is_expected(self, context: Context) -> bool:
        """Does the desk await or house the guest today?"""
        return (
            isinstance(context.actor, StaffActor)
            and self.status in (*STAYING, BookingStatus.CHECKED_OUT)
            and self.row.touches(context.today)
        )


def show(context: Context, row: domain.Booking) -> HostelBooking:
    status = row.status_at(context.now)
    return HostelBooking(
        id=encode(Tag.HostelBooking, row.id),
        row=row,
        check_in=row.check_in,
        check_out=row.check_out,
        status=status,
        hold_expires_at=row.hold_expires_at if status is BookingStatus.HELD else None,
        purpose=row.purpose,
        created_at=row.created_at,
    )


@loads(Tag.HostelBooking)
async def load_bookings(context: Context, ids: list[UUID]) -> dict[UUID, HostelBooking]:
    async with context.read() as db:
        found = await domain.bookings(db, context.actor, ids)
    return {key: show(context, row) for key, row in found.items()}


def _segments(context: Context) -> Loader[UUID, list[domain.Segment] | None]:
    async def fetch(ids: list[UUID]) -> dict[UUID, list[domain.Segment]]:
        async with context.read() as db:
            return await domain.segments(db, ids)

    return keyed_loader(fetch)


def _positions(context: Context) -> Loader[UUID, int | None]:
    async def fetch(ids: list[UUID]) -> dict[UUID, int]:
        async with context.read() as db:
            return await domain.positions(db, ids)

    return keyed_loader(fetch)


def _history(context: Context) -> Loader[UUID, list[StateEvent] | None]:
    async def fetch(ids: list[UUID]) -> dict[UUID, list[StateEvent]]:
        async with context.read() as db:
            found = await histories(db, ids)
        return {key: [show_move(move) for move in moves] for key, moves in found.items()}

    return keyed_loader(fetch)


def _at_desk(context: Context) -> Loader[UUID, bool | None]:
    async def fetch(ids: list[UUID]) -> dict[UUID, bool]:
        async with context.read() as db:
            return dict.fromkeys(await desks(db, context.actor, ids), True)

    return keyed_loader(fetch)


_OF_HOSTELS = NestedList(domain.of_day, col(BookingRow.hostel_id), domain.Booking, domain.BY_ARRIVAL)


@extends(Hostel)
class HostelBookings:
    @strawberry.field(description="For the desk: everyone whose stay touches that day; null for others.")
    async def bookings(
        self: Hostel,
        info: Info,
        on: On,
        statuses: list[BookingStatus] | None = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[HostelBooking] | None:
        context = info.context
        if not await context.loader(_at_desk).load(self.row.id):
            return None
        asked = None if statuses is None else tuple(statuses)
        paging = Paging(first, after, last, before)
        listed = await _OF_HOSTELS.page(context, self.row.id, paging, on, asked, context.now)
        return connection_of(listed, lambda row: show(context, row))


@extends(Youth)
class YouthHostelBookings:
    @strawberry.field(description="The youth's stays and places in waiting lists, the latest first.")
    async def hostel_bookings(
        self: Youth,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[HostelBooking]:
        context = info.context
        return await connect(
            context,
            domain.OF_GUEST,
            domain.Booking,
            domain.NEWEST,
            Paging(first, after, last, before),
            lambda row: show(context, row),
            given={"guest": self.key},
        )
