"""
The real name: what a youth claims, what the registry says of it, and what becomes of it.

The registry is asked between two transactions: `claim` before it, `settle` after. A claim that waits for the registry
holds no number: only a verified one does, so that nobody locks another out by typing their number during an outage. Of
two accounts that verify one number at once, the number's blind index decides.
"""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.accounts.consents import give
from domain.accounts.enrolling import TERMS_VERSION
from domain.accounts.identity import Identity, faults, identity_of
from domain.accounts.models import ConsentPurpose, RealNameStatus, YouthRow
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
from domain.core.refusals import ErrorCode, Refusal, SignInNeeded, refuse_all
from domain.core.sealing import Sealer

IDENTITY_INDEX = "identity"


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


def _require_unverified(youth: Youth) -> None:
    if youth.real_name_status is RealNameStatus.VERIFIED:
        raise VerifiedAlready


async def _require_free(db: Read, sealer: Sealer, youth_id: UUID, number: str) -> None:
    """Before the registry is asked: what it costs to ask is spared where the answer would be of no use."""
    if await blind_index.owner(db, sealer, IDENTITY_INDEX, number) not in {None, youth_id}:
        raise IdentityTaken("id_number")


async def claim(db: Read, sealer: Sealer, youth_id: UUID, name: str, number: str) -> Identity:
    """What the youth claims to be, fit to ask the registry about."""
    youth = (await youths(db, [youth_id])).get(youth_id)
    if youth is None:
        raise SignInNeeded
    _require_unverified(youth)
    refuse_all(faults(name, number, db.today))
    claimed = identity_of(name, number)
    if age_on(claimed.born, db.today) not in AGES:
        raise AgeOutOfRange("id_number", least=AGES.start, most=AGES.stop - 1)
    await _require_free(db, sealer, youth_id, claimed.number)
    return claimed


async def settle(
    tx: Write, sealer: Sealer, youth_id: UUID, claimed: Identity, answer: RegistryAnswer
) -> RealNameStatus:
    """Write down what the registry's answer makes of the claim; the status it leads to."""
    _require_unverified(await locked_youth(tx, youth_id))
    sealed = {
        "legal_name_sealed": sealer.seal(claimed.name, name_place(youth_id)),
        "identity_sealed": sealer.seal(claimed.number, identity_place(youth_id)),
    }
    mine = sa.update(YouthRow).where(col(YouthRow.id) == youth_id)
    match answer:
        case RegistryAnswer.MISMATCH:
            status = RealNameStatus.REJECTED
            cleared = dict.fromkeys(sealed)
            await tx.execute(mine.values(real_name_status=status, **cleared))
            return status
        case RegistryAnswer.UNAVAILABLE:
            status = RealNameStatus.PENDING
            await tx.execute(mine.values(real_name_status=status, **sealed))
        case RegistryAnswer.MATCH:
            status = RealNameStatus.VERIFIED
            taken = IdentityTaken("id_number")
            await blind_index.claim(tx, sealer, IDENTITY_INDEX, claimed.number, youth_id, taken)
            await tx.execute(
                mine.values(real_name_status=status, gender=claimed.gender, birth_date=claimed.born, **sealed)
            )
    await give(tx, youth_id, ConsentPurpose.REAL_NAME, TERMS_VERSION)
    return status
