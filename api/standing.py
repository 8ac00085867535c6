"""
Whose credentials are good at this moment, asked of the database for many at once.

A signature, once verified, stays verified; that a session lives, a member is active, a token is not revoked must be seen
anew. Whoever comes when what is known is too old asks for all who were here lately, in one statement, and those who come
meanwhile wait for the next one together.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import replace
from itertools import islice
from typing import Generic, TypeVar

from domain.accounts.sessions import Bearer, live
from domain.accounts.staff import active_members
from domain.accounts.youths import still_there
from domain.core.actors import Actor, YouthActor
from domain.core.db import Database
from domain.core.sealing import Sealer
from domain.partners.tokens import authenticated
from infra.tokens import Claims

C = TypeVar("C", str, Claims)

TOGETHER_MOST = 2_000
"""Asked for in one statement."""

Look = Callable[[Collection[C]], Awaitable[Mapping[C, Actor]]]
"""The actors of those credentials that are good."""


class Roll(Generic[C]):
    """What is known of credentials of one kind, and when it was asked."""

    def __init__(self, look: Look[C]) -> None:
        self._look: Look[C] = look
        self._known: dict[C, Actor | None] = {}
        self._lately: dict[C, None] = {}
        self._asked_at = float("-inf")
        self._next: set[C] = set()
        self._asking: asyncio.Task[Mapping[C, Actor | None]] | None = None
        self._looking = False

    @property
    def asked_at(self) -> float:
        """When what is known was asked, by the monotonic clock."""
        return self._asked_at

    async def actor(self, credentials: C, kept_seconds: float) -> Actor | None:
        """The actor, no older than `kept_seconds`; None for credentials that are not good."""
        while True:
            if time.monotonic() - self._asked_at < kept_seconds and credentials in self._known:
                self._lately[credentials] = None
                return self._known[credentials]
            self._next.add(credentials)
            if self._asking is None:
                self._asking = asyncio.create_task(self._ask(kept_seconds))
            late = self._looking  # it looks without these; they are of the next one
            try:
                found = await asyncio.shield(self._asking)
            except Exception:
                if late:
                    continue
                raise
            if credentials in found:
                self._lately[credentials] = None
                return found[credentials]

    async def _ask(self, kept_seconds: float) -> Mapping[C, Actor | None]:
        try:
            await asyncio.sleep(0)  # whoever comes in this turn of the loop comes along
            now = time.monotonic()
            fresh = now - self._asked_at < kept_seconds
            wanted, self._next = self._next, set()
            self._looking = True
            if not fresh:
                wanted.update(islice(self._lately, TOGETHER_MOST))
                self._lately = {}
            good = await self._look(wanted)
            found = {one: good.get(one) for one in wanted}
            if fresh:
                self._known.update(found)  # they count as old as those that were asked for before
            else:
                self._known, self._asked_at = found, now
            return found
        finally:
            self._asking, self._looking = None, False


def partners(database: Database, sealer: Sealer) -> Look[str]:
    async def look(secrets: Collection[str]) -> Mapping[str, Actor]:
        async with database.read() as db:
            return await authenticated(db, sealer, secrets)

    return look


def people(database: Database) -> Look[Claims]:
    """Youths and staff by their tokens' claims."""

    async def look(asked: Collection[Claims]) -> Mapping[Claims, Actor]:
        async with database.read() as db:
            of_sessions = [one.session for one in asked if one.session is not None]
            alive = await live(db, of_sessions) if of_sessions else frozenset()
            good = [one for one in asked if one.session is None or one.session in alive]
            youths = [one.subject for one in good if one.bearer is Bearer.YOUTH]
            staff = [one.subject for one in good if one.bearer is Bearer.STAFF]
            there = await still_there(db, youths) if youths else frozenset()
            members = await active_members(db, staff) if staff else {}
        found: dict[Claims, Actor] = {}
        for one in good:
            if one.bearer is Bearer.YOUTH and one.subject in there:
                found[one] = YouthActor(one.subject, one.session)
            elif one.bearer is Bearer.STAFF and one.subject in members:
                found[one] = replace(members[one.subject], session_id=one.session)
        return found

    return look
