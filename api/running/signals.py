"""Signals that end a command in order, as one exception."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Told(BaseException):
    """Somebody wants us to end; `exit_code` is 130 for Ctrl-C and 0 for an orderly stop."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.exit_code = 130 if number == signal.SIGINT else 0


def _tell(number: int, _frame: FrameType | None) -> None:
    # From now on we are ending: a second Ctrl-C must not leave half of it undone (each step has its own time limit).
    for ending in ENDING:
        signal.signal(ending, signal.SIG_IGN)
    raise Told(number)


@contextmanager
def told() -> Iterator[None]:
    """Within, an ending signal raises Told, once."""
    before = {number: signal.signal(number, _tell) for number in ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
