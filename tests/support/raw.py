"""Requests as no client would send them, and what is in the database."""

import hashlib
import json
from collections.abc import AsyncIterator, Iterable
from typing import Any

import httpx
import sqlalchemy as sa
from support.house import House

JSON = "application/json"


def body(query: object, **others: Any) -> bytes:
    return json.dumps({"query": query, **others}).encode()


async def sent(
    house: House,
    content: bytes | AsyncIterator[bytes],
    token: str | None = None,
    method: str = "POST",
    **headers: str | None,
) -> httpx.Response:
    """Send just this; a header of None is left out. Underscores in names stand for hyphens."""
    chosen: dict[str, str | None] = {
        "content-type": JSON,
        "authorization": None if token is None else f"Bearer {token}",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    given = {name: value for name, value in chosen.items() if value is not None}
    return await house.http.request(method, "/graphql", content=content, headers=given)


def code_of(answer: httpx.Response) -> str:
    """The code of the first error of an answer that is JSON."""
    assert answer.headers["content-type"].startswith(
        ("application/json", "application/graphql-response+json")
    )
    return answer.json()["errors"][0]["extensions"]["code"]


async def in_pieces(pieces: Iterable[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


async def tables(house: House) -> list[str]:
    async with house.looking() as db:
        names = await db.scalars(
            sa.text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
        )
    return [name for name in names if name != "alembic_version"]


async def everything(house: House, *, but: Iterable[str] = ()) -> str:
    """A hash of all rows of all tables (`but` of these): equal when nothing changed."""
    whole = hashlib.sha256()
    async with house.looking() as db:
        for table in await tables(house):
            if table in but:
                continue
            rows = await db.scalars(sa.text(f'SELECT row::text FROM "{table}" AS row ORDER BY 1'))
            whole.update(f"{table}:{len(rows)}".encode())
            for row in rows:
                whole.update(row.encode())
    return whole.hexdigest()
