"""
The code that a guest shows at the desk: ten characters, 50 bits, easy to read and to say; sealed, found by a blind index.
"""

import secrets
from dataclasses import dataclass, field
from uuid import UUID

from domain.core import columns
from domain.core.sealing import Sealer, place

# Crockford's: no letter that is taken for a figure, and none that makes a word of it.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 10
_HALF = 5
_READ_AS = str.maketrans("OIL", "011", "- ")
_PURPOSE = "hostel-check-in-code"


@dataclass(frozen=True, slots=True)
class NewBooking:
    """The id and the code of a booking to be made, the code as it is stored."""

    id: UUID
    code_sealed: bytes = field(repr=False)
    code_index: bytes = field(repr=False)
    key_id: str


def new_booking(sealer: Sealer) -> NewBooking:
    identity = columns.new_id()
    code = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
    return NewBooking(
        identity, sealer.seal(code, _place(identity)), sealer.blind(code, _PURPOSE), sealer.key_id
    )


def shown(sealer: Sealer, booking_id: UUID, code_sealed: bytes) -> str:
    """As it is shown to the guest: in two halves."""
    code = sealer.open(code_sealed, _place(booking_id))
    return f"{code[:_HALF]}-{code[_HALF:]}"


def indexes(sealer: Sealer, typed: str) -> tuple[bytes, ...]:
    """By which the booking of a code as it was typed is found; none for what is no code."""
    code = typed.strip().upper().translate(_READ_AS)
    if len(code) != _LENGTH or not set(code) <= set(_ALPHABET):
        return ()
    return tuple(sealer.blinds(code, _PURPOSE).values())


def _place(booking_id: UUID) -> str:
    return place("hostel_booking", "code", booking_id)
