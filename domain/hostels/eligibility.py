"""
May this youth stay there on those nights? Every reason why not; the same function answers `stayEligibility` and guards the
mutations. Whether a bed is free is not asked here.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import SQLModel, col

from domain.accounts.models import ConsentPurpose, ConsentRow, RealNameStatus, YouthRow
from domain.accounts.requirements import GuardianNeeded, NameNotVerified
from domain.accounts.youths import AGES, YOUTHS, AgeOutOfRange, Youth, age_on
from domain.core.db import Read
from domain.core.policy import policies_by_division
from domain.core.refusals import ErrorCode, Invalid, Refusal
from domain.core.unnesting import any_of
from domain.hostels.allowances import NightsUsedUp
from domain.hostels.bookings import Booking, open_bookings_at
from domain.hostels.hostel import Hostel
from domain.hostels.models import AllowanceRow, BedNightRow, BookingRow
from domain.hostels.policies import BARRED_DAYS, NO_SHOW_WITHIN_DAYS, NO_SHOWS_THAT_BAR
from domain.hostels.states import BookingStatus

ADULT_AGE = 18
PURPOSE_MOST = 200
NIGHTS_MOST = 366


class GraduationUnknown(Refusal):
    code = ErrorCode.NOT_ELIGIBLE
    zh = "请先在个人资料中填写毕业年份。"
    en = "Say in your profile first in which year you graduate."


class NotRecentGraduate(Refusal):
    code = ErrorCode.NOT_ELIGIBLE
    zh = "仅面向毕业 {years} 年内的求职青年及应届毕业生。"
    en = "For job seekers within {years} years of graduation and those in their final year."


class Barred(Refusal):
    code = ErrorCode.NOT_ELIGIBLE
    zh = "因多次预订未入住，{until} 前不能预订。"
    en = "Barred until {until} for not turning up."


class HasBedAlready(Refusal):
    code = ErrorCode.ALREADY_EXISTS
    zh = "您在 {night} 已有床位。"
    en = "You have a bed on the night of {night} already."


class InLineAlready(Refusal):
    code = ErrorCode.ALREADY_EXISTS
    zh = "您已在该驿站这些日期的候补名单中。"
    en = "You are on this hostel's waiting list for some of these nights already."


@dataclass(frozen=True, slots=True)
class Stay:
    """Nights from a day on."""

    check_in: date
    nights: int

    @property
    def check_out(self) -> date:
        """Of a number that is no stay at all (see `stay_faults`), of the nearest that is."""
        return self.check_in + timedelta(days=min(max(self.nights, 1), NIGHTS_MOST))

    def days(self) -> Iterator[date]:
        return (
            self.check_in + timedelta(days=number) for number in range((self.check_out - self.check_in).days)
        )

    def by_year(self) -> Mapping[int, int]:
        """How many of the nights fall into each calendar year."""
        return Counter(day.year for day in self.days())

    def overlaps(self, booking: Booking) -> bool:
        return booking.check_in < self.check_out and booking.check_out > self.check_in

    def is_of(self, booking: Booking) -> bool:
        """The very nights of a booking."""
        return (booking.check_in, booking.check_out) == (self.check_in, self.check_out)


@dataclass(frozen=True, slots=True)
class Bar:
    """Policies: so many no-shows within so many days bar for so many."""

    no_shows: int
    within_days: int
    barred_days: int

    def until(self, no_shows: Sequence[date]) -> date | None:
        """The first day on which somebody may book again; None when no bar was ever set."""
        days = sorted(no_shows)
        sets = [
            last
            for first, last in zip(days, days[self.no_shows - 1 :], strict=False)
            if (last - first).days < self.within_days
        ]
        return sets[-1] + timedelta(days=self.barred_days) if sets else None


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a guest, with what is theirs on the nights in question."""

    youth: Youth
    guardian_agrees: bool
    used: Mapping[int, int]
    nights: Mapping[date, UUID]
    no_shows: Sequence[date]
    here: Sequence[Booking]
    """Waiting, held or booked at the hostel on any of the nights."""

    def hold(self, stay: Stay) -> Booking | None:
        """The bed that is held here for exactly these nights."""
        return next(
            (found for found in self.here if found.status is BookingStatus.HELD and stay.is_of(found)), None
        )

    def entry(self, stay: Stay) -> Booking | None:
        """The place in this hostel's line for exactly these nights."""
        return next(
            (found for found in self.here if found.status is BookingStatus.WAITLISTED and stay.is_of(found)),
            None,
        )


def stay_faults(hostel: Hostel, stay: Stay, today: date) -> Iterator[Refusal]:
    """Is it a stay at all, and wholly bookable today?"""
    most = hostel.max_nights_per_stay
    if not 1 <= stay.nights <= most:
        yield Invalid("nights", zh=f"一次入住 1 至 {most} 晚。", en=f"A stay has 1 to {most} nights.")
        return
    if stay.check_in < today:
        yield Invalid("check_in", zh="入住日期已过。", en="The day of check-in is past.")
    last, until = stay.check_out - timedelta(days=1), hostel.bookable_until(today)
    if last > until:
        yield Invalid(
            "check_in" if stay.check_in > until else "nights",
            zh=f"目前最晚可预订 {until} 当晚。",
            en=f"The last night that can be booked now is {until}.",
        )


def purpose_faults(purpose: str | None) -> Iterator[Refusal]:
    if purpose is not None and not 1 <= len(purpose) <= PURPOSE_MOST:
        yield Invalid(
            "purpose",
            zh=f"需为 1 至 {PURPOSE_MOST} 个字符。",
            en=f"Must have 1 to {PURPOSE_MOST} characters.",
        )


def _personal(hostel: Hostel, stay: Stay, who: Standing, bar: Bar, today: date) -> Iterator[Refusal]:
    youth = who.youth
    if youth.real_name_status is not RealNameStatus.VERIFIED or youth.gender is None:
        yield NameNotVerified()
    if youth.birth_date is not None:
        age = age_on(youth.birth_date, stay.check_in)
        if age not in AGES:
            yield AgeOutOfRange(least=AGES.start, most=AGES.stop - 1)
        elif age < ADULT_AGE and not who.guardian_agrees:
            yield GuardianNeeded(age=ADULT_AGE)
    graduation, years = youth.graduation_year, hostel.graduate_within_years
    if graduation is None:
        yield GraduationUnknown()
    elif not -1 <= stay.check_in.year - graduation <= years:
        yield NotRecentGraduate(years=years)
    barred_until = bar.until(who.no_shows)
    if barred_until is not None and today < barred_until:
        yield Barred(until=str(barred_until))


def faults(hostel: Hostel, stay: Stay, who: Standing, bar: Bar, today: date) -> list[Refusal]:
    """Every reason of the rules and of the person. What is held for the guest on these very nights is no reason."""
    invalid = list(stay_faults(hostel, stay, today))
    found = [*invalid, *_personal(hostel, stay, who, bar, today)]
    hold = who.hold(stay)
    if any(reason.field == ("nights",) for reason in invalid) or hold is not None:
        return found
    taken = sorted(day for day in stay.days() if day in who.nights)
    if taken:
        found.append(HasBedAlready("check_in", night=str(taken[0])))
    for year, count in stay.by_year().items():
        used, most = who.used.get(year, 0), hostel.free_nights_per_year
        if used + count > most:
            found.append(NightsUsedUp("nights", year=year, most=most, used=used))
    return found


async def bars(db: Read, hostels: Iterable[Hostel]) -> dict[UUID, Bar]:
    """Each hostel's, by its division."""
    by_id = {hostel.id: hostel.division_code for hostel in hostels}
    found = await policies_by_division(
        db, by_id.values(), NO_SHOWS_THAT_BAR, NO_SHOW_WITHIN_DAYS, BARRED_DAYS
    )
    return {key: Bar(*found[division]) for key, division in by_id.items()}


async def bar_of(db: Read, hostel: Hostel) -> Bar:
    return (await bars(db, [hostel]))[hostel.id]


def _pairs(
    table: type[SQLModel],
    key: sa.SQLColumnExpression[Any],
    pair: tuple[Any, Any],
    *where: sa.ColumnElement[bool],
) -> sa.ScalarSelect[Any]:
    """Two columns of a guest's rows in another table, as a list of pairs."""
    return (
        sa.select(sa.func.json_agg(sa.func.json_build_array(*pair)))
        .select_from(table)
        .where(key == col(YouthRow.id), *where)
        .scalar_subquery()
    )


def _standings() -> sa.Select[Any]:
    guest = col(YouthRow.id)
    agreed = (
        sa.select(sa.literal(1))
        .select_from(ConsentRow)
        .where(
            col(ConsentRow.youth_id) == guest,
            col(ConsentRow.purpose) == ConsentPurpose.GUARDIAN,
            col(ConsentRow.withdrawn_at).is_(None),
        )
        .exists()
    )
    used = _pairs(
        AllowanceRow,
        col(AllowanceRow.guest_id),
        (col(AllowanceRow.year), col(AllowanceRow.nights)),
        col(AllowanceRow.year) == any_of("years", sa.SmallInteger),
    )
    taken = _pairs(
        BedNightRow,
        sa.inspect(BedNightRow).columns["guest_id"],
        (col(BedNightRow.night), col(BedNightRow.booking_id)),
        col(BedNightRow.night) >= sa.bindparam("first", type_=sa.Date),
        col(BedNightRow.night) < sa.bindparam("last", type_=sa.Date),
    )
    no_shows = _pairs(
        BookingRow,
        col(BookingRow.guest_id),
        (col(BookingRow.no_show_on), col(BookingRow.id)),
        col(BookingRow.status) == BookingStatus.NO_SHOW,
    )
    return (
        YOUTHS.select()
        .add_columns(
            agreed.label("agreed"), used.label("used"), taken.label("taken"), no_shows.label("no_shows")
        )
        .where(guest == any_of("guests", sa.Uuid))
    )


_STANDINGS = _standings()


async def standings(
    db: Read, hostels: Mapping[UUID, UUID], check_in: date, check_out: date
) -> dict[UUID, Standing]:
    """
    Of each guest who exists, with nights from `check_in` to `check_out`; two statements for all. `hostels` says for each
    guest at which hostel what is `here`.
    """
    given = {
        "guests": list(hostels),
        "years": list(range(check_in.year, check_out.year + 1)),
        "first": check_in,
        "last": check_out,
    }
    rows = await db.rows(_STANDINGS, given)
    here = await open_bookings_at(db, hostels, check_in, check_out)
    width = len(YOUTHS.columns)
    return {
        row.id: Standing(
            youth=YOUTHS.make(*row[:width]),
            guardian_agrees=row.agreed,
            used={int(year): int(nights) for year, nights in row.used or ()},
            nights={date.fromisoformat(night): UUID(key) for night, key in row.taken or ()},
            no_shows=[date.fromisoformat(day) for day, _ in row.no_shows or ()],
            here=here[row.id],
        )
        for row in rows
    }
