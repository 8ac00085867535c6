"""The embedded servers: nothing is left behind, nothing is lost, nobody's folders are changed."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import pytest
from redis import Redis
from redis.exceptions import AuthenticationError

from infra.embedded.errors import ServicesFailed
from infra.embedded.services import PROJECT, Services, services

OPENER = """
import sys
from pathlib import Path
from infra.embedded.services import services
with services(Path(sys.argv[1])):
    print((Path(sys.argv[1]) / "postgres/postmaster.pid").read_text().splitlines()[0], flush=True)
    sys.stdin.read()
"""


@contextmanager
def opener(data_dir: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the services of `data_dir` until its standard input is closed."""
    with subprocess.Popen(
        [sys.executable, "-c", OPENER, str(data_dir)],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def server_pid(process: subprocess.Popen[str]) -> int:
    """Its Postgres; waits until it is ready."""
    assert process.stdout is not None
    return int(process.stdout.readline())


def postmaster(data_dir: Path) -> int:
    return int((data_dir / "postgres" / "postmaster.pid").read_text().split()[0])


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


async def connect(running: Services) -> asyncpg.Connection:
    return await asyncpg.connect(running.database_url.replace("+asyncpg", ""))


async def note(running: Services, text: str) -> None:
    connection = await connect(running)
    await connection.execute("CREATE TABLE IF NOT EXISTS note (text text)")
    await connection.execute("INSERT INTO note VALUES ($1)", text)
    await connection.close()
    with Redis.from_url(running.redis_url) as redis:
        redis.rpush("notes", text)


async def notes(running: Services) -> tuple[list[str], list[str]]:
    connection = await connect(running)
    rows = await connection.fetch("SELECT text FROM note")
    await connection.close()
    with Redis.from_url(running.redis_url, decode_responses=True) as redis:
        return [row["text"] for row in rows], redis.lrange("notes", 0, -1)


async def test_a_killed_owner_leaves_no_server_and_loses_nothing(
    tmp_path: Path, wait_until_ended: Callable[[int], None], wait_until_unused: Callable[[Path], None]
) -> None:
    with opener(tmp_path) as owner:
        postgres = server_pid(owner)
        with services(tmp_path) as attached:
            await note(attached, "青年驿站")
        owner.send_signal(signal.SIGKILL)
        owner.wait()
        wait_until_unused(tmp_path)
    wait_until_ended(postgres)
    with services(tmp_path) as again:
        assert await notes(again) == (["青年驿站"], ["青年驿站"])


async def test_a_killed_watchdog_takes_its_servers_along(
    tmp_path: Path, wait_until_ended: Callable[[int], None], wait_until_unused: Callable[[Path], None]
) -> None:
    if not sys.platform.startswith("linux"):
        pytest.skip("only Linux tells children of a parent's death")
    with opener(tmp_path) as owner:
        postgres = server_pid(owner)
        os.kill(parent(postgres), signal.SIGKILL)
        wait_until_unused(tmp_path)
    wait_until_ended(postgres)
    with services(tmp_path) as again:
        await note(again, "again")


async def test_a_second_opener_attaches_and_keeps_the_servers_when_the_first_leaves(
    tmp_path: Path, ended: Callable[[int], bool], wait_until_unused: Callable[[Path], None]
) -> None:
    with opener(tmp_path) as first:
        postgres = server_pid(first)
        with services(tmp_path) as attached:
            first.communicate()  # closes its standard input and waits: it leaves in order
            await note(attached, "still here")
            assert not ended(postgres)
    wait_until_unused(tmp_path)


def test_two_first_starts_at_once_agree(tmp_path: Path, wait_until_unused: Callable[[Path], None]) -> None:
    with opener(tmp_path) as one, opener(tmp_path) as other:
        assert server_pid(one) == server_pid(other)
    wait_until_unused(tmp_path)


async def test_a_killed_postgres_comes_back(tmp_path: Path) -> None:
    with services(tmp_path) as running:
        await note(running, "before")
        os.kill(postmaster(tmp_path), signal.SIGKILL)
        deadline = time.monotonic() + 20
        while True:
            try:
                texts, _ = await notes(running)
            except (OSError, asyncpg.PostgresError):
                assert time.monotonic() < deadline
                await asyncio.sleep(0.1)
            else:
                break
    assert texts == ["before"]


async def test_a_folder_nobody_else_may_enter(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("an ordinary user's servers run as that user: nothing to cross")
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    before = [(path.stat().st_mode, path.stat().st_uid) for path in (closed, *closed.parents)]
    # A path with blanks and beyond the kernel's limit for sockets, too.
    with services(closed / ("长 " * 40)) as running:
        await note(running, "inside")
        assert await notes(running) == (["inside"], ["inside"])
    assert [(path.stat().st_mode, path.stat().st_uid) for path in (closed, *closed.parents)] == before


async def test_what_the_cluster_is_like(tmp_path: Path) -> None:
    with services(tmp_path) as running:
        connection = await connect(running)
        facts = await connection.fetchrow(
            "SELECT current_setting('timezone') AS zone, current_setting('server_encoding') AS encoding,"
            " datlocprovider::text AS provider, current_setting('listen_addresses') AS addresses, '驿' ~ '[[:alpha:]]' AS letters"
            " FROM pg_database WHERE datname = current_database()"
        )
        await connection.close()
    assert facts is not None
    assert dict(facts) == {
        "zone": "UTC",
        "encoding": "UTF8",
        "provider": "b",
        "addresses": "",
        "letters": True,
    }
    assert (tmp_path / "secret").stat().st_mode & 0o077 == 0


def test_nobody_gets_in_without_the_password(tmp_path: Path) -> None:
    with services(tmp_path) as running:
        secret = (tmp_path / "secret").read_text().strip()
        for url in (running.database_url, running.redis_url):
            assert secret in url
        with (
            Redis.from_url(running.redis_url.replace(secret, "wrong")) as redis,
            pytest.raises(AuthenticationError),
        ):
            redis.ping()


def test_a_data_folder_that_is_a_file_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("")
    with pytest.raises(ServicesFailed, match="cannot be used"), services(tmp_path / "var"):
        pass
