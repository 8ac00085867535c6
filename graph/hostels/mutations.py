"""What guests and the desk do about hostels. Each opens one transaction and calls one action; bookings are gathered."""

from uuid import UUID

import strawberry

from domain.core.db import Write
from domain.core.idempotency import Once, Outcome
from domain.hostels import arriving, cancelling, closing, rehousing, saving, waiting
from domain.hostels.booking import BOOKING, Wish, prepared
from domain.hostels.codes import new_booking
from domain.hostels.eligibility import Stay
from graph.core.context import Info
from graph.core.given import given_fields
from graph.core.ids import Tag, decode, decode_if
from graph.core.mutating import Act, errors_of, mutate, mutate_gathered, record_of
from graph.hostels.bookings import show
from graph.hostels.inputs import (
    BookHostelStayInput,
    CancelHostelBookingInput,
    CheckInHostelGuestInput,
    CheckOutHostelGuestInput,
    CloseHostelRoomInput,
    JoinHostelWaitlistInput,
    MarkHostelNoShowInput,
    MoveHostelGuestInput,
    ReopenHostelRoomInput,
    UpsertHostelInput,
)
from graph.hostels.payloads import HostelBookingPayload, HostelPayload


@strawberry.type
class HostelMutations:
    @strawberry.mutation(
        description="Book a stay; by the desk for a guest. Confirms the bed that is held for the guest on these nights."
    )
    async def book_hostel_stay(self, info: Info, input: BookHostelStayInput) -> HostelBookingPayload:
        ports = info.context.ports

        async def ask(key: Once | None) -> Outcome:
            wish = Wish(
                hostel_id=decode(Tag.Hostel, input.hostel_id, "hostel_id"),
                stay=Stay(input.check_in, input.nights),
                room_id=decode_if(Tag.HostelRoom, input.room_id, "room_id"),
                purpose=input.purpose,
                guest_phone=input.guest_phone,
            )
            asked = await prepared(ports.database, ports.sealer, info.context.actor, wish, key)
            return await ports.gatherings.ask(BOOKING, asked)

        outcome = await mutate_gathered(info, input, ask)
        # One made just now is at hand; one of an answer given again is read as it is by now.
        at_hand = outcome.record and show(info.context, outcome.record)
        found = at_hand or await record_of(info, Tag.HostelBooking, outcome)
        return HostelBookingPayload(booking=found, user_errors=errors_of(info, outcome))

    @strawberry.mutation(
        description="Give a stay back, until 18:00 of the check-in day, or a place in the waiting list."
    )
    async def cancel_hostel_booking(
        self, info: Info, input: CancelHostelBookingInput
    ) -> HostelBookingPayload:
        async def act(tx: Write) -> UUID:
            return await cancelling.cancel(tx, decode(Tag.HostelBooking, input.booking_id, "booking_id"))

        return await _booked(info, input, act)

    @strawberry.mutation(
        description="Wait for a stay; what comes free is held for the earliest entry that it fits."
    )
    async def join_hostel_waitlist(self, info: Info, input: JoinHostelWaitlistInput) -> HostelBookingPayload:
        async def act(tx: Write) -> UUID:
            return await waiting.join(
                tx,
                new_booking(info.context.ports.sealer),
                hostel_id=decode(Tag.Hostel, input.hostel_id, "hostel_id"),
                stay=Stay(input.check_in, input.nights),
                purpose=input.purpose,
            )

        return await _booked(info, input, act)

    @strawberry.mutation(description="Check a guest in by code (the hostel's desk).")
    async def check_in_hostel_guest(self, info: Info, input: CheckInHostelGuestInput) -> HostelBookingPayload:
        async def act(tx: Write) -> UUID:
            return await arriving.check_in(
                tx,
                info.context.ports.sealer,
                hostel_id=decode(Tag.Hostel, input.hostel_id, "hostel_id"),
                code=input.check_in_code,
            )

        return await _booked(info, input, act)

    @strawberry.mutation(description="Check a guest out; nights not slept come free (the hostel's desk).")
    async def check_out_hostel_guest(
        self, info: Info, input: CheckOutHostelGuestInput
    ) -> HostelBookingPayload:
        async def act(tx: Write) -> UUID:
            return await arriving.check_out(tx, decode(Tag.HostelBooking, input.booking_id, "booking_id"))

        return await _booked(info, input, act)

    @strawberry.mutation(
        description="Mark a guest who has not come, from 22:00 of the check-in day (the hostel's desk)."
    )
    async def mark_hostel_no_show(self, info: Info, input: MarkHostelNoShowInput) -> HostelBookingPayload:
        async def act(tx: Write) -> UUID:
            return await arriving.no_show(tx, decode(Tag.HostelBooking, input.booking_id, "booking_id"))

        return await _booked(info, input, act)

    @strawberry.mutation(description="Move a guest to a bed in another room (the hostel's desk).")
    async def move_hostel_guest(self, info: Info, input: MoveHostelGuestInput) -> HostelBookingPayload:
        async def act(tx: Write) -> UUID:
            booking = decode(Tag.HostelBooking, input.booking_id, "booking_id")
            return await rehousing.move_guest(tx, booking, decode(Tag.HostelRoom, input.room_id, "room_id"))

        return await _booked(info, input, act)

    @strawberry.mutation(
        description="Enter a hostel with its rooms, or change one (hostel operators in reach)."
    )
    async def upsert_hostel(self, info: Info, input: UpsertHostelInput) -> HostelPayload:
        given = given_fields(info)

        async def act(tx: Write) -> UUID:
            return await saving.save(
                tx,
                decode_if(Tag.Hostel, input.id, "id"),
                input.to_domain(),
                given,
                expected_version=input.expected_version,
            )

        return await _kept(info, input, act)

    @strawberry.mutation(
        description="Close a room for some nights; who is in it is moved, or told (hostel operators in reach)."
    )
    async def close_hostel_room(self, info: Info, input: CloseHostelRoomInput) -> HostelPayload:
        async def act(tx: Write) -> UUID:
            room = decode(Tag.HostelRoom, input.room_id, "room_id")
            return await closing.close(tx, room, input.from_, input.to, input.reason)

        return await _kept(info, input, act)

    @strawberry.mutation(description="Open a room again for some nights (hostel operators in reach).")
    async def reopen_hostel_room(self, info: Info, input: ReopenHostelRoomInput) -> HostelPayload:
        async def act(tx: Write) -> UUID:
            room = decode(Tag.HostelRoom, input.room_id, "room_id")
            return await closing.reopen(tx, room, input.from_, input.to)

        return await _kept(info, input, act)


async def _booked(info: Info, given: object, act: Act) -> HostelBookingPayload:
    """Run an action on a booking and show it as it then is."""
    outcome = await mutate(info, given, act)
    found = await record_of(info, Tag.HostelBooking, outcome)
    return HostelBookingPayload(booking=found, user_errors=errors_of(info, outcome))


async def _kept(info: Info, given: object, act: Act) -> HostelPayload:
    """Run an action on a hostel and show it as it then is."""
    outcome = await mutate(info, given, act)
    found = await record_of(info, Tag.Hostel, outcome)
    return HostelPayload(hostel=found, user_errors=errors_of(info, outcome))
