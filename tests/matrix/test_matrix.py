"""
Who may use what: every served mutation, every type with ids and every sensitive field, asked as every kind of principal, and
compared with the table (`graph/contract/access.toml` over `domain/core/rights.py`).

A new field without a row does not start (`graph/core/access.py`), and fails here; a new mutation without a sample, too.
"""

import re
from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLObjectType, build_schema
from matrix.principals import Principal
from matrix.samples import SAMPLES
from matrix.world import World, a_world
from support.house import House
from support.raw import everything
from support.watching import statements

from domain.core.actors import Anonymous, StaffActor, YouthActor
from domain.core.rights import RIGHTS, Action, Subject, may
from domain.public import TABLES_OF_STAFF
from graph.core.access import (
    ANYONE,
    HOLDER,
    PEOPLE,
    REST,
    STATES,
    Undeclared,
    access_table,
    declared,
    fields_to_declare,
    require_declared,
)
from graph.schema import schema

CONTRACT = build_schema((Path(__file__).parents[2] / "graph/contract/schema.graphql").read_text("utf-8"))
SERVED = build_schema(schema.as_str())
TABLE = access_table()
GATES = {"UNAUTHENTICATED", "FORBIDDEN", "NOT_FOUND"}
# Each refusal of a key is remembered beside it, and looks that were refused are none.
NOTED_ANYWAY = ("core_idempotency_key",)


@pytest.fixture(scope="module")
async def world(house: House) -> AsyncIterator[World]:
    async def unnoted(*_: object) -> None:
        """The last use of tokens and sessions: once a minute it would change a row while we compare."""

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(house.runtime.authenticator, "_note_use", unnoted)
        yield await a_world(house)


# ── the table itself ─────────────────────────────────────────────────────────


def test_every_field_of_the_contract_and_of_the_served_schema_has_a_row() -> None:
    for whole in (CONTRACT, SERVED):
        missing = [pair for pair in fields_to_declare(whole) if declared(TABLE, *pair) is None]
        assert missing == []


def test_no_row_is_about_nothing() -> None:
    known = {*fields_to_declare(CONTRACT), *fields_to_declare(SERVED)}
    types = {kind for kind, _ in known}
    stale = [
        f"{kind}.{name}"
        for kind, rows in TABLE.items()
        if kind != STATES
        for name in rows
        if (kind, name) not in known and not (name == REST and kind in types)
    ]
    assert stale == []


def test_a_field_without_a_row_cannot_be_served(monkeypatch: pytest.MonkeyPatch) -> None:
    table = access_table()
    del table["Mutation"]["giveConsent"], table["Session"]
    monkeypatch.setattr("graph.core.access.access_table", lambda: table)
    with pytest.raises(Undeclared, match=r"Mutation\.giveConsent, Session\.id"):
        require_declared(SERVED)


def test_every_mutation_is_tried() -> None:
    assert sorted(SERVED.mutation_type.fields) == sorted(SAMPLES)  # type: ignore[union-attr]  # the schema has it


# ── mutations ────────────────────────────────────────────────────────────────


def _may(principal: Principal, word: str, subject: Subject | None) -> bool:
    if word == PEOPLE:
        return isinstance(principal.actor, YouthActor | StaffActor)
    return word in {ANYONE, HOLDER} or may(principal.actor, Action(word), subject)


def _expected(principal: Principal, word: str, subject: Subject | None) -> set[str]:
    """The codes with which the principal is turned away; none when they are let in."""
    if _may(principal, word, subject):
        return set()
    if isinstance(principal.actor, Anonymous):
        return {"UNAUTHENTICATED"}
    in_general = word in RIGHTS and may(principal.actor, Action(word))
    return {"NOT_FOUND", "FORBIDDEN"} if in_general else {"FORBIDDEN"}


async def _codes(principal: Principal, mutation: str, given: dict[str, Any]) -> set[str]:
    kind = mutation[0].upper() + mutation[1:] + "Input"
    document = f"mutation ($i: {kind}!) {{ {mutation}(input: $i) {{ userErrors {{ code }} }} }}"
    data = await principal.client.run(document, i=given)
    return {error["code"] for error in data[mutation]["userErrors"]}


def _written(sent: Iterable[str]) -> set[str]:
    """The tables that statements change."""
    return {table for text in sent for table in re.findall(r"\b(?:INTO|UPDATE|DELETE FROM) (\w+)", text)}


@pytest.mark.parametrize("mutation", SAMPLES)
async def test_a_mutation(world: World, mutation: str) -> None:
    sample, word = SAMPLES[mutation], TABLE["Mutation"][mutation]
    subject = None if sample.about is None else world.subjects[sample.about]
    turned_away = {
        principal.name: expected
        for principal in world.principals
        if (expected := _expected(principal, word, subject))
    }

    # those who may not are told so, and change nothing
    before = await everything(world.house, but=NOTED_ANYWAY)
    wrong = {}
    for principal in world.principals:
        if principal.name in turned_away:
            codes = await _codes(principal, mutation, sample.given(world))
            if len(codes) != 1 or not codes <= turned_away[principal.name]:
                wrong[principal.name] = codes
    assert wrong == {}
    assert await everything(world.house, but=NOTED_ANYWAY) == before

    # those who may are let in, whatever becomes of it; what a youth does changes nothing that youths may see a moment late
    for principal in world.principals:
        if principal.name not in turned_away:
            with statements(world.house) as seen:
                codes = await _codes(principal, mutation, sample.given(world))
            if codes & GATES - sample.lawful:
                wrong[principal.name] = codes
            if isinstance(principal.actor, YouthActor) and _written(seen.sent) & TABLES_OF_STAFF:
                wrong[principal.name] = _written(seen.sent)
    assert wrong == {}


# ── types with ids, sensitive fields, states ─────────────────────────────────


def _nodes() -> Iterator[str]:
    for name, kind in SERVED.type_map.items():
        if isinstance(kind, GraphQLObjectType) and any(face.name == "Node" for face in kind.interfaces):
            yield name


def _sensitive() -> Iterator[str]:
    """Fields with a row of their own, of types that have one of each in the world."""
    for kind in _nodes():
        fields = SERVED.type_map[kind].fields  # type: ignore[attr-defined]  # the schema has it
        yield from (f"{kind}: {name}" for name in TABLE[kind] if name != REST and name in fields)


ARGUMENTS = {"bookings": '(on: "2026-05-04")'}
"""Of fields that need some."""


def _subselection(kind: str, path: str) -> str:
    """The path as a selection; what has fields of its own is asked for its type."""
    found: Any = SERVED.type_map[kind]
    for part in path.split("."):
        found = found.fields[part].type
        while hasattr(found, "of_type"):
            found = found.of_type
    inner = " { __typename }" if hasattr(found, "fields") else ""
    opened = " { ".join(f"{part}{ARGUMENTS.get(part, '')}" for part in path.split("."))
    return f"{opened}{inner}" + " }" * path.count(".")


async def _answer(principal: Principal, kind: str, identity: str, selection: str) -> Any:
    document = f"query ($id: ID!) {{ node(id: $id) {{ __typename ... on {kind} {{ {selection} }} }} }}"
    answer = (await principal.client.post(document, id=identity)).json()
    codes = {error["extensions"].get("code") for error in answer.get("errors", ())}
    assert codes <= {"FORBIDDEN", "UNAUTHENTICATED"}, answer
    return answer["data"]["node"]


async def _seen(principal: Principal, kind: str, identity: str, path: str | None) -> bool:
    found = await _answer(principal, kind, identity, "id" if path is None else _subselection(kind, path))
    for part in () if path is None else path.split("."):
        found = None if found is None else found[part]
    return found is not None


async def _compare(world: World, name: str, word: str, path: str | None = None) -> None:
    kind, subject = name.split(maxsplit=1)[0], world.subjects[name]
    expected = {principal.name: _may(principal, word, subject) for principal in world.principals}
    seen = {
        principal.name: await _seen(principal, kind, world.ids[name], path) for principal in world.principals
    }
    assert {who for who in expected if seen[who] != expected[who]} == set()
    assert any(seen.values())


@pytest.mark.parametrize("kind", sorted(_nodes()))
async def test_who_finds_a_thing_by_its_id(world: World, kind: str) -> None:
    await _compare(world, kind, TABLE[kind][REST])


@pytest.mark.parametrize("entry", sorted(_sensitive()))
async def test_who_sees_a_sensitive_field(world: World, entry: str) -> None:
    kind, field = entry.split(": ")
    await _compare(world, kind, TABLE[kind][field], field)


@pytest.mark.parametrize("entry", TABLE[STATES])
async def test_who_sees_what_depends_on_a_state(world: World, entry: str) -> None:
    name, _, path = entry.partition(": ")
    await _compare(world, name, TABLE[STATES][entry], path or None)


QUERIES = {
    "findYouth": 'findYouth(phone: "+8614000000009", reason: "核对身份") { id }',
    "accessLog": "accessLog { totalCount }",
    "serviceBursts": "serviceBursts { totalCount }",
    "impossibleJourneys": "impossibleJourneys { totalCount }",
    "organizationsAbovePeers": "organizationsAbovePeers { totalCount }",
}


def test_every_query_that_is_not_for_anyone_is_tried() -> None:
    served = SERVED.query_type.fields  # type: ignore[union-attr]  # the schema has it
    assert {name for name in served if TABLE["Query"][name] != ANYONE} == set(QUERIES)


@pytest.mark.parametrize("query", QUERIES)
async def test_a_query(world: World, query: str) -> None:
    for principal in world.principals:
        answer = (await principal.client.post(f"{{ {QUERIES[query]} }}")).json()
        codes = {error["extensions"]["code"] for error in answer.get("errors", ())}
        assert codes == _expected(principal, TABLE["Query"][query], None), principal.name
