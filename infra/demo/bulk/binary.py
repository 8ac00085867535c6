"""
Rows as Postgres' COPY takes them in binary: each field is its length and its bytes.

A field is made once and used wherever its value stands again, in other columns, rows and tables.
"""

from collections.abc import Iterable
from datetime import date
from struct import Struct

SIGNATURE = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"
NULL = b"\xff\xff\xff\xff"

_EPOCH_MICROSECONDS = 946_684_800_000_000
"""From 1970 to 2000, where Postgres counts from."""
_EPOCH_DAY = date(2000, 1, 1).toordinal()
_TEXT_OID = 25

_length = Struct(">i").pack
_int2 = Struct(">ih").pack
_int4 = Struct(">ii").pack
_int8 = Struct(">iq").pack
_array = Struct(">iiii").pack
count = Struct(">h").pack
"""How many fields a row has, in front of it."""


def raw(value: bytes) -> bytes:
    """Of bytes, or of a UUID's."""
    return _length(len(value)) + value


def text(value: str) -> bytes:
    return raw(value.encode())


def int2(value: int) -> bytes:
    return _int2(2, value)


def int4(value: int) -> bytes:
    return _int4(4, value)


def instant(microseconds: int) -> bytes:
    """Of microseconds since 1970."""
    return _int8(8, microseconds - _EPOCH_MICROSECONDS)


def day(value: date) -> bytes:
    return _int4(4, value.toordinal() - _EPOCH_DAY)


NO_TEXTS = _array(12, 0, 0, _TEXT_OID)
"""An array of text without any."""


def whole(rows: Iterable[bytes]) -> bytes:
    """What is sent: the rows between signature and trailer."""
    return b"".join((SIGNATURE, *rows, TRAILER))
