"""
What the caller can mend. A rule that is not met raises a Refusal; the mutation answers it as a UserError.

Subclasses are named by past participles and stand beside the rule that raises them. `zh` and `en` are templates over
the keyword arguments; `field` is the path below the input, in the domain's own spelling (`apply_by`).
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, Self


class ErrorCode(StrEnum):
    """The codes of the contract; what each means stands in `programmes.md`, "Everywhere"."""

    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    NOT_FOUND = "NOT_FOUND"
    INVALID_INPUT = "INVALID_INPUT"
    RATE_LIMITED = "RATE_LIMITED"
    IDEMPOTENCY_KEY_REUSED = "IDEMPOTENCY_KEY_REUSED"
    NOT_ELIGIBLE = "NOT_ELIGIBLE"
    REAL_NAME_REQUIRED = "REAL_NAME_REQUIRED"
    CONSENT_REQUIRED = "CONSENT_REQUIRED"
    SOLD_OUT = "SOLD_OUT"
    ALREADY_EXISTS = "ALREADY_EXISTS"
    INVALID_STATE = "INVALID_STATE"
    QUOTA_EXCEEDED = "QUOTA_EXCEEDED"
    CONFLICT = "CONFLICT"


class Language(StrEnum):
    ZH = "zh-CN"
    EN = "en"


class Refusal(Exception):
    """One reason, with its code, its words in each language and the input field at fault."""

    code: ErrorCode
    zh: str
    en: str

    def __init__(self, *field: str, **values: object) -> None:
        super().__init__(type(self).__name__)
        self.field = field
        self.words = {Language.ZH: self.zh.format(**values), Language.EN: self.en.format(**values)}

    def message(self, language: Language) -> str:
        return self.words[language]

    def at(self, *field: str) -> Self:
        """The same reason, below `field` (for lists of inputs)."""
        self.field = (*field, *self.field)
        return self

    def to_json(self) -> dict[str, Any]:
        """Kept with an idempotency key, so that the same key refuses in the same words."""
        return {
            "code": self.code.value,
            "zh": self.words[Language.ZH],
            "en": self.words[Language.EN],
            "field": list(self.field),
        }


class RememberedRefusal(Refusal):
    """A refusal that an idempotency key gave before."""

    zh = en = ""

    def __init__(self, kept: Mapping[str, Any]) -> None:
        self.code = ErrorCode(kept["code"])
        super().__init__(*kept["field"])
        self.words = {Language.ZH: kept["zh"], Language.EN: kept["en"]}


class Refused(Exception):
    """Every reason, not only the first."""

    def __init__(self, reasons: Iterable[Refusal]) -> None:
        self.reasons = tuple(reasons)
        super().__init__(", ".join(type(reason).__name__ for reason in self.reasons))


def refuse_all(reasons: Iterable[Refusal]) -> None:
    """Raise Refused when there is any reason."""
    found = tuple(reasons)
    if found:
        raise Refused(found)


class SignInNeeded(Refusal):
    code = ErrorCode.UNAUTHENTICATED
    zh = "请先登录。"
    en = "Please sign in first."


class NotAllowed(Refusal):
    code = ErrorCode.FORBIDDEN
    zh = "没有权限执行此操作。"
    en = "You may not do this."


class ScopeMissing(Refusal):
    code = ErrorCode.FORBIDDEN
    zh = "令牌缺少权限 {scope}。"
    en = "The token lacks the scope {scope}."


class NotFound(Refusal):
    code = ErrorCode.NOT_FOUND
    zh = "未找到该内容。"
    en = "Not found."


class Invalid(Refusal):
    """A value that breaks a limit; the words say which."""

    code = ErrorCode.INVALID_INPUT
    zh = "{zh}"
    en = "{en}"


class ChangedMeanwhile(Refusal):
    code = ErrorCode.CONFLICT
    zh = "内容已被他人修改，请重新读取后再试。"
    en = "Someone else changed it first; read it again."


class KeyReused(Refusal):
    code = ErrorCode.IDEMPOTENCY_KEY_REUSED
    zh = "同一个 idempotencyKey 已用于不同的请求。"
    en = "This idempotencyKey was used with a different input."


class MoveImpossible(Refusal):
    code = ErrorCode.INVALID_STATE
    zh = "当前状态（{status}）下不能执行此操作。"
    en = "Not possible in the present state ({status})."
