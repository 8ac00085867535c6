"""graphql-core's reading of documents: keys, fragments, conditions, variables, arguments, operations."""

from contextlib import suppress
from typing import Any

import pytest
from execution.worlds import WORLD, Cat, Dog, Kept
from graphql import GraphQLError, parse
from support.executors import agreed, both

from graph.execution import Plan


def dogs() -> Kept:
    return Kept([Dog(name="a", age=1), Dog(name="b")])


@pytest.mark.parametrize(
    "source",
    [
        "{ __typename a: __typename }",
        "{ dogs { name } dogs { age n: name } }",
        "{ dogs { ...A ...B } dogs { ...A } } fragment A on Dog { name ...B } fragment B on Dog { age friend { name } }",
        "{ ...Q } fragment Q on Query { dogs { ... { name } ... on Named { name } ... on Dog { age } } }",
        '{ dogs { friend { friend { name must } } must loud(times: 2, suffix: "!") } }',
        "{ dogs { friend { name } } dogs { friend { age } } }",
        "{ dogs { a: loud b: loud(times: 0) } told(of: 3) }",
        "query Q { told }",
        '{ __schema { queryType { name fields { name type { name ofType { name } } } } } __type(name: "Dog") { kind } }',
        '{ __type(name: "Nothing") { kind } }',
    ],
)  # fmt: skip
async def test_selections(source: str) -> None:
    await agreed(WORLD, source, context=dogs)


async def test_errors_that_shall_not_bubble() -> None:
    source = "query @experimental_disableErrorPropagation { dogs { must name } sure }"
    bad = Kept([Dog(name="bad"), None, "nothing"])
    result = await agreed(WORLD, source, context=lambda: bad, valid=False)
    assert result.data == {"dogs": [{"must": None, "name": "bad"}, None, None], "sure": None}


async def test_what_a_resolver_is_told() -> None:
    source = "query Q($n: Int = 4) { ...F x: told(of: $n) } fragment F on Query { y: told }"
    result = await agreed(WORLD, source, context=dogs, root="root", variables={"n": 5})
    assert result.data is not None
    assert "'n': 5" in result.data["x"][3]


async def test_the_type_of_a_list_item_is_decided_with_the_path_of_its_field() -> None:
    await agreed(WORLD, "{ pets { ... on Cat { lives } } }", context=lambda: Kept([Cat(name="c"), "nobody"]))


@pytest.mark.parametrize("skip", [True, False])
@pytest.mark.parametrize("include", [True, False])
async def test_conditions(skip: bool, include: bool) -> None:
    source = """query ($s: Boolean!, $i: Boolean = true) {
      dogs @include(if: $i) { name @skip(if: $s) age @skip(if: true) ... @include(if: $s) { age } ...F @skip(if: $s) }
      __typename @skip(if: $s) @include(if: $i)
    } fragment F on Dog { good friend @include(if: $i) { name } }"""
    await agreed(WORLD, source, context=dogs, variables={"s": skip, "i": include})
    await agreed(WORLD, source, context=dogs, variables={"s": skip})


async def test_a_condition_that_is_null() -> None:
    source = "query ($i: Boolean = true) { __typename text @include(if: $i) }"
    fallen: list[str] = []
    plan = Plan(WORLD._schema, parse(source), None, fallen.append)
    pair = await both(WORLD, source, context=dogs, variables={"i": None}, plan=plan)
    pair.must_agree()
    assert fallen == ["condition", "condition"]


async def test_many_conditions_keep_few_variants() -> None:
    names = [f"v{number}" for number in range(6)]
    fields = " ".join(f"{name}: __typename @include(if: ${name})" for name in names)
    source = f"query ({', '.join(f'${name}: Boolean!' for name in names)}) {{ {fields} }}"
    plan = Plan(WORLD._schema, parse(source), None)
    for number in range(64):
        chosen = {name: bool(number >> place & 1) for place, name in enumerate(names)}
        result = await plan.execute(None, None, chosen)
        assert result.data == {name: "Query" for name, wanted in chosen.items() if wanted}
    assert plan._variant.cache_info().currsize == 16


VALUES: list[Any] = [
    None, 0, 1, 1.0, 1.5, 2**31, "x", "RED", True, [], [1], ["2026-01-01"], "2026-01-01", {"name": "w"},
    {"name": "w", "colour": "RED", "near": 3, "born": "2026-02-28"}, {"name": None}, {"nam": "w"}, {"name": "w", "near": [None]},
    [{"name": "a"}, {"name": "b", "near": [1, 2]}],
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=repr)
@pytest.mark.parametrize(
    ("kind", "argument"),
    [
        ("String", "text"), ("Int", "number"), ("Int = 7", "number"), ("Colour", "colour"), ("Colour! = RED", "colour"),
        ("Wish", "wish"), ('Wish = {name: "d"}', "wish"), ("[Wish!]", "wishes"), ("[Date!]", "days"), ("Int!", "number"),
    ],
)  # fmt: skip
async def test_variables(value: Any, kind: str, argument: str) -> None:
    source = f"query ($x: {kind}) {{ echo({argument}: $x) }}"
    await agreed(WORLD, source, variables={"x": value, "unknown": 1})


@pytest.mark.parametrize("kind", ["String", 'String = "d"', "String = null", "String!"])
async def test_absent_variables(kind: str) -> None:
    source = f'query ($x: {kind}, $n: Int) {{ a: echo(text: $x, number: $n) b: echo(text: $x, wish: {{name: "n", near: [1, $n]}}) }}'
    await agreed(WORLD, source)
    await agreed(WORLD, source, variables={"n": 3})
    await agreed(WORLD, source, variables={"x": "given"})


@pytest.mark.parametrize(
    "given",
    [
        "", "(text: null)", '(text: "a", number: 3, colour: BLUE)', '(wish: {name: "w"})',
        '(wishes: {name: "one"})', '(days: ["2026-01-01"])', '(days: "2026-01-01")', "(wishes: [])",
    ],
)  # fmt: skip
async def test_literals(given: str) -> None:
    await agreed(WORLD, f"{{ a: echo{given} b: echo{given} }}")


async def test_a_literal_that_a_scalar_refuses() -> None:
    source = '{ echo(days: ["2026-99-01"]) __typename }'
    await agreed(WORLD, source, valid=False)


async def test_a_null_for_what_must_be_given() -> None:
    """A variable that may be null fits an argument that may not, as long as it has a default."""
    source = 'query ($n: Int = 1, $w: Wish = {name: "d"}) { needs(number: $n, wish: $w) }'
    for variables in ({}, {"n": 2}, {"n": None}, {"w": None}):
        await agreed(WORLD, source, variables=variables, valid=False)


@pytest.mark.parametrize("name", [None, "A", "B", "C"])
async def test_operations(name: str | None) -> None:
    source = "query A { a: __typename } query B { b: __typename }"
    await agreed(WORLD, source, name=name)


async def test_unknown_fields_are_left_out() -> None:
    await agreed(
        WORLD, "{ nothing __typename dog { nothing name } }", context=lambda: Kept(Dog(name="a")), valid=False
    )


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("subscription { a }", "subscription"),
        ("{ ... @defer { __typename } }", "defer"),
        ("{ texts @stream(initialCount: 1) }", "stream"),
        ("{ __typename @skip }", "invalid"),
        ("query A { __typename } query B { __typename }", "operation"),
        ("fragment A on Query { __typename }", "operation"),
    ],
)
async def test_what_is_left_to_graphql_core(source: str, why: str) -> None:
    fallen: list[str] = []
    plan = Plan(WORLD._schema, parse(source), None, fallen.append)
    assert plan.reason == why
    with suppress(GraphQLError):  # it has words of its own for incremental delivery that was not asked for
        await plan.execute(None, Kept(["a"]), None)
    assert fallen == [why]


async def test_a_plan_shows_what_it_wrote() -> None:
    plan = Plan(WORLD._schema, parse("query ($s: Boolean!) { dogs { name @skip(if: $s) must } }"), None)
    assert "'name': v if (v := o.name).__class__ is str" in plan.source({"s": False})
    assert "o.name" not in plan.source({"s": True})
