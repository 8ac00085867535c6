"""API tokens of organizations: made, looked up, revoked."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.core import columns
from domain.core.actors import PartnerActor, Scope
from domain.core.db import Read, Write
from domain.core.projection import projection
from domain.core.refusals import ErrorCode, Invalid, NotFound, Refusal
from domain.core.rights import Action, require
from domain.core.sealing import Sealer
from domain.core.unnesting import ByKeys
from domain.partners.models import ApiTokenRow
from domain.partners.organizations import managed
from domain.partners.secrets import SHOWN_LENGTH, well_formed

LIFE_DEFAULT = timedelta(days=365)
LIFE_MOST = timedelta(days=730)
TOKENS_MOST = 20
NAME_MOST = 80
USE_NOTED_EVERY = timedelta(minutes=1)
_HASH_PURPOSE = "api-token"


class TooManyTokens(Refusal):
    code = ErrorCode.QUOTA_EXCEEDED
    zh = "每个单位最多 {most} 个有效令牌。"
    en = "An organization may have {most} live tokens at most."


class ScopeUnknown(Refusal):
    code = ErrorCode.INVALID_INPUT
    zh = "未知的权限 {scope}。"
    en = "Unknown scope {scope}."


@dataclass(frozen=True, slots=True)
class ApiToken:
    id: UUID
    organization_id: UUID
    name: str
    prefix: str
    scopes: tuple[Scope, ...]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None
    replaces_id: UUID | None


TOKENS = projection(ApiToken, ApiTokenRow)


def parse_scopes(names: Iterable[str]) -> list[Scope]:
    """The scopes by their names, each once; ScopeUnknown otherwise."""
    scopes = []
    for name in dict.fromkeys(names):
        try:
            scopes.append(Scope(name))
        except ValueError:
            raise ScopeUnknown("scopes", scope=name[:40]) from None
    if not scopes:
        raise Invalid("scopes", zh="至少需要一个权限。", en="At least one scope is needed.")
    return scopes


def new_token(
    sealer: Sealer,
    organization_id: UUID,
    name: str,
    scopes: Iterable[Scope],
    created_at: datetime,
    expires_at: datetime,
    secret: str,
    token_id: UUID,
) -> dict[str, Any]:
    """The row of a token; of its secret only what it is known by."""
    return {
        "id": token_id,
        "organization_id": organization_id,
        "name": name,
        "prefix": secret[:SHOWN_LENGTH],
        "secret_hash": sealer.blind(secret, _HASH_PURPOSE),
        "key_id": sealer.key_id,
        "scopes": list(scopes),
        "created_at": created_at,
        "expires_at": expires_at,
    }


async def _live(db: Read, organization_id: UUID) -> int:
    """How many tokens the organization has; one in its time of grace and its live successor are one."""
    live = sa.and_(col(ApiTokenRow.revoked_at).is_(None), col(ApiTokenRow.expires_at) > db.now)
    mine = col(ApiTokenRow.organization_id) == organization_id
    replaced = sa.select(col(ApiTokenRow.replaces_id)).where(
        mine, live, col(ApiTokenRow.replaces_id).is_not(None)
    )
    return int(
        await db.scalar(
            sa.select(sa.func.count())
            .select_from(ApiTokenRow)
            .where(mine, live, col(ApiTokenRow.id).not_in(replaced))
        )
    )


async def create(
    tx: Write,
    sealer: Sealer,
    *,
    organization_id: UUID,
    name: str,
    scopes: list[str],
    expires_at: datetime | None,
    secret: str,
    token_id: UUID | None = None,
) -> UUID:
    """Make a token whose secret is `secret`; the organization's row is locked so that the quota holds."""
    require(tx.actor, Action.MANAGE_API_TOKENS)
    name = name.strip()
    if not 1 <= len(name) <= NAME_MOST:
        raise Invalid(
            "name",
            zh=f"名称需为 1 至 {NAME_MOST} 个字符。",
            en=f"The name must have 1 to {NAME_MOST} characters.",
        )
    known = parse_scopes(scopes)
    expires = expires_at or tx.now + LIFE_DEFAULT
    if not tx.now < expires <= tx.now + LIFE_MOST:
        raise Invalid(
            "expires_at", zh="有效期须在未来两年之内。", en="The expiry must lie within the next two years."
        )
    await managed(tx, organization_id, "organization_id")
    if await _live(tx, organization_id) >= TOKENS_MOST:
        raise TooManyTokens(most=TOKENS_MOST)
    identity = token_id or columns.new_id()
    row = new_token(sealer, organization_id, name, known, tx.now, expires, secret, identity)
    await tx.insert(ApiTokenRow, [row])
    return identity


async def revoke(tx: Write, token_id: UUID) -> UUID:
    """Dead from now on; revoking again changes nothing. NotFound out of reach."""
    require(tx.actor, Action.MANAGE_API_TOKENS)
    found = await TOKENS.first(tx, TOKENS.select().where(col(ApiTokenRow.id) == token_id))
    if found is None:
        raise NotFound("api_token_id")
    await managed(tx, found.organization_id, "api_token_id")
    await tx.execute(
        sa.update(ApiTokenRow)
        .where(col(ApiTokenRow.id) == token_id, col(ApiTokenRow.revoked_at).is_(None))
        .values(revoked_at=tx.now)
    )
    return token_id


_LIVE = ByKeys(
    lambda hashes: sa.select(
        col(ApiTokenRow.id),
        col(ApiTokenRow.organization_id),
        col(ApiTokenRow.scopes),
        col(ApiTokenRow.secret_hash),
    ).where(
        col(ApiTokenRow.secret_hash) == hashes,
        col(ApiTokenRow.revoked_at).is_(None),
        col(ApiTokenRow.expires_at) > sa.bindparam("now", type_=sa.DateTime(timezone=True)),
    ),
    sa.LargeBinary,
)


async def authenticated(db: Read, sealer: Sealer, secrets: Iterable[str]) -> dict[str, PartnerActor]:
    """The partners that live secrets speak for; mistyped ones are left out without being asked for."""
    hashes = {
        hashed: secret
        for secret in secrets
        if well_formed(secret)
        for hashed in sealer.blinds(secret, _HASH_PURPOSE).values()
    }
    if not hashes:
        return {}
    rows = await db.rows(*_LIVE.of(hashes, now=db.now))
    return {
        hashes[bytes(row.secret_hash)]: PartnerActor(row.organization_id, row.id, frozenset(row.scopes))
        for row in rows
    }


async def note_use(tx: Write, sealer: Sealer, token_id: UUID, secret: str) -> None:
    """
    Remember the last use, to the minute, and hash the secret by the newest key: nobody but its user has it.

    One write a minute however many requests come.
    """
    await tx.execute(
        sa.update(ApiTokenRow)
        .where(
            col(ApiTokenRow.id) == token_id,
            col(ApiTokenRow.secret_hash).in_(sealer.blinds(secret, _HASH_PURPOSE).values()),
            sa.or_(
                sa.func.coalesce(col(ApiTokenRow.last_used_at) < tx.now - USE_NOTED_EVERY, sa.true()),
                col(ApiTokenRow.key_id).is_distinct_from(sealer.key_id),
            ),
        )
        .values(last_used_at=tx.now, secret_hash=sealer.blind(secret, _HASH_PURPOSE), key_id=sealer.key_id)
    )


_OF_ORGANIZATIONS = ByKeys(
    lambda organizations: (
        TOKENS.select()
        .where(col(ApiTokenRow.organization_id) == organizations)
        .order_by(col(ApiTokenRow.created_at).desc(), col(ApiTokenRow.id).desc())
    ),
    sa.Uuid,
)


async def tokens_of(db: Read, organization_ids: Iterable[UUID]) -> list[ApiToken]:
    """Every token of these organizations, the newest first."""
    return await TOKENS.all(db, *_OF_ORGANIZATIONS.of(organization_ids))
