"""What is made of a statement that is kept, and is asked for again and again, is composed once."""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast
from weakref import WeakKeyDictionary

from sqlalchemy import Select

T = TypeVar("T")

MADE_MOST = 256
"""Of one statement; a page of each size by each order is less."""
_MADE: WeakKeyDictionary[Select[Any], dict[Hashable, Any]] = WeakKeyDictionary()


def once(statement: Select[Any], key: Hashable, make: Callable[[], T]) -> T:
    """What `make` gives for this key; it must not hold the statement itself, which would then never be let go."""
    known = _MADE.setdefault(statement, {})
    found = known.get(key)
    if found is None:
        if len(known) >= MADE_MOST:
            known.clear()
        found = known[key] = make()
    return cast("T", found)
