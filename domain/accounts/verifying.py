"""
The real name: what a youth claims, what the registry says of it, and what becomes of it.

The registry is asked between two transactions: `claim`, `count_claim` and `require_free` before it, `settle` after. A claim
that waits for the registry holds no number: only a verified one does, so that nobody locks another out by typing their
number during an outage. It is asked again by the worker (`domain.accounts.reasking`). Of two accounts that verify one number
at once, the number's blind index decides.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.accounts.consents import give
from domain.accounts.enrolling import TERMS_VERSION
from domain.accounts.identity import Identity, faults, identity_of
from domain.accounts.models import IDENTITY_INDEX, ConsentPurpose, RealNameStatus, YouthRow
from domain.accounts.policies import REAL_NAME_CLAIMS_A_DAY
from domain.accounts.registry import RegistryAnswer
from domain.accounts.youths import (
    AGES,
    AgeOutOfRange,
    Youth,
    age_on,
    identity_place,
    locked_youth,
    name_place,
    youths,
)
from domain.core import blind_index
from domain.core.db import Read, Write
from domain.core.policy import policy_value
from domain.core.refusals import ErrorCode, Refusal, SignInNeeded, refuse_all
from domain.core.sealing import Sealer

WAIT_FIRST = timedelta(minutes=1)
WAIT_MOST = timedelta(hours=1)


class VerifiedAlready(Refusal):
    code = ErrorCode.INVALID_STATE
    zh = "您已完成实名认证。"
    en = "Your real name is verified already."


class IdentityTaken(Refusal):
    code = ErrorCode.ALREADY_EXISTS
    zh = "该证件号码已用于另一账号。"
    en = "This identity number serves another account already."


class IdentityMismatched(Refusal):
    code = ErrorCode.NOT_ELIGIBLE
    zh = "姓名与证件号码不一致，实名认证未通过。"
    en = "The name and the number do not belong together: the real name was not verified."


class ClaimsUsedUp(Refusal):
    code = ErrorCode.QUOTA_EXCEEDED
    zh = "每天最多可提交 {most} 次实名认证，请明天再试。"
    en = "A real name may be tried {most} times a day; try again tomorrow."


def _require_unverified(youth: Youth) -> None:
    if youth.real_name_status is RealNameStatus.VERIFIED:
        raise VerifiedAlready


async def require_free(db: Read, sealer: Sealer, youth_id: UUID, number: str) -> None:
    """IdentityTaken, before the registry is asked: what it costs to ask is spared where the answer would be of no use."""
    if await blind_index.owner(db, sealer, IDENTITY_INDEX, number) not in {None, youth_id}:
        raise IdentityTaken("id_number")


async def claim(db: Read, youth_id: UUID, name: str, number: str) -> Identity:
    """What the youth claims to be, as it is written: nobody was asked about it yet."""
    youth = (await youths(db, [youth_id])).get(youth_id)
    if youth is None:
        raise SignInNeeded
    _require_unverified(youth)
    refuse_all(faults(name, number, db.today))
    claimed = identity_of(name, number)
    if age_on(claimed.born, db.today) not in AGES:
        raise AgeOutOfRange("id_number", least=AGES.start, most=AGES.stop - 1)
    return claimed


async def count_claim(tx: Write, youth_id: UUID) -> None:
    """
    ClaimsUsedUp when the day's claims are used up. Its transaction is committed before anything is answered or asked: what
    it bounds is guessing whose number is whose, of us and of the registry, so that a refusal must count too. It stands in
    Postgres for the same reason: where counts may be lost, guessing would go on.
    """
    division = await tx.scalar(sa.select(col(YouthRow.division_code)).where(col(YouthRow.id) == youth_id))
    most = await policy_value(tx, REAL_NAME_CLAIMS_A_DAY, division)
    today = col(YouthRow.real_name_claimed_on) == tx.today
    used = sa.case((today, col(YouthRow.real_name_claims)), else_=0)
    counted = await tx.execute(
        sa.update(YouthRow)
        .where(col(YouthRow.id) == youth_id, used < most)
        .values(real_name_claimed_on=tx.today, real_name_claims=used + 1)
    )
    if not counted:
        raise ClaimsUsedUp(most=most)


def wait_after(tries: int) -> timedelta:
    """How long a claim waits that the registry was asked about so often again: doubling, to an hour."""
    doubled: int = 2 ** min(tries, 20)
    return min(WAIT_FIRST * doubled, WAIT_MOST)


async def settle(
    tx: Write, sealer: Sealer, youth_id: UUID, claimed: Identity, answer: RegistryAnswer
) -> RealNameStatus:
    """Write down what the registry's answer makes of the claim; the status it leads to."""
    _require_unverified(await locked_youth(tx, youth_id))
    sealed = {
        "legal_name_sealed": sealer.seal(claimed.name, name_place(youth_id)),
        "identity_sealed": sealer.seal(claimed.number, identity_place(youth_id)),
    }
    waiting: dict[str, Any] = {"registry_due_at": None, "registry_tries": 0}
    mine = sa.update(YouthRow).where(col(YouthRow.id) == youth_id)
    match answer:
        case RegistryAnswer.MISMATCH:
            await reject(tx, youth_id)
            return RealNameStatus.REJECTED
        case RegistryAnswer.UNAVAILABLE:
            status = RealNameStatus.PENDING
            waiting["registry_due_at"] = tx.now + wait_after(0)
            await tx.execute(mine.values(real_name_status=status, **waiting, **sealed))
        case RegistryAnswer.MATCH:
            status = RealNameStatus.VERIFIED
            taken = IdentityTaken("id_number")
            await blind_index.claim(tx, sealer, IDENTITY_INDEX, claimed.number, youth_id, taken)
            await tx.execute(
                mine.values(
                    real_name_status=status,
                    gender=claimed.gender,
                    birth_date=claimed.born,
                    **waiting,
                    **sealed,
                )
            )
    await give(tx, youth_id, ConsentPurpose.REAL_NAME, TERMS_VERSION)
    return status


async def reject(tx: Write, youth_id: UUID) -> None:
    """What was claimed is not so; nothing of it is kept."""
    await tx.execute(
        sa.update(YouthRow)
        .where(col(YouthRow.id) == youth_id)
        .values(
            real_name_status=RealNameStatus.REJECTED,
            legal_name_sealed=None,
            identity_sealed=None,
            registry_due_at=None,
            registry_tries=0,
        )
    )
