"""Lists that read just what is asked for answer as if they had read everything."""

import pytest
from execution.test_whole_schema import WHOLE, contexts, world
from graphql import GraphQLObjectType, get_named_type, is_leaf_type, is_required_argument
from matrix.world import World
from sqlalchemy import event
from support.executors import both

__all__ = ["world"]
LISTS = {"Internship": "internships"}
"""The root's list of each type that says what its fields are shown from."""


def asked(name: str, kind: object) -> str:
    if is_leaf_type(kind):
        return name
    assert isinstance(kind, GraphQLObjectType)
    return f"{name} {{ {'totalCount' if 'totalCount' in kind.fields else '__typename'} }}"


FIELDS = [
    (kind, name)
    for kind in LISTS
    for name, field in WHOLE.type_map[kind].fields.items()  # type: ignore[attr-defined]  # an object's
    if not any(is_required_argument(argument) for argument in field.args.values())
]


@pytest.mark.parametrize(
    "way", ["nodes { … }", "edges { cursor node { … } }", "nodes { id } edges { node { … } }"]
)
@pytest.mark.parametrize(("kind", "name"), FIELDS)
async def test_each_field_is_answered_from_its_own_columns_alone(
    world: World, kind: str, name: str, way: str
) -> None:
    field = WHOLE.type_map[kind].fields[name]  # type: ignore[attr-defined]  # as above
    selection = asked(name, get_named_type(field.type))
    source = f"{{ {LISTS[kind]}(first: 5) {{ {way} }} }}".replace("…", selection)
    for who in (world.youth, world.partner, world.admin):
        pair = await both(WHOLE, source, context=await contexts(world, who))
        pair.must_agree()
        assert pair.displayed.errors is None
        assert all(pair.displayed.data[LISTS[kind]].values())


async def test_no_more_is_read_than_is_asked_for(world: World) -> None:
    found: list[str] = []
    house = world.house

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        found.append(statement)

    made = await contexts(world, world.youth)
    event.listen(house.runtime.database.engine.sync_engine, "before_cursor_execute", note)
    try:
        await both(WHOLE, "{ internships { nodes { title } } }", context=made)
    finally:
        event.remove(house.runtime.database.engine.sync_engine, "before_cursor_execute", note)
    read = [statement for statement in found if "internship_listing" in statement]
    assert len(read) == 3
    assert [("description" in statement) for statement in read] == [True, True, False]
