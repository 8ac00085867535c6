"""Who takes part, each at its best settings, and how it is started."""

import platform
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from api.running.state import connect_arguments
from bench.peers.table import ALONE, JOIN, LOADER, NARROW, OURS, PLAIN, POSTGRAPHILE, REST, STRAWBERRY
from bench.peers.world import World

HERE = Path(__file__).parent
FILES = ("package.json", "package-lock.json", ".npmrc", "mercurius.mjs", "postgraphile.mjs")
POSTGRAPHILE_NODE = 22
"""What PostGraphile 5.1 asks of Node at least."""
UVICORN = (
    sys.executable,
    *("-m", "uvicorn", "--no-access-log", "--log-level", "warning"),
    *("--loop", "uvloop", "--http", "httptools", "--no-server-header", "--port", "{port}"),
)
SERVE = (sys.executable, "-m", "api.cli", "serve")
PRODUCTION = {"QINGYI_ENV": "production", "QINGYI_LOG_FORMAT": "json"}
_ALONE = {"QINGYI_SHARE_ANSWERS": "false"}


@dataclass(frozen=True, slots=True)
class Peer:
    """Not started yet. `{port}` in the command is its port, which it also finds in PORT."""

    name: str
    form: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    tokens: tuple[str, ...] = ()


def ours(held: World) -> Peer:
    """As `qingyi serve` runs in production, by two hundred youths."""
    return Peer(OURS, "ours", SERVE, PRODUCTION, held.tokens)


def ours_alone(held: World) -> Peer:
    """The same where each request is executed by itself: what another costs that nobody else asks for at the same time."""
    return Peer(ALONE, "ours", SERVE, {**PRODUCTION, **_ALONE}, held.tokens)


def ours_without(held: World) -> list[Peer]:
    """Ours with one thing off, and with all of them."""
    unlimited, silent = {**PRODUCTION, "QINGYI_LIMITS": "false"}, {"QINGYI_LOG_LEVEL": "CRITICAL"}
    uncounted = (sys.executable, "-m", "bench.peers.apart")
    return [
        Peer("without credentials", "ours", SERVE, PRODUCTION),
        Peer("without limits", "ours", SERVE, unlimited, held.tokens),
        Peer("without metrics", "ours", uncounted, PRODUCTION, held.tokens),
        Peer("without sharing", "ours", SERVE, {**PRODUCTION, **_ALONE}, held.tokens),
        Peer("without logs", "ours", SERVE, {**PRODUCTION, **silent}, held.tokens),
        Peer("without any of them", "ours", uncounted, {**unlimited, **silent}),
    ]


def python_peers(held: World) -> list[Peer]:
    bare = {"DSN": held.database_url.replace("+asyncpg", ""), "PYTHONPATH": "."}
    return [
        Peer(REST, "rest", (*UVICORN, "bench.peers.bare:rest"), bare),
        Peer(PLAIN, "plain", (*UVICORN, "bench.peers.bare:plain"), bare),
        Peer(STRAWBERRY, "graphql", (*UVICORN, "bench.peers.cached:app"), bare),
    ]


def node_peers(held: World) -> list[Peer]:
    """From npm, by the Node that its lock names where there is one for this machine; else by that on the path."""
    if shutil.which("npm") is None:
        print("npm is not on the path: no Mercurius, no PostGraphile")
        return []
    folder = Path("var/bench/peers").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        (folder / name).write_bytes((HERE / name).read_bytes())
    lock, done = (HERE / "package-lock.json").read_text(encoding="utf-8"), folder / "installed"
    if not done.exists() or done.read_text(encoding="utf-8") != lock:
        print("  npm ci", flush=True)
        subprocess.run(["npm", "ci", "--silent"], cwd=folder, check=True, capture_output=True, text=True)
        done.write_text(lock, encoding="utf-8")
    packaged = folder / "node_modules" / f"node-linux-{_architecture()}" / "bin" / "node"
    node = str(packaged) if packaged.exists() else shutil.which("node")
    if node is None:
        print("node is not on the path: no Mercurius, no PostGraphile")
        return []
    version = subprocess.run([node, "--version"], check=True, capture_output=True, text=True).stdout.strip()
    print(f"  Node {version}", flush=True)
    given = connect_arguments(held.database_url)
    common = {"PGHOST": str(given["host"]), "PGUSER": given["user"], "PGPASSWORD": given.get("password", "")}
    common |= {"PGDATABASE": given["database"], "PGPORT": str(given.get("port", 5432))}
    common |= {"NODE_ENV": "production", "GRAPHILE_ENV": "production"}
    mercurius = (node, str(folder / "mercurius.mjs"))
    found = [
        Peer(LOADER, "graphql", mercurius, {**common, "MODE": "loader"}),
        Peer(JOIN, "graphql", mercurius, {**common, "MODE": "join"}),
        Peer(NARROW, "graphql", mercurius, {**common, "MODE": "narrow"}),
    ]
    if int(version.removeprefix("v").partition(".")[0]) < POSTGRAPHILE_NODE:
        print(f"Node {version} is older than {POSTGRAPHILE_NODE}: no PostGraphile")
        return found
    return [*found, Peer(POSTGRAPHILE, "postgraphile", (node, str(folder / "postgraphile.mjs")), common)]


def _architecture() -> str:
    return {"x86_64": "x64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
