"""How loading says how far it is."""

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Called after each step: with what, how many, of how many."""
