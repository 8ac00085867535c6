"""`qingyi run`, from start to Ctrl-C, and what it says when the port is taken."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from support.wall_clock import SAME_TIME

from infra.embedded.services import PROJECT


def environment(data_dir: Path, port: int) -> dict[str, str]:
    # Nothing of this process: no DATABASE_URL, no LANG.
    return {"PATH": os.defpath, **SAME_TIME, "QINGYI_DATA_DIR": str(data_dir), "PORT": str(port)}


def test_everything_starts_and_ctrl_c_stops_everything(
    tmp_path: Path, wait_until_unused: Callable[[Path], None]
) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "api.cli", "run"],
        cwd=PROJECT,
        env=environment(tmp_path, 0),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as running:
        assert running.stdout is not None
        said = ""
        for line in running.stdout:
            said += line
            if "Ctrl-C" in line:
                running.send_signal(signal.SIGINT)
    assert running.returncode == 130, said
    for word in ("/graphql", "curl", "/readyz", "server.log"):
        assert word in said
    wait_until_unused(tmp_path)


def test_a_taken_port_is_one_clear_line_and_starts_nothing(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "api.cli", "run"],
            cwd=PROJECT,
            env=environment(tmp_path, port),
            check=False,
            capture_output=True,
            text=True,
        )
    assert done.returncode == 1
    assert done.stderr.startswith(f"qingyi: cannot listen on 127.0.0.1:{port}")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "postgres").exists()


def _started(data_dir: Path, port: int = 0, **variables: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "api.cli", "run"],
        cwd=PROJECT,
        env={**environment(data_dir, port), **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _children(pid: int) -> dict[str, int]:
    """The children of a process by the last word of their command line."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = folder.joinpath("stat").read_text().rpartition(")")[2].split()[1]
            words = folder.joinpath("cmdline").read_text().rstrip("\0").split("\0")
        except OSError:  # it has ended meanwhile
            continue
        if parent == str(pid):
            found[words[-1]] = int(folder.name)
    return found


def test_a_second_start_migrates_nothing_and_loads_nothing(
    tmp_path: Path, wait_until_unused: Callable[[Path], None]
) -> None:
    said = []
    for _ in range(2):
        with _started(tmp_path) as running:
            assert running.stdout is not None
            text = ""
            for line in running.stdout:
                text += line
                if "Ctrl-C" in line:
                    running.send_signal(signal.SIGTERM)
        assert running.returncode == 0, text
        said.append(text)
        wait_until_unused(tmp_path)
    for step in ("database up to date", "small demo data"):
        assert step in said[0]
        assert step not in said[1]


@pytest.mark.parametrize("early", [True, False])
def test_a_killed_run_leaves_nothing_behind(
    tmp_path: Path,
    early: bool,
    wait_until_ended: Callable[[int], None],
    wait_until_unused: Callable[[Path], None],
) -> None:
    """`early`: while the server still waits for Postgres."""
    with _started(tmp_path) as running:
        assert running.stdout is not None
        if early:
            while "serve" not in (children := _children(running.pid)):
                time.sleep(0.01)
        else:
            for line in running.stdout:
                if "Ctrl-C" in line:
                    break
            children = _children(running.pid)
            assert {"serve", "worker"} <= children.keys()
        running.kill()
    for pid in children.values():
        wait_until_ended(pid)
    if (tmp_path / "lock").exists():
        wait_until_unused(tmp_path)


@pytest.mark.parametrize("victim", ["serve", "worker"])
def test_a_killed_server_or_worker_stops_everything(
    tmp_path: Path, victim: str, wait_until_unused: Callable[[Path], None]
) -> None:
    with _started(tmp_path) as running:
        assert running.stdout is not None
        said = ""
        for line in running.stdout:
            said += line
            if "Ctrl-C" in line:
                os.kill(_children(running.pid)[victim], signal.SIGKILL)
    assert running.returncode == 1
    assert "was killed (SIGKILL)" in said
    wait_until_unused(tmp_path)


def test_a_data_folder_that_cannot_be_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("")
    with _started(tmp_path / "var") as running:
        said, _ = running.communicate()
    assert running.returncode == 1
    assert said.startswith("qingyi: the data folder")
    assert said.count("\n") == 1


def test_the_data_folder_is_private(tmp_path: Path) -> None:
    with _started(tmp_path / "var", QINGYI_ENV="production") as running:
        said, _ = running.communicate()
    assert running.returncode == 1
    assert "DATABASE_URL and REDIS_URL must be set in production" in said
    assert (tmp_path / "var").stat().st_mode & 0o077 == 0
