"""An event as it is read. Its state is a function of time and seats: nothing has to run on time for it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.accounts.models import Gender
from domain.accounts.reach import in_reach, reaches
from domain.core.actors import Actor, StaffActor
from domain.core.db import Read, Write
from domain.core.divisions import within
from domain.core.keyset import Key, Order, instant_value, uuid_value
from domain.core.projection import Projection, projection
from domain.core.refusals import NotFound
from domain.core.rights import Action, may, require_staff
from domain.core.unnesting import ByKeys
from domain.matchmaking.models import EventRow, SeatsRow
from domain.matchmaking.states import Admission, EventStatus

CHOOSING_LASTS = timedelta(hours=24)
"""After the end, where no other time is set (programmes.md, 3)."""

KEPT_FOR = timedelta(days=30)
"""After choosing has closed, choices, matches, contacts and profiles are erased."""

CHECK_IN_BEFORE = timedelta(hours=2)
FILTERS_KEPT = 64


@dataclass(frozen=True, slots=True)
class Event:
    id: UUID
    version: int
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
    cancelled_at: datetime | None
    frozen_at: datetime | None
    entries_hash: bytes | None
    seed: bytes | None
    drawn_at: datetime | None
    matches: int | None
    erased_at: datetime | None

    @property
    def choosing_closes_at(self) -> datetime:
        return self.choices_close_at or self.ends_at + CHOOSING_LASTS

    @property
    def is_lottery(self) -> bool:
        return self.admission is Admission.LOTTERY

    def takes_guests(self, at: datetime) -> bool:
        """May a guest be checked in at this instant?"""
        return self.cancelled_at is None and self.starts_at - CHECK_IN_BEFORE <= at < self.ends_at

    def choosing_is_over(self, now: datetime) -> bool:
        return now >= self.choosing_closes_at

    def status_at(self, now: datetime, *, has_seats: bool) -> EventStatus:
        """The state at an instant; `has_seats`: is one left for either sex?"""
        if self.cancelled_at is not None:
            return EventStatus.CANCELLED
        if now >= self.ends_at:
            return EventStatus.FINISHED
        if now >= self.signup_closes_at:
            return EventStatus.CLOSED
        if now < self.signup_opens_at:
            return EventStatus.SCHEDULED
        return EventStatus.OPEN if has_seats or self.is_lottery else EventStatus.FULL


EVENTS = projection(Event, EventRow)
SOONEST = Order(
    "matchmaking-events",
    (Key(col(EventRow.starts_at), instant_value), Key(col(EventRow.id), uuid_value)),
)
LATEST = Order(
    "matchmaking-events-latest",
    (
        Key(col(EventRow.starts_at), instant_value, descending=True),
        Key(col(EventRow.id), uuid_value, descending=True),
    ),
)


@dataclass(frozen=True, slots=True)
class Seats:
    """The seats of one sex."""

    gender: Gender
    total: int
    taken: int
    waitlisted: int
    drawn_total: int | None

    @property
    def free(self) -> int:
        return self.total - self.taken


async def events(db: Read, ids: Iterable[UUID], columns: Projection[Event] = EVENTS) -> dict[UUID, Event]:
    return await columns.of_ids(db, ids)


_SEATS = ByKeys(
    lambda events: (
        sa.select(
            col(SeatsRow.event_id),
            col(SeatsRow.gender),
            col(SeatsRow.total),
            col(SeatsRow.taken),
            col(SeatsRow.waitlisted),
            col(SeatsRow.drawn_total),
        )
        .where(col(SeatsRow.event_id) == events)
        .order_by(col(SeatsRow.event_id), col(SeatsRow.gender))
    ),
    sa.Uuid,
)


async def seats_of(db: Read, event_ids: Iterable[UUID]) -> dict[UUID, dict[Gender, Seats]]:
    """The seats of each event, by sex."""
    found: dict[UUID, dict[Gender, Seats]] = {}
    for event_id, *fields in await db.rows(*_SEATS.of(event_ids)):
        seats = Seats(*fields)
        found.setdefault(event_id, {})[seats.gender] = seats
    return found


def any_free(seats: Mapping[Gender, Seats]) -> bool:
    return any(one.free > 0 for one in seats.values())


_SHARED = (
    EVENTS.select().where(col(EventRow.id) == sa.bindparam("event", type_=sa.Uuid)).with_for_update(read=True)
)


async def shared(tx: Write, event_id: UUID) -> Event | None:
    """The event, held so that nobody changes, cancels, freezes or draws it meanwhile; others may hold it too."""
    return next(iter(await EVENTS.all(tx, _SHARED, {"event": event_id})), None)


async def held(tx: Write, event_id: UUID) -> Event | None:
    """The event for this transaction alone. Sign-ups and cancellations under way are waited for."""
    statement = EVENTS.select().where(col(EventRow.id) == event_id)
    return await EVENTS.first(tx, statement.with_for_update(key_share=True))


async def managed(db: Read, actor: Actor, event_ids: Iterable[UUID]) -> frozenset[UUID]:
    """Those of the events that the actor is host of."""
    if not isinstance(actor, StaffActor) or not may(actor, Action.MANAGE_EVENTS):
        return frozenset()
    return frozenset(
        await db.scalars(
            sa.select(col(EventRow.id)).where(
                col(EventRow.id).in_(list(event_ids)), in_reach(actor, col(EventRow.unit_id))
            )
        )
    )


async def require_host(tx: Write, event: Event | None, *field: str) -> Event:
    """The event, if the actor is its host; NotFound for one out of reach, as for one that is not there."""
    staff = require_staff(tx.actor, Action.MANAGE_EVENTS)
    if event is None or not await reaches(tx, staff, event.unit_id):
        raise NotFound(*field)
    return event


@lru_cache(maxsize=FILTERS_KEPT)
def matching(
    columns: Projection[Event],
    *,
    division_codes: tuple[str, ...] | None,
    upcoming: bool | None,
    open_for_signup: bool | None,
) -> sa.Select[Any]:
    """
    Events that fit at the instant `now` given with it; `upcoming` are those not yet over, `open_for_signup` those that take
    sign-ups. Composed once for those filters that are asked again.
    """
    statement, now = columns.select(), sa.bindparam("now", type_=sa.DateTime(timezone=True))
    if division_codes is not None:
        statement = statement.where(within(col(EventRow.division_code), division_codes))
    if upcoming is not None:
        not_over = sa.and_(col(EventRow.ends_at) > now, col(EventRow.cancelled_at).is_(None))
        statement = statement.where(not_over if upcoming else ~not_over)
    if open_for_signup is not None:
        is_open = sa.and_(
            col(EventRow.cancelled_at).is_(None),
            col(EventRow.signup_opens_at) <= now,
            col(EventRow.signup_closes_at) > now,
        )
        statement = statement.where(is_open if open_for_signup else ~is_open)
    return statement


def choosing_closes() -> sa.ColumnElement[datetime]:
    """As `Event.choosing_closes_at`, in SQL."""
    return sa.func.coalesce(col(EventRow.choices_close_at), col(EventRow.ends_at) + CHOOSING_LASTS)
