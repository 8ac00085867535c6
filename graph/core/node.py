"""
The Node interface: anything with an id, found again by it.

Each type registers how it is loaded for an actor, and may look ahead at what is asked of it; what the actor may not know of is absent, like what does not exist.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, TypeVar
from uuid import UUID

import strawberry

from domain.core.refusals import Invalid
from graph.core.context import Context, Info, Loader, keyed_loader
from graph.core.ids import Tag, parse
from graph.core.views import Views

NODES_MOST = 100


@strawberry.interface(description="Anything that has an id and is found again by it.")
class Node:
    id: strawberry.ID = strawberry.field(description="Opaque, stable across releases.")


Load = Callable[[Context, list[UUID]], Awaitable[Mapping[UUID, Any]]]
_Ahead = Callable[[Context, list[UUID], Info | None], Awaitable[Mapping[UUID, Any]]]
_LOADERS: dict[Tag, _Ahead] = {}
L = TypeVar("L", bound=Callable[..., Awaitable[Mapping[UUID, Any]]])


def loads(tag: Tag) -> Callable[[Load], Load]:
    """Register how nodes of a type are loaded: those of the ids that the context's actor may know of."""

    def register(load: Load) -> Load:
        _register(tag, lambda context, keys, _info: load(context, keys))
        return load

    return register


def loads_view(tag: Tag, views: Views[Any, Any]) -> Callable[[L], L]:
    """The same for a loader that is told which view to read and to show, beside context and ids: what is asked for."""

    def register(load: L) -> L:
        def ahead(context: Context, keys: list[UUID], info: Info | None) -> Awaitable[Mapping[UUID, Any]]:
            return load(context, keys, views.whole if info is None else views.wanted(info))

        _register(tag, ahead)
        return load

    return register


def _register(tag: Tag, load: _Ahead) -> None:
    if _LOADERS.setdefault(tag, load) is not load:
        raise TypeError(f"{tag.name} is loaded in two places")


async def load_nodes(context: Context, ids: Iterable[str], info: Info | None = None) -> list[Any]:
    """
    One statement for each type among the ids; None for what is not there for this actor. `info` is of the field whose values
    they are, if they are read for nothing else.
    """
    wanted = [parse(text) for text in ids]
    by_tag: dict[Tag, list[UUID]] = {}
    for found in wanted:
        if found is not None:
            by_tag.setdefault(found[0], []).append(found[1])
    loaded = {
        tag: await _LOADERS[tag](context, keys, info) for tag, keys in by_tag.items() if tag in _LOADERS
    }
    return [None if found is None else loaded.get(found[0], {}).get(found[1]) for found in wanted]


async def load_record(context: Context, tag: Tag, key: UUID | None, info: Info | None = None) -> Any:
    """One record by its row's id, as its type's own loader gives it to this actor; `info` as for `load_nodes`."""
    load = _LOADERS.get(tag)
    return None if key is None or load is None else (await load(context, [key], info)).get(key)


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
        found = parse(id)
        return None if found is None else await load_record(info.context, *found, info)

    @strawberry.field(description="Up to 100 at once, in the order asked for.")
    async def nodes(
        self,
        info: Info,
        ids: list[strawberry.ID],
    ) -> list[Node | None]:
        if len(ids) > NODES_MOST:
            raise Invalid("ids", zh=f"最多 {NODES_MOST} 个。", en=f"{NODES_MOST} at most.")
        return await load_nodes(info.context, ids, info)
