"""What mentorship holds about youths, as mentees and as mentors."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.core.actors import YouthActor
from domain.core.db import Write
from domain.core.holding import Fate, Holding, Said, blank, opened, owned_by
from domain.core.inbox import NotificationRow
from domain.core.states import StateEvent
from domain.mentorship.meeting import call_off
from domain.mentorship.mentor import own_mentor_ids
from domain.mentorship.models import (
    CalendarRow,
    MentorRow,
    MessageRow,
    PairingRow,
    RequestRow,
    SlotRow,
    WeeklyRow,
)
from domain.mentorship.moving import locked, move
from domain.mentorship.states import OPEN, MentorshipStatus, Side

GONE = "已注销"
"""What a mentor who was erased is called."""
_UNDER_WAY = (*OPEN, MentorshipStatus.ACCEPTED)


def _mentor(youth_id: UUID) -> sa.Select[Any]:
    return own_mentor_ids(YouthActor(youth_id))


def _requests(youth_id: UUID) -> sa.Select[Any]:
    """Those of either side."""
    return sa.select(col(RequestRow.id)).where(
        sa.or_(col(RequestRow.youth_id) == youth_id, col(RequestRow.mentor_id).in_(_mentor(youth_id)))
    )


def _asked(youth_id: UUID) -> sa.Select[Any]:
    """Requests that the youth made, with the mentor's name."""
    return (
        sa.select(*sa.inspect(RequestRow).columns, col(MentorRow.name).label("mentor"))
        .join(MentorRow, col(MentorRow.id) == col(RequestRow.mentor_id))
        .where(col(RequestRow.youth_id) == youth_id)
    )


def _own_words(youth_id: UUID) -> sa.ColumnElement[bool]:
    """What the youth said as a mentee, and as a mentor; nothing of the other side."""
    asked = sa.select(col(RequestRow.id)).where(col(RequestRow.youth_id) == youth_id)
    answered = sa.select(col(RequestRow.id)).where(col(RequestRow.mentor_id).in_(_mentor(youth_id)))
    return sa.or_(
        sa.and_(col(MessageRow.author) == Side.MENTEE, col(MessageRow.request_id).in_(asked)),
        sa.and_(col(MessageRow.author) == Side.MENTOR, col(MessageRow.request_id).in_(answered)),
    )


def _answers_to(youth_id: UUID) -> sa.ColumnElement[bool]:
    """What mentors said to the youth."""
    asked = sa.select(col(RequestRow.id)).where(col(RequestRow.youth_id) == youth_id)
    return sa.and_(col(MessageRow.author) == Side.MENTOR, col(MessageRow.request_id).in_(asked))


def _told_to_mentees(youth_id: UUID) -> sa.ColumnElement[bool]:
    """Notices to others about requests to the youth as a mentor, whom they name."""
    answered = sa.select(col(RequestRow.id)).where(col(RequestRow.mentor_id).in_(_mentor(youth_id)))
    return sa.and_(
        col(NotificationRow.subject_id).in_(answered), col(NotificationRow.recipient_id) != youth_id
    )


async def end_mentorship(tx: Write, youth_id: UUID) -> None:
    """
    Take back what the youth asked for, call off what is to come on either side, and mentor nobody any more.

    As everywhere: requests by rising id before the mentors' rows.
    """
    in_their_name = Write(tx.connection, tx.now, YouthActor(youth_id))
    where = sa.and_(col(RequestRow.id).in_(_requests(youth_id)), col(RequestRow.status).in_(_UNDER_WAY))
    for request in await locked(tx, where):
        side = Side.MENTEE if request.youth_id == youth_id else Side.MENTOR
        if request.status is MentorshipStatus.ACCEPTED:
            await call_off(in_their_name, request, side)
        else:
            await move(in_their_name, [request], MentorshipStatus.CANCELLED, by=side)
    mine = col(MentorRow.youth_id) == youth_id
    ids = await tx.scalars(sa.select(col(MentorRow.id)).where(mine))
    await tx.execute(
        sa.update(MentorRow).where(mine).values(retired_at=tx.now, accepts_requests=False, updated_at=tx.now)
    )
    rules = sa.and_(col(WeeklyRow.mentor_id).in_(ids), col(WeeklyRow.ended_at).is_(None))
    await tx.execute(sa.update(WeeklyRow).where(rules).values(ended_at=tx.now, due_at=None))
    offered = sa.and_(col(SlotRow.mentor_id).in_(ids), col(SlotRow.closed_at).is_(None))
    await tx.execute(sa.update(SlotRow).where(offered).values(closed_at=tx.now))


ENDINGS = (end_mentorship,)

HOLDINGS = (
    Holding(
        "mentorshipHistory",
        StateEvent,
        Said("导师辅导申请的每一步", "Each step of your requests for mentorship"),
        owned_by(StateEvent.subject_id, _requests),
        {"request": "subject_id", "status": "status", "at": "at", "note": "note"},
        Fate.ANONYMISED,
        Said(
            "只留状态与时间，用于答复时限统计",
            "State and time alone stay, for the figures of how fast mentors answer",
        ),
        {"note": None},
    ),
    Holding(
        "mentorNoticesToMentees",
        NotificationRow,
        Said("发给学员、提到您作为导师的通知", "What mentees were told of you as their mentor"),
        _told_to_mentees,
        {},
        Fate.ANONYMISED,
        Said("通知属于学员本人，其中您的称呼会被抹去", "They are the mentees' own; your name goes from them"),
        {
            "values": sa.func.jsonb_set(
                col(NotificationRow.values),
                sa.text("'{mentor}'"),
                sa.func.to_jsonb(sa.cast(sa.literal(GONE), sa.Text)),
            )
        },
    ),
    Holding(
        "mentorshipMessages",
        MessageRow,
        Said("您在辅导中写的内容", "What you wrote in requests for mentorship"),
        _own_words,
        {"request": "request_id", "body": opened(MessageRow, "body"), "at": "at"},
    ),
    Holding(
        "mentorshipAnswers",
        MessageRow,
        Said("导师写给您的内容", "What mentors wrote to you"),
        _answers_to,
        {"request": "request_id", "body": opened(MessageRow, "body"), "at": "at"},
    ),
    Holding(
        "mentorshipRequests",
        RequestRow,
        Said("您的导师辅导申请", "Your requests for mentorship"),
        lambda youth: col(RequestRow.youth_id) == youth,
        {
            "id": "id",
            "mentor": "mentor",
            "status": "status",
            "topic": opened(RequestRow, "topic"),
            "message": opened(RequestRow, "message"),
            "summary": opened(RequestRow, "summary"),
            "comment": opened(RequestRow, "comment"),
            "meetingUrl": opened(RequestRow, "meeting_url"),
            "rating": "rating",
            "createdAt": "created_at",
        },
        Fate.ANONYMISED,
        Said(
            "只留一条无名记录，用于导师评分和统计",
            "A record of nobody stays, for the ratings of mentors and for figures",
        ),
        blank(
            RequestRow,
            *("id", "mentor_id", "youth_id", "unit_id", "status", "open_slot", "slot_id", "minor", "reroute"),
            *("rerouted_from", "respond_by", "due_at", "reschedules", "absent", "rating", "created_at"),
            *("updated_at",),
        ),
        _asked,
    ),
    Holding(
        "mentorshipPairings",
        PairingRow,
        Said("为您结对的导师", "Mentors whom a unit gave you"),
        lambda youth: col(PairingRow.youth_id) == youth,
        {"pairedAt": "paired_at", "endedAt": "ended_at"},
    ),
    Holding(
        "mentorSlots",
        SlotRow,
        Said("您作为导师开放的时段", "Times that you offered as a mentor"),
        owned_by(SlotRow.mentor_id, _mentor),
        {"startsAt": "starts_at", "endsAt": "ends_at"},
        Fate.ANONYMISED,
        Said(
            "学员的约谈记录引用这些时段；不含个人信息",
            "Mentees' sessions refer to them; they say nothing of you",
        ),
        {"rule_id": None, "rule_on": None},
    ),
    Holding(
        "mentorWeeklyTimes",
        WeeklyRow,
        Said("您作为导师设定的每周时段", "Times of every week that you offered as a mentor"),
        owned_by(WeeklyRow.mentor_id, _mentor),
        {
            "weekdays": "weekdays",
            "starts": "starts",
            "ends": "ends",
            "timeZone": "time_zone",
            "firstOn": "first_on",
            "lastOn": "last_on",
            "exceptOn": "except_on",
        },
    ),
    Holding(
        "mentorshipCalendars",
        CalendarRow,
        Said("您的辅导日历链接更换次数", "How often your calendars of sessions got new links"),
        lambda youth: sa.or_(
            sa.and_(col(CalendarRow.side) == Side.MENTEE, col(CalendarRow.owner_id) == youth),
            sa.and_(col(CalendarRow.side) == Side.MENTOR, col(CalendarRow.owner_id).in_(_mentor(youth))),
        ),
        {"side": "side", "number": "number"},
    ),
    Holding(
        "mentor",
        MentorRow,
        Said("您的导师资料", "What is said of you as a mentor"),
        lambda youth: col(MentorRow.youth_id) == youth,
        {
            "name": "name",
            "headline": "headline",
            "biography": "biography",
            "fields": "fields",
            "languages": "languages",
            "capacity": "capacity",
            "createdAt": "created_at",
        },
        Fate.ANONYMISED,
        Said(
            "学员的申请引用该记录；不再含任何资料",
            "Mentees' requests refer to the record; it says nothing of you any more",
        ),
        blank(
            MentorRow,
            *("id", "version", "unit_id", "division_code", "capacity", "mentees", "answered", "lapsed"),
            *("review_count", "rating_sum", "retired_at", "created_at", "updated_at", "accepts_requests"),
            name=GONE,
            headline=GONE,
            biography=GONE,
            fields=[],
            languages=[],
            search_terms="",
        ),
    ),
)
