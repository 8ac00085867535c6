"""What a service record must be like, and how much of it falls on which day."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from domain.core.clock import day_of, start_of
from domain.core.faults import length_fault
from domain.core.refusals import ErrorCode, Invalid, Refusal
from domain.volunteering.states import Decider, LedgerStatus

REF_MOST = 100
ACTIVITY_MOST = 200
LONGEST = timedelta(days=1)
AHEAD = timedelta(minutes=5)
"""By so much the clock of an organization may be ahead of ours."""
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class ServiceContent:
    """What an organization says of one person's service."""

    external_ref: str
    phone: str
    activity: str
    started_at: datetime
    ended_at: datetime

    @property
    def minutes(self) -> int:
        """Whole minutes."""
        return max((self.ended_at - self.started_at) // _MINUTE, 0)


class ServiceOverlaps(Refusal):
    code = ErrorCode.ALREADY_EXISTS
    zh = "与记录 {ref} 的服务时间重叠。"
    en = "It overlaps with the record {ref}."


def content_faults(content: ServiceContent, now: datetime) -> Iterator[Refusal]:
    """Everything that is wrong with a record by itself."""
    yield from length_fault("external_ref", content.external_ref, 1, REF_MOST)
    yield from length_fault("activity", content.activity, 1, ACTIVITY_MOST)
    if content.ended_at - content.started_at > LONGEST:
        yield Invalid("ended_at", zh="一条记录最长 24 小时。", en="One record is of 24 hours at most.")
    elif content.minutes < 1:
        yield Invalid("ended_at", zh="结束时间须晚于开始时间。", en="It must end after it starts.")
    if content.ended_at > now + AHEAD:
        yield Invalid("ended_at", zh="服务尚未结束。", en="The service is not over yet.")


def minutes_by_day(started_at: datetime, ended_at: datetime, minutes: int) -> Counter[date]:
    """How many of the counted minutes fall on each day in Shanghai, the earlier day's first."""
    found, left, day = Counter[date](), minutes, day_of(started_at)
    while left > 0:
        following = day + timedelta(days=1)
        until = min(ended_at, start_of(following))
        share = min(left, (until - max(started_at, start_of(day))) // _MINUTE)
        if until >= ended_at:
            share = left
        if share:
            found[day] = share
        left, day = left - share, following
    return found


@dataclass(frozen=True, slots=True)
class DayRule:
    """Policies: minutes of a day that post at once, and minutes up to which the organization's unit decides."""

    posts: int
    unit_decides: int

    def of(self, minutes_on_its_day: int) -> tuple[LedgerStatus, Decider | None]:
        """What becomes of a record with which a day has so many minutes."""
        if minutes_on_its_day <= self.posts:
            return LedgerStatus.POSTED, None
        if minutes_on_its_day <= self.unit_decides:
            return LedgerStatus.PENDING, Decider.UNIT
        return LedgerStatus.PENDING, Decider.PROVINCE
