"""
A lottery's entries are closed, then drawn. What is published, and how anybody redoes it, stands in docs/lottery.md.

Closing writes the hash of the list; it commits before the seed exists, which is made by the draw, in another transaction.
A database trigger forbids to change either afterwards. Both hold the event for themselves: of two that close or draw at once
the second finds it done, and a crash half-way leaves nothing.
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import SQLColumnExpression
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import col

from domain.accounts.models import Gender
from domain.core import columns
from domain.core.db import Read, Write
from domain.core.keyset import Key, Order, uuid_value
from domain.core.outbox import emit
from domain.core.refusals import ErrorCode, Refusal
from domain.core.states import StateEvent
from domain.matchmaking import seats
from domain.matchmaking.drawing import SEED_BYTES, hash_of_lines, header
from domain.matchmaking.event import Event, held, require_host
from domain.matchmaking.events import GuestsTold
from domain.matchmaking.models import EventRow, SeatsRow, SignupRow
from domain.matchmaking.states import SignupStatus

LOTTERY_DRAWN = "LOTTERY_DRAWN"


class NoLottery(Refusal):
    code = ErrorCode.INVALID_STATE
    zh = "该活动不是抽签活动。"
    en = "This event has no lottery."


class EntriesOpen(Refusal):
    code = ErrorCode.INVALID_STATE
    zh = "报名截止后才能抽签。"
    en = "The draw comes after sign-up has closed."


class DrawOver(Refusal):
    code = ErrorCode.INVALID_STATE
    zh = "活动已取消或已结束，不能抽签。"
    en = "The event is over or was cancelled: there is no draw."


@dataclass(frozen=True, slots=True)
class Entry:
    """What stands for one guest in the published list."""

    lottery_entry: UUID
    gender: Gender
    drawn_position: int | None


BY_ENTRY = Order("lottery-entries", (Key(col(SignupRow.lottery_entry), uuid_value),))
_ENTRY: tuple[SQLColumnExpression[Any], ...] = (
    col(SignupRow.lottery_entry),
    col(SignupRow.gender),
    col(SignupRow.drawn_position),
)


def _is_public() -> sa.ColumnElement[bool]:
    """Entries of lists that are closed."""
    frozen = sa.select(sa.literal(1)).where(
        col(EventRow.id) == col(SignupRow.event_id), col(EventRow.frozen_at).is_not(None)
    )
    return sa.and_(col(SignupRow.lottery_entry).is_not(None), frozen.exists())


def entries_of(gender: Gender) -> sa.Select[Any]:
    return sa.select(*_ENTRY).where(col(SignupRow.gender) == gender, _is_public())


async def entries(db: Read, ids: Iterable[UUID]) -> dict[UUID, Entry]:
    rows = await db.rows(sa.select(*_ENTRY).where(col(SignupRow.lottery_entry).in_(list(ids)), _is_public()))
    return {row.lottery_entry: Entry(*row) for row in rows}


async def close_entries(tx: Write, event_id: UUID) -> None:
    """Close the entries of a lottery whose sign-up is over, and write the hash of their list; again changes nothing."""
    event = await held(tx, event_id)
    if event is None or not due_for_closing(event, tx.now):
        return
    lines: Sequence[Any] = await tx.rows(
        sa.select(col(SignupRow.gender), col(SignupRow.lottery_entry))
        .where(col(SignupRow.event_id) == event_id, col(SignupRow.lottery_entry).is_not(None))
        .order_by(col(SignupRow.gender), col(SignupRow.lottery_entry))
    )
    digest = hash_of_lines(
        [header(event_id), *(f"{row.gender.value}:{row.lottery_entry.hex}" for row in lines)]
    )
    await tx.execute(
        sa.update(EventRow).where(col(EventRow.id) == event_id).values(entries_hash=digest, frozen_at=tx.now)
    )


def due_for_closing(event: Event, now: datetime) -> bool:
    """Is the list to be closed, though nobody has done it yet?"""
    is_over = event.signup_closes_at <= now
    return event.is_lottery and is_over and event.frozen_at is None and event.cancelled_at is None


async def close_entries_as_host(tx: Write, event_id: UUID) -> None:
    """As `close_entries`, asked for by the event's host."""
    await require_host(tx, await held(tx, event_id), "event_id")
    await close_entries(tx, event_id)


async def draw(tx: Write, event_id: UUID) -> UUID:
    """
    Draw, once; again gives the event as it is. The entries were closed before, in a transaction of their own.

    Seats go to the first in drawn order who have not cancelled; the rest wait in drawn order.
    """
    event = await require_host(tx, await held(tx, event_id), "event_id")
    if not event.is_lottery:
        raise NoLottery("event_id")
    if event.drawn_at is not None:
        return event_id
    if event.cancelled_at is not None or tx.now >= event.ends_at:
        raise DrawOver("event_id")
    if event.frozen_at is None:
        raise EntriesOpen("event_id")
    seed = secrets.token_bytes(SEED_BYTES)
    await tx.execute(
        sa.update(EventRow)
        .where(col(EventRow.id) == event_id, col(EventRow.seed).is_(None))
        .values(seed=seed, drawn_at=tx.now, version=col(EventRow.version) + 1)
    )
    await seats.hold(tx, event_id)
    await _seat(tx, event_id, seed)
    await _count(tx, event_id)
    await emit(tx, GuestsTold(event_id, LOTTERY_DRAWN))
    return event_id


async def _seat(tx: Write, event_id: UUID, seed: bytes) -> None:
    """
    Every entry has its place among those of its sex, by SHA-256 of seed and entry; those not cancelled have seats or wait.
    """
    drawn = sa.func.sha256(
        sa.literal(seed, sa.LargeBinary).op("||")(sa.func.uuid_send(SignupRow.lottery_entry))
    )
    in_order: Any = {"partition_by": col(SignupRow.gender), "order_by": (drawn, col(SignupRow.lottery_entry))}
    is_entered = col(SignupRow.status) == SignupStatus.ENTERED
    ranked = (
        sa.select(
            col(SignupRow.id),
            col(SignupRow.gender),
            is_entered.label("is_entered"),
            sa.func.row_number().over(**in_order).label("place"),
            sa.func.count().filter(is_entered).over(**in_order).label("place_of_entered"),
        )
        .where(col(SignupRow.event_id) == event_id, col(SignupRow.lottery_entry).is_not(None))
        .cte("ranked")
    )
    has_seat = ranked.c.place_of_entered <= col(SeatsRow.total)
    status = sa.case(
        (~ranked.c.is_entered, col(SignupRow.status)),
        (has_seat, SignupStatus.CONFIRMED.value),
        else_=SignupStatus.WAITLISTED.value,
    )
    rows = await tx.rows(
        sa.update(SignupRow)
        .where(
            col(SignupRow.id) == ranked.c.id,
            col(SeatsRow.event_id) == event_id,
            col(SeatsRow.gender) == ranked.c.gender,
        )
        .values(
            drawn_position=ranked.c.place,
            status=status,
            queue_number=ranked.c.place,
            updated_at=tx.now,
        )
        .returning(col(SignupRow.id), ranked.c.is_entered)
    )
    await _record(tx, [row.id for row in rows if row.is_entered])


async def _record(tx: Write, ids: Sequence[UUID]) -> None:
    """The moves of a hundred thousand entries in one statement."""
    given = (
        sa.func.unnest(
            sa.literal([columns.new_id() for _ in ids], ARRAY(sa.Uuid)), sa.literal(list(ids), ARRAY(sa.Uuid))
        )
        .table_valued(sa.column("id", sa.Uuid), sa.column("signup_id", sa.Uuid))
        .render_derived(name="given")
    )
    moves = sa.select(
        given.c.id,
        given.c.signup_id,
        col(SignupRow.status),
        sa.literal(tx.now, sa.DateTime(timezone=True)),
        sa.literal(tx.actor.key, sa.Text),
    ).join(SignupRow, col(SignupRow.id) == given.c.signup_id)
    await tx.execute(sa.insert(StateEvent).from_select(["id", "subject_id", "status", "at", "actor"], moves))


async def _count(tx: Write, event_id: UUID) -> None:
    """The counters of each sex, from the rows that were just written."""

    def number(status: SignupStatus) -> Any:
        return (
            sa.select(sa.func.count())
            .select_from(SignupRow)
            .where(
                col(SignupRow.event_id) == col(SeatsRow.event_id),
                col(SignupRow.gender) == col(SeatsRow.gender),
                col(SignupRow.status) == status,
            )
            .correlate(SeatsRow)
            .scalar_subquery()
        )

    last = (
        sa.select(sa.func.coalesce(sa.func.max(col(SignupRow.drawn_position)), 0))
        .where(col(SignupRow.event_id) == col(SeatsRow.event_id))
        .correlate(SeatsRow)
        .scalar_subquery()
    )
    await tx.execute(
        sa.update(SeatsRow)
        .where(col(SeatsRow.event_id) == event_id)
        .values(
            taken=number(SignupStatus.CONFIRMED),
            waitlisted=number(SignupStatus.WAITLISTED),
            last_in_line=last,
            drawn_total=col(SeatsRow.total),
        )
    )
