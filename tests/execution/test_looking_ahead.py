"""Lists, and nodes found by their ids, that read just what is asked for answer as if they had read everything."""

import pytest
from execution.test_whole_schema import WHOLE, contexts, world
from graphql import GraphQLObjectType, get_named_type, is_leaf_type, is_required_argument
from matrix.world import World
from support.executors import both
from support.watching import statements

__all__ = ["world"]
LISTS = {
    "Internship": "internships",
    "Hostel": "hostels",
    "Rental": "rentals",
    "MatchmakingEvent": "matchmakingEvents",
    "Mentor": "mentors",
}
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


@pytest.mark.parametrize("way", ["node(id: $id) { … }", "nodes(ids: [$id]) { __typename … }"])
@pytest.mark.parametrize(("kind", "name"), FIELDS)
async def test_so_is_each_field_of_one_that_is_found_by_its_id(
    world: World, kind: str, name: str, way: str
) -> None:
    field = WHOLE.type_map[kind].fields[name]  # type: ignore[attr-defined]  # as above
    selection = f"... on {kind} {{ {asked(name, get_named_type(field.type))} }} ... on Node {{ id }}"
    source = f"query ($id: ID!) {{ {way} }}".replace("…", selection)
    for who in (world.youth, world.partner, world.admin):
        pair = await both(
            WHOLE, source, context=await contexts(world, who), variables={"id": world.ids[kind]}
        )
        pair.must_agree()
        assert pair.displayed.errors is None
        assert all(pair.displayed.data.values())


COLUMNS = [
    ("Internship", "title", "internship_listing", "description"),
    ("Hostel", "name", "hostel_hostel", "amenities"),
    ("Rental", "title", "hostel_rental", "contact_url"),
    ("MatchmakingEvent", "title", "matchmaking_event", "venue"),
    ("Mentor", "name", "mentorship_mentor", "biography"),
]


@pytest.mark.parametrize(("kind", "asked_for", "table", "not_asked_for"), COLUMNS)
async def test_no_more_is_read_than_is_asked_for(
    world: World, kind: str, asked_for: str, table: str, not_asked_for: str
) -> None:
    made = await contexts(world, world.youth)
    with statements(world.house) as seen:
        await both(WHOLE, f"{{ {LISTS[kind]} {{ nodes {{ {asked_for} }} }} }}", context=made)
    read = [sent for sent in seen.sent if table in sent]
    assert [not_asked_for in sent for sent in read] == [True, True, False]


@pytest.mark.parametrize(("kind", "asked_for", "table", "not_asked_for"), COLUMNS)
async def test_nor_of_one_that_is_found_by_its_id(
    world: World, kind: str, asked_for: str, table: str, not_asked_for: str
) -> None:
    for who in (world.youth, world.admin):
        made = await contexts(world, who)
        source = f"query ($id: ID!) {{ node(id: $id) {{ ... on {kind} {{ {asked_for} }} }} }}"
        with statements(world.house) as seen:
            await both(WHOLE, source, context=made, variables={"id": world.ids[kind]})
        read = [sent for sent in seen.sent if table in sent]
        assert [not_asked_for in sent for sent in read] == [True, True, False]
