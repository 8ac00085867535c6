"""The inbox: what its owner was told, in the owner's language."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
import strawberry
from sqlmodel import col

from domain.core import inbox
from domain.core.actors import Actor, PartnerActor, StaffActor, YouthActor
from domain.core.db import Write
from domain.core.inbox import NOTICES, NOTIFICATIONS, NotificationRow
from domain.core.keyset import newest_first
from domain.core.refusals import SignInNeeded
from domain.core.unnesting import any_of
from graph.accounts.youths import Youth
from graph.core.connection import After, Before, Connection, First, Last, Paging, connect
from graph.core.context import Context, Info
from graph.core.errors import UserError
from graph.core.extending import extends
from graph.core.ids import Tag, decode_all, encode
from graph.core.mutating import errors_of, mutate
from graph.core.node import Node, loads, node_by_id

NEWEST = newest_first(col(NotificationRow.created_at), col(NotificationRow.id), "notifications")


@strawberry.type(description="Something its reader was told.")
class Notification(Node):
    subject_node: strawberry.Private[strawberry.ID | None]
    kind: str = strawberry.field(description="What it is about, for programs.")
    title: str = strawberry.field(description="In a few words, in the reader's language.")
    body: str = strawberry.field(description="In full, in the reader's language.")
    read_at: datetime | None = strawberry.field(description="When it was marked as read.")
    created_at: datetime = strawberry.field(description="When it was told.")

    @strawberry.field(
        description="What it is about; null when that is gone or no longer the reader's to see."
    )
    async def subject(self, info: Info) -> Node | None:
        return await node_by_id(info.context, self.subject_node)  # type: ignore[no-any-return]  # a node of any type; each of the schema's is one


def show(context: Context, row: inbox.Notification) -> Notification:
    words = NOTICES[row.kind].words(row.values, context.language)
    subject = None
    if row.subject_tag is not None and row.subject_id is not None:
        subject = encode(Tag[row.subject_tag], row.subject_id)
    return Notification(
        id=encode(Tag.Notification, row.id),
        subject_node=subject,
        kind=row.kind,
        title=words.title,
        body=words.body,
        read_at=row.read_at,
        created_at=row.created_at,
    )


def recipient_of(actor: Actor) -> UUID | None:
    """Whose inbox the actor reads."""
    match actor:
        case YouthActor(id=own) | StaffActor(id=own):
            return own
        case PartnerActor(organization_id=own):
            return own
        case _:
            return None


_OWN = NOTIFICATIONS.select().where(
    col(NotificationRow.recipient_id) == sa.bindparam("recipient", type_=sa.Uuid)
)
_UNREAD = _OWN.where(col(NotificationRow.read_at).is_(None))
_OWN_BY_ID = _OWN.where(col(NotificationRow.id) == any_of("ids", sa.Uuid))


async def inbox_page(
    context: Context, recipient: UUID, unread_only: bool | None, paging: Paging
) -> Connection[Notification]:
    return await connect(
        context,
        _UNREAD if unread_only else _OWN,
        inbox.Notification,
        NEWEST,
        paging,
        lambda row: show(context, row),
        given={"recipient": recipient},
    )


@loads(Tag.Notification)
async def load_notifications(context: Context, ids: list[UUID]) -> dict[UUID, Notification]:
    recipient = recipient_of(context.actor)
    if recipient is None:
        return {}
    async with context.read() as db:
        rows = await NOTIFICATIONS.all(db, _OWN_BY_ID, {"recipient": recipient, "ids": ids})
    return {row.id: show(context, row) for row in rows}


@extends(Youth)
class YouthNotifications:
    @strawberry.field(description="The youth's inbox, the newest first.")
    async def notifications(
        self: Youth,
        info: Info,
        unread_only: bool | None = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Notification]:
        return await inbox_page(info.context, self.key, unread_only, Paging(first, after, last, before))


@strawberry.input(description="Which notifications were read.")
class MarkNotificationsReadInput:
    notification_ids: list[strawberry.ID] = strawberry.field(
        description="All of the caller's when empty.", default_factory=list
    )


@strawberry.type(description="What is still unread.")
class MarkNotificationsReadPayload:
    unread: int = strawberry.field(description="How many are still unread.")
    user_errors: list[UserError]


@strawberry.type
class NotificationMutations:
    @strawberry.mutation(
        description="Mark the caller's notifications as read; ids of others are passed over."
    )
    async def mark_notifications_read(
        self, info: Info, input: MarkNotificationsReadInput
    ) -> MarkNotificationsReadPayload:
        unread = 0

        async def act(tx: Write) -> None:
            nonlocal unread
            recipient = recipient_of(tx.actor)
            if recipient is None:
                raise SignInNeeded
            ids = decode_all(Tag.Notification, input.notification_ids, "notification_ids")
            unread = await inbox.mark_read(tx, recipient, ids)

        outcome = await mutate(info, input, act)
        return MarkNotificationsReadPayload(unread=unread, user_errors=errors_of(info, outcome))
