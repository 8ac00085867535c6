"""
Rotation of an API token: a successor of the same name, scopes and length of life, while the old one lives on for a time of
grace, so that an organization can change its secret without a moment in which neither works.

A token has one successor at most; the unique index on `replaces_id` decides. A token and its successor count as one among the
tokens that an organization may have, and no third of them lives: rotating the successor ends the token that it replaced.
"""

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.core.actors import Actor, PartnerActor
from domain.core.db import Write
from domain.core.refusals import ErrorCode, Invalid, NotAllowed, NotFound, Refusal
from domain.core.rights import Action, require
from domain.core.sealing import Sealer
from domain.partners.models import ApiTokenRow
from domain.partners.organizations import locked, managed
from domain.partners.tokens import TOKENS, ApiToken, new_token

GRACE_HOURS_MOST = 168


class TokenEnded(Refusal):
    code = ErrorCode.INVALID_STATE
    zh = "该令牌已失效，不能轮换；请由工作人员另行签发。"
    en = "This token has ended and cannot be rotated; staff can make another."


class TokenRotated(Refusal):
    code = ErrorCode.INVALID_STATE
    zh = "该令牌已轮换过，请使用新令牌。"
    en = "This token was rotated before; use its successor."


def require_rotation(actor: Actor, token_id: UUID) -> None:
    """
    Staff with the right to tokens, or the organization itself with the very token. Asked before an answer is repeated too:
    the organization's other tokens share its idempotency keys, and are no way to this one's secret.
    """
    require(actor, Action.ROTATE_API_TOKENS)
    if isinstance(actor, PartnerActor) and actor.token_id != token_id:
        raise NotAllowed("api_token_id")


async def _reached(tx: Write, token_id: UUID) -> ApiToken:
    """The token as it is once its organization is locked; NotFound out of reach."""
    found = await TOKENS.first(tx, TOKENS.select().where(col(ApiTokenRow.id) == token_id))
    if found is None:
        raise NotFound("api_token_id")
    if isinstance(tx.actor, PartnerActor):
        await locked(tx, found.organization_id)
    else:
        await managed(tx, found.organization_id, "api_token_id")
    again = await TOKENS.first(tx, TOKENS.select().where(col(ApiTokenRow.id) == token_id))
    assert again is not None  # tokens are revoked, never removed
    return again


async def _end_by(tx: Write, token_id: UUID, hours: int) -> None:
    """Its end is moved to so many hours from now, earlier or not at all."""
    end = tx.now + timedelta(hours=hours)
    await tx.execute(
        sa.update(ApiTokenRow)
        .where(col(ApiTokenRow.id) == token_id, col(ApiTokenRow.expires_at) > end)
        .values(expires_at=end)
    )


async def rotate(
    tx: Write, sealer: Sealer, *, token_id: UUID, grace_hours: int, secret: str, successor_id: UUID
) -> UUID:
    """Make the successor, whose secret is `secret`; the old one ends after the time of grace, if it does not before."""
    if not 0 <= grace_hours <= GRACE_HOURS_MOST:
        raise Invalid(
            "grace_hours",
            zh=f"过渡期需为 0 至 {GRACE_HOURS_MOST} 小时。",
            en=f"The time of grace must be 0 to {GRACE_HOURS_MOST} hours.",
        )
    require_rotation(tx.actor, token_id)
    old = await _reached(tx, token_id)
    if old.revoked_at is not None or old.expires_at <= tx.now:
        raise TokenEnded("api_token_id")
    if await tx.exists(sa.select(col(ApiTokenRow.id)).where(col(ApiTokenRow.replaces_id) == token_id)):
        raise TokenRotated("api_token_id")
    if old.replaces_id is not None:
        await _end_by(tx, old.replaces_id, 0)
    life = old.expires_at - old.created_at
    new = new_token(
        sealer, old.organization_id, old.name, old.scopes, tx.now, tx.now + life, secret, successor_id
    )
    await tx.insert(ApiTokenRow, [{**new, "replaces_id": token_id}])
    await _end_by(tx, token_id, grace_hours)
    return successor_id
