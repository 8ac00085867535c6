"""A child process that must not outlive its parent: when the parent is gone, it stops too, however the parent died."""

import os
import signal
import threading
import time

LOOK_EVERY_SECONDS = 0.5
GRACE_SECONDS = 5.0
VARIABLE = "QINGYI_LIFELINE"


def exit_with_parent(parent: int | None = None) -> None:
    """
    Watch the parent from a daemon thread: the process `parent`, or whichever it is now.

    Once it is gone this process gets SIGTERM; what still runs after a grace of 5 seconds ends at once (status 1).
    """
    threading.Thread(target=_watch, args=(parent or os.getppid(),), name="lifeline", daemon=True).start()


def exit_with_parent_if_asked() -> None:
    """
    As `exit_with_parent`, when the environment has `QINGYI_LIFELINE=1`.

    A parent that may be gone before its child asks gives its process id instead of the 1.
    """
    asked = os.environ.get(VARIABLE, "")
    if asked.isdecimal() and asked != "0":
        exit_with_parent(int(asked) if asked != "1" else None)


def _watch(parent: int) -> None:
    # Polling, not prctl(PR_SET_PDEATHSIG): that one follows the thread that forked, and exists on Linux only.
    while os.getppid() == parent:
        time.sleep(LOOK_EVERY_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    os._exit(1)
