"""`qingyi run`, from start to Ctrl-C, and what it says when the port is taken."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from infra.embedded.services import PROJECT


def environment(data_dir: Path, port: int) -> dict[str, str]:
    # Nothing of this process: no DATABASE_URL, no LANG.
    return {"PATH": os.defpath, "QINGYI_DATA_DIR": str(data_dir), "PORT": str(port)}


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
