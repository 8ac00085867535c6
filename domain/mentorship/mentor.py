"""A mentor as anybody reads one, and who acts for one: the person alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.accounts.models import RealNameStatus, YouthRow
from domain.accounts.reach import in_reach
from domain.core.actors import Actor, StaffActor, YouthActor
from domain.core.db import Read, Write
from domain.core.inbox import Recipient, Told
from domain.core.projection import Projection, projection
from domain.core.refusals import NotFound
from domain.core.rights import Action, may, require
from domain.core.unnesting import ByKeys
from domain.mentorship.models import MentorRow
from domain.mentorship.states import MentorField

RATED_FROM = 5
"""Reviews from which on a rating is shown (programmes.md, 5)."""


def _verified() -> sa.ColumnElement[bool]:
    """Is the person known: by the real name, or as a member of staff?"""
    named = (
        sa.select(sa.literal(1))
        .select_from(YouthRow)
        .where(
            col(YouthRow.id) == col(MentorRow.youth_id),
            col(YouthRow.real_name_status) == RealNameStatus.VERIFIED,
        )
    )
    return sa.or_(col(MentorRow.staff_id).is_not(None), named.exists())


VERIFIED = _verified()


@dataclass(frozen=True, slots=True)
class Mentor:
    id: UUID
    version: int
    youth_id: UUID | None
    staff_id: UUID | None
    unit_id: UUID
    name: str
    headline: str
    biography: str
    fields: tuple[MentorField, ...]
    division_code: str | None
    languages: tuple[str, ...]
    capacity: int
    accepts_requests: bool
    mentees: int
    review_count: int
    rating_sum: int
    verified: bool

    @property
    def rating(self) -> float | None:
        """The mean, to one place, once there are enough reviews that it gives nobody away."""
        if self.review_count < RATED_FROM:
            return None
        return round(self.rating_sum / self.review_count, 1)

    @property
    def full(self) -> bool:
        return self.mentees >= self.capacity

    def is_of(self, actor: Actor) -> bool:
        """Is the mentor the person who asks?"""
        match actor:
            case YouthActor(id=own):
                return self.youth_id == own
            case StaffActor(id=own):
                return self.staff_id == own
            case _:
                return False

    @property
    def told(self) -> list[Told]:
        """Into whose inbox news for the mentor go; nobody's once the person is erased."""
        if self.youth_id is not None:
            return [Told(Recipient.YOUTH, self.youth_id)]
        return [] if self.staff_id is None else [Told(Recipient.STAFF, self.staff_id)]


MENTORS = projection(Mentor, MentorRow, verified=VERIFIED)


def mentoring(actor: Actor) -> sa.ColumnElement[bool]:
    """The mentor who is the person that acts."""
    match actor:
        case YouthActor(id=own):
            return col(MentorRow.youth_id) == own
        case StaffActor(id=own):
            return col(MentorRow.staff_id) == own
        case _:
            return sa.false()


def own_mentor_ids(actor: Actor) -> sa.Select[Any]:
    """The id of the mentor who is the person that acts, for an IN."""
    return sa.select(col(MentorRow.id)).where(mentoring(actor))


async def mentors(db: Read, ids: Iterable[UUID]) -> dict[UUID, Mentor]:
    return await MENTORS.of_ids(db, ids)


_LISTED = ByKeys(
    lambda ids: MENTORS.select().where(col(MentorRow.id) == ids, col(MentorRow.retired_at).is_(None)), sa.Uuid
)


async def listed(db: Read, ids: Iterable[UUID], columns: Projection[Mentor] = MENTORS) -> dict[UUID, Mentor]:
    """Those whom anybody may look at: not the retired."""
    return await columns.looked_up(db, _LISTED, ids)


async def mentor_of(db: Read, actor: Actor) -> Mentor | None:
    """The mentor that the person who asks is."""
    return await MENTORS.first(db, MENTORS.select().where(mentoring(actor)))


def offered_by(actor: Actor) -> sa.ColumnElement[bool]:
    """Mentors for whom the person who acts offers times: oneself, and for staff with the right those in reach."""
    own = mentoring(actor)
    if isinstance(actor, StaffActor) and may(actor, Action.OFFER_SLOTS):
        return sa.or_(own, in_reach(actor, col(MentorRow.unit_id)))
    return own


async def mentor_in_hand(tx: Write, mentor_id: UUID, field: str) -> Mentor:
    """The mentor, locked, for who offers times in their name; NotFound for others."""
    statement = MENTORS.select().where(
        col(MentorRow.id) == mentor_id, col(MentorRow.retired_at).is_(None), offered_by(tx.actor)
    )
    found = await MENTORS.first(tx, statement.with_for_update(key_share=True, of=MentorRow))
    if found is None:
        require(tx.actor, Action.OFFER_SLOTS)
        raise NotFound(field)
    return found
