"""
Lists as Relay connections over pages (`domain.core.paging`).

`first` or `last`, not both, 1 to 100; 20 when absent. `totalCount` costs a statement of its own, so it is counted only
when it is asked for.
"""

from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

import strawberry
from sqlalchemy import Select, SQLColumnExpression

from domain.core.counting import count, counts
from domain.core.db import Given, Read
from domain.core.keyset import PAGE_DEFAULT, PAGE_MOST, Order, Page, PageAsked
from domain.core.paging import page, pages
from domain.core.refusals import Invalid
from graph.core.context import Context, Loader, keyed_loader
from graph.core.cursors import Cursor, CursorBroken, position, read, write
from graph.core.edges import looked_through

T = TypeVar("T")
R = TypeVar("R")

First = Annotated[
    int | None, strawberry.argument(description="How many from the front, 1 to 100; 20 when absent.")
]
After = Annotated[str | None, strawberry.argument(description="Only what comes after this cursor.")]
Last = Annotated[
    int | None, strawberry.argument(description="How many from the back, 1 to 100; not with `first`.")
]
Before = Annotated[str | None, strawberry.argument(description="Only what comes before this cursor.")]


@strawberry.type(description="Where a page lies in its list.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Is there more after this page?")
    has_previous_page: bool = strawberry.field(description="Is there more before this page?")
    start_cursor: str | None = strawberry.field(description="Cursor of the first row of the page.")
    end_cursor: str | None = strawberry.field(description="Cursor of the last row of the page.")


@strawberry.type(description="A row of a list with its cursor.")
class Edge(Generic[T]):
    cursor: str = strawberry.field(description="Give it as `after` or `before` to go on from here.")
    node: T = strawberry.field(description="The row itself.")


@strawberry.type(description="A page of a list.")
class Connection(Generic[T]):
    """Cursors are signed, and what is only on edges is found out, when they are asked for."""

    nodes: list[T] = strawberry.field(description="The rows of this page.")
    listed: strawberry.Private["Listed[Any]"]

    @strawberry.field(description="The rows of this page with their cursors.")
    @looked_through
    def edges(self) -> list[Edge[T]]:
        return [
            Edge(cursor=cursor, node=node)
            for cursor, node in zip(self.listed.cursors(), self.nodes, strict=True)
        ]

    @strawberry.field(description="Where this page lies.")
    def page_info(self) -> PageInfo:
        return self.listed.info()

    @strawberry.field(
        description="How many in the whole list: exact up to 10,000; 10,000 means that many or more."
    )
    async def total_count(self) -> int:
        return await self.listed.counted()


@dataclass(frozen=True, slots=True)
class Paging:
    """The four arguments as given."""

    first: int | None = None
    after: str | None = None
    last: int | None = None
    before: str | None = None

    def limit(self) -> int:
        """Invalid for both directions at once or a number outside 1 to 100."""
        if self.first is not None and self.last is not None:
            raise Invalid("last", zh="first 与 last 不能同时使用。", en="Give `first` or `last`, not both.")
        asked, name = (self.last, "last") if self.last is not None else (self.first, "first")
        if asked is None:
            return PAGE_DEFAULT
        if not 1 <= asked <= PAGE_MOST:
            raise Invalid(name, zh=f"需在 1 与 {PAGE_MOST} 之间。", en=f"Must lie between 1 and {PAGE_MOST}.")
        return asked

    def cursor(self, context: Context) -> Cursor | None:
        """The cursor of the page that this one follows on, for the state that it carries."""
        self.limit()
        if self.after is not None:
            return read(context.ports.cursors, self.after, "after")
        return read(context.ports.cursors, self.before, "before") if self.before is not None else None

    def asked(self, context: Context, order: Order) -> PageAsked:
        signer = context.ports.cursors
        after = None if self.after is None else position(read(signer, self.after, "after"), order, "after")
        before = (
            None if self.before is None else position(read(signer, self.before, "before"), order, "before")
        )
        return PageAsked(self.limit(), after, before, backward=self.last is not None)


@dataclass(frozen=True, slots=True)
class Listed(Generic[R]):
    """A page that was read, with what makes cursors and the count."""

    page: Page[R]
    write: Callable[[tuple[Any, ...]], str]
    """Makes the cursor of a position."""
    counted: Callable[[], Awaitable[int]]

    def cursors(self) -> list[str]:
        """Of each row."""
        return [self.write(position) for position in self.page.positions]

    def info(self) -> PageInfo:
        positions = self.page.positions
        return PageInfo(
            has_next_page=self.page.has_next,
            has_previous_page=self.page.has_previous,
            start_cursor=self.write(positions[0]) if positions else None,
            end_cursor=self.write(positions[-1]) if positions else None,
        )


async def list_page(
    context: Context,
    statement: Select[Any],
    make: Callable[..., R],
    order: Order,
    paging: Paging,
    state: Any = None,
    given: Given = None,
) -> Listed[R]:
    """Read one page; `state` is what its cursors carry beside the keys, `given` are the statement's parameters."""
    asked = paging.asked(context, order)
    async with context.read() as db:
        found = await page(db, statement, make, order, asked, given)

    async def counted() -> int:
        async with context.read() as db:
            return await count(db, statement, order, given)

    return Listed(found, _writer(context, order, state), counted)


def _writer(context: Context, order: Order, state: Any = None) -> Callable[[tuple[Any, ...]], str]:
    signer = context.ports.cursors
    return lambda position: write(signer, Cursor(order.name, position, state))


async def connect(
    context: Context,
    statement: Select[Any],
    make: Callable[..., R],
    order: Order,
    paging: Paging,
    show: Callable[[R], T],
    state: Any = None,
    given: Given = None,
) -> Connection[T]:
    """The connection of a list whose rows `show` turns into nodes; see `list_page`."""
    return connection_of(await list_page(context, statement, make, order, paging, state, given), show)


def connection_of(listed: Listed[R], show: Callable[[R], T]) -> Connection[T]:
    return Connection(nodes=[show(row) for row in listed.page.rows], listed=listed)


async def _none() -> int:
    return 0


def empty(context: Context, order: Order, paging: Paging) -> Connection[Any]:
    """The connection of a list that is known to be empty, for what was lawfully asked; the database is not."""
    paging.asked(context, order)
    nothing: Page[Any] = Page(rows=(), positions=(), has_next=False, has_previous=False)
    return Connection(nodes=[], listed=Listed(nothing, _writer(context, order), _none))


class NestedList(Generic[R]):
    """
    A list that hangs on each row of another: the pages that a request asks for at one time are read in one statement for
    each way of asking, however many rows there are.

    `select` makes the statement from what the field was given (hashable values), `parent` is the column that says on which
    row one of it hangs.
    """

    def __init__(
        self,
        select: Callable[..., Select[Any]],
        parent: SQLColumnExpression[UUID],
        make: Callable[..., R],
        order: Order,
    ) -> None:
        self._select = select
        self._parent = parent
        self._make = make
        self._order = order

    async def page(self, context: Context, parent: UUID, paging: Paging, *given: Hashable) -> Listed[R]:
        """The page that hangs on one row."""
        asked = paging.asked(context, self._order)
        found: Page[R] = await context.loader(self._pages).load((parent, (asked, *given)))

        async def counted() -> int:
            return await context.loader(self._counts).load((parent, given)) or 0

        return Listed(found, _writer(context, self._order), counted)

    def _pages(self, context: Context) -> Loader[tuple[UUID, Any], Any]:
        async def fetch(db: Read, parents: list[UUID], asked: PageAsked, *given: Hashable) -> Any:
            selected = self._select(*given)
            return await pages(db, selected, self._parent, parents, self._make, self._order, asked)

        return _grouped(context, fetch)

    def _counts(self, context: Context) -> Loader[tuple[UUID, Any], Any]:
        async def fetch(db: Read, parents: list[UUID], *given: Hashable) -> Any:
            return await counts(db, self._select(*given), self._parent, parents)

        return _grouped(context, fetch)


def _grouped(context: Context, fetch: Callable[..., Awaitable[Any]]) -> Loader[tuple[UUID, Any], Any]:
    """A loader by parent and way of asking, that asks once for each way."""

    async def load(keys: list[tuple[UUID, Any]]) -> dict[tuple[UUID, Any], Any]:
        ways: dict[Any, list[UUID]] = {}
        for parent, way in keys:
            ways.setdefault(way, []).append(parent)
        found = {}
        async with context.read() as db:
            for way, parents in ways.items():
                part = await fetch(db, parents, *way)
                found.update({(parent, way): value for parent, value in part.items()})
        return found

    return keyed_loader(load)


__all__ = [
    "After",
    "Before",
    "Connection",
    "CursorBroken",
    "Edge",
    "First",
    "Last",
    "NestedList",
    "PageInfo",
    "Paging",
    "connect",
    "connection_of",
    "empty",
]
