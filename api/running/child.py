"""A `qingyi` command as a child process of `qingyi run`."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from api.running.awaiting import VARIABLE as AWAITING
from api.running.awaiting import say_go
from infra.lifeline import VARIABLE

PATIENCE_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Child:
    name: str
    log: Path
    process: subprocess.Popen[bytes]

    @property
    def ended(self) -> bool:
        return self.process.poll() is not None

    @property
    def epitaph(self) -> str:
        """One line on why it ended, with the last line of its log."""
        code = self.process.returncode
        how = f"was killed ({signal.Signals(-code).name})" if code < 0 else f"ended with status {code}"
        return f"the {self.name} {how}, see {self.log}{_last_line(self.log)}"

    def go(self, environment: Mapping[str, str]) -> None:
        """To a child that was started `awaiting`."""
        say_go(self.process, environment)

    def stop(self) -> None:
        """SIGTERM, and after 20 seconds SIGKILL; returns when it is gone."""
        self.process.terminate()
        if self.process.stdin is not None:
            self.process.stdin.close()
        try:
            self.process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def start_child(
    name: str,
    command: Sequence[str],
    log: Path,
    environment: Mapping[str, str],
    *,
    awaiting: bool = False,
    speaking: bool = False,
) -> Child:
    """
    Start `qingyi <command>`, its output appended to `log`; it stops by itself should we be killed.

    With `speaking` its standard output is ours: text messages are shown there to whoever develops, and never logged.
    With `awaiting` it imports what it needs and then waits for `go`; only commands that know of it may be started so.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    asked = {VARIABLE: str(os.getpid()), **({AWAITING: "1"} if awaiting else {})}
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 - ourselves
            [sys.executable, "-m", "api.cli", *command],
            stdin=subprocess.PIPE if awaiting else subprocess.DEVNULL,
            stdout=None if speaking else output,
            stderr=output,
            env={**os.environ, **environment, **asked},
            process_group=0,  # Ctrl-C reaches us alone, and we stop everything in order
        )
    return Child(name, log, process)


def _last_line(log: Path) -> str:
    with log.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - 4096))
        lines = file.read().decode(errors="replace").strip().splitlines()
    return f": {lines[-1][:300]}" if lines else ""
