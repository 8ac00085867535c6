"""A sign-up as it is read: by its guest alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlmodel import col

from domain.accounts.models import Gender
from domain.core.actors import Actor, YouthActor
from domain.core.db import Read
from domain.core.keyset import Key, Order, newest_first, uuid_value
from domain.core.projection import projection
from domain.core.sealing import Sealer, place
from domain.core.unnesting import ByKeys
from domain.matchmaking.models import EventRow, SignupRow
from domain.matchmaking.states import SEATED, SignupStatus

_TABLE = str(SignupRow.__tablename__)


def _of_event(column: Any) -> ColumnElement[Any]:
    event = sa.select(column).where(col(EventRow.id) == col(SignupRow.event_id))
    return event.correlate(SignupRow).scalar_subquery()


@dataclass(frozen=True, slots=True)
class Signup:
    """What is sealed stays so until its reader asks. `ends_at` is the event's."""

    id: UUID
    event_id: UUID
    youth_id: UUID
    gender: Gender
    status: SignupStatus
    participant_id: UUID | None
    lottery_entry: UUID | None
    queue_number: int | None
    code_sealed: bytes | None
    checked_in_at: datetime | None
    created_at: datetime
    ends_at: datetime

    def status_at(self, now: datetime) -> SignupStatus:
        """Who had a seat and is not checked in when the event is over did not turn up, whether written down or not."""
        if self.status is SignupStatus.CONFIRMED and now >= self.ends_at:
            return SignupStatus.NO_SHOW
        return self.status

    def code(self, sealer: Sealer) -> str | None:
        """What the guest shows at the desk; only who has a seat has one."""
        if self.code_sealed is None or self.status not in SEATED:
            return None
        return sealer.open(self.code_sealed, signup_place("code", self.id))


SIGNUPS = projection(Signup, SignupRow, ends_at=_of_event(col(EventRow.ends_at)))
NEWEST = newest_first(col(SignupRow.created_at), col(SignupRow.id), "matchmaking-signups")
BY_AGE = Order("matchmaking-attendees", (Key(col(SignupRow.id), uuid_value),))


def signup_place(column: str, signup_id: UUID) -> str:
    """Where a sealed field of a sign-up belongs."""
    return place(_TABLE, column, signup_id)


def own(actor: Actor) -> ColumnElement[bool]:
    """The youth's own sign-ups; of anybody else none."""
    return col(SignupRow.youth_id) == actor.id if isinstance(actor, YouthActor) else sa.false()


OF_YOUTH = SIGNUPS.select().where(col(SignupRow.youth_id) == sa.bindparam("youth", type_=sa.Uuid))
"""All sign-ups of the `youth` given with it."""
_AT = ByKeys(
    lambda events: OF_YOUTH.where(col(SignupRow.event_id) == events).order_by(col(SignupRow.id)), sa.Uuid
)
_OWN = ByKeys(lambda ids: OF_YOUTH.where(col(SignupRow.id) == ids), sa.Uuid)


async def signups(db: Read, actor: Actor, ids: Iterable[UUID]) -> dict[UUID, Signup]:
    """Those of the sign-ups that are the actor's own."""
    if not isinstance(actor, YouthActor):
        return {}
    return {found.id: found for found in await SIGNUPS.all(db, *_OWN.of(ids, youth=actor.id))}


async def latest_at(db: Read, actor: Actor, event_ids: Iterable[UUID]) -> dict[UUID, Signup]:
    """The actor's latest sign-up for each event, by event; of anybody but a youth none."""
    if not isinstance(actor, YouthActor):
        return {}
    found = await SIGNUPS.all(db, *_AT.of(event_ids, youth=actor.id))
    return {signup.event_id: signup for signup in found}


def has_status(status: SignupStatus, now: datetime) -> ColumnElement[bool]:
    """The states as `Signup.status_at` tells them, for a WHERE."""
    is_over = _of_event(col(EventRow.ends_at)) <= now
    written = col(SignupRow.status) == status
    if status is SignupStatus.CONFIRMED:
        return sa.and_(written, ~is_over)
    if status is SignupStatus.NO_SHOW:
        return sa.or_(written, sa.and_(col(SignupRow.status) == SignupStatus.CONFIRMED, is_over))
    return written


def _positions(ids: Any) -> sa.Select[Any]:
    ahead = sa.orm.aliased(SignupRow)
    place_in_line = (
        sa.select(sa.func.count())
        .select_from(ahead)
        .where(
            col(ahead.event_id) == col(SignupRow.event_id),
            col(ahead.gender) == col(SignupRow.gender),
            col(ahead.status) == SignupStatus.WAITLISTED,
            col(ahead.queue_number) <= col(SignupRow.queue_number),
        )
        .correlate(SignupRow)
        .scalar_subquery()
    )
    return sa.select(col(SignupRow.id), place_in_line).where(
        col(SignupRow.id) == ids, col(SignupRow.status) == SignupStatus.WAITLISTED
    )


_POSITIONS = ByKeys(_positions, sa.Uuid)


async def positions(db: Read, signup_ids: Iterable[UUID]) -> dict[UUID, int]:
    """The places in line, from 1, of those that wait."""
    return {row[0]: row[1] for row in await db.rows(*_POSITIONS.of(signup_ids))}
