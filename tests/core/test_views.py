"""What a list reads of a type, when it looks ahead, and that nothing else is there."""

from datetime import date
from uuid import UUID

import pytest

from graph.internships.listings import INTERNSHIPS

KEY = UUID(int=1)


def test_what_was_not_asked_for_is_not_there_to_be_read() -> None:
    view = INTERNSHIPS.of(["title"])
    values = {"id": KEY, "title": "前端"}
    row = view.projection.make(*(values[name] for name in view.projection.names))
    shown = view.show(row, date(2026, 5, 4))
    assert (shown.title, shown.row.id) == ("前端", KEY)
    with pytest.raises(AttributeError):
        _ = shown.description
    with pytest.raises(AttributeError):
        _ = row.description


def test_a_field_brings_the_columns_that_it_is_made_of() -> None:
    assert set(INTERNSHIPS.of(["status", "organization"]).projection.names) == {
        "id", "title", "status", "apply_by", "organization_id",
    }  # fmt: skip


def test_a_field_of_which_nothing_is_said_is_refused() -> None:
    with pytest.raises(KeyError):
        INTERNSHIPS.of(["no_such_field"])
