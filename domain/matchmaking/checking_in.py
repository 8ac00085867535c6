"""
The desk checks guests in by their codes, with a network or without. A guest is checked in once, however many desks try.

With the check-in the guest gets a row of choices, empty: from here on nobody can tell who chose from who did not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlmodel import col

from domain.core.clock import SHANGHAI
from domain.core.db import Write
from domain.core.refusals import ErrorCode, Invalid, MoveImpossible, Refusal
from domain.core.sealing import Sealer
from domain.core.states import record_all
from domain.matchmaking.choices import empty_choices, event_key
from domain.matchmaking.codes import code_hash, read_code, read_hash
from domain.matchmaking.event import CHECK_IN_BEFORE, Event, require_host, shared
from domain.matchmaking.models import ChoicesRow, SignupRow
from domain.matchmaking.signup import SIGNUPS
from domain.matchmaking.states import SIGNUP_STATES, SignupStatus

SYNC_MOST = 1_000
AHEAD_MOST = timedelta(minutes=5)
"""How far the clock of a desk may be ahead."""


class CheckInClosed(Refusal):
    code = ErrorCode.INVALID_STATE
    zh = "签到时间为 {opens_at} 至 {closes_at}。"
    en = "Check-in is from {opens_at} to {closes_at}."


class CodeUnknown(Refusal):
    code = ErrorCode.NOT_FOUND
    zh = "未找到该签到码。"
    en = "No sign-up for this event has this code."


def _said(instant: datetime) -> str:
    return f"{instant.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


async def check_in(tx: Write, sealer: Sealer, event_id: UUID, typed: str) -> UUID:
    """Check the guest with this code in, from two hours before the start to the end; again gives the same guest."""
    event = await require_host(tx, await shared(tx, event_id), "event_id")
    code = read_code(typed)
    digest = None if code is None else code_hash(event_id, code)
    mine = sa.and_(col(SignupRow.event_id) == event_id, col(SignupRow.code_hash) == digest)
    found = await SIGNUPS.first(tx, SIGNUPS.select().where(mine)) if digest is not None else None
    if digest is None or found is None:
        raise CodeUnknown("check_in_code")
    if found.status is SignupStatus.CHECKED_IN:
        return found.id
    if not event.takes_guests(tx.now):
        raise CheckInClosed(
            "event_id", opens_at=_said(event.starts_at - CHECK_IN_BEFORE), closes_at=_said(event.ends_at)
        )
    if not SIGNUP_STATES.may(found.status, SignupStatus.CHECKED_IN):
        raise MoveImpossible("check_in_code", status=found.status.value)
    await _arrived(tx, sealer, event, {digest: tx.now})
    return found.id


async def _arrived(tx: Write, sealer: Sealer, event: Event, arrivals: dict[bytes, datetime]) -> None:
    """Those who are not yet checked in are, once, at the times given by the hashes of their codes."""
    given = (
        sa.func.unnest(
            sa.literal(list(arrivals), ARRAY(sa.LargeBinary)),
            sa.literal(list(arrivals.values()), ARRAY(sa.DateTime(timezone=True))),
        )
        .table_valued(sa.column("hash", sa.LargeBinary), sa.column("at", sa.DateTime(timezone=True)))
        .render_derived(name="given")
    )
    arriving = (
        sa.select(col(SignupRow.id), given.c.at)
        .join(given, col(SignupRow.code_hash) == given.c.hash)
        .where(
            col(SignupRow.event_id) == event.id,
            col(SignupRow.status).in_(SIGNUP_STATES.sources(SignupStatus.CHECKED_IN)),
        )
        .order_by(col(SignupRow.id))
        .with_for_update(of=SignupRow)
        .cte("arriving")
    )
    ids = await tx.scalars(
        sa.update(SignupRow)
        .where(col(SignupRow.id) == arriving.c.id)
        .values(status=SignupStatus.CHECKED_IN, checked_in_at=arriving.c.at, updated_at=tx.now)
        .returning(col(SignupRow.id))
    )
    if not ids:
        return
    await record_all(tx, [(identity, SignupStatus.CHECKED_IN, None) for identity in ids])
    key = await event_key(tx, sealer, event.id)
    rows = [
        {"signup_id": identity, "event_id": event.id, "chosen": empty_choices(key, identity)}
        for identity in ids
    ]
    await tx.execute(pg_insert(ChoicesRow).values(rows).on_conflict_do_nothing())


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a desk without a network recorded."""

    code_hash: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Synced:
    """How many of the arrivals stand, the hashes nobody has, and what was wrong with others."""

    accepted: int
    unknown: tuple[str, ...]
    faults: tuple[Refusal, ...]


async def sync(tx: Write, sealer: Sealer, event_id: UUID, arrivals: Sequence[Arrival]) -> Synced:
    """
    Write down what a desk recorded; the same again counts again and changes nothing. One bad record does not hurt the rest.
    """
    event = await require_host(tx, await shared(tx, event_id), "event_id")
    if len(arrivals) > SYNC_MOST:
        raise Invalid("check_ins", zh=f"每次最多 {SYNC_MOST} 条。", en=f"{SYNC_MOST} at most.")
    faults: list[Refusal] = []
    at: dict[bytes, tuple[int, Arrival]] = {}
    unknown: dict[str, None] = {}
    for number, arrival in enumerate(arrivals):
        digest = read_hash(arrival.code_hash)
        if digest is None:
            unknown[arrival.code_hash] = None
        elif not event.takes_guests(arrival.at) or arrival.at > tx.now + AHEAD_MOST:
            opens, closes = _said(event.starts_at - CHECK_IN_BEFORE), _said(event.ends_at)
            faults.append(CheckInClosed("check_ins", str(number), "at", opens_at=opens, closes_at=closes))
        elif digest not in at or arrival.at < at[digest][1].at:
            at[digest] = number, arrival
    asked = sa.select(col(SignupRow.code_hash), col(SignupRow.status)).where(
        col(SignupRow.event_id) == event_id, col(SignupRow.code_hash).in_(list(at))
    )
    known = {bytes(row.code_hash): row.status for row in await tx.rows(asked)}
    arriving: dict[bytes, datetime] = {}
    accepted = 0
    for digest, (number, arrival) in at.items():
        status = known.get(digest)
        if status is None:
            unknown[arrival.code_hash] = None
        elif status is SignupStatus.CHECKED_IN or SIGNUP_STATES.may(status, SignupStatus.CHECKED_IN):
            accepted += 1
            arriving[digest] = min(arrival.at, tx.now)
        else:
            faults.append(MoveImpossible("check_ins", str(number), status=status.value))
    if arriving:
        await _arrived(tx, sealer, event, arriving)
    return Synced(accepted, tuple(unknown), tuple(faults))
