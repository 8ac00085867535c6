"""How far a command is: bars where somebody watches, plain lines otherwise."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TaskID, TimeElapsedColumn

LINE_EVERY_SECONDS = 5.0

Show = Callable[[str, int, int], None]
"""Told of what is done, how much, and of how much."""


@contextmanager
def shown_progress() -> Iterator[Show]:
    """On standard error, for as long as the block lasts."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _lines()
        return
    columns = (*Progress.get_default_columns(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        bars: dict[str, TaskID] = {}

        def show(what: str, done: int, of: int) -> None:
            if what not in bars:
                bars[what] = progress.add_task(what, total=of)
            progress.update(bars[what], completed=done, total=of)

        yield show


def _lines() -> Show:
    """A line at each end, and every few seconds between."""
    said: dict[str, float] = {}
    ended: set[str] = set()

    def show(what: str, done: int, of: int) -> None:
        now = time.monotonic()
        ends = done >= of and what not in ended
        if ends or (what not in ended and now - said.get(what, 0.0) >= LINE_EVERY_SECONDS):
            said[what] = now
            sys.stderr.write(f"{what}: {done:,} of {of:,}\n")
            sys.stderr.flush()
        if ends:
            ended.add(what)

    return show
