"""
May this youth redeem that perk? Every reason why not, and how far it is; the same function answers `viewerEligibility` and
guards the mutation.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.accounts.models import ConsentPurpose, ConsentRow, YouthRow
from domain.accounts.requirements import GuardianNeeded
from domain.accounts.youths import AGES, YOUTHS, AgeOutOfRange, Youth, age_on
from domain.core.db import Read
from domain.core.divisions import prefix_of
from domain.core.refusals import ErrorCode, Refusal
from domain.core.unnesting import any_of
from domain.volunteering.lapsing import spendable
from domain.volunteering.ledger import Account
from domain.volunteering.perks.models import RedemptionRow
from domain.volunteering.perks.perk import Perk
from domain.volunteering.stars import STAR_MINUTES
from domain.volunteering.states import TAKING

ADULT_AGE = 18


class TooFewStars(Refusal):
    code = ErrorCode.NOT_ELIGIBLE
    zh = "需要 {stars} 星，还需服务 {minutes} 分钟。"
    en = "It takes {stars} stars: {minutes} minutes of service more."


class OtherDivision(Refusal):
    code = ErrorCode.NOT_ELIGIBLE
    zh = "该权益仅限指定地区的志愿者。"
    en = "This perk is for volunteers of other divisions."


class NotYetOpen(Refusal):
    code = ErrorCode.INVALID_STATE
    zh = "该权益自 {day} 起可兑换。"
    en = "It can be redeemed from {day} on."


class NoLongerOpen(Refusal):
    code = ErrorCode.INVALID_STATE
    zh = "该权益已于 {day} 结束。"
    en = "It ended on {day}."


class LimitReached(Refusal):
    code = ErrorCode.QUOTA_EXCEEDED
    zh = "每人最多兑换 {most} 份。"
    en = "{most} a person at most."


class OutOfStock(Refusal):
    code = ErrorCode.SOLD_OUT
    zh = "已兑完。"
    en = "None is left."


class TooFewPoints(Refusal):
    code = ErrorCode.QUOTA_EXCEEDED
    zh = "需要 {cost} 积分，还差 {short} 积分。"
    en = "It takes {cost} points: {short} more."


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a volunteer: what they have, and which turns of the perk are theirs."""

    youth: Youth
    guardian_agrees: bool
    account: Account
    turns: frozenset[int]

    def next_turn(self) -> int:
        return next(turn for turn in range(1, len(self.turns) + 2) if turn not in self.turns)


def personal_faults(youth: Youth, guardian_agrees: bool, today: date) -> Iterator[Refusal]:
    """What volunteering asks of the person: a youth, and the guardian's consent under 18."""
    if youth.birth_date is None:
        return
    age = age_on(youth.birth_date, today)
    if age not in AGES:
        yield AgeOutOfRange(least=AGES.start, most=AGES.stop - 1)
    elif age < ADULT_AGE and not guardian_agrees:
        yield GuardianNeeded(age=ADULT_AGE)


def faults(perk: Perk, who: Standing, today: date) -> Iterator[Refusal]:
    """Every reason against it, of the person, the dates, the stock and the points."""
    yield from personal_faults(who.youth, who.guardian_agrees, today)
    if who.account.stars < perk.min_stars:
        minutes = STAR_MINUTES[perk.min_stars - 1] - who.account.service_minutes
        yield TooFewStars("perk_id", stars=perk.min_stars, minutes=minutes)
    code = who.youth.division_code or ""
    if perk.division_codes and not any(code.startswith(prefix_of(one)) for one in perk.division_codes):
        yield OtherDivision("perk_id")
    if today < perk.starts_on:
        yield NotYetOpen("perk_id", day=perk.starts_on)
    if perk.ends_on is not None and perk.ends_on < today:
        yield NoLongerOpen("perk_id", day=perk.ends_on)
    if len(who.turns) >= perk.per_person_limit:
        yield LimitReached("perk_id", most=perk.per_person_limit)
    if perk.remaining is not None and perk.remaining <= 0:
        yield OutOfStock("perk_id")
    if who.account.points < perk.points_cost:
        yield TooFewPoints("perk_id", cost=perk.points_cost, short=perk.points_cost - who.account.points)


_AGREED = (
    sa.select(sa.literal(1))
    .select_from(ConsentRow)
    .where(
        col(ConsentRow.youth_id) == col(YouthRow.id),
        col(ConsentRow.purpose) == ConsentPurpose.GUARDIAN,
        col(ConsentRow.withdrawn_at).is_(None),
    )
    .exists()
)
_PERSONS = YOUTHS.only(("id", "birth_date", "division_code"))
_YOUTHS = (
    _PERSONS.select()
    .add_columns(_AGREED.label("agreed"))
    .where(col(YouthRow.id) == any_of("ids", sa.Uuid), col(YouthRow.erased_at).is_(None))
)
_TURNS = sa.select(
    col(RedemptionRow.perk_id), col(RedemptionRow.volunteer_id), col(RedemptionRow.turn)
).where(
    col(RedemptionRow.perk_id) == any_of("perk_ids", sa.Uuid),
    col(RedemptionRow.volunteer_id) == any_of("ids", sa.Uuid),
    col(RedemptionRow.status).in_(TAKING),
)


async def standings(
    db: Read,
    perk_ids: Iterable[UUID],
    youth_ids: Iterable[UUID],
    accounts: dict[UUID, Account] | None = None,
) -> dict[tuple[UUID, UUID], Standing]:
    """By perk and youth; `accounts` where this transaction holds them already."""
    wanted, ids = list(perk_ids), list(youth_ids)
    rows = await db.rows(_YOUTHS, {"ids": ids})
    turns: dict[tuple[UUID, UUID], set[int]] = {}
    for row in await db.rows(_TURNS, {"ids": ids, "perk_ids": wanted}):
        turns.setdefault((row.perk_id, row.volunteer_id), set()).add(row.turn)
    have = await spendable(db, ids) if accounts is None else accounts
    width = len(_PERSONS.columns)
    found = {}
    for row in rows:
        youth: Youth = _PERSONS.make(*row[:width])
        for perk_id in wanted:
            mine = frozenset(turns.get((perk_id, youth.id), ()))
            found[perk_id, youth.id] = Standing(youth, row.agreed, have[youth.id], mine)
    return found
