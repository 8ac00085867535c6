"""Peers in Python: FastAPI with asyncpg and orjson (`rest`), and plain ASGI whose JSON Postgres builds (`plain`)."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg
import orjson
from fastapi import FastAPI, Response

COLUMNS = """l.id, l.title, l.kind, l.track, l.education, l.headcount, l.days_per_week AS "daysPerWeek",
    l.duration_weeks AS "durationWeeks", l.starts_on AS "startsOn", l.published_at AS "publishedAt" """
LIST = f"""SELECT {COLUMNS}, o.name AS organization, d.name AS division FROM internship_listing l
    JOIN partners_organization o ON o.id = l.organization_id JOIN core_division d ON d.id = l.division_code
    WHERE l.status = 'PUBLISHED' AND l.open_until >= CURRENT_DATE ORDER BY l.published_at DESC, l.id DESC LIMIT $1"""
ONE = """SELECT l.id, l.title, l.kind, l.description, l.headcount, l.days_per_week AS "daysPerWeek",
    l.starts_on AS "startsOn", l.published_at AS "publishedAt" FROM internship_listing l
    WHERE l.id = $1 AND l.status IN ('PUBLISHED', 'CLOSED')"""
TYPENAME = {"data": {"__typename": "Query"}}
held: dict[str, asyncpg.Pool] = {}


async def connect() -> None:
    held["pool"] = await asyncpg.create_pool(
        os.environ["DSN"], min_size=8, max_size=8, server_settings={"plan_cache_mode": "force_generic_plan"}
    )


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    await connect()
    yield


rest = FastAPI(lifespan=lifespan)


def answer(value: Any) -> Response:
    return Response(orjson.dumps(value, default=str), media_type="application/json")


@rest.get("/typename")
async def typename() -> Response:
    return answer(TYPENAME)


@rest.get("/listings")
async def listings(first: int) -> Response:
    rows = [dict(row) for row in await held["pool"].fetch(LIST, first)]
    for row in rows:
        row["organization"] = {"name": row["organization"]}
        row["division"] = {"name": row["division"]}
    return answer(rows)


@rest.get("/listings/{listing_id}")
async def listing(listing_id: UUID) -> Response:
    return answer(dict(await held["pool"].fetchrow(ONE, listing_id)))


LIST_JSON = f"""SELECT json_agg(row_to_json(t))::text FROM (SELECT {COLUMNS}, json_build_object('name', o.name) AS organization,
    json_build_object('name', d.name) AS division FROM internship_listing l
    JOIN partners_organization o ON o.id = l.organization_id JOIN core_division d ON d.id = l.division_code
    WHERE l.status = 'PUBLISHED' AND l.open_until >= CURRENT_DATE
    ORDER BY l.published_at DESC, l.id DESC LIMIT $1) t"""
ONE_JSON = f"SELECT row_to_json(t)::text FROM ({ONE}) t"
TYPENAME_JSON = orjson.dumps(TYPENAME).decode()
HEADERS = [(b"content-type", b"application/json")]


async def plain(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await receive()
        await connect()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    key = scope["path"].rpartition("/")[2]
    pool = held["pool"]
    match key:
        case "typename":
            text = TYPENAME_JSON
        case "listings":
            text = await pool.fetchval(LIST_JSON, 20)
        case _:
            text = await pool.fetchval(ONE_JSON, UUID(key))
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": text.encode()})
