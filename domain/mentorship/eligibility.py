"""
May this youth ask that mentor? Every reason why not.

Who is under 18 needs a guardian's consent and is met only by a mentor whose name is verified. Somebody who never said when they were born
is taken for grown up: the real name is no condition of mentorship.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.accounts.models import ConsentPurpose, ConsentRow, YouthRow
from domain.accounts.requirements import ConsentNeeded, GuardianNeeded
from domain.accounts.youths import AGES, YOUTHS, AgeOutOfRange, Youth, age_on
from domain.core.db import Read
from domain.core.policy import policy_value
from domain.core.refusals import ErrorCode, Refusal
from domain.mentorship.mentor import Mentor
from domain.mentorship.models import SLOTS_NUMBERED, RequestRow
from domain.mentorship.moving import MentorFull
from domain.mentorship.policies import OPEN_MOST
from domain.mentorship.states import OPEN

ADULT_AGE = 18


class MentorNotVerified(Refusal):
    code = ErrorCode.NOT_ELIGIBLE
    zh = "未满 {age} 岁只能预约已实名核验的导师。"
    en = "Those under {age} meet only mentors whose name is verified."


class OneselfAsked(Refusal):
    code = ErrorCode.NOT_ELIGIBLE
    zh = "不能向自己提出申请。"
    en = "Nobody asks themselves."


class MentorPaused(Refusal):
    code = ErrorCode.INVALID_STATE
    zh = "该导师暂不接受申请。"
    en = "The mentor takes no requests for now."


class TooManyWaiting(Refusal):
    code = ErrorCode.QUOTA_EXCEEDED
    zh = "等待答复的申请最多 {most} 个。"
    en = "{most} requests may wait for an answer, at most."


class ConsentWithdrawn(Refusal):
    code = ErrorCode.CONSENT_REQUIRED
    zh = "申请人（或其监护人）已撤回同意，不能接受该申请。"
    en = "The mentee, or their guardian, has withdrawn the consent; it cannot be taken."


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a youth who asks."""

    youth: Youth
    consents: frozenset[ConsentPurpose]
    open: int
    open_most: int

    def consents_hold(self, db: Read) -> bool:
        """May what the youth wrote still be used?"""
        needed = {ConsentPurpose.MENTORSHIP} | ({ConsentPurpose.GUARDIAN} if self.minor(db) else set())
        return needed <= self.consents

    def minor(self, db: Read) -> bool:
        born = self.youth.birth_date
        return born is not None and age_on(born, db.today) < ADULT_AGE


async def standing(db: Read, youth_id: UUID) -> Standing | None:
    """None when there is no such youth any more."""
    agreed: Any = (
        sa.select(sa.func.array_agg(col(ConsentRow.purpose)))
        .where(col(ConsentRow.youth_id) == col(YouthRow.id), col(ConsentRow.withdrawn_at).is_(None))
        .scalar_subquery()
    )
    waiting: Any = (
        sa.select(sa.func.count())
        .select_from(RequestRow)
        .where(col(RequestRow.youth_id) == col(YouthRow.id), col(RequestRow.status).in_(OPEN))
        .scalar_subquery()
    )
    row = await db.first(
        YOUTHS.select()
        .add_columns(agreed.label("agreed"), waiting.label("waiting"))
        .where(col(YouthRow.id) == youth_id, col(YouthRow.erased_at).is_(None))
    )
    if row is None:
        return None
    youth = YOUTHS.make(*row[:-2])
    most = min(await policy_value(db, OPEN_MOST, youth.division_code), SLOTS_NUMBERED)
    return Standing(youth, frozenset(ConsentPurpose(name) for name in row.agreed or ()), row.waiting, most)


def faults(db: Read, mentor: Mentor, who: Standing) -> Iterator[Refusal]:
    """Every reason of the rules and of the person."""
    if mentor.youth_id == who.youth.id:
        yield OneselfAsked("mentor_id")
    if not mentor.accepts_requests:
        yield MentorPaused("mentor_id")
    if mentor.full:
        yield MentorFull("mentor_id", capacity=mentor.capacity)
    if ConsentPurpose.MENTORSHIP not in who.consents:
        yield ConsentNeeded(purpose=ConsentPurpose.MENTORSHIP.value)
    born = who.youth.birth_date
    if born is not None and age_on(born, db.today) not in AGES:
        yield AgeOutOfRange(least=AGES.start, most=AGES.stop - 1)
    if who.minor(db):
        if ConsentPurpose.GUARDIAN not in who.consents:
            yield GuardianNeeded(age=ADULT_AGE)
        if not mentor.verified:
            yield MentorNotVerified("mentor_id", age=ADULT_AGE)
    if who.open >= who.open_most:
        yield TooManyWaiting(most=who.open_most)
