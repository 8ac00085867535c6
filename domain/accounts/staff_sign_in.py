"""
Staff sign in with two factors: a code sent to their number, and a one-time password or a recovery code.

The phone's code comes first, so that only who reads a number's messages may try at all. After it every failure is one
refusal: nobody learns whether the number is a member's, whether the member is active, or which part was wrong.
"""

from enum import StrEnum
from uuid import UUID

from domain.accounts.models import STAFF_PHONE_INDEX
from domain.accounts.second_factor import DIGITS, holder, use_recovery_code, use_totp
from domain.core.blind_index import owner
from domain.core.db import Write
from domain.core.refusals import ErrorCode, Refusal
from domain.core.sealing import Sealer
from domain.core.states import record

_GIVEN_MOST = 40


class StaffSignInRefused(Refusal):
    """A wrong or used one-time password or recovery code, a number of no member, a member no longer active: all alike."""

    code = ErrorCode.INVALID_INPUT
    zh = "动态口令或恢复码错误，或该号码不能登录工作人员账号。"
    en = "The one-time password or recovery code is wrong, or staff cannot sign in with this number."


class FactorUse(StrEnum):
    """What is written down of a sign-in beside its session."""

    RECOVERY_CODE_USED = "RECOVERY_CODE_USED"


async def member_who_signs_in(tx: Write, sealer: Sealer, phone: str, given: str) -> UUID:
    """The member, whose second factor is used up by this; StaffSignInRefused otherwise. The caller has proved the number."""
    of = await holder(tx, await owner(tx, sealer, STAFF_PHONE_INDEX, phone))
    typed = "".join(given[:_GIVEN_MOST].split()) if given.isascii() else ""
    if len(typed) == DIGITS and typed.isdigit():
        if await use_totp(tx, sealer, of, typed):
            return of.staff_id
    elif await use_recovery_code(tx, sealer, of, typed):
        await record(tx, of.staff_id, FactorUse.RECOVERY_CODE_USED)
        return of.staff_id
    raise StaffSignInRefused("totp")
