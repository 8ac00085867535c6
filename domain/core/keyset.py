"""
Lists that do not shift: pages by the values of the last row seen (keyset), never by offset.

An `Order` names the sort keys, the last of them unique. A cursor is the values of those keys, so that rows which are
added or removed meanwhile neither repeat nor skip any other row. Signing of cursors belongs to the doors. Lists are read by `paging`, counted
by `counting`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from math import isfinite
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

from sqlalchemy import Select, SQLColumnExpression

from domain.core.db import Read

R = TypeVar("R")

PAGE_DEFAULT = 20
PAGE_MOST = 100
COUNT_MOST = 10_000
"""Counts are exact to here; this number means that many or more."""


@dataclass(frozen=True, slots=True)
class Key:
    """One sort key: never null (coalesce where the column may be)."""

    expression: SQLColumnExpression[Any]
    kind: Callable[[Any], Any]
    descending: bool = False


class Reading(Protocol):
    """Reads pages of a long list; see `domain.core.search.reading`."""

    async def count(self, db: Read) -> int:
        """As `counting.count`."""

    async def page(
        self, db: Read, statement: Select[Any], make: Callable[..., R], asked: "PageAsked"
    ) -> "Page[R]":
        """As `paging.page`."""


@dataclass(frozen=True, slots=True, eq=False)
class Order:
    """
    Sort keys in turn; `name` keeps a cursor of one order from being used with another.

    `reading` reads a page, and knows of a count, in another way than by one statement over all rows.
    """

    name: str
    keys: tuple[Key, ...]
    reading: "Reading | None" = None


def uuid_value(value: Any) -> UUID:
    return UUID(value)


def instant_value(value: Any) -> datetime:
    return datetime.fromisoformat(value)


def date_value(value: Any) -> date:
    return date.fromisoformat(value)


def integer_value(value: Any) -> int:
    if type(value) is not int:
        raise ValueError("not an integer")
    return value


def float_value(value: Any) -> float:
    if type(value) is not float or not isfinite(value):
        raise ValueError("not a finite number")
    return value


def newest_first(
    created: SQLColumnExpression[Any], identity: SQLColumnExpression[Any], name: str = "newest"
) -> Order:
    return Order(
        name, (Key(created, instant_value, descending=True), Key(identity, uuid_value, descending=True))
    )


@dataclass(frozen=True, slots=True)
class PageAsked:
    """Which part of a list: forward after a position, or backward before one."""

    limit: int = PAGE_DEFAULT
    after: tuple[Any, ...] | None = None
    before: tuple[Any, ...] | None = None
    backward: bool = False


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    """Rows in the list's own order, each with its position."""

    rows: tuple[R, ...]
    positions: tuple[tuple[Any, ...], ...]
    has_next: bool
    has_previous: bool
