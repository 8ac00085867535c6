"""
What becomes of records that were kept for a number once it is known whose number it is.

The youth may have served under another number at the same time. Where the two overlap, what was kept is rejected. Where a day
has more than posts at once with both together, what was kept waits for a second person, as it would had all been recorded
under one number, also when it was posted before. A day on which the youth did not serve otherwise stands as it was decided.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from uuid import UUID

from domain.volunteering.diary import Diary
from domain.volunteering.records import ServiceRecord
from domain.volunteering.rules import DayRule, ServiceContent, minutes_by_day
from domain.volunteering.states import Decider, LedgerStatus

OVERLAPPED = "与另一条服务记录时间重叠 / overlaps with another record"
DAY_OF_TWO_NUMBERS = "与本人另一号码当日的服务合计，须再核准 / waits again: the same person served on this day under another number too"


def joined(
    youth_id: UUID, kept: Iterable[tuple[ServiceRecord, DayRule]], own: Diary
) -> Iterator[ServiceRecord]:
    """Each kept record, in the order in which they came, as it is once it is the youth's; `own` is what the youth has besides."""
    served = own.days(youth_id)
    days = Counter(served)
    for record, rule in kept:
        theirs = replace(record, person_id=youth_id, volunteer_id=youth_id)
        if record.status is LedgerStatus.REJECTED:
            yield theirs
        elif _overlaps(own, theirs):
            yield replace(theirs, status=LedgerStatus.REJECTED, waits_for=None, note=OVERLAPPED)
        else:
            yield _of_its_day(theirs, rule, served, days)


def _overlaps(own: Diary, record: ServiceRecord) -> bool:
    if not record.minutes:
        return False
    said = ServiceContent(record.external_ref, "", record.activity, record.started_at, record.ended_at)
    return own.overlapping(record.person_id, said, record.id) is not None


def _of_its_day(
    record: ServiceRecord, rule: DayRule, served: Counter[date], days: Counter[date]
) -> ServiceRecord:
    """Of the days that it falls on, those count on which the youth served otherwise too; `days` takes it in."""
    falls_on = minutes_by_day(record.started_at, record.ended_at, record.minutes)
    days.update(falls_on)
    status, decider = rule.of(max((days[day] for day in falls_on if served[day]), default=0))
    if decider is None or record.waits_for in (decider, Decider.PROVINCE):
        return record
    return replace(record, status=status, waits_for=decider, note=DAY_OF_TWO_NUMBERS)
