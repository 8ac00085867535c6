"""`qingyi run`: everything at once, as `make run` does."""

import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import typer
from rich.console import Console
from sqlalchemy.exc import SQLAlchemyError

from api.running.backing import complain, connected
from api.running.child import Child, start_child
from api.running.demo_data import is_empty
from api.running.port import PortTaken, free_port, reachable_url
from api.running.readiness import ready
from api.running.signals import Told, told
from infra.lifeline import exit_with_parent_if_asked
from infra.migrate import upgrade
from infra.settings import Settings, settings

READY_SECONDS = 60.0
LOOK_EVERY_SECONDS = 0.1


class Failed(Exception):
    """Everything stops; the message is one line for people."""


def run() -> None:
    """Start Postgres, Valkey, the server and a worker; Ctrl-C stops them all."""
    exit_with_parent_if_asked()
    code = 0
    try:
        with told(), ExitStack() as stack:
            _run(Console(highlight=False), stack)
    except Told as signal:
        code = signal.exit_code
    except (Failed, PortTaken) as failure:
        complain(str(failure))
        code = 1
    raise typer.Exit(code)


def _run(console: Console, stack: ExitStack) -> None:
    config = settings()
    port = free_port(config.host, config.port)
    with _step(console, "Postgres and Valkey"):
        config = stack.enter_context(connected())
    with _step(console, "database up to date"):
        _migrate(config)
    url = reachable_url(config.host, port)
    environment = {"QINGYI_HOST": config.host, "QINGYI_PORT": str(port)}
    logs = config.data_dir / "log"
    if is_empty(config.database_url or ""):
        _load_demo(console, logs, environment)
    with _step(console, "server and worker"):
        # Started in this order, they stop in the reverse one: first the doors, then the work, then the data.
        children = [
            _child(stack, "worker", "worker", logs / "worker.log", environment),
            _child(stack, "server", "serve", logs / "server.log", environment),
        ]
        _wait_ready(url, children)
    _greet(console, url, logs)
    _watch(children)


@contextmanager
def _step(console: Console, what: str) -> Iterator[None]:
    """Show that something is being worked on, and how long it took."""
    started = time.monotonic()
    with console.status(f"{what} …"):
        yield
    console.print(f"[green]✓[/green] {what:<28}[dim]{time.monotonic() - started:5.1f} s[/dim]")


def _migrate(config: Settings) -> None:
    try:
        upgrade(config.database_url or "")
    except (OSError, SQLAlchemyError) as error:
        reason = str(getattr(error, "orig", None) or error).partition("\n")[0]
        raise Failed(f"the database cannot be brought up to date: {reason}") from error


def _load_demo(console: Console, logs: Path, environment: dict[str, str]) -> None:
    with _step(console, "small demo data"):
        child = start_child(
            "loading of demo data", ["demo", "--scale", "small"], logs / "demo.log", environment
        )
        try:
            child.process.wait()
        except Told:
            child.stop()
            raise
    if child.process.returncode != 0:
        raise Failed(child.epitaph)


def _child(stack: ExitStack, name: str, command: str, log: Path, environment: dict[str, str]) -> Child:
    child = start_child(name, [command], log, environment)
    stack.callback(child.stop)
    return child


def _fail_if_ended(children: Sequence[Child]) -> None:
    for child in children:
        if child.ended:
            raise Failed(child.epitaph)


def _wait_ready(url: str, children: Sequence[Child]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while (obstacle := ready(url)) is not None:
        _fail_if_ended(children)
        if time.monotonic() > deadline:
            raise Failed(f"{url}/readyz is not ready after {READY_SECONDS:.0f} s: {obstacle}")
        time.sleep(LOOK_EVERY_SECONDS)


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
