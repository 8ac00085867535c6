"""Refusals as clients see them: UserError in mutations, `extensions.code` elsewhere."""

from collections.abc import Iterable

import strawberry
from strawberry.utils.str_converters import to_camel_case

from domain.core.refusals import ErrorCode, Language, Refusal
from graph.core.enums import served

_MEANINGS = {
    ErrorCode.UNAUTHENTICATED: "No credentials where some are needed. Bad or expired credentials are HTTP 401 with this code.",
    ErrorCode.FORBIDDEN: "The role or the scope is missing.",
    ErrorCode.NOT_FOUND: "Absent, or not the caller's to know of.",
    ErrorCode.INVALID_INPUT: "A value breaks a limit; `field` says which.",
    ErrorCode.RATE_LIMITED: "Too many requests; try again after the time in `Retry-After`.",
    ErrorCode.IDEMPOTENCY_KEY_REUSED: "The same idempotencyKey was used with a different input.",
    ErrorCode.NOT_ELIGIBLE: "A rule about who may take part is not met (age, real name, graduation year, tier, track…).",
    ErrorCode.REAL_NAME_REQUIRED: "The real name must be verified first.",
    ErrorCode.CONSENT_REQUIRED: "A consent is missing; the message names its purpose.",
    ErrorCode.SOLD_OUT: "No seat, bed, slot or stock left; where the programme keeps a waiting list, the message says so.",
    ErrorCode.ALREADY_EXISTS: "The caller holds one already (an application, a stay that overlaps, a sign-up…).",
    ErrorCode.INVALID_STATE: "Not possible in the present state (withdrawn, closed, past the deadline…).",
    ErrorCode.QUOTA_EXCEEDED: "An allowance is used up (free nights, points, open applications, open requests).",
    ErrorCode.CONFLICT: "Someone else changed it first; read again.",
}

served(ErrorCode, "Why something was refused.", **{code.name: meaning for code, meaning in _MEANINGS.items()})


@strawberry.type(
    description="What the caller can mend. In mutations it always comes as a UserError in the payload; elsewhere the same"
    " code stands in `errors[].extensions.code`. Faults of the server are GraphQL errors without detail."
)
class UserError:
    code: ErrorCode = strawberry.field(description="The kind of reason, for programs.")
    message: str = strawberry.field(
        description="For people, in the language of Accept-Language (zh-CN when absent, en known too)."
    )
    field: list[str] | None = strawberry.field(
        description='Path of the input field at fault, e.g. ["input", "checkIn"].', default=None
    )


def path(refusal: Refusal, *root: str) -> list[str] | None:
    """The refusal's field in the contract's spelling, below `root`."""
    return [*root, *map(to_camel_case, refusal.field)] if refusal.field else None


def user_errors(reasons: Iterable[Refusal], language: Language, *root: str) -> list[UserError]:
    """Reasons as UserErrors; fields below `root` (mutations: `input`)."""
    return [
        UserError(code=reason.code, message=reason.message(language), field=path(reason, *root))
        for reason in reasons
    ]


@strawberry.type(description="May this viewer take part, and every reason why not (not only the first).")
class Eligibility:
    eligible: bool = strawberry.field(description="True when there is no reason against it.")
    reasons: list[UserError] = strawberry.field(description="Every reason why not.")

    @classmethod
    def of(cls, reasons: Iterable[Refusal], language: Language) -> "Eligibility":
        found = user_errors(reasons, language)
        return cls(eligible=not found, reasons=found)
