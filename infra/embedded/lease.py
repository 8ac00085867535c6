"""
How a process says that it still needs the servers: it holds the write end of a named pipe.

The watchdog reads the other end and meets end-of-file when the last holder has let go. The kernel closes the pipe of a
process however it dies, `kill -9` included, so no server is ever left behind and none is stopped under somebody else.
"""

import os
import select
from contextlib import suppress
from pathlib import Path

PIPE = "lease"


def make_pipe(path: Path) -> tuple[int, int]:
    """A new named pipe at `path`, replacing a dead one; the open read and write ends."""
    path.unlink(missing_ok=True)
    os.mkfifo(path, 0o600)
    read_end = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    return read_end, os.open(path, os.O_WRONLY)


def take(path: Path) -> int | None:
    """The write end of a pipe that some watchdog reads; None when there is none (yet, or any more)."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
    except OSError:  # no such pipe, or nobody reads it (ENXIO)
        return None
    # The watchdog moves its pipe away before it stops; who opened the pipe a moment too early must not rely on it.
    with suppress(FileNotFoundError):
        if path.stat().st_ino == os.fstat(descriptor).st_ino:
            return descriptor
    os.close(descriptor)
    return None


def let_go(read_end: int, timeout_seconds: float) -> bool:
    """Wait up to `timeout_seconds`; True once nobody holds a write end."""
    poll = select.poll()
    poll.register(read_end, select.POLLIN)
    # Nothing is ever written: the only event is that the last writer is gone.
    return bool(poll.poll(timeout_seconds * 1000))


def withdraw(path: Path, read_end: int) -> bool:
    """
    Take the pipe out of the way so that nobody new can hold it; True when nobody does.

    False: somebody came in just before. The pipe is back in its place and the servers must go on.
    """
    aside = path.with_name(f".{path.name}.closing")
    path.rename(aside)
    if let_go(read_end, 0):
        aside.unlink()
        return True
    aside.rename(path)
    return False
