"""
Impossible travel: one person at two places so far apart that nobody comes from the one to the other in the time between.

A record tells no place; an organization's division has one, its seat. So only ways are looked at that are longer than divisions
are wide, of services that follow each other within a day.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from domain.core.db import Read
from domain.core.divisions import DivisionRow
from domain.core.geo import Located
from domain.core.keyset import Order, newest_first
from domain.partners.models import OrganizationRow
from domain.volunteering.irregularities.window import Window, counts
from domain.volunteering.models import ServiceRecordRow
from domain.volunteering.policies import TRAVEL_KILOMETRES, TRAVEL_KILOMETRES_AN_HOUR

BETWEEN_MOST = timedelta(days=1)
_LONGEST = timedelta(days=1)
_METERS, _SECONDS = 1_000, 3_600


@dataclass(frozen=True, slots=True)
class Journey:
    """From the end of one service to the begin of the next; `volunteer_id` is None while nobody knows the number."""

    volunteer_id: UUID | None
    from_record_id: UUID
    from_organization_id: UUID
    left_at: datetime
    to_record_id: UUID
    to_organization_id: UUID
    arrived_at: datetime
    meters: int


def _journeys(seen: Window, kilometres: float, an_hour: float, *, arriving: bool) -> sa.Select[Any]:
    """Those whose arrival is looked at, or whose departure; the nearest service before or after it by time."""
    looked: Any = aliased(ServiceRecordRow, name="looked")
    other: Any = aliased(ServiceRecordRow, name="other")
    before, after = (other, looked) if arriving else (looked, other)
    organizations: Any = aliased(OrganizationRow, name="own"), aliased(OrganizationRow, name="others")
    seats: Any = aliased(DivisionRow, name="seat"), aliased(DivisionRow, name="other_seat")
    meters = Located(seats[0].latitude, seats[0].longitude).meters_to(
        Located(seats[1].latitude, seats[1].longitude)
    )
    between = sa.func.extract("epoch", after.started_at - before.ended_at)
    about = timedelta(0), BETWEEN_MOST + _LONGEST
    first, last = (-about[1], about[0]) if arriving else about
    return (
        sa.select(
            looked.volunteer_id,
            before.id.label("from_record_id"),
            before.organization_id.label("from_organization_id"),
            before.ended_at.label("left_at"),
            after.id.label("to_record_id"),
            after.organization_id.label("to_organization_id"),
            after.started_at.label("arrived_at"),
            meters.label("meters"),
        )
        .select_from(looked)
        .join(organizations[0], organizations[0].id == looked.organization_id)
        .join(other, other.person_id == looked.person_id)
        .join(organizations[1], organizations[1].id == other.organization_id)
        .join(seats[0], seats[0].id == organizations[0].division_code)
        .join(seats[1], seats[1].id == organizations[1].division_code)
        .where(
            seen.records(looked),
            seen.reached(organizations[0]),
            counts(other),
            other.started_at.between(looked.started_at + first, looked.started_at + last),
            other.id != looked.id,
            organizations[0].division_code != organizations[1].division_code,
            between >= 0,
            between <= BETWEEN_MOST.total_seconds(),
            meters > kilometres * _METERS,
            meters > between * (an_hour * _METERS / _SECONDS),
        )
    )


async def journeys(db: Read, seen: Window) -> tuple[sa.Select[Any], Order]:
    """The latest first; to each place the shortest of the ways that nobody makes, by time."""
    kilometres, an_hour = await seen.decided(db, TRAVEL_KILOMETRES, TRAVEL_KILOMETRES_AN_HOUR)
    both = sa.union(
        *(_journeys(seen, kilometres, an_hour, arriving=arriving) for arriving in (True, False))
    ).subquery("both")
    nearest = sa.func.row_number().over(
        partition_by=both.c.to_record_id, order_by=(both.c.left_at.desc(), both.c.from_record_id)
    )
    turns = sa.select(*both.c, nearest.label("turn")).subquery("turns")
    columns = [column for column in turns.c if column.name != "turn"]
    order = newest_first(turns.c.arrived_at, turns.c.to_record_id, "impossible_journeys")
    return sa.select(*columns).where(turns.c.turn == 1), order
