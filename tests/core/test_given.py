"""Which fields of an input the client gave, however it gave them."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from graphql import FieldNode, OperationDefinitionNode, parse

from graph.core.context import Info
from graph.core.given import given_fields


def info(document: str, **variables: Any) -> Info:
    """What a resolver of the first field of the document gets."""
    operation = cast("OperationDefinitionNode", parse(document).definitions[0])
    node = cast("FieldNode", operation.selection_set.selections[0])
    return cast(
        "Info",
        SimpleNamespace(
            _raw_info=SimpleNamespace(field_nodes=[node]), context=SimpleNamespace(raw_variables=variables)
        ),
    )


@pytest.mark.parametrize(
    ("document", "variables", "fields"),
    [
        (
            "mutation ($i: I!) { f(input: $i) }",
            {"i": {"name": "a", "divisionCode": None}},
            {"name", "division_code"},
        ),
        ("mutation ($i: I!) { f(input: $i) }", {"i": {}}, set()),
        ("mutation ($i: I!) { f(input: $i) }", {}, set()),
        ("mutation ($i: I!) { f(input: $i) }", {"i": None}, set()),
        ("mutation ($x: I!) { f(input: $x) }", {"x": {"a": 1}, "input": {"b": 1}}, {"a"}),
        ('mutation { f(input: {name: "a", employeeCount: null}) }', {}, {"name", "employee_count"}),
        ("mutation { f(input: {}) }", {}, set()),
        ("mutation ($n: Int) { f(input: {name: $n, id: 1}) }", {"n": None}, {"name", "id"}),
        ("mutation ($n: Int) { f(input: {name: $n, id: 1}) }", {}, {"id"}),
        ("mutation { f(other: {a: 1}, input: {b: 1}) }", {}, {"b"}),
        ("mutation { f }", {}, set()),
        ("mutation { f(input: null) }", {}, set()),
    ],
)
def test_given_fields(document: str, variables: dict[str, Any], fields: set[str]) -> None:
    assert given_fields(info(document, **variables)) == fields
