"""`qingyi serve`: the HTTP server alone."""

import gc
import os
from typing import Annotated

import typer
import uvicorn
from uvicorn.importer import import_from_string

from api.running.awaiting import await_go, awaited
from api.running.backing import complain, connected
from api.running.port import PortTaken, free_port
from api.running.signals import Told, told
from infra.lifeline import VARIABLE, exit_with_parent_if_asked
from infra.settings import Settings

APPLICATION = "api.running.target:create"
BACKLOG = 4096
GRACE_SECONDS = 10


def serve(
    workers: Annotated[int, typer.Option(min=1, max=256, help="Processes that serve.")] = 1,
    proxy_headers: Annotated[
        bool,
        typer.Option(
            "--proxy-headers",
            envvar="QINGYI_PROXY_HEADERS",
            help="Believe X-Forwarded-For and -Proto of the proxies in FORWARDED_ALLOW_IPS.",
        ),
    ] = False,
) -> None:
    """Serve HTTP on HOST and PORT. Starts the embedded services when DATABASE_URL is not set."""
    exit_with_parent_if_asked()
    if awaited():
        _load()
        await_go()
    try:
        with told(), connected() as config:
            _serve(config, workers, proxy_headers=proxy_headers)
    except Told as signal:  # uvicorn has ended in order and passes the signal on
        raise typer.Exit(signal.exit_code) from None
    except PortTaken as taken:
        complain(str(taken))
        raise typer.Exit(1) from None


def _load() -> None:
    """
    Import the application, which uvicorn would do later.

    The collector of garbage rests meanwhile: a fifth of the time would go into finding nothing.
    """
    gc.disable()
    import_from_string(APPLICATION)
    gc.freeze()  # else it would go through all of this at its next turn, before the server is up
    gc.enable()


def _serve(config: Settings, workers: int, *, proxy_headers: bool) -> None:
    port = free_port(config.host, config.port)
    # Several serving processes are children of this one, which they must not outlive; a single one is this.
    os.environ[VARIABLE] = str(os.getpid()) if workers > 1 else "0"
    uvicorn.run(
        APPLICATION,
        factory=True,
        host=config.host,
        port=port,
        workers=workers,
        loop="uvloop",
        http="httptools",
        lifespan="on",
        backlog=BACKLOG,
        access_log=False,
        server_header=False,
        proxy_headers=proxy_headers,
        log_level=config.log_level.lower(),
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
