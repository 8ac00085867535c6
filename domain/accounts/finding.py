"""Staff find a youth by number, within their reach and with a reason on record."""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.accounts.access_log import FOUND_BY_NUMBER, AccessLogRow, Look, checked_reason, record_looks
from domain.accounts.models import PHONE_INDEX
from domain.accounts.reach import reaches
from domain.accounts.units import province_unit, unit_of_division
from domain.accounts.youths import Youth, youths
from domain.core.actors import StaffActor
from domain.core.blind_index import owner
from domain.core.clock import start_of
from domain.core.db import Read, Write
from domain.core.policy import Policy, policy_value
from domain.core.refusals import ErrorCode, Refusal
from domain.core.rights import Action, require_staff
from domain.core.sealing import Sealer

SHOWN = ("legalName", "phone")

SEARCHES_A_DAY = Policy(
    "accounts.searches_a_day", 200, "How often a member of staff may look for youths by number in a day."
)


class SearchedTooOften(Refusal):
    code = ErrorCode.QUOTA_EXCEEDED
    zh = "今日查找次数已达上限（{most} 次）。"
    en = "The searches of this day ({most}) are used up."


async def unit_of_youth(db: Read, youth: Youth) -> UUID:
    """The unit that looks after a youth: that of their division, or the province's while they named none."""
    code = youth.division_code
    return await province_unit(db) if code is None else await unit_of_division(db, code)


async def reached_youth(db: Read, staff: StaffActor, youth_id: UUID | None) -> Youth | None:
    """The youth, if the member reaches them."""
    found = None if youth_id is None else (await youths(db, [youth_id])).get(youth_id)
    if (
        found is None
        or found.erased_at is not None
        or not await reaches(db, staff, await unit_of_youth(db, found))
    ):
        return None
    return found


async def find_youth(tx: Write, sealer: Sealer, phone: str, reason: str) -> Youth | None:
    """
    The youth of a number, if the member reaches them. Each search is a row of the access log, found or not.

    SearchedTooOften beyond the day's searches: nobody goes through numbers one by one.
    """
    staff = require_staff(tx.actor, Action.FIND_YOUTHS)
    written = checked_reason(reason, "reason")
    # Two searches of one member at once are counted one after the other.
    await tx.scalar(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(staff.key, 0))))
    most = await policy_value(tx, SEARCHES_A_DAY)
    today = await tx.scalar(
        sa.select(sa.func.count())
        .select_from(AccessLogRow)
        .where(
            col(AccessLogRow.actor_id) == staff.id,
            col(AccessLogRow.at) >= start_of(tx.today),
            col(AccessLogRow.purpose) == FOUND_BY_NUMBER.code,
        )
    )
    if today >= most:
        raise SearchedTooOften(most=most)
    found = await reached_youth(tx, staff, await owner(tx, sealer, PHONE_INDEX, phone))
    look = Look(None if found is None else found.id, () if found is None else SHOWN, FOUND_BY_NUMBER, written)
    await record_looks(tx, [look], each=True)
    return found
