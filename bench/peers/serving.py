"""Servers as processes, each on the core that serves unless it is said otherwise."""

import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager

from api.running.port import free_port
from bench.peers.asking import Server
from bench.peers.cast import Peer
from bench.peers.processes import SERVING
from bench.peers.world import World

PATIENCE_SECONDS = 60


@contextmanager
def serving(held: World, peers: Sequence[Peer], cores: Sequence[int] = SERVING) -> Iterator[list[Server]]:
    """All of them, for as long as the block lasts."""
    with ExitStack() as stack:
        servers = []
        for peer in peers:
            port = free_port("127.0.0.1", 0)
            command = [part.replace("{port}", str(port)) for part in peer.command]
            environment = {**held.environment, **peer.environment, "PORT": str(port)}
            pinned = ["taskset", "-c", ",".join(map(str, cores)), *command]
            process = stack.enter_context(_running(pinned, environment, peer.name, port))
            servers.append(Server(peer.name, port, process.pid, peer.form, peer.tokens))
        yield servers


@contextmanager
def _running(
    command: list[str], environment: Mapping[str, str], name: str, port: int
) -> Iterator[subprocess.Popen[bytes]]:
    with (
        tempfile.TemporaryFile() as log,
        subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=log) as process,
    ):
        try:
            if not _listens(port, process):
                log.seek(0)
                raise SystemExit(f"{name} does not start:\n{log.read().decode(errors='replace')[-2000:]}")
            yield process
        finally:
            process.terminate()
            process.wait(20)


def _listens(port: int, process: subprocess.Popen[bytes]) -> bool:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
                return True
        except urllib.error.HTTPError as answer:
            if answer.code != 503:
                return True
            time.sleep(0.1)
        except OSError:
            time.sleep(0.1)
    return False
