"""
Bursts: many records of one person by one organization, or of one organization, that came in within a short time.

Records that follow each other within that time are one burst; it is told when at some moment so many had come in within the
time before.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.sql.elements import FrameClause, FrameClauseType
from sqlmodel import col

from domain.core.db import Read
from domain.core.keyset import Order, newest_first
from domain.partners.models import OrganizationRow
from domain.volunteering.irregularities.window import Window
from domain.volunteering.models import ServiceRecordRow
from domain.volunteering.policies import BURST_MINUTES, BURST_OF_ORGANIZATION, BURST_OF_PERSON


@dataclass(frozen=True, slots=True)
class Burst:
    """`volunteer_id` is None of an organization's burst, and of a person whom nobody knows yet (`of_person`)."""

    organization_id: UUID
    of_person: bool
    volunteer_id: UUID | None
    first_at: datetime
    last_at: datetime
    records: int
    at_once: int
    minutes: int
    last_record_id: UUID


def _bursts(seen: Window, within: timedelta, least: int, *, of_person: bool) -> sa.Select[Any]:
    record = ServiceRecordRow
    whose: list[Any] = [col(record.organization_id), *([col(record.person_id)] if of_person else [])]
    mine = (
        sa.select(*whose)
        .join(OrganizationRow, col(OrganizationRow.id) == col(record.organization_id))
        .where(seen.records(), seen.reached())
        .group_by(*whose)
        .having(sa.func.count() >= least)
        .cte("persons" if of_person else "organizations")
    )
    at, length = col(record.recorded_at), sa.literal(within, sa.Interval)
    in_turn: dict[str, Any] = {"partition_by": whose, "order_by": at}
    walked = (
        sa.select(
            *whose,
            col(record.id),
            col(record.volunteer_id),
            at.label("at"),
            col(record.minutes),
            sa.case((at - sa.func.lag(at).over(**in_turn) > length, 1), else_=0).label("begins"),
            sa.func.count()
            .over(
                **in_turn,
                range_=FrameClause(length, None, FrameClauseType.PRECEDING, FrameClauseType.CURRENT),
            )
            .label("at_once"),
        )
        .join(mine, sa.and_(*(column == mine.c[column.key] for column in whose)))
        .where(seen.records())
        .subquery()
    )
    keys = [walked.c[column.key] for column in whose]
    numbered = sa.select(
        *walked.c, sa.func.sum(walked.c.begins).over(partition_by=keys, order_by=walked.c.at).label("number")
    ).subquery()
    last = sa.func.array_agg(aggregate_order_by(numbered.c.id, numbered.c.at.desc(), numbered.c.id.desc()))
    return (
        sa.select(
            numbered.c.organization_id,
            sa.literal(of_person).label("of_person"),
            (sa.func.min(numbered.c.volunteer_id.cast(sa.Text)) if of_person else sa.null())
            .cast(sa.Uuid)
            .label("volunteer_id"),
            sa.func.min(numbered.c.at).label("first_at"),
            sa.func.max(numbered.c.at).label("last_at"),
            sa.func.count().label("records"),
            sa.func.max(numbered.c.at_once).label("at_once"),
            sa.func.sum(numbered.c.minutes).label("minutes"),
            sa.cast(last[1], sa.Uuid).label("last_record_id"),
        )
        .group_by(*(numbered.c[column.key] for column in whose), numbered.c.number)
        .having(sa.func.max(numbered.c.at_once) >= least)
    )


async def bursts(db: Read, seen: Window) -> tuple[sa.Select[Any], Order]:
    """The latest first."""
    minutes, person, organization = await seen.decided(
        db, BURST_MINUTES, BURST_OF_PERSON, BURST_OF_ORGANIZATION
    )
    within = timedelta(minutes=minutes)
    whole = sa.union_all(
        _bursts(seen, within, person, of_person=True), _bursts(seen, within, organization, of_person=False)
    ).subquery("bursts")
    order = newest_first(whole.c.last_at, whole.c.last_record_id, "service_bursts")
    return sa.select(*whole.c), order
