"""The code of a redemption (`domain.core.spoken_codes`), as text and as a QR code; sealed, found by a blind index."""

from dataclasses import dataclass, field
from uuid import UUID

import segno

from domain.core import columns, spoken_codes
from domain.core.sealing import Sealer, place

_PURPOSE = "perk-code"


@dataclass(frozen=True, slots=True)
class NewRedemption:
    """The id and the code of a redemption to be made, the code as it is stored."""

    id: UUID
    code_sealed: bytes = field(repr=False)
    code_index: bytes = field(repr=False)
    key_id: str


def new_redemption(sealer: Sealer) -> NewRedemption:
    identity, code = columns.new_id(), spoken_codes.new_code()
    return NewRedemption(
        identity, sealer.seal(code, _place(identity)), sealer.blind(code, _PURPOSE), sealer.key_id
    )


def shown(sealer: Sealer, redemption_id: UUID, code_sealed: bytes) -> str:
    """As it is shown to the volunteer."""
    return spoken_codes.spelled(sealer.open(code_sealed, _place(redemption_id)))


def qr_svg(code: str) -> str:
    """The code for a till's scanner: an SVG picture, one module a pixel, with its quiet zone."""
    return str(segno.make(code, micro=False, error="m").svg_inline(scale=4))


def indexes(sealer: Sealer, typed: str) -> tuple[bytes, ...]:
    """By which the redemption of a code as it was typed is found; none for what is no code."""
    return spoken_codes.indexes(sealer, typed, _PURPOSE)


def _place(redemption_id: UUID) -> str:
    return place("volunteering_redemption", "code", redemption_id)
