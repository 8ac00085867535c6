"""How loading says how far it is."""

from typing import Protocol


class Progress(Protocol):
    """Called after each step."""

    def __call__(self, what: str, done: int, of: int) -> None: ...
