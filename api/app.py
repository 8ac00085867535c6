"""The application: FastAPI for everything about the API, plain ASGI for /graphql itself."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from starlette._utils import get_route_path
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from api import calendars, certificates, exports, health, keys, receipts
from api.graphql import GraphQLEndpoint
from api.runtime import running
from domain.core.clock import Clock, system_clock
from domain.core.db import Database
from infra.logs import configure_logs
from infra.settings import Settings, settings
from infra.warming import ask_once

PATH = "/graphql"
WARM_AFTER_SECONDS = 1.0
"""Once the server is up; the first search should not be slower than others."""


class Application(FastAPI):
    """What is asked of /graphql goes past the router and its middleware."""

    graphql: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and get_route_path(scope) == PATH:
            await self.graphql(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


async def _warmed(database: Database) -> None:
    await asyncio.sleep(WARM_AFTER_SECONDS)
    await ask_once(database)


def create_app(
    config: Settings | None = None, clock: Clock = system_clock, *, warms: bool = False
) -> FastAPI:
    """
    An application with its own connections; they open when it starts and close when it stops. One that `warms` searches by itself, once it
    serves.
    """
    chosen = config or settings()
    configure_logs(chosen)
    endpoint = GraphQLEndpoint()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with running(chosen, clock) as runtime:
            app.state.runtime = endpoint.runtime = runtime
            warming = asyncio.create_task(_warmed(runtime.database)) if warms else None
            yield
            if warming is not None:
                warming.cancel()
                await asyncio.wait([warming])

    served: ASGIApp = endpoint
    app = Application(title="Qingyi", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    for part in (health, keys, exports, receipts, calendars, certificates):
        app.include_router(part.router)
    if chosen.allowed_origins:
        cors: dict[str, Any] = {
            "allow_origins": list(chosen.allowed_origins),
            "allow_methods": ["GET", "POST"],
            "allow_headers": ["authorization", "content-type", "accept-language"],
            "expose_headers": ["retry-after", "x-request-id"],
        }
        app.add_middleware(CORSMiddleware, **cors)
        served = CORSMiddleware(endpoint, **cors)
    app.graphql = served
    return app
