"""A request as it is read: by its mentee, its mentor, and case workers in reach."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.accounts.reach import reached
from domain.core.actors import Actor, StaffActor, YouthActor
from domain.core.db import Read
from domain.core.keyset import newest_first
from domain.core.projection import projection
from domain.core.rights import Action, may
from domain.core.sealing import Sealer, place
from domain.mentorship.mentor import own_mentor_ids
from domain.mentorship.models import MessageRow, RequestRow
from domain.mentorship.states import OPEN, MentorshipStatus, Side

_TABLE = "mentorship_request"
BODY = ("mentorship_message", "body")


@dataclass(frozen=True, slots=True)
class Request:
    """As it is stored; what time has made of it is `status_at`."""

    id: UUID
    mentor_id: UUID
    youth_id: UUID
    unit_id: UUID
    status: MentorshipStatus
    slot_id: UUID | None
    minor: bool
    reroute: bool
    rerouted_from: UUID | None
    topic_sealed: bytes | None
    message_sealed: bytes | None
    summary_sealed: bytes | None
    comment_sealed: bytes | None
    meeting_url_sealed: bytes | None
    respond_by: datetime
    reschedules: int
    absent: Side | None
    rating: int | None
    created_at: datetime

    def lapsed(self, now: datetime) -> bool:
        """Has nobody answered in time, whether or not it is written down?"""
        return self.status in OPEN and self.respond_by <= now

    def status_at(self, now: datetime) -> MentorshipStatus:
        return MentorshipStatus.EXPIRED if self.lapsed(now) else self.status

    def text(self, sealer: Sealer, column: str) -> str | None:
        """One of the sealed texts in clear: for its mentee, its mentor, or a reader with the right."""
        sealed: bytes | None = getattr(self, f"{column}_sealed")
        return None if sealed is None else sealer.open(sealed, text_place(column, self.id))


REQUESTS = projection(Request, RequestRow)
NEWEST = newest_first(col(RequestRow.created_at), col(RequestRow.id), "mentorship_requests")


def text_place(column: str, request_id: UUID) -> str:
    return place(_TABLE, column, request_id)


def lapsed(now: datetime) -> sa.ColumnElement[bool]:
    """As `Request.lapsed`."""
    return sa.and_(col(RequestRow.status).in_(OPEN), col(RequestRow.respond_by) <= now)


def has_status(statuses: Iterable[MentorshipStatus], now: datetime) -> sa.ColumnElement[bool]:
    """As `Request.status_at`."""
    wanted = set(statuses)
    stored = sa.and_(col(RequestRow.status).in_(wanted), ~lapsed(now))
    return sa.or_(stored, lapsed(now)) if MentorshipStatus.EXPIRED in wanted else stored


def own(actor: Actor) -> sa.ColumnElement[bool]:
    """Requests of which the person who acts is one of the two sides."""
    mentors = col(RequestRow.mentor_id).in_(own_mentor_ids(actor))
    if isinstance(actor, YouthActor):
        return sa.or_(col(RequestRow.youth_id) == actor.id, mentors)
    return mentors if isinstance(actor, StaffActor) else sa.false()


def readable(actor: Actor) -> sa.ColumnElement[bool]:
    """One's own, and for case workers those of mentees whom their unit or one below looks after."""
    if isinstance(actor, StaffActor) and may(actor, Action.SEE_MENTORSHIP):
        return sa.or_(own(actor), reached(actor, col(RequestRow.unit_id)))
    return own(actor)


async def requests(db: Read, actor: Actor, ids: Iterable[UUID]) -> dict[UUID, Request]:
    """Those of the requests that the actor may know of."""
    statement = REQUESTS.select().where(col(RequestRow.id).in_(list(ids)), readable(actor))
    return {found.id: found for found in await REQUESTS.all(db, statement)}


def of_youth(youth_id: UUID) -> sa.Select[Any]:
    return REQUESTS.select().where(col(RequestRow.youth_id) == youth_id)


def of_mentor(mentor_id: UUID, statuses: Iterable[MentorshipStatus] | None, now: datetime) -> sa.Select[Any]:
    statement = REQUESTS.select().where(col(RequestRow.mentor_id) == mentor_id)
    return statement if statuses is None else statement.where(has_status(statuses, now))


async def successors(db: Read, ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """What lapsed requests became with another mentor."""
    rows = await db.rows(
        sa.select(col(RequestRow.rerouted_from), col(RequestRow.id)).where(
            col(RequestRow.rerouted_from).in_(list(ids))
        )
    )
    return dict(map(tuple, rows))


@dataclass(frozen=True, slots=True)
class Said:
    """What was said with a move, in clear."""

    author: Side
    text: str


async def said(db: Read, sealer: Sealer, ids: Iterable[UUID]) -> dict[tuple[UUID, datetime], Said]:
    """What was said, by request and instant. Whoever asks has decided that the reader may know."""
    table = MessageRow
    rows = await db.rows(
        sa.select(
            col(table.id), col(table.request_id), col(table.author), col(table.body_sealed), col(table.at)
        ).where(col(table.request_id).in_(list(ids)), col(table.body_sealed).is_not(None))
    )
    return {
        (row.request_id, row.at): Said(row.author, sealer.open(row.body_sealed, place(*BODY, row.id)))
        for row in rows
    }
