"""
A peer in Strawberry as one would tune it: its caches of parsing and validation, raw asyncpg rows by one join, orjson, Starlette.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime
from operator import getitem
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import strawberry
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.schema.config import StrawberryConfig

from bench.peers.bare import connect, held

COLUMNS = """l.id, l.title, l.kind, l.track, l.education, l.headcount, l.days_per_week, l.duration_weeks, l.starts_on,
    l.published_at, l.description"""
LIST = f"""SELECT {COLUMNS}, o.name AS organization, d.name AS division FROM internship_listing l
    JOIN partners_organization o ON o.id = l.organization_id JOIN core_division d ON d.id = l.division_code
    WHERE l.status = 'PUBLISHED' AND l.open_until >= CURRENT_DATE ORDER BY l.published_at DESC, l.id DESC LIMIT $1"""
ONE = f"SELECT {COLUMNS} FROM internship_listing l WHERE l.id = $1 AND l.status IN ('PUBLISHED', 'CLOSED')"


@strawberry.type
class Named:
    name: str


@strawberry.type
class Listing:
    title: str
    kind: str
    track: str
    education: str
    headcount: int
    days_per_week: int | None
    duration_weeks: int | None
    starts_on: date | None
    published_at: datetime | None
    description: str

    @strawberry.field
    def id(root: asyncpg.Record) -> strawberry.ID:  # noqa: N805 - a row, as Strawberry names it
        return strawberry.ID(str(root["id"]))

    @strawberry.field
    def organization(root: asyncpg.Record) -> Named:  # noqa: N805  # Strawberry names the parent by it
        return {"name": root["organization"]}  # type: ignore[return-value]  # a row serves as the type

    @strawberry.field
    def division(root: asyncpg.Record) -> Named:  # noqa: N805  # Strawberry names the parent by it
        return {"name": root["division"]}  # type: ignore[return-value]  # a row serves as the type


@strawberry.type
class Query:
    @strawberry.field
    async def listings(self, first: int) -> list[Listing]:
        rows: list[Listing] = await held["pool"].fetch(LIST, first)
        return rows

    @strawberry.field
    async def listing(self, id: strawberry.ID) -> Listing | None:
        row: Listing | None = await held["pool"].fetchrow(ONE, UUID(id))
        return row


schema = strawberry.Schema(
    Query,
    extensions=[ParserCache, ValidationCache],
    config=StrawberryConfig(default_resolver=getitem),
)


async def graphql(request: Request) -> Response:
    asked = orjson.loads(await request.body())
    result = await schema.execute(asked["query"], asked.get("variables"))
    answer: dict[str, Any] = {"data": result.data}
    if result.errors:
        answer["errors"] = [error.formatted for error in result.errors]
    return Response(orjson.dumps(answer), media_type="application/json")


@asynccontextmanager
async def lifespan(_app: Starlette) -> AsyncIterator[None]:
    await connect()
    yield


app = Starlette(routes=[Route("/graphql", graphql, methods=["POST"])], lifespan=lifespan)
