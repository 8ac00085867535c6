"""The code that a guest shows at the desk (`domain.core.spoken_codes`); sealed, found by a blind index."""

from dataclasses import dataclass, field
from uuid import UUID

from domain.core import columns, spoken_codes
from domain.core.sealing import Sealer, place

_PURPOSE = "hostel-check-in-code"


@dataclass(frozen=True, slots=True)
class NewBooking:
    """The id and the code of a booking to be made, the code as it is stored."""

    id: UUID
    code_sealed: bytes = field(repr=False)
    code_index: bytes = field(repr=False)
    key_id: str


def new_booking(sealer: Sealer) -> NewBooking:
    identity, code = columns.new_id(), spoken_codes.new_code()
    return NewBooking(
        identity, sealer.seal(code, _place(identity)), sealer.blind(code, _PURPOSE), sealer.key_id
    )


def shown(sealer: Sealer, booking_id: UUID, code_sealed: bytes) -> str:
    """As it is shown to the guest."""
    return spoken_codes.spelled(sealer.open(code_sealed, _place(booking_id)))


def indexes(sealer: Sealer, typed: str) -> tuple[bytes, ...]:
    """By which the booking of a code as it was typed is found; none for what is no code."""
    return spoken_codes.indexes(sealer, typed, _PURPOSE)


def _place(booking_id: UUID) -> str:
    return place("hostel_booking", "code", booking_id)
