"""
A child that `qingyi run` starts before what it needs is there: it imports meanwhile, then waits to be told to go.

The parent says so with one line of JSON on the child's standard input: variables for the child's environment. End of file
instead means that the parent will never say it.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress

from infra.settings import settings

VARIABLE = "QINGYI_AWAIT_GO"


def awaited() -> bool:
    """Is this process such a child?"""
    return os.environ.get(VARIABLE) == "1"


def await_go() -> None:
    """Wait for the line, and take over the environment in it; ends the process when the parent is gone."""
    del os.environ[VARIABLE]  # not for children of our own
    line = sys.stdin.buffer.readline()
    if not line.endswith(b"\n"):
        raise SystemExit(1)
    os.environ.update(json.loads(line))
    settings.cache_clear()


def say_go(process: subprocess.Popen[bytes], environment: Mapping[str, str]) -> None:
    """Tell a child; one that has died already is left to whoever looks after it."""
    assert process.stdin is not None
    with suppress(BrokenPipeError), process.stdin as told:
        told.write(json.dumps(dict(environment)).encode() + b"\n")
