"""`qingyi run`: everything at once, as `make run` does."""

import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import typer
from rich.console import Console

from api.running.backing import complain, connected
from api.running.child import Child, start_child
from api.running.port import PortTaken, free_port, reachable_url
from api.running.readiness import ready
from api.running.signals import Told, told
from api.running.state import State, Unreachable, state_of
from infra.embedded.errors import ServicesFailed
from infra.embedded.plan import LOGS
from infra.embedded.services import data_folder
from infra.lifeline import exit_with_parent_if_asked
from infra.settings import Settings, settings

READY_SECONDS = 60.0
LOOK_EVERY_SECONDS = 0.1
LOOK_AT_START_SECONDS = 0.02
ADDRESSES = ("DATABASE_URL", "REDIS_URL")  # what `connected` adds to the environment


class Failed(Exception):
    """Everything stops; the message is one line for people."""


def run() -> None:
    """Start Postgres, Valkey, the server and a worker; Ctrl-C stops them all."""
    exit_with_parent_if_asked()
    code = 0
    try:
        # They end in the reverse order: first the doors, then the work, then the data.
        with told(), ExitStack() as data, ExitStack() as work, ExitStack() as doors:
            _run(Console(highlight=False), data, work, doors)
    except Told as signal:
        code = signal.exit_code
    except (Failed, PortTaken, ServicesFailed, Unreachable) as failure:
        complain(str(failure))
        code = 1
    raise typer.Exit(code)


def _run(console: Console, data: ExitStack, work: ExitStack, doors: ExitStack) -> None:
    config = settings()
    port = free_port(config.host, config.port)
    url, logs = reachable_url(config.host, port), data_folder(config.data_dir) / LOGS
    environment = {"QINGYI_HOST": config.host, "QINGYI_PORT": str(port)}
    # The longest part of a start is importing the server: begin with it, it waits until the rest is there.
    server = start_child("server", ["serve"], logs / "server.log", environment, awaiting=True, speaking=True)
    doors.callback(server.stop)
    with _step(console, "Postgres and Valkey"):
        config = data.enter_context(connected())
    _bring_up_to_date(console, config, logs)
    with _step(console, "server and worker"):
        server.go({name: os.environ[name] for name in ADDRESSES if name in os.environ})
        _wait_ready(url, server)
        # Last: it takes as long to import as the server, and what it does can wait for a second.
        worker = start_child("worker", ["worker"], logs / "worker.log", environment)
        work.callback(worker.stop)
    _greet(console, url, logs)
    _watch([server, worker])


@contextmanager
def _step(console: Console, what: str) -> Iterator[None]:
    """Show that something is being worked on, and how long it took."""
    started = time.monotonic()
    with console.status(f"{what} …"):
        yield
    console.print(f"[green]✓[/green] {what:<28}[dim]{time.monotonic() - started:5.1f} s[/dim]")


def _bring_up_to_date(console: Console, config: Settings, logs: Path) -> None:
    """At once when nothing is to be done, which is what the second start finds."""
    state = _state(config)
    if not state.current:
        with _step(console, "database up to date"):
            _finish("migration", ["migrate"], logs / "migrate.log")
        state = _state(config)
    if state.empty and not config.production:
        with _step(console, "small demo data"):
            _finish("loading of demo data", ["demo", "--scale", "small"], logs / "demo.log")


def _state(config: Settings) -> State:
    assert config.database_url is not None  # `connected` sees to it
    return state_of(config.database_url)


def _finish(name: str, command: Sequence[str], log: Path) -> None:
    """Run a command to its end. Raises Failed."""
    child = start_child(name, command, log, {})
    try:
        child.process.wait()
    except Told:
        child.stop()
        raise
    if child.process.returncode != 0:
        raise Failed(child.epitaph)


def _fail_if_ended(children: Sequence[Child]) -> None:
    for child in children:
        if child.ended:
            raise Failed(child.epitaph)


def _wait_ready(url: str, server: Child) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while (obstacle := ready(url)) is not None:
        _fail_if_ended([server])
        if time.monotonic() > deadline:
            raise Failed(f"{url}/readyz is not ready after {READY_SECONDS:.0f} s: {obstacle}")
        time.sleep(LOOK_AT_START_SECONDS)


def _greet(console: Console, url: str, logs: Path) -> None:
    query = '{"query":"{ internships(first: 3) { totalCount nodes { id title } } }"}'
    console.print(
        f"""
  Explorer     {url}/graphql  (in a browser)
  First query  curl -s {url}/graphql -H 'content-type: application/json' -d '{query}'
  Ready        {url}/readyz
  Logs         {os.path.relpath(logs)}/server.log, worker.log

  Ctrl-C stops everything.""",
        markup=False,
        soft_wrap=True,
    )
    sys.stdout.flush()


def _watch(children: Sequence[Child]) -> None:
    """For as long as all is well."""
    while True:
        _fail_if_ended(children)
        time.sleep(LOOK_EVERY_SECONDS)
