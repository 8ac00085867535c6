"""
What waits for a decision by staff, across programmes.

Each programme registers a source: a select of (subject_id, unit_id, waiting_since, due_at) of what waits within a
member's reach, and the right that deciding needs. Where much waits in the province, a source says what waits by unit, so
that a county's page is read by an index of its own units.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from domain.core.actors import StaffActor
from domain.core.keyset import Key, Order, instant_value, uuid_value
from domain.core.merging import Merged, Part
from domain.core.rights import Action, may


class ReviewKind(StrEnum):
    ORGANIZATION = "ORGANIZATION"
    INTERNSHIP = "INTERNSHIP"
    SERVICE_RECORD = "SERVICE_RECORD"
    CARE_FUND_CLAIM = "CARE_FUND_CLAIM"
    OFFERING_APPLICATION = "OFFERING_APPLICATION"
    CASE = "CASE"
    SUGGESTION = "SUGGESTION"
    PARTICIPANT_REPORT = "PARTICIPANT_REPORT"


@dataclass(frozen=True, slots=True)
class Review:
    """One thing that waits. `due_at` is None where no time is set."""

    subject_id: UUID
    kind: ReviewKind
    unit_id: UUID
    waiting_since: datetime
    due_at: datetime | None


Waiting = sa.Select[Any, Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Source:
    """`by_unit` gives what waits besides: the ids of the units in reach, and a select as the other one, of any unit."""

    action: Action
    waiting: Callable[[StaffActor], Waiting]
    by_unit: Callable[[StaffActor], tuple[sa.Select[Any], Waiting]] | None = None

    def parts(self, staff: StaffActor, kind: ReviewKind) -> Iterator[Part]:
        yield _part(self.waiting(staff), kind, None)
        if self.by_unit is not None:
            units, waiting = self.by_unit(staff)
            yield _part(waiting, kind, units)


def _part(waiting: Waiting, kind: ReviewKind, units: sa.Select[Any] | None) -> Part:
    subject, unit, since, due = waiting.subquery().columns
    statement = sa.select(
        subject.label("subject_id"),
        sa.literal(kind.value).label("kind"),
        unit.label("unit_id"),
        since.label("waiting_since"),
        due.label("due_at"),
    )
    keys = Key(since, instant_value), Key(subject, uuid_value)
    return Part(statement, keys, None if units is None else (unit, units))


SOURCES: dict[ReviewKind, Source] = {}


def waiting(staff: StaffActor | None, kinds: Iterable[ReviewKind] | None) -> tuple[sa.Select[Any], Order]:
    """Everything that waits for this member (nothing for None), and its order: the oldest first."""
    wanted = SOURCES if kinds is None else {kind: SOURCES[kind] for kind in kinds if kind in SOURCES}
    parts = [
        part
        for kind, source in wanted.items()
        if staff is not None and may(staff, source.action)
        for part in source.parts(staff, kind)
    ]
    nothing = sa.select(
        sa.null().cast(sa.Uuid).label("subject_id"),
        sa.literal("").label("kind"),
        sa.null().cast(sa.Uuid).label("unit_id"),
        sa.null().cast(sa.DateTime(timezone=True)).label("waiting_since"),
        sa.null().cast(sa.DateTime(timezone=True)).label("due_at"),
    ).where(sa.false())
    found = sa.union_all(nothing, *(part.whole for part in parts)).subquery()
    keys = (Key(found.c.waiting_since, instant_value), Key(found.c.subject_id, uuid_value))
    order = Order("reviews", keys, reading=Merged(tuple(parts)) if parts else None)
    return sa.select(
        found.c.subject_id, found.c.kind, found.c.unit_id, found.c.waiting_since, found.c.due_at
    ), order


def review(
    subject_id: UUID, kind: str, unit_id: UUID, waiting_since: datetime, due_at: datetime | None
) -> Review:
    return Review(subject_id, ReviewKind(kind), unit_id, waiting_since, due_at)
