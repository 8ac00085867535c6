"""The world that is asked about, and the servers over it, each one process on core 0."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import uvloop

from api.running.port import free_port
from api.running.state import connect_arguments
from bench.peers.asking import Server
from infra.keys import new_key
from infra.migrate import upgrade

TOKENS = 200
DATABASE = "bench_peers"
# Nobody is refused: what is measured is counting.
PLENTY = {
    f"QINGYI_LIMIT_{whose}_{what}": "1000000"
    for whose in ("ADDRESS", "PRINCIPAL")
    for what in ("BURST", "RATE")
}


@dataclass(frozen=True, slots=True)
class World:
    database_url: str
    environment: Mapping[str, str]
    tokens: tuple[str, ...]


def world(script: Path) -> World:
    """A database of its own with a hundred thousand listings, and youths who ask."""
    url = os.environ["DATABASE_URL"]
    address, _, query = url.partition("?")
    mine = f"{address.rpartition('/')[0]}/{DATABASE}" + (f"?{query}" if query else "")
    uvloop.run(
        _made(url, f'DROP DATABASE IF EXISTS "{DATABASE}" WITH (FORCE)', f'CREATE DATABASE "{DATABASE}"')
    )
    upgrade(mine.replace("postgresql://", "postgresql+asyncpg://"))
    uvloop.run(_made(mine, script.read_text(encoding="utf-8")))
    environment = {**os.environ, **PLENTY, "DATABASE_URL": mine, "QINGYI_KEYS": new_key("bench")}
    granted = subprocess.run(
        [sys.executable, "-m", "api.cli", "grant", "youth", "--count", str(TOKENS)],
        env={**environment, "QINGYI_ENV": "development"},
        check=True,
        capture_output=True,
        text=True,
    )
    tokens = tuple(json.loads(line)["accessToken"] for line in granted.stdout.splitlines())
    return World(mine, environment, tokens)


async def _made(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(**connect_arguments(url))
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


@contextmanager
def peers(held: World, folder: Path) -> Iterator[list[Server]]:
    """All servers, Qingyi the first, for as long as the block lasts."""
    installed = Path("var/bench/peers").resolve()
    installed.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", ".npmrc", "mercurius.mjs"):
        (installed / name).write_bytes((folder / name).read_bytes())
    subprocess.run(["npm", "install", "--silent"], cwd=installed, check=True, capture_output=True, text=True)
    given = connect_arguments(held.database_url)
    node = {"PGHOST": given["host"], "PGUSER": given["user"], "PGPASSWORD": given.get("password", "")}
    node |= {"PGDATABASE": DATABASE, "PGPORT": str(given.get("port", 5432)), "NODE_ENV": "production"}
    bare = {"DSN": held.database_url.replace("+asyncpg", ""), "PYTHONPATH": "."}
    uvicorn = [sys.executable, "-m", "uvicorn", "--no-access-log", "--log-level", "warning", "--port"]
    script = str(installed / "mercurius.mjs")
    ours = {"QINGYI_ENV": "production", "QINGYI_LOG_FORMAT": "json"}
    with ExitStack() as stack:
        servers = []
        for name, form, command, more, tokens in (
            ("Qingyi, everything on", "ours", [sys.executable, "-m", "api.cli", "serve"], ours, held.tokens),
            ("the same without credentials", "ours", [sys.executable, "-m", "api.cli", "serve"], ours, ()),
            (
                "the same without limits",
                "ours",
                [sys.executable, "-m", "api.cli", "serve"],
                {**ours, "QINGYI_LIMITS": "false"},
                held.tokens,
            ),
            ("Mercurius JIT, loader", "graphql", ["node", script], node, ()),
            ("Mercurius JIT, join", "graphql", ["node", script], {**node, "JOIN": "1"}, ()),
            (
                "FastAPI REST, asyncpg, orjson",
                "rest",
                [*uvicorn, "{port}", "bench.peers.bare:rest"],
                bare,
                (),
            ),
            (
                "plain ASGI, JSON by Postgres",
                "plain",
                [*uvicorn, "{port}", "bench.peers.bare:plain"],
                bare,
                (),
            ),
        ):
            port = free_port("127.0.0.1", 0)
            environment = {**held.environment, **more, "PORT": str(port)}
            parts = [part.replace("{port}", str(port)) for part in command]
            process = stack.enter_context(_running(["taskset", "-c", "0", *parts], environment))
            _wait(port)
            servers.append(Server(name, port, process.pid, form, tokens))
        yield servers


@contextmanager
def _running(command: list[str], environment: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            yield process
        finally:
            process.terminate()
            process.wait(20)


def _wait(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"nobody listens on {port}")
