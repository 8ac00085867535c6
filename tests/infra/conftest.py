"""Looking at processes from outside."""

import fcntl
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest


def _ended(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    try:  # dead, but its new parent (a container's first process) has not collected it
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return False


def _wait_until_ended(pid: int, timeout_seconds: float = 10) -> None:
    deadline = time.monotonic() + timeout_seconds
    while not _ended(pid):
        assert time.monotonic() < deadline, f"process {pid} is left behind"
        time.sleep(0.05)


def _wait_until_unused(data_dir: Path, timeout_seconds: float = 10) -> None:
    """Both servers and the watchdog hold the lock for as long as they live."""
    deadline = time.monotonic() + timeout_seconds
    with (data_dir / "lock").open("r+") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                assert time.monotonic() < deadline, "a server is left behind"
                time.sleep(0.05)
            else:
                return


@pytest.fixture
def ended() -> Callable[[int], bool]:
    return _ended


@pytest.fixture
def wait_until_ended() -> Callable[[int], None]:
    return _wait_until_ended


@pytest.fixture
def wait_until_unused() -> Callable[[Path], None]:
    return _wait_until_unused
