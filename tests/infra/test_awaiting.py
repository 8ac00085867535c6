"""A child that waits to be told to go: it goes with what it is told, and never without its parent."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from api.running.awaiting import VARIABLE, say_go
from infra.embedded.services import PROJECT

WAITING = """
import os
from api.running.awaiting import await_go, awaited
from infra.settings import settings
before = settings().redis_url
assert awaited()
await_go()
print(before, settings().redis_url, awaited(), flush=True)
"""


@contextmanager
def waiting() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(
        [sys.executable, "-c", WAITING],
        cwd=PROJECT,
        env={"PATH": os.defpath, VARIABLE: "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def test_it_goes_with_the_environment_that_it_is_told() -> None:
    with waiting() as child:
        say_go(child, {"REDIS_URL": "redis://here"})
        assert child.stdout is not None
        assert child.stdout.read() == b"None redis://here False\n"
    assert child.returncode == 0


def test_a_parent_that_is_gone_ends_it() -> None:
    with waiting() as child:
        assert child.communicate() == (b"", None)
        assert child.returncode == 1


def test_half_a_line_is_not_a_word() -> None:
    with waiting() as child:
        assert child.communicate(b'{"REDIS_URL":') == (b"", None)
        assert child.returncode == 1


def test_a_dead_child_can_be_told() -> None:
    with waiting() as child:
        child.kill()
        child.wait()
        say_go(child, {})
