"""
Global ids: opaque to clients, stable across releases.

24 URL-safe characters: a tag of two letters for the type and the 16 bytes of the row's id.
"""

import binascii
from collections.abc import Iterable
from enum import Enum
from uuid import UUID

import strawberry

from domain.core.refusals import NotFound

_URL_SAFE, _STANDARD = bytes.maketrans(b"+/", b"-_"), bytes.maketrans(b"-_", b"+/")
_LENGTH = 24
_BYTES = 18


class Tag(Enum):
    """The types that have ids. A tag, once given, is never changed or given again."""

    Youth = b"Yo"
    Unit = b"Un"
    StaffMember = b"St"
    Organization = b"Or"
    ApiToken = b"At"
    Hostel = b"Ho"
    HostelBooking = b"Hb"
    HostelRoom = b"Hr"
    Internship = b"In"
    InternshipApplication = b"Ia"
    InternshipSearch = b"Is"
    JobFair = b"Jf"
    Rental = b"Rn"
    Mentor = b"Mt"
    MentorSlot = b"Mo"
    WeeklySlots = b"Mw"
    MentorshipRequest = b"Mq"
    Case = b"Ca"
    Notification = b"No"
    ReviewItem = b"Ri"
    Session = b"Se"
    AccessLogEntry = b"Al"
    MatchmakingEvent = b"Me"
    MatchmakingSignup = b"Ms"
    Participant = b"Mp"
    Attendee = b"Ma"
    LotteryEntry = b"Le"
    ParticipantReport = b"Mr"
    LedgerEntry = b"Lg"
    Perk = b"Pk"
    PerkRedemption = b"Pr"
    CareFundClaim = b"Cf"
    Certificate = b"Ce"


_TAGS = {tag.value: tag for tag in Tag}


def encode(tag: Tag, identity: UUID) -> strawberry.ID:
    # As base64.urlsafe_b64encode does; lists make one for each row.
    encoded = binascii.b2a_base64(tag._value_ + identity.bytes, newline=False).translate(_URL_SAFE)
    return strawberry.ID(encoded.decode("ascii"))


def parse(text: str) -> tuple[Tag, UUID] | None:
    """The type and the row's id; None for anything that `encode` did not make."""
    if len(text) != _LENGTH or not text.isascii() or "+" in text or "/" in text:
        return None
    try:
        raw = binascii.a2b_base64(text.encode("ascii").translate(_STANDARD), strict_mode=True)
    except binascii.Error:
        return None
    tag = _TAGS.get(raw[:2])
    return None if tag is None or len(raw) != _BYTES else (tag, UUID(bytes=raw[2:]))


def decode(tag: Tag, text: str, *field: str) -> UUID:
    """The row's id; NotFound (at the input field) unless it is an id of this type."""
    found = parse(text)
    if found is None or found[0] is not tag:
        raise NotFound(*field)
    return found[1]


def decode_all(tag: Tag, texts: Iterable[str], *field: str) -> list[UUID]:
    return [decode(tag, text, *field) for text in texts]


def decode_if(tag: Tag, text: str | None, *field: str) -> UUID | None:
    return None if text is None else decode(tag, text, *field)
