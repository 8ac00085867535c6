"""
The Node interface: anything with an id, found again by it.

Each type registers how it is loaded for an actor; what the actor may not know of is absent, like what does not exist.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

import strawberry

from domain.core.refusals import Invalid
from graph.core.context import Context, Info, Loader, keyed_loader
from graph.core.ids import Tag, parse

NODES_MOST = 100


@strawberry.interface(description="Anything that has an id and is found again by it.")
class Node:
    id: strawberry.ID = strawberry.field(description="Opaque, stable across releases.")


Load = Callable[[Context, list[UUID]], Awaitable[Mapping[UUID, Any]]]
_LOADERS: dict[Tag, Load] = {}


def loads(tag: Tag) -> Callable[[Load], Load]:
    """Register how nodes of a type are loaded: those of the ids that the context's actor may know of."""

    def register(load: Load) -> Load:
        if _LOADERS.setdefault(tag, load) is not load:
            raise TypeError(f"{tag.name} is loaded in two places")
        return load

    return register


async def load_nodes(context: Context, ids: Iterable[str]) -> list[Any]:
    """One statement for each type among the ids; None for what is not there for this actor."""
    wanted = [parse(text) for text in ids]
    by_tag: dict[Tag, list[UUID]] = {}
    for found in wanted:
        if found is not None:
            by_tag.setdefault(found[0], []).append(found[1])
    loaded = {tag: await _LOADERS[tag](context, keys) for tag, keys in by_tag.items() if tag in _LOADERS}
    return [None if found is None else loaded.get(found[0], {}).get(found[1]) for found in wanted]


async def load_record(context: Context, tag: Tag, key: UUID | None) -> Any:
    """One record by its row's id, as its type's own loader gives it to this actor."""
    return None if key is None else (await _LOADERS[tag](context, [key])).get(key)


def _by_id(context: Context) -> Loader[str, Any]:
    async def load(ids: list[str]) -> dict[str, Any]:
        return dict(zip(ids, await load_nodes(context, ids), strict=True))

    return keyed_loader(load)


async def node_by_id(context: Context, id: str | None) -> Any:  # the contract's name
    """One node, gathered with others that the request asks for at the same time."""
    return None if id is None else await context.loader(_by_id).load(id)


@strawberry.type
class NodeQueries:
    @strawberry.field(
        description="Anything by its id; null when it is absent or not the caller's to know of."
    )
    async def node(self, info: Info, id: strawberry.ID) -> Node | None:  # the contract's name
        return (await load_nodes(info.context, [id]))[0]  # type: ignore[no-any-return]  # a node of any type; each of the schema's is one

    @strawberry.field(description="Up to 100 at once, in the order asked for.")
    async def nodes(
        self,
        info: Info,
        ids: list[strawberry.ID],
    ) -> list[Node | None]:
        if len(ids) > NODES_MOST:
            raise Invalid("ids", zh=f"最多 {NODES_MOST} 个。", en=f"{NODES_MOST} at most.")
        return await load_nodes(info.context, ids)
