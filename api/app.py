"""The application: FastAPI for everything about the API, plain ASGI for /graphql itself."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Route

from api import calendars, exports, health, keys, receipts
from api.graphql import GraphQLEndpoint
from api.runtime import running
from domain.core.clock import Clock, system_clock
from infra.logs import configure_logs
from infra.settings import Settings, settings


def create_app(config: Settings | None = None, clock: Clock = system_clock) -> FastAPI:
    """An application with its own connections; they open when it starts and close when it stops."""
    chosen = config or settings()
    configure_logs(chosen)
    endpoint = GraphQLEndpoint()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with running(chosen, clock) as runtime:
            app.state.runtime = endpoint.runtime = runtime
            yield

    app = FastAPI(title="Qingyi", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.router.routes.append(Route("/graphql", endpoint, methods=None))
    for part in (health, keys, exports, receipts, calendars):
        app.include_router(part.router)
    if chosen.allowed_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(chosen.allowed_origins),
            allow_methods=["POST"],
            allow_headers=["authorization", "content-type", "accept-language"],
            expose_headers=["retry-after", "x-request-id"],
        )
    return app
