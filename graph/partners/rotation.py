"""Rotating an API token: by admins in reach, or by the organization itself with that very token."""

from dataclasses import replace
from uuid import UUID

import strawberry

from domain.core import columns
from domain.core.db import Write
from domain.core.idempotency import Outcome
from domain.core.refusals import Refusal
from domain.partners.rotating import require_rotation, rotate
from graph.core.context import Info
from graph.core.errors import UserError
from graph.core.ids import Tag, decode
from graph.core.mutating import errors_of, mutate, record_of
from graph.partners.mutations import Secrets, secrets_of, shown_once
from graph.partners.organizations import ApiToken


@strawberry.input(description="Which token gets a successor, and how long both work.")
class RotateApiTokenInput:
    api_token_id: strawberry.ID = strawberry.field(
        description="Which token; for an organization the one that it asks with."
    )
    grace_hours: int = strawberry.field(
        description="How long the old token goes on working, 0 to 168 hours; never longer than it would have.",
        default=24,
    )
    idempotency_key: str | None = strawberry.field(
        description="The same key gives the same successor and secret again, for networks that lose answers.",
        default=None,
    )


@strawberry.type(description="The successor, its secret this once, and the old token with its new end.")
class RotateApiTokenPayload:
    secret: str | None = strawberry.field(description="The successor's; shown once.")
    api_token: ApiToken | None = strawberry.field(description="The successor; null when refused.")
    previous: ApiToken | None = strawberry.field(description="The old one as it is now; null when refused.")
    user_errors: list[UserError]


async def _rotated(info: Info, input: RotateApiTokenInput, made: Secrets) -> tuple[Outcome, UUID | None]:
    """What came of it, and the old token's id."""
    try:
        old = decode(Tag.ApiToken, input.api_token_id, "api_token_id")
        require_rotation(info.context.actor, old)
    except Refusal as reason:
        return Outcome(refusals=(reason,)), None
    new = columns.new_id()

    async def act(tx: Write) -> UUID:
        return await rotate(
            tx,
            info.context.ports.sealer,
            token_id=old,
            grace_hours=input.grace_hours,
            secret=made(new)[0],
            successor_id=new,
        )

    return await mutate(info, input, act), old


@strawberry.type
class RotationMutations:
    @strawberry.mutation(
        description="Give an API token a successor of the same name, scopes and length of life; the old one works on for"
        " a time of grace. Admins in reach, or the organization with that very token. A token is rotated once; one that"
        " it replaced itself ends now."
    )
    async def rotate_api_token(self, info: Info, input: RotateApiTokenInput) -> RotateApiTokenPayload:
        made = secrets_of(info, input.idempotency_key)
        outcome, old = await _rotated(info, input, made)
        found: ApiToken | None = await record_of(info, Tag.ApiToken, outcome)
        before = await record_of(info, Tag.ApiToken, replace(outcome, record_id=old)) if found else None
        return RotateApiTokenPayload(
            secret=shown_once(made, outcome.record_id, found),
            api_token=found,
            previous=before,
            user_errors=errors_of(info, outcome),
        )
