"""
Who asks: `Authorization: Bearer …` becomes an actor.

An API token starts with `qyp_`, anything else is a JWT. What was found is kept for half a second in each process: a
burst costs one look-up, and a token that is revoked is dead everywhere within the second that the contract allows.
"""

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from uuid import UUID

from domain.accounts import sessions
from domain.accounts.sessions import Bearer, is_live
from domain.accounts.staff import active_member
from domain.accounts.youths import still_there
from domain.core.actors import Actor, Anonymous, PartnerActor, StaffActor, System, YouthActor
from domain.core.db import Database, Write
from domain.core.sealing import Sealer
from domain.partners import tokens
from domain.partners.secrets import PREFIX
from domain.partners.tokens import authenticate
from infra.tokens import AccessTokens, TokenRefused

KEPT_SECONDS = 0.5
KEPT_MOST = 10_000
_SCHEME = "bearer"
_ANONYMOUS = Anonymous()


class CredentialsRefused(Exception):
    """Bad, expired or revoked: HTTP 401, always the same."""


@dataclass(frozen=True, slots=True)
class _Kept:
    actor: Actor | None
    until: float


def _secret(header: str) -> str | None:
    scheme, _, secret = header.partition(" ")
    secret = secret.strip()
    return secret if scheme.lower() == _SCHEME and secret and secret.isascii() else None


class Authenticator:
    """Turns credentials into actors."""

    def __init__(self, database: Database, sealer: Sealer, tokens: AccessTokens) -> None:
        self._database = database
        self._sealer = sealer
        self._tokens = tokens
        self._kept: OrderedDict[bytes, _Kept] = OrderedDict()
        self._noted: dict[object, float] = {}

    def known(self, header: str | None) -> Actor | None:
        """The actor that was found for this header a moment ago; asks nobody."""
        secret = None if header is None else _secret(header)
        kept = None if secret is None else self._kept.get(sha256(secret.encode()).digest())
        return None if kept is None or kept.until < time.monotonic() else kept.actor

    async def actor(self, header: str | None) -> Actor:
        """The actor of an Authorization header; anonymous without one. CredentialsRefused for a bad one."""
        if header is None:
            return _ANONYMOUS
        secret, now = _secret(header), time.monotonic()
        if secret is None:
            raise CredentialsRefused
        key = sha256(secret.encode()).digest()
        kept = self._kept.get(key)
        if kept is None or kept.until < now:
            kept = self._keep(key, _Kept(await self._found(secret), now + KEPT_SECONDS))
        if kept.actor is None:
            raise CredentialsRefused
        await self._note_use(kept.actor, secret, now)
        return kept.actor

    def _keep(self, key: bytes, kept: _Kept) -> _Kept:
        self._kept[key] = kept
        self._kept.move_to_end(key)
        while len(self._kept) > KEPT_MOST:
            self._kept.popitem(last=False)
        return kept

    async def _found(self, secret: str) -> Actor | None:
        if secret.startswith(PREFIX):
            async with self._database.read() as db:
                return await authenticate(db, self._sealer, secret)
        try:
            claims = self._tokens.read(secret)
        except TokenRefused:
            return None
        async with self._database.read() as db:
            if claims.session is not None and not await is_live(db, claims.session):
                return None
            if claims.bearer is Bearer.STAFF:
                member = await active_member(db, claims.subject)
                return None if member is None else replace(member, session_id=claims.session)
            there = await still_there(db, [claims.subject])
        return YouthActor(claims.subject, claims.session) if there else None

    async def _note_use(self, actor: Actor, secret: str, now: float) -> None:
        """The last use of an API token or a session: once a minute for each of them and process."""
        note: Callable[[Write], Awaitable[None]]
        match actor:
            case PartnerActor(token_id=key):
                note = partial(tokens.note_use, sealer=self._sealer, token_id=key, secret=secret)
            case YouthActor(session_id=UUID() as key) | StaffActor(session_id=UUID() as key):
                note = partial(sessions.note_use, session_id=key)
            case _:
                return
        every = tokens.USE_NOTED_EVERY.total_seconds()
        if now - self._noted.get(key, now - every) < every:
            return
        if len(self._noted) > KEPT_MOST:
            self._noted.clear()
        self._noted[key] = now
        async with self._database.write(System("auth")) as tx:
            await note(tx)
