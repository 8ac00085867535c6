"""
What is served against the contract (`graph/contract/schema.graphql`): nothing missing but what stands in `unbuilt.toml`,
nothing changed, everything described.
"""

import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    print_ast,
)
from graphql.utilities import (
    BreakingChangeType,
    DangerousChangeType,
    find_breaking_changes,
    find_dangerous_changes,
)

from api.commands.export_schema import export_schema
from graph.schema import schema

ROOT = Path(__file__).parents[2]
CONTRACT = ROOT / "graph/contract/schema.graphql"
REFERENCE = ROOT.parent / "shared/contract/schema.graphql"
PROGRAMMES = ["accounts", "hostels", "matchmaking", "volunteering", "mentorship", "services", "progress"]

contract = build_schema(CONTRACT.read_text(encoding="utf-8"))
served = build_schema(schema.as_str())
unbuilt = tomllib.loads((ROOT / "graph/contract/unbuilt.toml").read_text(encoding="utf-8"))


def parts(kind: GraphQLNamedType) -> dict[str, object]:
    """The fields of a type, if it is one that has any."""
    fielded = GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType
    return dict(kind.fields) if isinstance(kind, fielded) else {}


def own_types(of: GraphQLSchema) -> dict[str, GraphQLNamedType]:
    """The types of the schema, without those of the language."""
    language = {"Int", "Float", "String", "Boolean", "ID"}
    return {
        name: kind for name, kind in of.type_map.items() if not name.startswith("__") and name not in language
    }


def missing() -> set[str]:
    """Types and fields of the contract that are not served; of a type that is missing whole, only its name."""
    there = own_types(served)
    found = set()
    for name, kind in own_types(contract).items():
        if name not in there:
            found.add(name)
        else:
            found |= {f"{name}.{part}" for part in parts(kind) if part not in parts(there[name])}
    return found


def listed() -> list[str]:
    return [entry for programme in unbuilt.values() for kind in programme.values() for entry in kind]


def test_the_copy_is_the_contract() -> None:
    if not REFERENCE.exists():
        pytest.skip("../shared/contract/schema.graphql is not here: the copy cannot be compared")
    assert CONTRACT.read_bytes() == REFERENCE.read_bytes()


def test_what_is_missing_is_listed() -> None:
    assert sorted(missing() - set(listed())) == []


def test_what_is_listed_is_missing() -> None:
    assert sorted(set(listed()) - missing()) == [], "built by now: take these out of unbuilt.toml"


def test_the_list_is_in_order() -> None:
    assert set(unbuilt) <= set(PROGRAMMES)
    assert len(listed()) == len(set(listed()))
    for programme in unbuilt.values():
        assert set(programme) <= {"fields", "types"}
        assert all("." in entry for entry in programme.get("fields", []))
        assert not any("." in entry for entry in programme.get("types", []))


def test_what_is_built_breaks_nothing() -> None:
    absences = {BreakingChangeType.TYPE_REMOVED, BreakingChangeType.FIELD_REMOVED}  # those are listed
    changes = find_breaking_changes(contract, served)
    assert [change.description for change in changes if change.type not in absences] == []


def test_what_is_built_adds_only_what_clients_need_not_know() -> None:
    """An optional argument or input field is free. A new enum value or union member reaches clients that do not know it."""
    free = {
        DangerousChangeType.OPTIONAL_ARG_ADDED,
        DangerousChangeType.OPTIONAL_INPUT_FIELD_ADDED,
        DangerousChangeType.IMPLEMENTED_INTERFACE_ADDED,
    }
    changes = find_dangerous_changes(contract, served)
    assert [change.description for change in changes if change.type not in free] == []


def default_of(part: GraphQLArgument | GraphQLInputField) -> str | None:
    """As it stands in the SDL; None for none."""
    return None if part.default is None or part.default.literal is None else print_ast(part.default.literal)


def defaults(of: GraphQLSchema) -> dict[str, str | None]:
    """Of every argument and input field."""
    found: dict[str, str | None] = {}
    for name, kind in own_types(of).items():
        if isinstance(kind, GraphQLInputObjectType):
            found |= {f"{name}.{field}": default_of(part) for field, part in kind.fields.items()}
        elif isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            for field, definition in kind.fields.items():
                found |= {f"{name}.{field}({arg})": default_of(part) for arg, part in definition.args.items()}
    return found


def test_defaults_are_those_of_the_contract() -> None:
    promised, given = defaults(contract), defaults(served)
    both = promised.keys() & given.keys()
    assert len(both) > 100
    assert promised["Query.suggestSearch(first)"] == "8"
    assert {name: given[name] for name in both} == {name: promised[name] for name in both}


def test_no_default_is_null() -> None:
    assert "= null" not in schema.as_str()


def undescribed() -> Iterator[str]:
    for name, kind in own_types(served).items():
        if not kind.description:
            yield name
        if isinstance(kind, GraphQLEnumType):
            continue
        for field, part in parts(kind).items():
            if not part.description:
                yield f"{name}.{field}"
            for argument, definition in getattr(part, "args", {}).items():
                if not definition.description:
                    yield f"{name}.{field}({argument})"


def test_everything_served_is_described() -> None:
    assert list(undescribed()) == []


def test_the_committed_sdl_is_the_one_served() -> None:
    committed = (ROOT / "graph/schema.graphql").read_text(encoding="utf-8")
    assert committed == schema.as_str() + "\n", "run `make schema`"


def test_export_schema_prints_the_sdl_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    export_schema()
    told = capsys.readouterr()
    assert told.out == schema.as_str() + "\n"
    assert told.err == ""


def test_the_command_needs_no_environment() -> None:
    """Neither database nor keys nor a locale, as in a build."""
    run = subprocess.run(
        [Path(sys.executable).parent / "qingyi", "export-schema"],
        capture_output=True,
        check=True,
        cwd="/",
        env={"PATH": "/usr/bin:/bin"},
    )
    assert run.stdout.decode("utf-8") == schema.as_str() + "\n"
    assert run.stderr == b""
