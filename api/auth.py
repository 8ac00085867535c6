"""
Who asks: `Authorization: Bearer …` becomes an actor.

An API token starts with `qyp_`, anything else is a JWT, whose signature is verified once. Whether they are still good is
kept for half a second in each process (`api.standing`): a burst costs one look-up, and a token that is revoked is dead
everywhere within the second that the contract allows.
"""

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from uuid import UUID

from api.standing import Roll, partners, people
from domain.accounts import sessions
from domain.core.actors import Actor, Anonymous, PartnerActor, StaffActor, System, YouthActor
from domain.core.db import Database, Write
from domain.core.sealing import Sealer
from domain.partners import tokens
from domain.partners.secrets import PREFIX, well_formed
from infra.tokens import AccessTokens, Claims, TokenRefused

KEPT_SECONDS = 0.5
KEPT_MOST = 10_000
_SCHEME = "bearer"
_ANONYMOUS = Anonymous()


class CredentialsRefused(Exception):
    """Bad, expired or revoked: HTTP 401, always the same."""


def _digest(secret: str) -> bytes:
    """By which it is known: secrets themselves are not kept."""
    return sha256(secret.encode()).digest()


def _secret(header: str) -> str | None:
    scheme, _, secret = header.partition(" ")
    secret = secret.strip()
    return secret if scheme.lower() == _SCHEME and secret and secret.isascii() else None


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """An actor as found a moment ago, good until then by the monotonic clock."""

    actor: Actor
    key: str
    until: float


class Authenticator:
    """Turns credentials into actors."""

    def __init__(self, database: Database, sealer: Sealer, tokens: AccessTokens) -> None:
        self._database = database
        self._sealer = sealer
        self._tokens = tokens
        self._partners: Roll[str] = Roll(partners(database, sealer))
        self._people: Roll[Claims] = Roll(people(database))
        self._read: OrderedDict[bytes, Claims] = OrderedDict()
        self._known: dict[bytes, Known] = {}
        self._noted: dict[object, float] = {}

    def known(self, header: str) -> Known | None:
        """What was found for this header a moment ago; asks nobody."""
        found = self._known.get(_digest(header))
        return found if found is not None and found.until > time.monotonic() else None

    async def actor(self, header: str | None) -> Actor:
        """The actor of an Authorization header; anonymous without one. CredentialsRefused for a bad one."""
        if header is None:
            return _ANONYMOUS
        known = self.known(header)
        if known is not None:
            return known.actor
        secret = _secret(header)
        if secret is None:
            raise CredentialsRefused
        if secret.startswith(PREFIX):
            found = await self._partners.actor(secret, KEPT_SECONDS) if well_formed(secret) else None
            until = self._partners.asked_at + KEPT_SECONDS
        else:
            claims = self._claims(secret)
            found = await self._people.actor(claims, KEPT_SECONDS)
            ends = time.monotonic() + claims.until - time.time()
            until = min(self._people.asked_at + KEPT_SECONDS, ends)
        if found is None:
            raise CredentialsRefused
        if len(self._known) > KEPT_MOST:
            self._known.clear()
        self._known[_digest(header)] = Known(found, found.key, until)
        await self._note_use(found, secret, time.monotonic())
        return found

    def _claims(self, secret: str) -> Claims:
        """What the token says, its signature verified once. CredentialsRefused for one that is none or has ended."""
        key = _digest(secret)
        claims = self._read.get(key)
        if claims is None:
            try:
                claims = self._read[key] = self._tokens.read(secret)
            except TokenRefused:
                raise CredentialsRefused from None
            if len(self._read) > KEPT_MOST:
                self._read.popitem(last=False)
        elif claims.until <= time.time():
            raise CredentialsRefused
        return claims

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
