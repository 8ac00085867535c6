"""
"Is told" in the rules means a row here, written by the worker when it handles an event.

A row holds the kind of the notice and its values; the words are made when it is read, in the reader's language. One
event tells one recipient a thing once, however often the event is delivered.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlmodel import Field, SQLModel, col

from domain.core import columns
from domain.core.db import Read, Write
from domain.core.projection import projection
from domain.core.refusals import Language


class Recipient(StrEnum):
    YOUTH = "YOUTH"
    STAFF = "STAFF"
    ORGANIZATION = "ORGANIZATION"


class NotificationRow(SQLModel, table=True):
    """One notice to one recipient. `event_id` is the outbox event that it tells of."""

    __tablename__ = "core_notification"
    __table_args__ = (
        columns.one_of("recipient_kind", Recipient),
        sa.UniqueConstraint("event_id", "recipient_id", "kind", name="core_notification_once"),
        sa.Index("core_notification_inbox", "recipient_id", "created_at", "id"),
        sa.Index("core_notification_unread", "recipient_id", postgresql_where=sa.text("read_at IS NULL")),
    )

    id: UUID = columns.identifier()
    event_id: UUID = Field()
    recipient_kind: Recipient = columns.enum(Recipient)
    recipient_id: UUID = Field()
    kind: str = columns.text()
    values: dict[str, Any] = columns.json_object()
    subject_tag: str | None = columns.text(None)
    subject_id: UUID | None = None
    created_at: datetime = columns.instant()
    read_at: datetime | None = columns.instant(None)


@dataclass(frozen=True, slots=True)
class Notification:
    """A notice as its recipient reads it, before it is put into words."""

    id: UUID
    kind: str
    values: Mapping[str, Any]
    subject_tag: str | None
    subject_id: UUID | None
    created_at: datetime
    read_at: datetime | None


NOTIFICATIONS = projection(Notification, NotificationRow)


@dataclass(frozen=True, slots=True)
class Words:
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Notice:
    """A kind of notice: templates over its values, in each language. `tag` names the type of its subject."""

    kind: str
    zh: Words
    en: Words
    tag: str | None = None

    def words(self, values: Mapping[str, Any], language: Language) -> Words:
        template = self.en if language is Language.EN else self.zh
        return Words(template.title.format(**values), template.body.format(**values))


class Notices:
    """Every kind of notice; programmes add theirs, readers look them up."""

    def __init__(self) -> None:
        self._by_kind: dict[str, Notice] = {}

    def add(self, *notices: Notice) -> None:
        for notice in notices:
            if self._by_kind.setdefault(notice.kind, notice) is not notice:
                raise ValueError(f"two notices of the kind {notice.kind}")

    def __getitem__(self, kind: str) -> Notice:
        return self._by_kind[kind]


NOTICES = Notices()


@dataclass(frozen=True, slots=True)
class Told:
    """Who is told."""

    kind: Recipient
    id: UUID


StillThere = Callable[[Read, list[UUID]], Awaitable[Collection[UUID]]]
STILL_THERE: dict[Recipient, StillThere] = {}
"""Of recipients who may be gone: which of them are still there. Nothing is put into the inbox of one who was erased."""


async def _reached(tx: Write, recipients: Iterable[Told]) -> list[Told]:
    found = list(recipients)
    for kind, still_there in STILL_THERE.items():
        asked = [told.id for told in found if told.kind is kind]
        there = await still_there(tx, asked) if asked else ()
        found = [told for told in found if told.kind is not kind or told.id in there]
    return found


async def tell(
    tx: Write,
    event_id: UUID,
    notice: Notice,
    recipients: Iterable[Told],
    *,
    subject_id: UUID | None = None,
    **values: object,
) -> None:
    """Put a notice into inboxes, once for this event."""
    rows = [
        {
            "id": columns.new_id(),
            "event_id": event_id,
            "recipient_kind": told.kind,
            "recipient_id": told.id,
            "kind": notice.kind,
            "values": values,
            "subject_tag": notice.tag,
            "subject_id": subject_id,
            "created_at": tx.now,
        }
        for told in await _reached(tx, recipients)
    ]
    if rows:
        await tx.execute(pg_insert(NotificationRow).values(rows).on_conflict_do_nothing())


async def mark_read(tx: Write, recipient: UUID, ids: list[UUID]) -> int:
    """Mark these (all when empty) of the recipient's own as read; how many are still unread."""
    unread = sa.and_(col(NotificationRow.recipient_id) == recipient, col(NotificationRow.read_at).is_(None))
    statement = sa.update(NotificationRow).where(unread).values(read_at=tx.now)
    if ids:
        statement = statement.where(col(NotificationRow.id).in_(ids))
    await tx.execute(statement)
    return int(await tx.scalar(sa.select(sa.func.count()).select_from(NotificationRow).where(unread)))
