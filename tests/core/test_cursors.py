"""Cursors: signed, bound to their order, and the four arguments of a connection."""

import base64
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any, cast
from uuid import uuid4

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from domain.core.keyset import Key, Order, date_value, instant_value, integer_value, uuid_value
from domain.core.refusals import ErrorCode, Refusal
from graph.core.connection import Paging
from graph.core.context import Context
from graph.core.cursors import Cursor, CursorBroken, position, read, write
from infra.keys import new_key, parse_keys
from infra.sealing import RingSigner

RING = parse_keys(new_key("a1"))
SIGNER = RingSigner(RING)
COLUMN = sa.column("x")
NEWEST = Order("things", (Key(COLUMN, instant_value), Key(COLUMN, uuid_value)))
MONEY = Order("things_money", (Key(COLUMN, integer_value), Key(COLUMN, uuid_value)))
DAYS = Order("things_days", (Key(COLUMN, date_value), Key(COLUMN, uuid_value)))
NOW = datetime(2026, 5, 4, 1, 2, 3, 456789, UTC)


def context() -> Context:
    return cast("Context", SimpleNamespace(ports=SimpleNamespace(cursors=SIGNER)))


@pytest.mark.parametrize(
    ("order", "first"), [(NEWEST, NOW), (MONEY, 2**62), (MONEY, 0), (MONEY, -5), (DAYS, date(9999, 12, 31))]
)
def test_round_trip(order: Order, first: object) -> None:
    keys = (first, uuid4())
    cursor = read(SIGNER, write(SIGNER, Cursor(order.name, keys, {"weights": [1, 2]})), "after")
    assert position(cursor, order, "after") == keys
    assert cursor.state == {"weights": [1, 2]}


@given(st.binary(min_size=1, max_size=8), st.data())
def test_any_changed_byte_is_noticed(noise: bytes, data: st.DataObject) -> None:
    text = write(SIGNER, Cursor(NEWEST.name, (NOW, uuid4())))
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    at = data.draw(st.integers(0, len(raw)))
    changed = raw[:at] + noise + raw[at + data.draw(st.integers(0, len(noise))) :]
    if changed != raw:
        with pytest.raises(CursorBroken) as refusal:
            read(SIGNER, base64.urlsafe_b64encode(changed).decode(), "after")
        assert refusal.value.code is ErrorCode.INVALID_INPUT
        assert refusal.value.field == ("after",)


def test_each_character_counts() -> None:
    text = write(SIGNER, Cursor(NEWEST.name, (NOW, uuid4()), 1))
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    for at in range(len(text)):
        for character in "A_z":
            changed = text[:at] + character + text[at + 1 :]
            if base64.urlsafe_b64decode(changed + "=" * (-len(changed) % 4)) != raw:
                with pytest.raises(CursorBroken):
                    read(SIGNER, changed, "before")


@given(st.text(max_size=60))
def test_any_text_is_refused(text: str) -> None:
    with pytest.raises(CursorBroken):
        read(SIGNER, text, "after")


@pytest.mark.parametrize("text", ["", "A" * 2_001, "A" * 100_000, "é", "a b", "====", "A"])
def test_no_cursor_at_all(text: str) -> None:
    with pytest.raises(CursorBroken):
        read(SIGNER, text, "after")


def test_another_deployment_signs_otherwise() -> None:
    theirs = RingSigner(parse_keys(new_key("a1")))
    with pytest.raises(CursorBroken):
        read(SIGNER, write(theirs, Cursor(NEWEST.name, (NOW, uuid4()))), "after")


def test_an_older_key_still_opens() -> None:
    older = parse_keys(new_key("old"))
    both = RingSigner(type(older)((*RING.roots, *older.roots)))
    text = write(RingSigner(older), Cursor(NEWEST.name, (NOW, uuid4())))
    assert read(both, text, "after").order == NEWEST.name


def test_a_cursor_of_another_order_or_list_is_refused() -> None:
    cursor = Cursor(NEWEST.name, (NOW, uuid4()))
    for other in (MONEY, DAYS, Order("things", NEWEST.keys[:1])):
        with pytest.raises(CursorBroken):
            position(cursor, other, "after")


@pytest.mark.parametrize(
    ("paging", "limit"),
    [
        (Paging(), 20),
        (Paging(first=1), 1),
        (Paging(first=100), 100),
        (Paging(last=100), 100),
        (Paging(last=1), 1),
    ],
)
def test_how_many(paging: Paging, limit: int) -> None:
    assert paging.limit() == limit
    asked = paging.asked(context(), NEWEST)
    assert asked.limit == limit
    assert asked.backward == (paging.last is not None)


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"first": 101}, "first"),
        ({"first": 0}, "first"),
        ({"first": -1}, "first"),
        ({"first": 2**31 - 1}, "first"),
        ({"last": 101}, "last"),
        ({"last": 0}, "last"),
        ({"first": 1, "last": 1}, "last"),
        ({"after": "x"}, "after"),
        ({"before": "x"}, "before"),
        ({"first": 5, "before": ""}, "before"),
    ],
)
def test_arguments_that_do_not_fit(arguments: dict[str, Any], field: str) -> None:
    with pytest.raises(Refusal) as refusal:
        Paging(**arguments).asked(context(), NEWEST)
    assert refusal.value.code is ErrorCode.INVALID_INPUT
    assert refusal.value.field == (field,)


def test_both_cursors_bound_a_page_from_both_sides() -> None:
    first, second = (NOW, uuid4()), (NOW, uuid4())
    paging = Paging(
        after=write(SIGNER, Cursor(NEWEST.name, first)), before=write(SIGNER, Cursor(NEWEST.name, second))
    )
    asked = paging.asked(context(), NEWEST)
    assert (asked.after, asked.before, asked.limit) == (first, second, 20)
