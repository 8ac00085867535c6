"""Divisions: the chain upwards, what lies within, and the file they come from."""

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from domain.core.divisions import DivisionLevel, chain_of, prefix_of, reference, within

CODES = [row["id"] for row in reference()]


def expression(codes: list[str]) -> str:
    found = within(sa.column("code", sa.Text), codes)
    return str(found.compile(compile_kwargs={"literal_binds": True}))


@pytest.mark.parametrize(
    ("code", "chain"),
    [
        ("440106", ("440106", "440100", "440000")),
        ("440100", ("440100", "440000")),
        ("440000", ("440000",)),
        (None, ()),
        ("", ()),
        ("44", ()),
        ("4401060", ()),
    ],
)
def test_chain(code: str | None, chain: tuple[str, ...]) -> None:
    assert chain_of(code) == chain


@given(st.sampled_from(CODES), st.sampled_from(CODES))
def test_a_division_holds_those_in_whose_chain_it_stands(code: str, other: str) -> None:
    assert other.startswith(prefix_of(code)) == (code in chain_of(other))


def test_the_file_is_a_tree_with_the_higher_levels_first() -> None:
    seen: set[str] = set()
    for row in reference():
        assert row["parent_code"] is None or row["parent_code"] in seen
        assert (row["parent_code"] is None) == (row["level"] is DivisionLevel.PROVINCE)
        assert row["id"] not in seen
        assert 20 < row["latitude"] < 26
        assert 109 < row["longitude"] < 118
        seen.add(row["id"])
    assert len(seen) > 140
    assert {"440000", "440100", "440106", "441900", "442000"} <= seen


def test_within_no_division_is_nothing() -> None:
    assert expression([]) == "false"


def test_within_takes_in_what_lies_below() -> None:
    assert "'4401' || '%'" in expression(["440100"])
    assert "'440106' || '%'" in expression(["440106"])


def test_within_is_no_pattern() -> None:
    assert "'%' ||" not in expression(["%"])
