"""A youth gives and withdraws consents. For those under 18 a guardian gives theirs, by a code sent to the guardian's phone."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from domain.accounts.codes import PhoneCodePurpose, PhoneCodes
from domain.accounts.consents import give, in_force, withdraw
from domain.accounts.events import ConsentWithdrawn
from domain.accounts.models import ConsentPurpose
from domain.accounts.youths import Youth, locked_youth
from domain.core.db import Write
from domain.core.outbox import emit
from domain.core.refusals import ErrorCode, Invalid, Refusal, refuse_all
from domain.core.sealing import Sealer

VERSION_MOST = 20
HELD_FAST = frozenset({ConsentPurpose.TERMS, ConsentPurpose.REAL_NAME})
"""Withdrawn by deleting the account, not one by one."""


class ConsentHeldFast(Refusal):
    code = ErrorCode.INVALID_STATE
    zh = "该项同意不能在此撤回；如需撤回，请注销账号。"
    en = "This consent cannot be withdrawn here; deleting the account withdraws it."


class GuardianIsYouth(Refusal):
    code = ErrorCode.INVALID_INPUT
    zh = "监护人手机号不能与本人相同。"
    en = "The guardian's number must be another than the youth's."


@dataclass(frozen=True, slots=True)
class ConsentGiven:
    purpose: ConsentPurpose
    version: str
    guardian_phone: str | None = field(default=None, repr=False)
    guardian_code: str | None = field(default=None, repr=False)


def _version_faults(version: str) -> Iterable[Refusal]:
    if not (1 <= len(version) <= VERSION_MOST and version.isprintable()):
        yield Invalid(
            "version",
            zh=f"需为 1 至 {VERSION_MOST} 个字符。",
            en=f"Must have 1 to {VERSION_MOST} characters.",
        )


def _guardian_faults(sealer: Sealer, youth: Youth, given: ConsentGiven) -> Iterable[Refusal]:
    if given.guardian_phone is None:
        yield Invalid("guardian_phone", zh="请填写监护人手机号。", en="The guardian's number is needed.")
    elif given.guardian_phone == youth.phone(sealer):
        yield GuardianIsYouth("guardian_phone")
    if given.guardian_code is None:
        yield Invalid(
            "guardian_code",
            zh="请填写发送至监护人手机的验证码。",
            en="The code sent to the guardian is needed.",
        )


async def give_consent(
    tx: Write, sealer: Sealer, codes: PhoneCodes, youth_id: UUID, given: ConsentGiven
) -> UUID:
    """Put a consent in force. One of the same version that is in force stays, and asks for no code again."""
    youth = await locked_youth(tx, youth_id)
    by_guardian = given.purpose is ConsentPurpose.GUARDIAN
    reasons = list(_version_faults(given.version))
    if by_guardian:
        reasons += _guardian_faults(sealer, youth, given)
    refuse_all(reasons)
    if await in_force(tx, youth_id, given.purpose) == given.version:
        return youth_id
    if given.guardian_phone is not None and given.guardian_code is not None and by_guardian:
        try:
            await codes.take(given.guardian_phone, PhoneCodePurpose.GUARDIAN_CONSENT, given.guardian_code)
        except Refusal as reason:
            if reason.field:
                reason.field = ("guardian_code",)
            raise
    await give(tx, youth_id, given.purpose, given.version)
    return youth_id


async def withdraw_consent(tx: Write, youth_id: UUID, purpose: ConsentPurpose, version: str) -> UUID:
    """Take a consent back, whichever version is in force; withdrawn before, it stays so."""
    await locked_youth(tx, youth_id)
    refuse_all(_version_faults(version))
    if purpose in HELD_FAST:
        raise ConsentHeldFast("purpose")
    if await in_force(tx, youth_id, purpose) is not None:
        await withdraw(tx, youth_id, purpose)
        await emit(tx, ConsentWithdrawn(youth_id, purpose.value))
    return youth_id
