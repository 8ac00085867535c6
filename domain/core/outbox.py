"""
What must follow from a change is written in the same transaction, and done afterwards by the worker.

An event is a frozen dataclass; its `topic` names it across programmes. Delivery is at least once; a handler's writes
and the mark "done" are one transaction, so that what it does in the database is done exactly once. There is no NOTIFY:
it would make all commits queue behind one lock just when beds open at midnight; the worker polls a partial index.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar, Protocol
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlmodel import SQLModel, col

from domain.core import columns
from domain.core.db import Write

ATTEMPTS_MOST = 12
BACKOFF_FIRST = timedelta(seconds=1)
BACKOFF_MOST = timedelta(hours=1)


class OutboxEvent(SQLModel, table=True):
    """One thing that happened. `done_at` or `dead_at` ends it; `attempts` counts failures."""

    __tablename__ = "core_outbox_event"
    __table_args__ = (
        sa.Index(
            "core_outbox_event_due",
            "due_at",
            "id",
            postgresql_where=sa.text("done_at IS NULL AND dead_at IS NULL"),
        ),
        sa.Index("core_outbox_event_done", "done_at", postgresql_where=sa.text("done_at IS NOT NULL")),
        sa.Index("core_outbox_event_dead", "dead_at", postgresql_where=sa.text("dead_at IS NOT NULL")),
        # By this an erasure finds the events about a youth.
        sa.Index(
            "core_outbox_event_youth",
            sa.text("(payload ->> 'youth_id')"),
            postgresql_where=sa.text("payload ->> 'youth_id' IS NOT NULL"),
        ),
    )

    id: UUID = columns.identifier()
    topic: str = columns.text()
    payload: dict[str, Any] = columns.json_object()
    created_at: datetime = columns.instant()
    due_at: datetime = columns.instant()
    attempts: int = 0
    last_error: str | None = columns.text(None)
    done_at: datetime | None = columns.instant(None)
    dead_at: datetime | None = columns.instant(None)


class Event(Protocol):
    """A frozen dataclass of ids, strings, numbers and instants. One that is about a youth names them in `youth_id`."""

    topic: ClassVar[str]


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event as a handler gets it: plain JSON values by name."""

    id: UUID
    topic: str
    payload: Mapping[str, Any]

    def uuid(self, name: str) -> UUID:
        return UUID(self.payload[name])


Handler = Callable[[Write, Delivery], Awaitable[None]]


@dataclass(slots=True)
class Handlers:
    """Who acts on which topic; programmes register, the worker calls."""

    by_topic: dict[str, list[Handler]] = field(default_factory=dict)
    alone: set[str] = field(default_factory=set)
    """Topics of which each event has a transaction to itself."""

    def on(self, topic: str, *, alone: bool = False) -> Callable[[Handler], Handler]:
        """`alone` for a handler that locks what others lock in the same order: after another's locks it would be out of turn."""

        def register(handler: Handler) -> Handler:
            self.by_topic.setdefault(topic, []).append(handler)
            if alone:
                self.alone.add(topic)
            return handler

        return register


def as_json(value: Any) -> Any:
    """A dataclass as JSONB takes it: ids and instants as text."""
    return orjson.loads(orjson.dumps(value, default=str))


async def emit(tx: Write, *events: Event) -> None:
    """Write events into this transaction; they happen if and only if it commits."""
    await tx.insert(
        OutboxEvent,
        (
            {
                "id": columns.new_id(),
                "topic": event.topic,
                "payload": as_json(event),
                "created_at": tx.now,
                "due_at": tx.now,
            }
            for event in events
        ),
    )


def backoff(attempts: int) -> timedelta:
    """How long to wait after so many failures: doubling, to an hour."""
    doubled: int = 2 ** min(attempts, 20)
    return min(BACKOFF_FIRST * doubled, BACKOFF_MOST)


async def claim(tx: Write, most: int) -> list[tuple[Delivery, int]]:
    """Due events, oldest first, which no other worker has; locked until this transaction ends. With their attempts."""
    table = OutboxEvent
    rows = await tx.rows(
        sa.select(col(table.id), col(table.topic), col(table.payload), col(table.attempts))
        .where(col(table.done_at).is_(None), col(table.dead_at).is_(None), col(table.due_at) <= tx.now)
        .order_by(col(table.due_at), col(table.id))
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    return [(Delivery(row.id, row.topic, row.payload), row.attempts) for row in rows]


def in_one_transaction(
    claimed: Sequence[tuple[Delivery, int]], alone: Collection[str]
) -> Sequence[tuple[Delivery, int]]:
    """The first of the claimed events by itself where its topic is `alone`, else all that come before such a one."""
    places = (place for place, (event, _) in enumerate(claimed) if event.topic in alone)
    return claimed[: max(next(places, len(claimed)), 1)]


async def mark_done(tx: Write, ids: list[UUID]) -> None:
    await tx.execute(sa.update(OutboxEvent).where(col(OutboxEvent.id).in_(ids)).values(done_at=tx.now))


async def mark_failed(tx: Write, event_id: UUID, attempts: int, error: str) -> None:
    """Try again later; after ATTEMPTS_MOST failures the event goes to the dead-letter list."""
    failed = attempts + 1
    await tx.execute(
        sa.update(OutboxEvent)
        .where(col(OutboxEvent.id) == event_id)
        .values(
            attempts=failed,
            last_error=error[:500],
            due_at=tx.now + backoff(attempts),
            dead_at=tx.now if failed >= ATTEMPTS_MOST else None,
        )
    )


async def revive(tx: Write) -> int:
    """Give the dead letters another round; how many."""
    return await tx.execute(
        sa.update(OutboxEvent)
        .where(col(OutboxEvent.dead_at).is_not(None))
        .values(dead_at=None, attempts=0, due_at=tx.now)
    )


async def purge(tx: Write, older_than: timedelta = timedelta(days=30)) -> int:
    """Remove events done long ago; how many."""
    return await tx.execute(sa.delete(OutboxEvent).where(col(OutboxEvent.done_at) < tx.now - older_than))
