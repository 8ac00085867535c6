"""
The host enters an event, changes it or calls it off.

What others rely on holds still: after the end nothing changes any more, a lottery's seats and window not once its entries are
closed, the way of admission not once somebody has signed up. More seats go to those in line at once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.accounts.models import Gender
from domain.accounts.reach import reaches
from domain.core import columns
from domain.core.db import Write
from domain.core.divisions import require_known
from domain.core.outbox import emit
from domain.core.refusals import (
    ChangedMeanwhile,
    ErrorCode,
    Invalid,
    MoveImpossible,
    NotAllowed,
    Refusal,
    refuse_all,
)
from domain.core.rights import Action, require_staff
from domain.core.sealing import Sealer
from domain.core.states import record_all
from domain.matchmaking import seats
from domain.matchmaking.choices import new_event_key
from domain.matchmaking.event import Event, held, require_host, seats_of
from domain.matchmaking.events import GuestsTold
from domain.matchmaking.models import (
    AGE_LEAST,
    AGE_MOST,
    CHOICES_MOST,
    SEATS_MOST,
    EventRow,
    SeatsRow,
    SignupRow,
)
from domain.matchmaking.states import Admission, EventStatus, SignupStatus

TITLE_MOST = 80
VENUE_MOST = 200
DESCRIPTION_MOST = 4_000
CHOOSING_MOST = timedelta(days=30)
"""After the end."""

EVENT_CHANGED, EVENT_CANCELLED = "EVENT_CHANGED", "EVENT_CANCELLED"
_TOLD_OF = ("venue", "starts_at", "ends_at")


class EntriesClosed(Refusal):
    code = ErrorCode.INVALID_STATE
    zh = "抽签名单已冻结，不能再修改席位和报名时间。"
    en = "The lottery's entries are closed: seats and window stay as they are."


class SignupsExist(Refusal):
    code = ErrorCode.INVALID_STATE
    zh = "已有人报名，不能更改录取方式。"
    en = "Somebody has signed up: the way of admission stays as it is."


class SeatsTaken(Refusal):
    code = ErrorCode.INVALID_STATE
    zh = "已有 {taken} 个席位被占用，不能少于该数。"
    en = "{taken} seats are taken; there cannot be fewer."


@dataclass(frozen=True, slots=True)
class EventFields:
    title: str
    unit_id: UUID
    division_code: str
    venue: str
    description: str
    starts_at: datetime
    ends_at: datetime
    signup_opens_at: datetime
    signup_closes_at: datetime
    admission: Admission
    min_age: int
    max_age: int
    max_choices: int
    choices_close_at: datetime | None


def _in_range(name: str, value: int, least: int, most: int) -> Iterable[Refusal]:
    if not least <= value <= most:
        yield Invalid(name, zh=f"需在 {least} 与 {most} 之间。", en=f"Must lie between {least} and {most}.")


def _text_faults(fields: EventFields) -> Iterable[Refusal]:
    for name, most in (("title", TITLE_MOST), ("venue", VENUE_MOST), ("description", DESCRIPTION_MOST)):
        if not 1 <= len(getattr(fields, name).strip()) <= most:
            yield Invalid(name, zh=f"需为 1 至 {most} 个字符。", en=f"Must have 1 to {most} characters.")


def _time_faults(fields: EventFields) -> Iterable[Refusal]:
    if fields.ends_at <= fields.starts_at:
        yield Invalid("ends_at", zh="结束时间须晚于开始时间。", en="The end must come after the start.")
    if fields.signup_closes_at <= fields.signup_opens_at:
        yield Invalid(
            "signup_closes_at", zh="报名截止须晚于报名开始。", en="Sign-up must close after it opens."
        )
    if fields.signup_closes_at > fields.starts_at:
        yield Invalid(
            "signup_closes_at", zh="报名须在活动开始前截止。", en="Sign-up must close before the start."
        )
    closes = fields.choices_close_at
    if closes is not None and not fields.ends_at <= closes <= fields.ends_at + CHOOSING_MOST:
        yield Invalid(
            "choices_close_at",
            zh="选择截止须在活动结束后 30 天内。",
            en="Choosing must close within 30 days of the end.",
        )


def _faults(fields: EventFields, wanted: Mapping[Gender, int]) -> Iterable[Refusal]:
    yield from _text_faults(fields)
    yield from _time_faults(fields)
    yield from _in_range("min_age", fields.min_age, AGE_LEAST, AGE_MOST)
    yield from _in_range("max_age", fields.max_age, max(AGE_LEAST, fields.min_age), AGE_MOST)
    yield from _in_range("max_choices", fields.max_choices, 1, CHOICES_MOST)
    for gender, total in wanted.items():
        yield from _in_range(f"{gender.value.lower()}_seats", total, 0, SEATS_MOST)


async def save(
    tx: Write,
    sealer: Sealer,
    event_id: UUID | None,
    fields: EventFields,
    wanted: Mapping[Gender, int],
    given: frozenset[str],
    *,
    cancelled: bool | None,
    expected_version: int | None,
) -> UUID:
    """Enter an event, or change one, keeping what is not `given`. `wanted` are the seats of each sex."""
    staff = require_staff(tx.actor, Action.MANAGE_EVENTS)
    before: Event | None = None
    if event_id is not None:
        before = await require_host(tx, await held(tx, event_id), "id")
        if expected_version is not None and before.version != expected_version:
            raise ChangedMeanwhile("expected_version")
        kept = {"min_age", "max_age", "max_choices", "choices_close_at"} - given
        fields = replace(fields, **{name: getattr(before, name) for name in kept})
    if not await reaches(tx, staff, fields.unit_id):
        raise NotAllowed("unit_id")
    refuse_all(_faults(fields, wanted))
    await require_known(tx, [fields.division_code], "division_code")
    if before is None:
        return await _enter(tx, sealer, fields, wanted, cancelled=bool(cancelled))
    if before.cancelled_at is not None:
        if cancelled:
            return before.id
        raise MoveImpossible("id", status=EventStatus.CANCELLED.value)
    if tx.now >= before.ends_at:
        raise MoveImpossible("id", status=EventStatus.FINISHED.value)
    await _change(tx, before, fields, wanted)
    if cancelled:
        await _call_off(tx, before.id)
    return before.id


def _values(fields: EventFields) -> dict[str, Any]:
    values = {name: getattr(fields, name) for name in EventFields.__slots__}
    return values | {name: values[name].strip() for name in ("title", "venue", "description")}


async def _enter(
    tx: Write, sealer: Sealer, fields: EventFields, wanted: Mapping[Gender, int], *, cancelled: bool
) -> UUID:
    identity = columns.new_id()
    await tx.insert(
        EventRow,
        [
            {
                "id": identity,
                "version": 1,
                "created_at": tx.now,
                "choices_key_sealed": new_event_key(sealer, identity),
                "cancelled_at": tx.now if cancelled else None,
                **_values(fields),
            }
        ],
    )
    rows = [{"event_id": identity, "gender": gender, "total": total} for gender, total in wanted.items()]
    await tx.insert(SeatsRow, ({**row, "taken": 0, "waitlisted": 0, "last_in_line": 0} for row in rows))
    return identity


async def _change(tx: Write, before: Event, fields: EventFields, wanted: Mapping[Gender, int]) -> None:
    now = (await seats_of(tx, [before.id]))[before.id]
    moved = any(now[gender].total != total for gender, total in wanted.items())
    window = (before.signup_opens_at, before.signup_closes_at)
    if before.frozen_at is not None and (
        window != (fields.signup_opens_at, fields.signup_closes_at) or (moved and before.drawn_at is None)
    ):
        raise EntriesClosed("id")
    if fields.admission is not before.admission and await tx.exists(
        sa.select(sa.literal(1)).select_from(SignupRow).where(col(SignupRow.event_id) == before.id)
    ):
        raise SignupsExist("admission")
    if moved:
        await seats.hold(tx, before.id)
        for gender in sorted(wanted):
            if not await seats.set_total(tx, before.id, gender, wanted[gender]):
                raise SeatsTaken(f"{gender.value.lower()}_seats", taken=now[gender].taken)
    await tx.execute(
        sa.update(EventRow)
        .where(col(EventRow.id) == before.id)
        .values(**_values(fields), version=col(EventRow.version) + 1)
    )
    if any(getattr(before, name) != getattr(fields, name) for name in _TOLD_OF):
        await emit(tx, GuestsTold(before.id, EVENT_CHANGED))


async def _call_off(tx: Write, event_id: UUID) -> None:
    """The event is CANCELLED, and every sign-up with it; all are told."""
    await tx.execute(sa.update(EventRow).where(col(EventRow.id) == event_id).values(cancelled_at=tx.now))
    await seats.hold(tx, event_id)
    await tx.execute(
        sa.update(SeatsRow).where(col(SeatsRow.event_id) == event_id).values(taken=0, waitlisted=0)
    )
    ids = await tx.scalars(
        sa.update(SignupRow)
        .where(
            col(SignupRow.event_id) == event_id,
            col(SignupRow.status).in_(
                (SignupStatus.ENTERED, SignupStatus.CONFIRMED, SignupStatus.WAITLISTED)
            ),
        )
        .values(
            status=SignupStatus.CANCELLED,
            open_slot=None,
            participant_id=None,
            updated_at=tx.now,
        )
        .returning(col(SignupRow.id))
    )
    await record_all(tx, [(identity, SignupStatus.CANCELLED, None) for identity in ids])
    await emit(tx, GuestsTold(event_id, EVENT_CANCELLED))
