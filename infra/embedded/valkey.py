"""Valkey with an append-only file: a cache that forgets nothing between starts."""

import signal
import socket
from functools import partial
from pathlib import Path

from infra.embedded.plan import CACHE, CACHE_SOCKET, LOGS, Plan
from infra.embedded.server import Server

# Read from standard input, so that the password is in no process list. `dir .` is the folder it is started in.
CONFIGURATION = """\
port 0
unixsocket {socket}
unixsocketperm 700
requirepass {secret}
dir .
save ""
appendonly yes
appendfsync everysec
daemonize no
maxmemory-policy noeviction
"""


def valkey(plan: Plan) -> Server:
    return Server(
        name="Valkey",
        command=[plan.valkey_server, "-"],
        folder=plan.data_dir / CACHE,
        log=plan.data_dir / LOGS / "valkey.log",
        account=plan.account,
        lock=plan.lock,
        stop_signal=signal.SIGTERM,
        is_ready=partial(_is_ready, plan.door / CACHE / CACHE_SOCKET, plan.secret),
        told=CONFIGURATION.format(socket=CACHE_SOCKET, secret=plan.secret).encode(),
    )


def make_folder(plan: Plan) -> None:
    folder = plan.data_dir / CACHE
    folder.mkdir(exist_ok=True)
    plan.account.own(folder)


def _is_ready(path: Path, secret: str, _pid: int) -> bool:
    """It accepts connections early and answers LOADING until its file is read."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1)
            connection.connect(str(path))
            connection.sendall(f"AUTH {secret}\r\nPING\r\nQUIT\r\n".encode())
            answer = b"".join(iter(lambda: connection.recv(4096), b""))
    except OSError:
        return False
    return b"+PONG" in answer
