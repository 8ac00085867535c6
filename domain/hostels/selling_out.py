"""
When no bed is left: how it is said, and how it is remembered in the process, so that a crowd need not look again.

What is remembered stands for the number `HostelRow.freed` that was read before looking. Whatever frees or adds a bed, in
whichever process, raises that number in its own transaction, and every decision reads it anew: the memory is never older
than the last commit.
"""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from domain.accounts.models import Gender
from domain.core.refusals import ErrorCode, Refusal
from domain.hostels.hostel import Hostel

HOSTELS_MOST = 2_000
STAYS_MOST = 5_000
"""Of one hostel; there are some 90 days × 14 nights × two sexes that people ask for."""

Key = tuple[date, int, Gender | None, UUID | None]
"""Check-in, nights, sex, room."""


class SoldOut(Refusal):
    code = ErrorCode.SOLD_OUT
    zh = "所选日期已无空床，可加入候补名单（joinHostelWaitlist）。"
    en = "No bed is left for these nights; you may join the waiting list (joinHostelWaitlist)."


class RoomOfOtherSex(Refusal):
    code = ErrorCode.NOT_ELIGIBLE
    zh = "该房间仅供另一性别入住。"
    en = "This room is for the other sex."


@dataclass(slots=True)
class _Known:
    freed: int
    stays: set[Key] = field(default_factory=set)


class SoldOutMemory:
    """Which stays had no bed, by hostel; forgotten as soon as the hostel's number is another."""

    def __init__(self) -> None:
        self._known: dict[UUID, _Known] = {}

    def remembers(self, hostel: Hostel, key: Key) -> bool:
        known = self._known.get(hostel.id)
        return known is not None and known.freed == hostel.freed and key in known.stays

    def remember(self, hostel: Hostel, key: Key) -> None:
        known = self._known.get(hostel.id)
        if known is None or known.freed != hostel.freed or len(known.stays) >= STAYS_MOST:
            if len(self._known) >= HOSTELS_MOST:
                self._known.clear()
            known = self._known[hostel.id] = _Known(hostel.freed)
        known.stays.add(key)


SOLD_OUT = SoldOutMemory()
"""Of this process. Hostels of several databases do not meet in it: their ids differ."""
