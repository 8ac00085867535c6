"""
The chain of one volunteer: each entry's hash covers all of its columns and the hash of the entry before.

The first link hangs on the volunteer's own id, so that no chain can be put in the place of another. What is hashed is
text, one value after another: a number as it is, an id and a hash in hexadecimal, an instant in microseconds since 1970.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Protocol
from uuid import UUID

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_VERSION = "qingyi-ledger/1"

HASHED = (
    "id",
    "volunteer_id",
    "sequence",
    "kind",
    "minutes",
    "points",
    "minutes_after",
    "consumed_after",
    "balance_after",
    "stars_after",
    "at",
    "expires_at",
    "organization_id",
    "record_id",
    "redemption_id",
    "evidence",
    "previous_hash",
)
"""Every column of an entry but its hash."""


class Evidence(Protocol):
    """What a record says: all of it, but for what the entry itself holds (whose it is, what it counts for)."""

    @property
    def organization_id(self) -> UUID: ...
    @property
    def external_ref(self) -> str: ...
    @property
    def activity(self) -> str: ...
    @property
    def started_at(self) -> datetime: ...
    @property
    def ended_at(self) -> datetime: ...
    @property
    def recorded_at(self) -> datetime: ...
    @property
    def note(self) -> str | None: ...


def microseconds(instant: datetime) -> int:
    """Since 1970."""
    return (instant - _EPOCH) // _MICROSECOND


def _way(kind: type) -> Callable[[Any], str]:
    """How values of a type are written."""
    if kind is type(None):
        return lambda _: ""
    if issubclass(kind, UUID):
        return lambda value: value.hex
    if issubclass(kind, bytes):
        return lambda value: value.hex()
    if issubclass(kind, datetime):
        return lambda value: str(microseconds(value))
    return str


_WAYS: dict[type, Callable[[Any], str]] = {}
"""Of the types met so far: the driver has a UUID of its own."""


def _text(value: Any) -> str:
    kind = type(value)
    way = _WAYS.get(kind)
    if way is None:
        way = _WAYS[kind] = _way(kind)
    return way(value)


def hash_of_texts(texts: Iterable[str]) -> bytes:
    """The hash of values that are text already."""
    return sha256("\x1f".join(texts).encode()).digest()


def genesis(volunteer_id: UUID) -> bytes:
    """What the first entry follows."""
    return sha256(f"{_VERSION}:{volunteer_id.hex}".encode()).digest()


def hash_of(values: Any) -> bytes:
    """The hash of an entry whose values are given in the order of HASHED."""
    return hash_of_texts(map(_text, values))


def evidence_of(record: Evidence) -> bytes:
    parts = (
        record.organization_id,
        record.external_ref,
        record.activity,
        record.started_at,
        record.ended_at,
        record.recorded_at,
        record.note,
    )
    return hash_of_texts(map(_text, parts))
