"""
Lists as Relay connections over keyset pages (`domain.core.keyset`).

`first` or `last`, not both, 1 to 100; 20 when absent. `totalCount` costs a statement of its own, so it is counted only
when it is asked for.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

import strawberry
from sqlalchemy import Select

from domain.core.keyset import PAGE_DEFAULT, PAGE_MOST, Order, Page, PageAsked, count, page
from domain.core.refusals import Invalid
from graph.core.context import Context
from graph.core.cursors import Cursor, CursorBroken, position, read, write

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
    edges: list[Edge[T]] = strawberry.field(description="The rows of this page with their cursors.")
    nodes: list[T] = strawberry.field(description="The rows of this page.")
    page_info: PageInfo = strawberry.field(description="Where this page lies.")
    counted: strawberry.Private[Callable[[], Awaitable[int]]]

    @strawberry.field(
        description="How many in the whole list: exact up to 10,000; 10,000 means that many or more."
    )
    async def total_count(self) -> int:
        return await self.counted()


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
    cursors: tuple[str, ...]
    counted: Callable[[], Awaitable[int]]

    @property
    def info(self) -> PageInfo:
        return PageInfo(
            has_next_page=self.page.has_next,
            has_previous_page=self.page.has_previous,
            start_cursor=self.cursors[0] if self.cursors else None,
            end_cursor=self.cursors[-1] if self.cursors else None,
        )


async def list_page(
    context: Context,
    statement: Select[Any],
    make: Callable[..., R],
    order: Order,
    paging: Paging,
    state: Any = None,
) -> Listed[R]:
    """Read one page; `state` is what its cursors carry beside the keys."""
    asked = paging.asked(context, order)
    async with context.read() as db:
        found = await page(db, statement, make, order, asked)

    async def counted() -> int:
        async with context.read() as db:
            return await count(db, statement, order)

    signer = context.ports.cursors
    cursors = tuple(write(signer, Cursor(order.name, keys, state)) for keys in found.positions)
    return Listed(found, cursors, counted)


async def connect(
    context: Context,
    statement: Select[Any],
    make: Callable[..., R],
    order: Order,
    paging: Paging,
    show: Callable[[R], T],
    state: Any = None,
) -> Connection[T]:
    """The connection of a list whose rows `show` turns into nodes; `state` is what its cursors carry beside the keys."""
    listed = await list_page(context, statement, make, order, paging, state)
    nodes = [show(row) for row in listed.page.rows]
    return Connection(
        edges=[Edge(cursor=cursor, node=node) for cursor, node in zip(listed.cursors, nodes, strict=True)],
        nodes=nodes,
        page_info=listed.info,
        counted=listed.counted,
    )


__all__ = [
    "After",
    "Before",
    "Connection",
    "CursorBroken",
    "Edge",
    "First",
    "Last",
    "PageInfo",
    "Paging",
    "connect",
]
