"""
Fields that lead from a row to another by its key: one look-up for a whole list, however many rows it has.

    organization: Organization = strawberry.field(
        resolver=edge(_organizations, lambda self: self.row.organization_id), description="Who posts it."
    )

The executor hands over all rows of a list together (`resolve_many`, see `graph.execution`); graphql-core asks row by row.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from graph.core.context import Context, Info, Loader

F = TypeVar("F", bound=Callable[..., Any])
Make = Callable[[Context], Loader[Any, Any]]
Key = Callable[[Any], Any]
Show = Callable[[Any, Context], Any]
AtOnce = Callable[[Sequence[Any], Context], Sequence[Any] | None]
"""What is answered for each key; None when it must be waited for."""


def looked_through(resolver: F) -> F:
    """
    For a resolver that gives what its object holds, in another form: whoever looks ahead at what is asked of the object sees
    what is asked below the field too (`graph.execution.Ahead`).
    """
    resolver.looked_through = True  # type: ignore[attr-defined]  # found there by the executor
    return resolver


def _as_it_is(value: Any, _context: Context) -> Any:
    return value


def _unknown(_keys: Sequence[Any], _context: Context) -> None:
    return None


def edge(loader: Make, key: Key, show: Show = _as_it_is, *, at_once: AtOnce = _unknown) -> Callable[..., Any]:
    """
    A resolver that gives what the request's loader finds by the row's key, null where the key is None; `show` makes what is
    answered of it. Where the schema forbids null the database's foreign key must say so too. What `at_once` gives by all keys
    is not asked of the loader.
    """

    def resolve(root: Any, info: Info) -> Any:
        found, context = key(root), info.context
        known = at_once((found,), context)
        return _one(found, context) if known is None else known[0]

    def resolve_many(rows: Sequence[Any], info: Any) -> Awaitable[Sequence[Any]] | Sequence[Any]:
        keys, context = [key(row) for row in rows], info.context
        known = at_once(keys, context)
        return _many(keys, context) if known is None else known

    async def _one(key: Any, context: Context) -> Any:
        return (await _many([key], context))[0]

    async def _many(keys: list[Any], context: Context) -> list[Any]:
        asked = [found for found in keys if found is not None]
        values = await context.loader(loader).load_many(asked)
        if len(asked) < len(keys):
            known = dict(zip(asked, values, strict=True))
            values = [known.get(found) for found in keys]
        return values if show is _as_it_is else [show(value, context) for value in values]

    resolve.resolve_many = resolve_many  # type: ignore[attr-defined]  # found there by the executor
    return resolve
