"""One server process under the watchdog: started in its folder, seen to be ready, stopped in order."""

import ctypes
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from infra.embedded.account import Account
from infra.embedded.errors import ServicesFailed

PR_SET_PDEATHSIG = 1
POLL_SECONDS = 0.01
LOG_LIMIT_BYTES = 16 * 1024 * 1024
# The servers' whole environment: nothing of ours (secrets!), and no locale that this machine may not have. But what is
# preloaded into us, as another allocator or wall clock, is preloaded into them.
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C"}
if (preloaded := os.environ.get("LD_PRELOAD")) is not None:
    ENVIRONMENT["LD_PRELOAD"] = preloaded
if sys.platform.startswith("linux"):
    HERE = "/proc/self/cwd"
else:
    HERE = "."


def open_log(path: Path) -> IO[bytes]:
    """Append to the log; what is too long moves to `.1` first."""
    if path.exists() and path.stat().st_size > LOG_LIMIT_BYTES:
        path.replace(path.with_name(path.name + ".1"))
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "wb")


def _end_with_watchdog(stop: signal.Signals) -> Callable[[], None] | None:
    """Should even the watchdog be killed, Linux tells its servers to stop."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)
    return lambda: libc.prctl(PR_SET_PDEATHSIG, int(stop))


@dataclass(slots=True)
class Server:
    """
    How to run one server.

    `told` is given on standard input; `lock` stays open in the server, so the data count as in use while it lives.
    """

    name: str
    command: Sequence[str | Path]
    folder: Path
    log: Path
    account: Account
    lock: int
    stop_signal: signal.Signals
    is_ready: Callable[[int], bool]
    before_start: Callable[[], None] = lambda: None
    told: bytes = b""
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        self.before_start()
        with tempfile.TemporaryFile() as told, open_log(self.log) as log:
            told.write(self.told)
            told.seek(0)
            # preexec_fn is safe here: the watchdog has one thread. It runs after the change of account, as it must.
            self._process = subprocess.Popen(  # noqa: S603 - our own binaries
                self.command,
                cwd=self.folder,
                stdin=told,
                stdout=log,
                stderr=log,
                env=ENVIRONMENT,
                pass_fds=(self.lock,),
                preexec_fn=_end_with_watchdog(self.stop_signal),  # noqa: PLW1509  # as said above
                **self.account.spawn(),
            )

    def wait_ready(self, timeout_seconds: float) -> None:
        """Raises ServicesFailed when it ends by itself or takes too long."""
        deadline = time.monotonic() + timeout_seconds
        while not self._is_up():
            if not self.runs() or time.monotonic() > deadline:
                raise ServicesFailed(f"{self.name} does not start, see {self.log}")
            time.sleep(POLL_SECONDS)

    def _is_up(self) -> bool:
        return self._process is not None and self.is_ready(self._process.pid)

    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def ask_to_stop(self) -> None:
        if self._process is not None and self.runs():
            self._process.send_signal(self.stop_signal)

    def wait_stopped(self, timeout_seconds: float) -> None:
        """Until it is gone; after the timeout by force (SIGQUIT, which Postgres survives unharmed, then SIGKILL)."""
        if self._process is None:
            return
        for force, patience in ((signal.SIGQUIT, timeout_seconds), (signal.SIGKILL, 5.0)):
            try:
                self._process.wait(patience)
            except subprocess.TimeoutExpired:
                self._process.send_signal(force)
            else:
                return
        self._process.wait()
