"""
Cursors: the position of a row in its list, signed.

`[order, keys…, state]` as JSON with a signature in front. A changed one, or one of another order, is INVALID_INPUT.
"""

import base64
import binascii
from dataclasses import dataclass
from typing import Any

import orjson

from domain.core.keyset import Order
from domain.core.refusals import ErrorCode, Refusal
from graph.core.context import CursorSigner

_MOST = 2_000


class CursorBroken(Refusal):
    code = ErrorCode.INVALID_INPUT
    zh = "分页游标无效。"
    en = "The cursor is not valid for this list."


@dataclass(frozen=True, slots=True)
class Cursor:
    """What a cursor holds: the order's name, the row's keys, and what the list needs to go on (`state`)."""

    order: str
    keys: tuple[Any, ...]
    state: Any = None


def write(signer: CursorSigner, cursor: Cursor) -> str:
    payload = orjson.dumps([cursor.order, list(cursor.keys), cursor.state], default=str)
    return base64.urlsafe_b64encode(signer.sign(payload)).decode("ascii").rstrip("=")


def read(signer: CursorSigner, text: str, field: str) -> Cursor:
    """CursorBroken (at `after` or `before`) for anything that `write` did not make."""
    if len(text) > _MOST or not text.isascii():
        raise CursorBroken(field)
    try:
        signed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise CursorBroken(field) from None
    payload = signer.open(signed)
    if payload is None:
        raise CursorBroken(field)
    order, keys, state = orjson.loads(payload)
    return Cursor(order, tuple(keys), state)


def position(cursor: Cursor, order: Order, field: str) -> tuple[Any, ...]:
    """The keys as the order's own types."""
    if cursor.order != order.name or len(cursor.keys) != len(order.keys):
        raise CursorBroken(field)
    return tuple(key.kind(value) for key, value in zip(order.keys, cursor.keys, strict=True))
