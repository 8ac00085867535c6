"""
Sessions: what a sign-in opens on a device. A short access token speaks for it, a refresh token carries it on.

Refresh tokens are opaque, kept as keyed hashes, and used once: using one gives the next. One that comes back after it was
used was stolen from somebody: the whole session ends, for thief and owner alike. For networks that lose answers, the same
token with the same key within a minute gives the same next one again.
"""

import hmac
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel, col

from domain.core import columns
from domain.core.db import Read, Write
from domain.core.policy import Policy, policies
from domain.core.projection import projection
from domain.core.refusals import ErrorCode, Refusal
from domain.core.sealed_columns import hashing_key, keyed_hash
from domain.core.sealing import Sealer
from domain.core.unnesting import ByKeys

REFRESH_LIFE = timedelta(days=30)
REPLAY_WITHIN = timedelta(seconds=60)
USE_NOTED_EVERY = timedelta(minutes=1)
DEVICE_MOST = 120
SESSIONS_MOST = 20
STAFF_UNUSED_MINUTES = Policy(
    "accounts.staff_unused_minutes", 120, "How long a session of staff may go unused, in minutes."
)
STAFF_SESSION_HOURS = Policy(
    "accounts.staff_session_hours",
    12,
    "How long a session of staff may last, however much it is used, in hours.",
)
_PREFIX = "qyr_"
_HASH_PURPOSE = "refresh-token"
# Used ones too: that one of them comes back is how a theft is seen.
_OF_LIVE_SESSION = """
    expires_at > :now
    AND EXISTS (SELECT FROM accounts_session WHERE id = session_id AND ended_at IS NULL)
"""


class Bearer(StrEnum):
    """Whose session it is."""

    YOUTH = "youth"
    STAFF = "staff"


class SessionEnded(Refusal):
    """Unknown, expired, used before, or signed out: the answer is the same."""

    code = ErrorCode.UNAUTHENTICATED
    zh = "登录已失效，请重新登录。"
    en = "The session has ended; please sign in again."


class SessionRow(SQLModel, table=True):
    """One sign-in on one device, until `ended_at`."""

    __tablename__ = "accounts_session"
    __table_args__ = (
        columns.one_of("bearer", Bearer),
        sa.Index("accounts_session_live", "subject_id", "id", postgresql_where=sa.text("ended_at IS NULL")),
        sa.Index("accounts_session_subject", "subject_id"),
    )

    id: UUID = columns.identifier()
    bearer: Bearer = columns.enum(Bearer)
    subject_id: UUID = Field()
    device: str | None = columns.text(None)
    created_at: datetime = columns.instant()
    last_used_at: datetime = columns.instant()
    ended_at: datetime | None = columns.instant(None)


class RefreshTokenRow(SQLModel, table=True):
    """A refresh token of a session; `key_hash` is of the key that it was used with."""

    __tablename__ = "accounts_refresh_token"

    token_hash: bytes = keyed_hash("refresh token", live=_OF_LIVE_SESSION, primary_key=True)
    key_id: str | None = hashing_key()
    session_id: UUID = columns.refers_to("accounts_session.id", index=True)
    created_at: datetime = columns.instant()
    expires_at: datetime = Field(sa_type=sa.DateTime(timezone=True), index=True)
    used_at: datetime | None = columns.instant(None)
    key_hash: bytes | None = Field(default=None, sa_type=sa.LargeBinary)


@dataclass(frozen=True, slots=True)
class Session:
    id: UUID
    bearer: Bearer
    subject_id: UUID
    device: str | None
    created_at: datetime
    last_used_at: datetime
    ended_at: datetime | None


SESSIONS = projection(Session, SessionRow)


@dataclass(frozen=True, slots=True)
class Opened:
    """A session with the refresh token that carries it on."""

    session_id: UUID
    bearer: Bearer
    subject_id: UUID
    refresh_token: str


async def _carried_until(db: Read, bearer: Bearer, opened_at: datetime) -> datetime:
    """Until when a refresh token given now is good: a youth's while it is used, that of staff for a working day at most."""
    if bearer is Bearer.YOUTH:
        return db.now + REFRESH_LIFE
    unused, whole = await policies(db, STAFF_UNUSED_MINUTES, STAFF_SESSION_HOURS)
    return min(db.now + timedelta(minutes=unused), opened_at + timedelta(hours=whole))


async def _give_token(tx: Write, sealer: Sealer, session_id: UUID, token: str, until: datetime) -> None:
    row = {
        "token_hash": sealer.blind(token, _HASH_PURPOSE),
        "key_id": sealer.key_id,
        "session_id": session_id,
        "created_at": tx.now,
        "expires_at": until,
    }
    await tx.insert(RefreshTokenRow, [row])


async def open_session(
    tx: Write, sealer: Sealer, bearer: Bearer, subject_id: UUID, device: str | None
) -> Opened:
    """Open a session; beyond SESSIONS_MOST the one longest unused ends."""
    identity = columns.new_id()
    row = {
        "id": identity,
        "bearer": bearer,
        "subject_id": subject_id,
        "device": device[:DEVICE_MOST] if device else None,
        "created_at": tx.now,
        "last_used_at": tx.now,
    }
    await tx.insert(SessionRow, [row])
    live = sa.and_(col(SessionRow.subject_id) == subject_id, col(SessionRow.ended_at).is_(None))
    surplus = (
        sa.select(col(SessionRow.id))
        .where(live)
        .order_by(col(SessionRow.last_used_at).desc(), col(SessionRow.id).desc())
        .offset(SESSIONS_MOST)
    )
    await tx.execute(sa.update(SessionRow).where(col(SessionRow.id).in_(surplus)).values(ended_at=tx.now))
    token = _PREFIX + secrets.token_urlsafe(32)
    await _give_token(tx, sealer, identity, token, await _carried_until(tx, bearer, tx.now))
    return Opened(identity, bearer, subject_id, token)


def _next_token(secret_key: bytes, token: str, key: str | None) -> str:
    """With a key always the same, so that a lost answer can be asked for again; without one, by chance."""
    if key is None:
        return _PREFIX + secrets.token_urlsafe(32)
    return _PREFIX + hmac.digest(secret_key, f"refresh\0{token}\0{key}".encode(), sha256).hex()


async def _given_before(
    db: Read, sealer: Sealer, secret_keys: Sequence[bytes], token: str, key: str | None
) -> str | None:
    """The token that followed this one, by whichever server key it was made."""
    for secret_key in secret_keys:
        following = _next_token(secret_key, token, key)
        hashes = sealer.blinds(following, _HASH_PURPOSE).values()
        kept = sa.select(col(RefreshTokenRow.token_hash)).where(col(RefreshTokenRow.token_hash).in_(hashes))
        if await db.exists(kept):
            return following
    return None


async def refresh(
    tx: Write, sealer: Sealer, secret_keys: Sequence[bytes], token: str, key: str | None
) -> Opened | SessionEnded:
    """
    The next token of the session. A token that was used before ends the session.

    That end must be kept, so the refusal is given back and not raised: what is raised is undone.
    """
    hashes = sealer.blinds(token, _HASH_PURPOSE).values()
    row = await tx.first(
        sa.select(
            col(RefreshTokenRow.token_hash),
            col(RefreshTokenRow.session_id),
            col(RefreshTokenRow.expires_at),
            col(RefreshTokenRow.used_at),
            col(RefreshTokenRow.key_hash),
        )
        .where(col(RefreshTokenRow.token_hash).in_(hashes))
        .with_for_update()
    )
    if row is None or row.expires_at <= tx.now:
        return SessionEnded("refresh_token")
    session = await SESSIONS.first(
        tx, SESSIONS.select().where(col(SessionRow.id) == row.session_id).with_for_update()
    )
    if session is None or session.ended_at is not None:
        return SessionEnded("refresh_token")
    key_hash = None if key is None else sha256(key.encode()).digest()
    if row.used_at is not None:
        same_call = key_hash is not None and key_hash == row.key_hash
        again = await _given_before(tx, sealer, secret_keys, token, key) if same_call else None
        if again is not None and tx.now - row.used_at <= REPLAY_WITHIN:
            return Opened(session.id, session.bearer, session.subject_id, again)
        await end(tx, [session.id])
        return SessionEnded("refresh_token")
    until = await _carried_until(tx, session.bearer, session.created_at)
    if until <= tx.now:
        return SessionEnded("refresh_token")
    following = _next_token(secret_keys[0], token, key)
    await tx.execute(
        sa.update(RefreshTokenRow)
        .where(col(RefreshTokenRow.token_hash) == row.token_hash)
        .values(used_at=tx.now, key_hash=key_hash)
    )
    await tx.execute(
        sa.update(SessionRow).where(col(SessionRow.id) == session.id).values(last_used_at=tx.now)
    )
    await _give_token(tx, sealer, session.id, following, until)
    return Opened(session.id, session.bearer, session.subject_id, following)


async def end(tx: Write, session_ids: Iterable[UUID]) -> None:
    """Sign out; access tokens of these sessions are refused within the second (see `api.auth`)."""
    await tx.execute(
        sa.update(SessionRow)
        .where(col(SessionRow.id).in_(list(session_ids)), col(SessionRow.ended_at).is_(None))
        .values(ended_at=tx.now)
    )


async def end_all(tx: Write, subject_id: UUID) -> None:
    """Sign out everywhere."""
    live = (col(SessionRow.subject_id) == subject_id, col(SessionRow.ended_at).is_(None))
    await tx.execute(sa.update(SessionRow).where(*live).values(ended_at=tx.now))


async def live_sessions(db: Read, subject_id: UUID) -> list[Session]:
    """The subject's sessions that have not ended, the last used first."""
    statement = SESSIONS.select().where(
        col(SessionRow.subject_id) == subject_id, col(SessionRow.ended_at).is_(None)
    )
    return await SESSIONS.all(
        db, statement.order_by(col(SessionRow.last_used_at).desc(), col(SessionRow.id).desc())
    )


_LIVE = ByKeys(
    lambda ids: sa.select(col(SessionRow.id)).where(
        col(SessionRow.id) == ids, col(SessionRow.ended_at).is_(None)
    ),
    sa.Uuid,
)


async def live(db: Read, session_ids: Iterable[UUID]) -> frozenset[UUID]:
    """Those of the sessions that have not ended."""
    return frozenset(await db.scalars(*_LIVE.of(session_ids)))


async def note_use(tx: Write, session_id: UUID) -> None:
    """Remember the last use, to the minute."""
    await tx.execute(
        sa.update(SessionRow)
        .where(col(SessionRow.id) == session_id, col(SessionRow.last_used_at) < tx.now - USE_NOTED_EVERY)
        .values(last_used_at=tx.now)
    )


async def purge(tx: Write) -> int:
    """Forget refresh tokens past their time, and end the sessions that none carries on any more; how many tokens."""
    gone = sa.delete(RefreshTokenRow).where(col(RefreshTokenRow.expires_at) < tx.now)
    sessions = await tx.scalars(gone.returning(col(RefreshTokenRow.session_id)))
    carried = sa.select(col(RefreshTokenRow.session_id)).where(
        col(RefreshTokenRow.session_id) == col(SessionRow.id)
    )
    await tx.execute(
        sa.update(SessionRow)
        .where(col(SessionRow.id).in_(set(sessions)), col(SessionRow.ended_at).is_(None), ~carried.exists())
        .values(ended_at=tx.now)
    )
    return len(sessions)
