"""The whole house for a test: the application in this process, a database of its own, principals and a worker."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
from asgi_lifespan import LifespanManager
from support.client import Client
from support.clock import MovableClock

from api.app import create_app
from api.runtime import Runtime
from domain.core.actors import Scope, StaffRole
from domain.core.db import Read
from domain.core.schedule import Job
from graph.core.ids import Tag, encode
from infra.grants import PartnerWish, YouthWish, grant_partners, grant_staff, grant_youths
from infra.settings import Environment, Settings
from infra.tokens import Bearer
from infra.worker import Worker, all_errands, all_handlers, all_jobs, all_piecework

TEST_KEYS = "test1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
ALL_SCOPES = tuple(scope.value for scope in Scope)


def settings_for(database_url: str, redis_url: str, **others: Any) -> Settings:
    """Nobody is limited and nothing is kept, unless a test wants it."""
    chosen = {"limits": False, "cache_seconds": 0, **others}
    return Settings(
        env=Environment.TEST, database_url=database_url, redis_url=redis_url, keys=TEST_KEYS, **chosen
    )


@dataclass(frozen=True, slots=True)
class Person(Client):
    """A client that speaks for a person it knows the ids of."""

    id: str = ""
    key: UUID = UUID(int=0)
    phone: str = ""
    unit_id: str = ""


@dataclass(frozen=True, slots=True)
class Partner(Client):
    """A client that speaks for an organization."""

    id: str = ""
    key: UUID = UUID(int=0)
    token_id: str = ""


class House:
    """What a test does with the house."""

    def __init__(self, http: httpx.AsyncClient, runtime: Runtime, clock: MovableClock) -> None:
        self.http = http
        self.runtime = runtime
        self.clock = clock
        self.database = runtime.database
        self.anyone = Client(http)

    async def youths(self, count: int, **wish: Any) -> list[Person]:
        made = await grant_youths(self.database, self.runtime.ports.sealer, YouthWish(**wish), count)
        return [
            Person(self.http, self._token(Bearer.YOUTH, key), id=encode(Tag.Youth, key), key=key, phone=phone)
            for key, phone in made
        ]

    async def youth(self, **wish: Any) -> Person:
        return (await self.youths(1, **wish))[0]

    async def staff(self, *roles: StaffRole, unit: str = "440000", phone: str | None = None) -> Person:
        [member] = await grant_staff(self.database, self.runtime.ports.sealer, roles, unit, 1, phone)
        return Person(
            self.http,
            self._token(Bearer.STAFF, member.id),
            id=encode(Tag.StaffMember, member.id),
            key=member.id,
            phone=phone or "",
            unit_id=encode(Tag.Unit, member.unit_id),
        )

    async def partner(self, *, scopes: tuple[str, ...] = ALL_SCOPES, **wish: Any) -> Partner:
        """A verified organization of 10,000 people, unless wished otherwise."""
        wish = {"verified": True, "employees": 10_000, **wish}
        [(key, token, secret)] = await grant_partners(
            self.database, self.runtime.ports.sealer, PartnerWish(scopes=scopes, **wish), 1
        )
        return Partner(
            self.http,
            secret,
            id=encode(Tag.Organization, key),
            key=key,
            token_id=encode(Tag.ApiToken, token),
        )

    def worker(self) -> Worker:
        errands = all_errands(self.runtime.ports.sealer, self.runtime.ports.registry)
        piecework = all_piecework(self.runtime.ports.sealer, self.runtime.receipts)
        return Worker(self.database, all_handlers(self.runtime.ports.sealer), self.jobs(), errands, piecework)

    def jobs(self) -> tuple[Job, ...]:
        return all_jobs(self.runtime.ports.sealer)

    async def work(self) -> None:
        """Deliver everything that is due, run every job whose time has come, go on every errand, do every piece."""
        worker = self.worker()
        while await worker.deliver_batch():
            pass
        for job in self.jobs():
            await worker.run_job(job)
        await worker._run_errands()
        await worker.run_pieces()
        while await worker.deliver_batch():
            pass

    @asynccontextmanager
    async def looking(self) -> AsyncIterator[Read]:
        async with self.database.read() as db:
            yield db

    def _token(self, bearer: Bearer, key: UUID) -> str:
        # Access tokens are judged by the real time, however far a test has moved the house's clock.
        return self.runtime.tokens.issue(bearer, key, datetime.now(UTC), timedelta(days=400))


@asynccontextmanager
async def open_house(config: Settings) -> AsyncIterator[House]:
    clock = MovableClock()
    app = create_app(config, clock)
    async with LifespanManager(app):
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://house") as http:
            yield House(http, app.state.runtime, clock)
