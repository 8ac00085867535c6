"""
Start the embedded Postgres and Valkey, or attach to those of this data folder that run already.

Both are reached through sockets in the data folder alone, with a random password kept there (mode 0600): no port is
taken and no other user of the machine gets in. Each user of the servers holds a lease; they stop when the last one has
let go or died.
"""

import fcntl
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from infra.embedded import lease
from infra.embedded.account import server_account
from infra.embedded.errors import ServicesFailed
from infra.embedded.plan import (
    CACHE,
    CACHE_SOCKET,
    CLUSTER,
    DATABASE,
    LEASE_BEFORE_READY,
    LOGS,
    OWNER,
    SECRET,
    Plan,
)
from infra.embedded.programs import find_programs
from infra.embedded.server import open_log

PROJECT = Path(__file__).resolve().parents[2]
LOCK = "lock"
PATIENCE_SECONDS = 90.0  # another process may be making the cluster, or its servers may be shutting down
STOP_SECONDS = 60.0
SOCKET_PATH_LIMIT = 103  # bytes; Linux has 107, macOS 103
LONGEST_SOCKET = f"/{CLUSTER}/.s.PGSQL.5432.lock"

# Watchdogs that outlive their starter's need because other processes attached: kept, or Popen would warn when collected.
_left_to_others: list[subprocess.Popen[bytes]] = []


@dataclass(frozen=True, slots=True)
class Services:
    """The addresses: SQLAlchemy's for asyncpg, and redis-py's."""

    database_url: str
    redis_url: str


@contextmanager
def services(data_dir: Path) -> Iterator[Services]:
    """
    The servers of `data_dir`, running for as long as the block lasts.

    Raises ServicesFailed, with one line for people, when they cannot be had.
    """
    folder = data_folder(data_dir)
    with ExitStack() as stack:
        door = stack.enter_context(_door(folder))
        watchdog, held = _start_or_attach(folder, door)
        stack.callback(_release, folder, watchdog, held)
        yield _addresses(folder, door)


def data_folder(data_dir: Path) -> Path:
    """The absolute path of the data folder, made with its folder for logs where it is absent. Raises ServicesFailed."""
    folder = data_dir.absolute()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / LOGS).mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise ServicesFailed(f"the data folder {folder} cannot be used: {error.strerror}") from error
    return folder


@contextmanager
def _door(folder: Path) -> Iterator[Path]:
    """The folder itself, or a short link to it: the kernel limits the length of a socket's path."""
    if len(os.fsencode(folder)) + len(LONGEST_SOCKET) <= SOCKET_PATH_LIMIT:
        yield folder
        return
    short = min((tempfile.gettempdir(), "/tmp"), key=len)  # noqa: S108 - mkdtemp makes a private folder in it
    with tempfile.TemporaryDirectory(prefix="qingyi-", dir=short) as private:
        link = Path(private, "d")
        link.symlink_to(folder)
        yield link


def _addresses(folder: Path, door: Path) -> Services:
    secret = (folder / SECRET).read_text().strip()
    socket_folder = quote(str(door / CLUSTER), safe="")
    cache_socket = quote(str(door / CACHE / CACHE_SOCKET))
    return Services(
        database_url=f"postgresql+asyncpg://{OWNER}:{secret}@/{DATABASE}?host={socket_folder}",
        redis_url=f"unix://:{secret}@{cache_socket}",
    )


def _start_or_attach(folder: Path, door: Path) -> tuple[subprocess.Popen[bytes] | None, int]:
    """The watchdog when we started it, and the descriptor of our lease."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        if (held := lease.take(folder / lease.PIPE)) is not None:
            return None, held
        if (lock := _lock(folder)) is not None:
            try:
                return _start(folder, door, lock)
            finally:
                os.close(lock)  # the watchdog and its servers keep it locked
        if time.monotonic() > deadline:
            raise ServicesFailed(
                f"another process holds {folder / LOCK} but its servers are not ready, see {folder / LOGS}"
            )
        time.sleep(0.05)


def _lock(folder: Path) -> int | None:
    try:
        descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    except PermissionError as error:
        raise ServicesFailed(f"{folder} belongs to another user: remove it or set QINGYI_DATA_DIR") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def _start(folder: Path, door: Path, lock: int) -> tuple[subprocess.Popen[bytes], int]:
    account = server_account(folder / CLUSTER)
    programs = find_programs(account)
    _make_secret(folder)
    plan = Plan(folder, door, programs.postgres_bin, programs.valkey_server, account, lock)
    (folder / lease.PIPE).unlink(missing_ok=True)
    read_end, held = lease.make_pipe(folder / LEASE_BEFORE_READY)
    try:
        watchdog = _spawn_watchdog(plan, read_end)
        _wait_ready(watchdog, folder)
    except BaseException:  # Ctrl-C too: without our lease the watchdog stops by itself
        os.close(held)
        raise
    finally:
        os.close(read_end)
    return watchdog, held


def _spawn_watchdog(plan: Plan, read_end: int) -> subprocess.Popen[bytes]:
    with open_log(plan.data_dir / LOGS / "services.log") as log:
        return subprocess.Popen(  # noqa: S603 - this very Python
            # -S: standard library only, a few milliseconds
            [sys.executable, "-S", "-m", "infra.embedded.watchdog", plan.dumps()],
            cwd=PROJECT,
            stdin=read_end,
            stdout=subprocess.PIPE,
            stderr=log,
            env={**os.environ, "PYTHONPATH": str(PROJECT), "PYTHONUTF8": "1"},
            pass_fds=(plan.lock,),
            start_new_session=True,
        )


def _wait_ready(watchdog: subprocess.Popen[bytes], folder: Path) -> None:
    """The watchdog says `ready`, or in one line what is wrong. Raises ServicesFailed."""
    answer = ""
    if watchdog.stdout is not None:
        with watchdog.stdout as answers:
            answer = answers.readline().decode().strip()
    if answer != "ready":
        watchdog.wait()
        raise ServicesFailed(answer or f"the watchdog of the embedded servers died, see {folder / LOGS}")


def _make_secret(folder: Path) -> None:
    """The password of both servers, made at the first start. Called under the lock."""
    path = folder / SECRET
    if path.exists():
        return
    if (folder / CLUSTER / "PG_VERSION").exists():
        raise ServicesFailed(f"{path} is missing, without it the data beside it stay closed: put it back")
    fresh = folder / f".{SECRET}.new"
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_hex(32) + "\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(path)


def _release(folder: Path, watchdog: subprocess.Popen[bytes] | None, held: int) -> None:
    """End our lease; who started the servers waits until they are down, unless others still use them."""
    os.close(held)
    if watchdog is None:
        return
    with suppress(subprocess.TimeoutExpired):
        watchdog.wait(0.3)
    if watchdog.returncode is None and not (folder / lease.PIPE).exists():
        with suppress(subprocess.TimeoutExpired):
            watchdog.wait(STOP_SECONDS)
    if watchdog.returncode is None:
        _left_to_others.append(watchdog)
