"""
What a resolver gets: who asks, in which language, and ways to the data.

The ports are filled in by the doors (`api`); tests fill them in with a moved clock.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

import strawberry

from domain.accounts.codes import NOWHERE, Asker, PhoneCodes
from domain.accounts.doors import MiniProgram, UnifiedIdentity
from domain.accounts.registry import IdentityRegistry
from domain.accounts.second_factor import FactorTries
from domain.accounts.sessions import Bearer
from domain.core.actors import Actor, Anonymous, PartnerActor, YouthActor
from domain.core.clock import day_of
from domain.core.db import Database, Look, Write
from domain.core.gathering import Gatherings
from domain.core.refusals import Language
from domain.core.sealing import Sealer
from domain.core.statements import StatementSigner
from graph.core.loading import Loader, keyed_loader

L = TypeVar("L")


class CursorSigner(Protocol):
    """Signs what a cursor holds, so that a changed one is noticed."""

    def sign(self, payload: bytes) -> bytes: ...

    def open(self, signed: bytes) -> bytes | None:
        """The payload; None when it was changed."""


class AccessTokenIssuer(Protocol):
    """Makes access tokens for sessions."""

    def issue_for_session(
        self, bearer: Bearer, subject: UUID, session: UUID, now: datetime
    ) -> tuple[str, datetime]:
        """The token, and when it ends."""


class LinkSigner(Protocol):
    """Signs links that whoever has them may follow until they end."""

    def to_export(self, export_id: UUID, ends: datetime) -> str:
        """Where a youth's copy of their data is downloaded: a path with its end and signature."""

    def to_calendar(self, side: str, key: UUID, number: int) -> str:
        """Where the calendar of a side's sessions is fetched by the link of this number: a path with its signature, without an end."""


@dataclass(frozen=True, slots=True)
class Ports:
    """The outside, as the schema needs it; one for the process."""

    database: Database
    sealer: Sealer
    cursors: CursorSigner
    secret_keys: tuple[bytes, ...]
    """From which secrets are derived that an idempotency key may ask for again, the newest first."""
    codes: PhoneCodes
    factor_tries: FactorTries
    registry: IdentityRegistry
    mini_program: MiniProgram
    unified_identity: UnifiedIdentity
    access_tokens: AccessTokenIssuer
    links: LinkSigner
    gatherings: Gatherings
    """Where requests for the same scarce thing wait for one another."""
    desk_lists: StatementSigner
    certificates: StatementSigner


_MAY_BE_LATE = frozenset({Anonymous, YouthActor})


def kind_of(actor: Actor) -> type[Actor] | None:
    """Which kind of actors may see some changes of others a moment late; None for the rest."""
    kind = type(actor)
    return kind if kind in _MAY_BE_LATE else None


def looking(database: Database, kind: type[Actor] | None) -> Look:
    """A look at the data for a kind of actors."""
    if kind is Anonymous:
        return database.read_as_stranger()
    return database.read_as_youth() if kind is YouthActor else database.read()


@dataclass(slots=True)
class Context:
    """One request."""

    ports: Ports
    actor: Actor
    language: Language
    now: datetime
    """The instant of the request."""
    asker: Asker = NOWHERE
    """From where the request comes: limits count by it, sessions are named after it."""
    origin: str = ""
    """Scheme and host by which clients reach this deployment; links begin with it."""
    raw_variables: Mapping[str, Any] = field(default_factory=dict)
    """As the client sent them: an absent field is told from one that has its default."""
    introspection: bool = True
    """May this deployment's schema be asked for?"""
    _loaders: dict[Callable[..., Any], Any] = field(default_factory=dict)
    _has_written: bool = False
    """Whoever has changed something sees it at once, with or without credentials."""

    @property
    def today(self) -> date:
        """The day in Shanghai."""
        return day_of(self.now)

    def read(self) -> Look:
        return looking(self.ports.database, None if self._has_written else kind_of(self.actor))

    def write(self) -> AbstractAsyncContextManager[Write]:
        self._has_written = True
        return self.ports.database.write(self.actor)

    def speak_for(self, actor: Actor) -> None:
        """What follows in this request is asked by somebody else: who has just signed in."""
        self.actor = actor
        self.forget()

    def forget(self) -> None:
        """What was loaded before a change is not shown after it."""
        self._has_written = True
        self._loaders.clear()

    def reading_own_writes(self) -> "Context":
        """The context in which a mutation reads back what it wrote (a token may write without reading)."""
        if not isinstance(self.actor, PartnerActor):
            return self
        return replace(self, actor=self.actor.reading_own_writes, _loaders={})

    def loader(self, make: Callable[["Context"], L]) -> L:
        """The request's one loader of this kind."""
        found: L | None = self._loaders.get(make)
        if found is None:
            found = self._loaders[make] = make(self)
        return found


Info = strawberry.Info[Context, None]


__all__ = ["Context", "Info", "Loader", "Ports", "keyed_loader"]
