"""The pure rules of internships: what a listing must be like, when it may be published, when two of them overlap."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal

from domain.accounts.models import EducationLevel, Track
from domain.core.faults import length_fault, range_fault
from domain.core.refusals import ErrorCode, Invalid, Refusal
from domain.internships.models import InternshipKind, StipendPeriod

TITLE_MOST = 80
DESCRIPTION_MOST = 4_000
REQUIREMENTS_MOST = 4_000
ADDRESS_MOST = 200
REF_MOST = 100
LIST_MOST = 20
LIST_ITEM_MOST = 40
HEADCOUNT_MOST = 500
STIPEND_MOST_FEN = {StipendPeriod.MONTH: 100_000_000, StipendPeriod.DAY: 4_000_000}
WEEKS_MOST = 260
WORKDAYS_A_MONTH = Decimal("21.75")
APPRENTICESHIP_WEEKS = range(13, 53)


@dataclass(frozen=True, slots=True)
class Stipend:
    """Money in fen."""

    min_fen: int
    max_fen: int
    per: StipendPeriod

    @property
    def month_fen(self) -> int:
        """The least of it brought to a month of 21.75 days, rounded up to a whole fen."""
        if self.per is StipendPeriod.MONTH:
            return self.min_fen
        return int((self.min_fen * WORKDAYS_A_MONTH).to_integral_value(ROUND_CEILING))


@dataclass(frozen=True, slots=True)
class ListingContent:
    """What an organization says of a post."""

    external_ref: str
    title: str
    kind: InternshipKind
    track: Track
    description: str
    requirements: str | None
    division_code: str
    address: str | None
    headcount: int
    stipend: Stipend | None
    education: EducationLevel
    majors: tuple[str, ...]
    skills: tuple[str, ...]
    days_per_week: int | None
    duration_weeks: int | None
    housing_provided: bool
    starts_on: date | None
    apply_by: date | None


class ApplyByPast(Refusal):
    code = ErrorCode.INVALID_INPUT
    zh = "报名截止日 {apply_by} 已过。"
    en = "The last day to apply, {apply_by}, is past."


class ApprenticeshipLengthWrong(Refusal):
    code = ErrorCode.INVALID_INPUT
    zh = "见习岗位须为 13 至 52 周。"
    en = "An apprenticeship lasts 13 to 52 weeks."


class ApprenticeshipUnderpaid(Refusal):
    code = ErrorCode.INVALID_INPUT
    zh = "见习岗位的补贴不得低于当地最低工资的 {percent}%（每月 {least} 元）。"
    en = "An apprenticeship pays at least {percent}% of the local minimum wage ({least} yuan a month)."


class IndustryBanned(Refusal):
    code = ErrorCode.NOT_ELIGIBLE
    zh = "该行业（{industry}）的单位不得发布青年实习见习岗位。"
    en = "Organizations of this industry ({industry}) may not post internships."


class ShareOfEmployeesExceeded(Refusal):
    code = ErrorCode.QUOTA_EXCEEDED
    zh = "已发布岗位的招收人数合计不得超过员工人数的 {percent}%（{most} 人），还可发布 {left} 人。"
    en = "Published headcount may not exceed {percent}% of the employees ({most}); {left} are left."


def _items(field: str, items: tuple[str, ...]) -> Iterable[Refusal]:
    if len(items) > LIST_MOST:
        yield Invalid(field, zh=f"最多 {LIST_MOST} 项。", en=f"{LIST_MOST} at most.")
    if any(not 1 <= len(item) <= LIST_ITEM_MOST for item in items):
        yield Invalid(
            field,
            zh=f"每项需为 1 至 {LIST_ITEM_MOST} 个字符。",
            en=f"Each must have 1 to {LIST_ITEM_MOST} characters.",
        )


def content_faults(content: ListingContent, today: date) -> Iterable[Refusal]:
    """Everything that is wrong with a listing by itself, whoever posts it."""
    yield from length_fault("external_ref", content.external_ref, 1, REF_MOST)
    yield from length_fault("title", content.title, 1, TITLE_MOST)
    yield from length_fault("description", content.description, 1, DESCRIPTION_MOST)
    yield from length_fault("requirements", content.requirements, 0, REQUIREMENTS_MOST)
    yield from length_fault("address", content.address, 0, ADDRESS_MOST)
    yield from range_fault("headcount", content.headcount, 1, HEADCOUNT_MOST)
    yield from range_fault("days_per_week", content.days_per_week, 1, 7)
    yield from range_fault("duration_weeks", content.duration_weeks, 1, WEEKS_MOST)
    yield from _items("majors", content.majors)
    yield from _items("skills", content.skills)
    if (stipend := content.stipend) is not None:
        most = STIPEND_MOST_FEN[stipend.per]
        for reason in (
            *range_fault("min_fen", stipend.min_fen, 0, most),
            *range_fault("max_fen", stipend.max_fen, stipend.min_fen, most),
        ):
            yield reason.at("stipend")
    if content.apply_by is not None and content.apply_by < today:
        yield ApplyByPast("apply_by", apply_by=content.apply_by.isoformat())
    if content.kind is InternshipKind.APPRENTICESHIP and content.duration_weeks not in APPRENTICESHIP_WEEKS:
        yield ApprenticeshipLengthWrong("duration_weeks")


def wage_fault(
    kind: InternshipKind, stipend: Stipend | None, minimum_month_fen: int, share: float
) -> Refusal | None:
    """An apprenticeship states a stipend of at least this share of the division's minimum wage."""
    if kind is not InternshipKind.APPRENTICESHIP:
        return None
    least = int((minimum_month_fen * Decimal(str(share))).to_integral_value(ROUND_CEILING))
    if stipend is not None and stipend.month_fen >= least:
        return None
    return ApprenticeshipUnderpaid("stipend", percent=round(share * 100), least=f"{least / 100:.2f}")


def industry_fault(industry_code: str | None, banned: Iterable[str]) -> Refusal | None:
    """A code of the list, or one below it."""
    if industry_code is None or not any(industry_code.startswith(code) for code in banned):
        return None
    return IndustryBanned(industry=industry_code)


def share_fault(headcount: int, published: int, employees: int, share: float) -> Refusal | None:
    """`headcount` more beside what is `published`: together at most this share of the employees."""
    most = int(employees * Decimal(str(share)))
    if published + headcount <= most:
        return None
    return ShareOfEmployeesExceeded(
        "headcount", percent=round(share * 100), most=most, left=max(most - published, 0)
    )


def overlap(first: tuple[date | None, int | None], second: tuple[date | None, int | None]) -> bool:
    """Do two (start, weeks) overlap? Unknown dates overlap with everything; an unknown length never ends."""

    def ends(start: date, weeks: int | None) -> date:
        return date.max if weeks is None else start + timedelta(weeks=weeks)

    (start, weeks), (other, other_weeks) = first, second
    if start is None or other is None:
        return True
    return start < ends(other, other_weeks) and other < ends(start, weeks)
