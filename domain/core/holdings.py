"""What the tables of the house hold about youths: numbers to find them by, what they were told, their moves and keys."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import col

from domain.core.actors import YouthActor
from domain.core.blind_index import BlindIndexRow
from domain.core.holding import Fate, Holding, Said
from domain.core.idempotency import IdempotencyKey
from domain.core.inbox import NOTICES, NotificationRow, Recipient
from domain.core.outbox import OutboxEvent
from domain.core.refusals import Language
from domain.core.sealing import Sealer
from domain.core.states import StateEvent

SOMEBODY = "youth"
"""The actor of what an erased youth did."""

# Of a payload stay ids, names of states and instants: what a handler needs, and no words of anybody.
_MACHINE_WORDS = r"^([0-9a-f]{8}-[0-9a-f-]{27}|[A-Z][A-Z_]*|\d{4}-\d\d-\d\d[T ][0-9:.+-]+Z?)$"


def _about(youth_id: UUID) -> sa.ColumnElement[bool]:
    """Events name the youth whom they are about in `youth_id`."""
    return sa.literal_column("payload ->> 'youth_id'", sa.Text) == str(youth_id)


def _ended() -> sa.ColumnElement[bool]:
    return sa.or_(col(OutboxEvent.done_at).is_not(None), col(OutboxEvent.dead_at).is_not(None))


def _without_words() -> Any:
    part = sa.func.jsonb_each(col(OutboxEvent.payload)).table_valued("key", sa.column("value", JSONB))
    text = part.c.value.op("#>>", return_type=sa.Text())(sa.text("'{}'"))
    is_words = sa.and_(sa.func.jsonb_typeof(part.c.value) == "string", ~text.regexp_match(_MACHINE_WORDS))
    value = sa.case((is_words, sa.cast(sa.literal('""', sa.Text), JSONB)), else_=part.c.value)
    whole = sa.select(sa.func.jsonb_object_agg(part.c.key, value)).select_from(part).scalar_subquery()
    return sa.func.coalesce(whole, sa.cast(sa.literal("{}", sa.Text), JSONB))


def _words(part: str) -> Any:
    def show(row: Any, _: Sealer) -> str:
        return str(getattr(NOTICES[row.kind].words(row.values, Language.ZH), part))

    return show


HOLDINGS = (
    Holding(
        "notifications",
        NotificationRow,
        Said("发给您的通知", "What you were told"),
        lambda youth: sa.and_(
            col(NotificationRow.recipient_kind) == Recipient.YOUTH, col(NotificationRow.recipient_id) == youth
        ),
        {
            "kind": "kind",
            "title": _words("title"),
            "body": _words("body"),
            "createdAt": "created_at",
            "readAt": "read_at",
        },
    ),
    Holding(
        "lookupKeys",
        BlindIndexRow,
        Said(
            "手机号、证件号码的加密索引，用于登录和查重",
            "Keyed hashes of your numbers, by which you are found and are one account",
        ),
        lambda youth: col(BlindIndexRow.owner_id) == youth,
        {"purpose": "purpose"},
    ),
    Holding(
        "repeatableRequests",
        IdempotencyKey,
        Said(
            "近期请求的去重记录，保留 48 小时",
            "Marks of recent requests, for 48 hours, so that none counts twice",
        ),
        lambda youth: col(IdempotencyKey.caller) == YouthActor(youth).key,
        {"createdAt": "created_at"},
    ),
    Holding(
        "moves",
        StateEvent,
        Said("您的操作留痕", "The history of what you did"),
        lambda youth: sa.and_(
            col(StateEvent.actor) == YouthActor(youth).key, sa.text("actor LIKE 'youth:%'")
        ),
        {"status": "status", "at": "at"},
        Fate.ANONYMISED,
        Said(
            "只留状态与时间，供合作单位和统计使用，不再指向任何人",
            "State and time alone stay, for the other side and for counts; they name nobody",
        ),
        {"actor": SOMEBODY, "note": None},
    ),
    Holding(
        "messagesDone",
        OutboxEvent,
        Said(
            "系统内部消息，送达后保留 30 天",
            "Messages between our programmes, kept for 30 days once delivered",
        ),
        lambda youth: sa.and_(_about(youth), _ended()),
        {"topic": "topic", "createdAt": "created_at"},
    ),
    Holding(
        "messagesUnderWay",
        OutboxEvent,
        Said("尚未送达的系统内部消息", "Messages between our programmes, still to be delivered"),
        lambda youth: sa.and_(_about(youth), ~_ended()),
        {"topic": "topic", "createdAt": "created_at"},
        Fate.ANONYMISED,
        Said(
            "须告知合作单位申请已撤回；不含任何文字内容，送达 30 天后删除",
            "The other side must be told of the withdrawal; without any words, gone 30 days after delivery",
        ),
        {"payload": _without_words(), "last_error": None},
    ),
)

NO_YOUTHS = {
    "core_notification.event_id": "an event of the outbox",
    "core_notification.subject_id": "a record; of youths' records their programme's holdings tell",
    "core_idempotency_key.record_id": "a record that the caller made or changed; the row is found by its caller",
    "core_state_event.subject_id": "a record; of youths' records their programme's holdings tell",
}
