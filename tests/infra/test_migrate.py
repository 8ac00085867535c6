"""Migrating takes turns, says where it stands, and the checks tell what is wrong."""

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.checks import checks
from infra.embedded.services import PROJECT, Services, services
from infra.migrate import current_and_head, head
from infra.settings import Settings

UPGRADE = "import sys; from infra.migrate import upgrade; upgrade(sys.argv[1])"


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Services]:
    with services(tmp_path) as found:
        yield found


async def test_two_processes_migrate_at_once(running: Services, tmp_path: Path) -> None:
    config = Settings(data_dir=tmp_path, database_url=running.database_url, redis_url=running.redis_url)
    wrong = {check.name: check.text for check in await checks(config) if not check.good}
    assert set(wrong) == {"migrations"}
    assert "qingyi migrate" in wrong["migrations"]

    migrating = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", UPGRADE, running.database_url, cwd=PROJECT, stderr=asyncio.subprocess.PIPE
        )
        for _ in range(2)
    ]
    for process in migrating:
        _, complaint = await process.communicate()
        assert process.returncode == 0, complaint.decode()

    assert await asyncio.to_thread(current_and_head, running.database_url) == (head(), head())
    assert [check for check in await checks(config) if not check.good] == []


async def test_unreachable_servers_are_named(tmp_path: Path) -> None:
    nowhere = Settings(
        data_dir=tmp_path, database_url="postgresql://127.0.0.1:1/x", redis_url="redis://127.0.0.1:1"
    )
    wrong = [check.name for check in await checks(nowhere) if not check.good]
    assert wrong == ["database", "migrations", "indexes", "cache", "clock"]
