"""
A real Postgres and a real Valkey for all tests; a database of its own, cloned from a migrated template, for each module.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from hypothesis import settings
from support.house import House, open_house, settings_for

from infra.embedded.services import Services, services
from infra.migrate import upgrade

# `make test` tries the same examples each time, so that it says the same of the same code; `make soak` tries others.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.register_profile("random", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))

DATA = Path(__file__).resolve().parents[1] / "var" / "test"


def _dsn(url: str) -> str:
    return url.replace("postgresql+asyncpg://", "postgresql://")


def database_named(url: str, name: str) -> str:
    """The same server, another database."""
    address, _, query = url.partition("?")
    base = address.rpartition("/")[0]
    return f"{base}/{name}" + (f"?{query}" if query else "")


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(_dsn(url))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture(scope="session")
def servers(worker_id: str) -> Iterator[Services]:
    """
    DATABASE_URL and REDIS_URL where they are set, else embedded servers shared by all test processes; each process has
    one of Valkey's numbered databases to itself.
    """
    if "DATABASE_URL" in os.environ and "REDIS_URL" in os.environ:
        yield Services(os.environ["DATABASE_URL"], os.environ["REDIS_URL"])
        return
    DATA.mkdir(parents=True, exist_ok=True)
    number = int(worker_id.removeprefix("gw")) + 1 if worker_id.startswith("gw") else 0
    with services(DATA) as running:
        yield Services(running.database_url, f"{running.redis_url}?db={number}")


@pytest.fixture(scope="session")
def template(servers: Services, worker_id: str) -> Iterator[str]:
    """The name of a migrated database, of this test process."""
    name = f"template_{worker_id}_{uuid4().hex[:8]}"
    asyncio.run(_execute(servers.database_url, f'CREATE DATABASE "{name}"'))
    upgrade(database_named(servers.database_url, name))
    yield name
    asyncio.run(_execute(servers.database_url, f'DROP DATABASE "{name}" WITH (FORCE)'))


@pytest.fixture(scope="module")
def database_url(servers: Services, template: str) -> Iterator[str]:
    """An empty migrated database of this module."""
    name = f"test_{uuid4().hex}"
    asyncio.run(_execute(servers.database_url, f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
    yield database_named(servers.database_url, name)
    asyncio.run(_execute(servers.database_url, f'DROP DATABASE "{name}" WITH (FORCE)'))


@pytest.fixture(scope="module")
async def house(database_url: str, servers: Services) -> AsyncIterator[House]:
    """The application over this module's database."""
    async with open_house(settings_for(database_url, servers.redis_url)) as opened:
        yield opened
