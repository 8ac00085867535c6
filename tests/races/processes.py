"""`qingyi serve` and `qingyi worker` as processes of their own, on a database of the test."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import httpx
from support.house import TEST_KEYS
from support.wall_clock import SAME_TIME

from infra.embedded.services import PROJECT, Services

PATIENCE_SECONDS = 30.0


def a_free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def _environment(database_url: str, servers: Services, others: Mapping[str, str]) -> dict[str, str]:
    return {
        "PATH": os.defpath,
        **SAME_TIME,
        "DATABASE_URL": database_url,
        "REDIS_URL": servers.redis_url,
        "QINGYI_LIMITS": "false",
        "QINGYI_KEYS": TEST_KEYS,
        "QINGYI_ENV": "test",
        **others,
    }


def ran(name: str, database_url: str, servers: Services, **others: str) -> subprocess.CompletedProcess[str]:
    """The command (`ledger verify`) once it has ended by itself, with what it said."""
    return subprocess.run(
        [sys.executable, "-m", "api.cli", *name.split()],
        cwd=PROJECT,
        env=_environment(database_url, servers, others),
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS * 4,
    )


@contextmanager
def command(
    name: str, database_url: str, servers: Services, **others: str
) -> Iterator[subprocess.Popen[bytes]]:
    """The running command (`worker`, `keys rotate`); killed at the end of the block where it has not ended by itself."""
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(
            [sys.executable, "-m", "api.cli", *name.split()],
            cwd=PROJECT,
            env=_environment(database_url, servers, others),
            stdout=said,
            stderr=said,
        ) as running,
    ):
        try:
            yield running
        except BaseException:
            said.seek(0)
            sys.stderr.write(said.read().decode(errors="replace")[-4000:])
            raise
        finally:
            if running.poll() is None:
                running.kill()


@contextmanager
def server(
    database_url: str, servers: Services, port: int | None = None, **others: str
) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A server that answers, and its address."""
    port = port or a_free_port()
    address = f"http://127.0.0.1:{port}"
    with command("serve", database_url, servers, PORT=str(port), **others) as running:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                if httpx.get(f"{address}/readyz", timeout=10).status_code == 200:
                    break
            except httpx.TransportError:
                time.sleep(0.05)
            assert running.poll() is None, "the server ended"
            assert time.monotonic() < deadline, "the server does not answer"
        yield running, address
