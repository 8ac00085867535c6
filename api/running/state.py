"""
What state a database is in, learnt in milliseconds: with the driver alone, as `qingyi run` asks at each start.

Whatever is amiss is put right by a child (`qingyi migrate`, `qingyi demo`), which may take its time.
"""

import asyncio
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote

import asyncpg

from infra.indexes import INVALID
from infra.revisions import head, reference_data

CONNECT_SECONDS = 20.0

_ADDRESS = re.compile(
    r"[\w+]+://(?:(?P<user>[^:/]*)(?::(?P<password>[^@]*))?@)?"
    r"(?:\[(?P<host6>[^/?]+)\]|(?P<host>[^/:?]+))?(?::(?P<port>[^/?]*))?"
    r"(?:/(?P<database>[^?]*))?(?:\?(?P<query>.*))?"
)
_OF_SQLALCHEMY = ("prepared_statement_cache_size", "prepared_statement_name_func")


class Unreachable(Exception):
    """There is no answer; the message is one line for people."""


@dataclass(frozen=True, slots=True)
class State:
    """
    `current`: at this code's revision, with its reference data and all indexes valid. `empty`: no organization was ever made, and everything
    else hangs on those.
    """

    current: bool
    empty: bool


def state_of(database_url: str) -> State:
    """Raises Unreachable."""
    try:
        return asyncio.run(_state(database_url))
    except (OSError, ValueError, TypeError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise Unreachable(f"the database gives no answer: {reason}") from error


async def _state(database_url: str) -> State:
    connection = await asyncpg.connect(
        **connect_arguments(database_url), timeout=CONNECT_SECONDS, statement_cache_size=0
    )
    try:
        if not await connection.fetchval("SELECT to_regclass('alembic_version') IS NOT NULL"):
            return State(current=False, empty=True)
        found = await connection.fetchrow(
            "SELECT obj_description('alembic_version'::regclass, 'pg_class'), array(SELECT version_num FROM alembic_version)"
        )
        if tuple(found) != (reference_data(), [head()]):
            return State(current=False, empty=False)
        if await connection.fetchval(INVALID) is not None:
            return State(current=False, empty=False)
        some = await connection.fetchval("SELECT EXISTS (SELECT FROM partners_organization)")
        return State(current=True, empty=not some)
    finally:
        await connection.close()


def connect_arguments(database_url: str) -> dict[str, Any]:
    """The driver's arguments for an address in SQLAlchemy's spelling, as SQLAlchemy itself would give them."""
    found = _ADDRESS.fullmatch(database_url)
    if found is None:
        raise ValueError("DATABASE_URL cannot be read")
    parts = ("user", "password", "host", "port", "database")
    named = {**found.groupdict(), "host": found["host6"] or found["host"]}
    arguments: dict[str, Any] = {name: unquote(named[name]) for name in parts if named[name]}
    query = dict(parse_qsl(found["query"] or ""))
    arguments |= {name: value for name, value in query.items() if name not in _OF_SQLALCHEMY}
    if "," in arguments.get("host", ""):
        arguments["host"] = arguments["host"].split(",")
        arguments["port"] = [int(port) for port in arguments["port"].split(",")]
    elif "port" in arguments:
        arguments["port"] = int(arguments["port"])
    return arguments
