"""
May this youth sign up? Every reason why not; the same function answers `viewerEligibility` and guards the mutation.

A block is no reason: two who are blocked just never meet in a list. A refusal would tell that the other is there.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.accounts.consents import consents_now
from domain.accounts.models import ConsentPurpose, Gender, RealNameStatus, YouthRow
from domain.accounts.requirements import ConsentNeeded, NameNotVerified
from domain.accounts.youths import YOUTHS, Youth, age_on
from domain.core.actors import Actor, Anonymous, YouthActor
from domain.core.clock import SHANGHAI, day_of
from domain.core.db import Read, Write
from domain.core.policy import policies_by_division
from domain.core.refusals import ErrorCode, NotAllowed, Refusal, SignInNeeded
from domain.core.unnesting import ByKeys, any_of
from domain.matchmaking.event import Event, Seats
from domain.matchmaking.models import EventRow, SignupRow
from domain.matchmaking.policies import (
    BAR_DAYS,
    NO_SHOWS_COUNT_DAYS,
    NO_SHOWS_TO_BAR,
    OPEN_SIGNUPS_MOST,
)
from domain.matchmaking.states import OPEN, SignupStatus


class NotOpenYet(Refusal):
    code = ErrorCode.INVALID_STATE
    zh = "报名将于 {opens_at} 开始。"
    en = "Sign-up opens at {opens_at}."


class SignupOver(Refusal):
    code = ErrorCode.INVALID_STATE
    zh = "报名已于 {closes_at} 截止。"
    en = "Sign-up closed at {closes_at}."


class EventCancelled(Refusal):
    code = ErrorCode.INVALID_STATE
    zh = "该活动已取消。"
    en = "This event was cancelled."


class NoSeatsForSex(Refusal):
    code = ErrorCode.SOLD_OUT
    zh = "该活动没有为您的性别设席位。"
    en = "This event has no seats for your sex."


class AgeOutsideEvent(Refusal):
    code = ErrorCode.NOT_ELIGIBLE
    zh = "活动当日年龄须为 {least} 至 {most} 周岁。"
    en = "On the day of the event you must be {least} to {most} years old."


class BarredFromEvents(Refusal):
    code = ErrorCode.NOT_ELIGIBLE
    zh = "您曾 {times} 次未到场，{until} 前不能报名。"
    en = "You did not turn up {times} times: you may sign up again from {until} on."


class SignedUpAlready(Refusal):
    code = ErrorCode.ALREADY_EXISTS
    zh = "您已报名该活动。"
    en = "You have signed up for this event already."


class TooManySignups(Refusal):
    code = ErrorCode.QUOTA_EXCEEDED
    zh = "最多同时报名 {most} 场活动。"
    en = "You may have {most} sign-ups at once at most."


class NotSingle(Refusal):
    code = ErrorCode.NOT_ELIGIBLE
    zh = "活动仅面向单身青年，请确认单身声明。"
    en = "The event is for singles: you must declare to be single."


@dataclass(frozen=True, slots=True)
class Rules:
    """What the event's division has decided."""

    open_most: int
    no_shows_to_bar: int
    no_shows_count_days: int
    bar_days: int


async def rules_of(db: Read, divisions: Iterable[str]) -> dict[str | None, Rules]:
    """The rules of each division."""
    asked = OPEN_SIGNUPS_MOST, NO_SHOWS_TO_BAR, NO_SHOWS_COUNT_DAYS, BAR_DAYS
    found = await policies_by_division(db, divisions, *asked)
    return {division: Rules(*values) for division, values in found.items()}


@dataclass(frozen=True, slots=True)
class Part:
    """A sign-up of the youth that was not cancelled."""

    event_id: UUID
    status: SignupStatus
    open_slot: int | None
    ends_at: datetime


@dataclass(slots=True)
class Standing:
    """What is known of a youth, whatever the event."""

    youth: Youth
    consents: bool
    parts: list[Part] = field(default_factory=list)

    def open_slots(self, now: datetime) -> set[int]:
        """The numbers taken by sign-ups for events that are not over."""
        return {
            part.open_slot
            for part in self.parts
            if part.open_slot is not None and part.status in OPEN and part.ends_at > now
        }

    def missed(self, now: datetime, since: datetime) -> list[datetime]:
        """When the events ended for which the youth had a seat and did not come, the earliest first."""
        missing = (SignupStatus.CONFIRMED, SignupStatus.NO_SHOW)
        return sorted(
            part.ends_at for part in self.parts if part.status in missing and since < part.ends_at <= now
        )

    def barred_until(self, now: datetime, rules: Rules) -> tuple[int, datetime] | None:
        missed = self.missed(now, now - timedelta(days=rules.no_shows_count_days))
        if len(missed) < rules.no_shows_to_bar:
            return None
        until = missed[-1] + timedelta(days=rules.bar_days)
        return (len(missed), until) if now < until else None


def _standings(youths: Any) -> sa.Select[Any]:
    """These youths, each with whether the consent is in force, and the sign-ups as a list."""
    mine = col(YouthRow.id)
    part = (col(SignupRow.event_id), col(SignupRow.status), col(SignupRow.open_slot), col(EventRow.ends_at))
    parts = (
        sa.select(sa.func.json_agg(sa.func.json_build_array(*part)))
        .select_from(SignupRow)
        .join(EventRow, col(EventRow.id) == col(SignupRow.event_id))
        .where(col(SignupRow.youth_id) == mine, col(SignupRow.status) != SignupStatus.CANCELLED)
        .scalar_subquery()
    )
    agrees = consents_now(mine, ConsentPurpose.MATCHMAKING)
    return YOUTHS.select().add_columns(agrees, parts).where(mine == youths)


_STANDINGS = ByKeys(_standings, sa.Uuid)
_LOCKED = (
    sa.select(col(YouthRow.id))
    .where(col(YouthRow.id) == any_of("youths", sa.Uuid))
    .order_by(col(YouthRow.id))
    .with_for_update(key_share=True, skip_locked=True)
)


async def standings(db: Read, youth_ids: Iterable[UUID]) -> dict[UUID, Standing]:
    """The standing of each youth whom there is."""
    found = {}
    for *fields, agrees, parts in await db.rows(*_STANDINGS.of(youth_ids)):
        youth = YOUTHS.make(*fields)
        found[youth.id] = Standing(youth, agrees, [_part(*part) for part in parts or ()])
    return found


def _part(event_id: str, status: str, open_slot: int | None, ends_at: str) -> Part:
    return Part(UUID(event_id), SignupStatus(status), open_slot, datetime.fromisoformat(ends_at))


async def locked_standings(tx: Write, youth_ids: Iterable[UUID]) -> dict[UUID, Standing]:
    """
    As `standings`, of youths who are held until the transaction ends; those whom another one has in hand are left out.

    They are read by a second statement, which sees them as whoever had them in hand before has left them.
    """
    return await standings(tx, await tx.scalars(_LOCKED, {"youths": sorted(set(youth_ids))}))


def _said(instant: datetime) -> str:
    return f"{instant.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def event_faults(event: Event, now: datetime) -> Iterable[Refusal]:
    """What stands in anybody's way."""
    if event.cancelled_at is not None:
        yield EventCancelled("event_id")
    if now < event.signup_opens_at:
        yield NotOpenYet("event_id", opens_at=_said(event.signup_opens_at))
    if now >= event.signup_closes_at or event.frozen_at is not None:
        yield SignupOver("event_id", closes_at=_said(event.signup_closes_at))


def faults(
    event: Event, seats: Mapping[Gender, Seats], who: Standing, rules: Rules, now: datetime
) -> list[Refusal]:
    """Every reason against the youth's signing up for the event."""
    found, youth = list(event_faults(event, now)), who.youth
    if youth.birth_date is not None:
        age = age_on(youth.birth_date, day_of(event.starts_at))
        if not event.min_age <= age <= event.max_age:
            found.append(AgeOutsideEvent(least=event.min_age, most=event.max_age))
    if youth.real_name_status is not RealNameStatus.VERIFIED or None in (youth.gender, youth.birth_date):
        found.append(NameNotVerified())
    elif youth.gender is not None and seats[youth.gender].total == 0:
        found.append(NoSeatsForSex("event_id"))
    if not who.consents:
        found.append(ConsentNeeded(purpose=ConsentPurpose.MATCHMAKING.value))
    bar = who.barred_until(now, rules)
    if bar is not None:
        found.append(BarredFromEvents(times=bar[0], until=_said(bar[1])))
    if any(part.event_id == event.id for part in who.parts):
        found.append(SignedUpAlready("event_id"))
    elif len(who.open_slots(now)) >= rules.open_most:
        found.append(TooManySignups(most=rules.open_most))
    return found


SeatsOf = Callable[[Sequence[UUID]], Awaitable[Mapping[UUID, Mapping[Gender, Seats]]]]


async def eligibilities(
    db: Read, actor: Actor, events: Iterable[Event], seats_of: SeatsOf
) -> dict[UUID, list[Refusal]]:
    """The reasons against signing up for each event; where somebody is asked about, `seats_of` is."""
    asked = list(events)
    who: Any = (await standings(db, [actor.id])).get(actor.id) if isinstance(actor, YouthActor) else None
    if who is None:
        reason = SignInNeeded if isinstance(actor, Anonymous | YouthActor) else NotAllowed
        return {event.id: [*event_faults(event, db.now), reason()] for event in asked}
    seats = await seats_of([event.id for event in asked])
    rules = await rules_of(db, {event.division_code for event in asked})
    return {
        event.id: faults(event, seats[event.id], who, rules[event.division_code], db.now) for event in asked
    }
