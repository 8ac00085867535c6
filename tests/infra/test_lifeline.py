"""A child with a lifeline does not outlive a parent that was killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

from infra.embedded.services import PROJECT
from infra.lifeline import VARIABLE

CHILD = "from infra.lifeline import exit_with_parent; import time; exit_with_parent(); time.sleep(60)"
PARENT = f"""
import subprocess, sys, time
print(subprocess.Popen([sys.executable, "-c", {CHILD!r}]).pid, flush=True)
time.sleep(60)
"""


def test_a_child_ends_with_its_killed_parent(wait_until_ended: Callable[[int], None]) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], cwd=PROJECT, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        time.sleep(0.5)
        parent.kill()
    wait_until_ended(child)


def test_a_child_that_asks_after_its_parent_is_gone_ends_too() -> None:
    asking = "import time; from infra.lifeline import exit_with_parent_if_asked as ask; ask(); time.sleep(60)"
    with subprocess.Popen(["true"]) as gone:
        pass
    with subprocess.Popen(
        [sys.executable, "-c", asking], cwd=PROJECT, env={**os.environ, VARIABLE: str(gone.pid)}
    ) as child:
        child.wait(10)
    assert child.returncode == -signal.SIGTERM
