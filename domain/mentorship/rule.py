"""A weekly rule as it is kept, and who reads it: the mentor, and staff who may offer times in the mentor's name."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.core.actors import Actor
from domain.core.db import Read
from domain.core.projection import projection
from domain.mentorship.mentor import offered_by
from domain.mentorship.models import MentorRow, WeeklyRow
from domain.mentorship.weekly import Weekly


@dataclass(frozen=True, slots=True)
class Rule:
    """`skipped_on` are days on which something else is in the way."""

    id: UUID
    mentor_id: UUID
    weekdays: list[int]
    starts: str
    ends: str
    time_zone: str
    first_on: date
    last_on: date | None
    except_on: list[date]
    on_public_holidays: bool
    skipped_on: list[date]
    ended_at: datetime | None

    @property
    def weekly(self) -> Weekly:
        return Weekly(
            weekdays=self.weekdays,
            starts=self.starts,
            ends=self.ends,
            time_zone=self.time_zone,
            first_on=self.first_on,
            last_on=self.last_on,
            except_on=self.except_on,
            on_public_holidays=self.on_public_holidays,
        )


RULES = projection(Rule, WeeklyRow)


def columns_of(weekly: Weekly) -> dict[str, Any]:
    """As its row keeps it; days that mean the same are written alike."""
    return {
        "weekdays": sorted(set(weekly.weekdays)),
        "starts": weekly.starts,
        "ends": weekly.ends,
        "time_zone": weekly.time_zone,
        "first_on": weekly.first_on,
        "last_on": weekly.last_on,
        "except_on": sorted(set(weekly.except_on)),
        "on_public_holidays": weekly.on_public_holidays,
    }


def _running(actor: Actor) -> sa.Select[Any]:
    """Rules that have not been ended, of mentors for whom the actor offers times."""
    whose = sa.select(col(MentorRow.id)).where(col(MentorRow.retired_at).is_(None), offered_by(actor))
    return RULES.select().where(col(WeeklyRow.ended_at).is_(None), col(WeeklyRow.mentor_id).in_(whose))


async def offers_for(db: Read, actor: Actor, mentor_ids: Iterable[UUID]) -> set[UUID]:
    """For which of these mentors the actor offers times."""
    statement = sa.select(col(MentorRow.id)).where(col(MentorRow.id).in_(list(mentor_ids)), offered_by(actor))
    return set(await db.scalars(statement))


async def rules(db: Read, actor: Actor, ids: Iterable[UUID]) -> dict[UUID, Rule]:
    """Those that the actor may know of."""
    return {
        found.id: found
        for found in await RULES.all(db, _running(actor).where(col(WeeklyRow.id).in_(list(ids))))
    }


async def rules_of(db: Read, actor: Actor, mentor_ids: Iterable[UUID]) -> dict[UUID, list[Rule]]:
    """Of each mentor for whom the actor offers times, the oldest first."""
    found: dict[UUID, list[Rule]] = {key: [] for key in await offers_for(db, actor, mentor_ids)}
    statement = _running(actor).where(col(WeeklyRow.mentor_id).in_(list(found))).order_by(col(WeeklyRow.id))
    for rule in await RULES.all(db, statement):
        found[rule.mentor_id].append(rule)
    return found
