"""
Phone codes: six digits that prove that somebody reads a number's messages, for one purpose and no other.

A code lives five minutes and takes five tries. What is asked of a number is answered alike whether it has an account or
not. How codes are kept and counted is the port's; see `infra.codes`.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

from domain.core.refusals import ErrorCode, Refusal

DIGITS = 6
LIFE = timedelta(minutes=5)
TRIES_MOST = 5


class PhoneCodePurpose(StrEnum):
    """A code serves the purpose that it was asked for."""

    SIGN_IN = "SIGN_IN"
    STAFF_SIGN_IN = "STAFF_SIGN_IN"
    CHANGE_PHONE = "CHANGE_PHONE"
    GUARDIAN_CONSENT = "GUARDIAN_CONSENT"
    DELETE_ACCOUNT = "DELETE_ACCOUNT"


class CodeWrong(Refusal):
    """Wrong, used, expired, tried too often, or never asked for: the answer is the same."""

    code = ErrorCode.INVALID_INPUT
    zh = "验证码错误或已失效。"
    en = "The code is wrong or no longer valid."


class CodesTooOften(Refusal):
    code = ErrorCode.RATE_LIMITED
    zh = "操作过于频繁，请在 {seconds} 秒后再试。"
    en = "Too many codes were asked for; try again in {seconds} seconds."

    def __init__(self, *field: str, seconds: int) -> None:
        super().__init__(*field, seconds=seconds)
        self.retry_after_seconds = seconds


class CodesUnavailable(Refusal):
    """The counter of tries is away: without it no code is given or taken."""

    code = ErrorCode.RATE_LIMITED
    zh = "验证码服务暂不可用，请稍后再试。"
    en = "Codes cannot be given just now; please try again later."


@dataclass(frozen=True, slots=True)
class Asker:
    """From where a code is asked for: limits count by each."""

    address: str
    device: str


NOWHERE = Asker("", "")


@dataclass(frozen=True, slots=True)
class CodeGiven:
    """How long the code lives, and after how many seconds another may be asked for."""

    life: timedelta
    resend_after_seconds: int


class PhoneCodes(Protocol):
    """Keeps codes as keyed hashes, counts tries and requests; fails closed when its store is away."""

    async def give(self, phone: str, purpose: PhoneCodePurpose, asker: Asker) -> CodeGiven:
        """Make a code and send it. CodesTooOften beyond the limits, CodesUnavailable without the store."""

    async def take(self, phone: str, purpose: PhoneCodePurpose, code: str) -> None:
        """Use a code up; CodeWrong unless it is the right one, in time, within five tries."""


class TextMessages(Protocol):
    """Sends a text message with a code."""

    async def send_code(self, phone: str, code: str) -> None: ...


def new_code() -> str:
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
