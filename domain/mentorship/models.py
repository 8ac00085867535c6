"""Tables of mentors, their times and requests. What mentees and mentors write to each other is sealed."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, ExcludeConstraint
from sqlmodel import Field, SQLModel

from domain.core import columns
from domain.core.sealed_columns import sealed
from domain.core.search import Declared, terms_column
from domain.mentorship.states import OPEN, WITH_SLOT, MentorField, MentorshipStatus, Side

SEARCH = Declared("mentorship_mentor", division="COALESCE(division_code, ''::text)")

SLOTS_NUMBERED = 20
"""The highest number of open requests that a policy may allow one youth."""


def _in(*statuses: MentorshipStatus) -> str:
    return f"status IN ({', '.join(repr(status.value) for status in statuses)})"


_OFFERED: Any = sa.text("closed_at IS NULL")
_NOT_DUE_LATER = sa.text(f"{_in(*OPEN, MentorshipStatus.ACCEPTED)}")

# One mentor's slots may not overlap: ids are compared by equality beside ranges, which GiST does by this extension.
sa.event.listen(SQLModel.metadata, "before_create", sa.DDL("CREATE EXTENSION IF NOT EXISTS btree_gist"))  # type: ignore[no-untyped-call]  # of SQLAlchemy


class MentorRow(SQLModel, table=True):
    """
    A youth or a member of staff who mentors; neither once the youth is erased.

    `mentees` counts the ACCEPTED requests, and is raised only while it is below `capacity`. `answered` and `lapsed` count
    requests by what became of them.
    """

    __tablename__ = "mentorship_mentor"
    __table_args__ = (
        columns.each_of("fields", MentorField),
        columns.check("somebody", "num_nonnulls(youth_id, staff_id) = 1 OR retired_at IS NOT NULL"),
        columns.check("name_length", "char_length(name) BETWEEN 1 AND 40"),
        columns.check("headline_length", "char_length(headline) BETWEEN 1 AND 80"),
        columns.check("biography_length", "char_length(biography) BETWEEN 1 AND 2000"),
        columns.check("capacity_in_range", "capacity BETWEEN 1 AND 100"),
        columns.check("mentees_counted", "mentees BETWEEN 0 AND 100"),
        columns.check("a_field_at_least", "cardinality(fields) >= 1 OR retired_at IS NOT NULL"),
        columns.check("ratings_in_range", "rating_sum BETWEEN review_count AND 5 * review_count"),
        sa.Index("mentorship_mentor_youth", "youth_id", unique=True),
        sa.Index("mentorship_mentor_staff", "staff_id", unique=True),
        SEARCH.index(),
    )

    id: UUID = columns.identifier()
    version: int = columns.version()
    youth_id: UUID | None = columns.maybe_refers_to("accounts_youth.id")
    staff_id: UUID | None = columns.maybe_refers_to("accounts_staff.id")
    unit_id: UUID = columns.refers_to("accounts_unit.id", index=True)
    name: str = columns.text()
    headline: str = columns.text()
    biography: str = columns.text()
    fields: list[MentorField] = columns.enum_array(MentorField)
    division_code: str | None = Field(default=None, sa_type=sa.Text, foreign_key="core_division.id")
    languages: list[str] = columns.text_array()
    capacity: int = Field(sa_type=sa.SmallInteger)
    accepts_requests: bool = Field(default=True, sa_column_kwargs={"server_default": sa.true()})
    mentees: int = columns.count_of()
    answered: int = columns.count_of()
    lapsed: int = columns.count_of()
    review_count: int = columns.count_of()
    rating_sum: int = columns.count_of()
    retired_at: datetime | None = columns.instant(None)
    created_at: datetime = columns.instant()
    updated_at: datetime = columns.instant()
    search_terms: str = terms_column()


class WeeklyRow(SQLModel, table=True):
    """
    A mentor's rule for times of every week, by the clocks of a time zone; without a last day until it is ended.

    The worker turns it into slots as the weeks come: `due_at` is when it looks next. On the days of `skipped_on` something else
    of the mentor's is in the way.
    """

    __tablename__ = "mentorship_weekly"
    __table_args__ = (
        columns.check("weekdays_of_a_week", "weekdays <@ ARRAY[1,2,3,4,5,6,7]::smallint[]"),
        columns.check("a_weekday_at_least", "cardinality(weekdays) >= 1"),
        columns.check("starts_by_the_clock", "starts ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'"),
        columns.check("ends_by_the_clock", "ends ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'"),
        columns.check("last_after_first", "last_on >= first_on"),
        columns.check("not_due_once_ended", "ended_at IS NULL OR due_at IS NULL"),
        sa.Index(
            "mentorship_weekly_same",
            *("mentor_id", "starts", "ends", "weekdays", "time_zone", "first_on"),
            unique=True,
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
        sa.Index("mentorship_weekly_due", "due_at", "id", postgresql_where=sa.text("due_at IS NOT NULL")),
    )

    id: UUID = columns.identifier()
    mentor_id: UUID = columns.refers_to("mentorship_mentor.id", index=True)
    weekdays: list[int] = Field(sa_type=ARRAY(sa.SmallInteger))
    starts: str = columns.text()
    ends: str = columns.text()
    time_zone: str = columns.text()
    first_on: date = Field()
    last_on: date | None = None
    except_on: list[date] = Field(sa_type=ARRAY(sa.Date))
    on_public_holidays: bool = Field()
    skipped_on: list[date] = Field(default_factory=list, sa_type=ARRAY(sa.Date))
    due_at: datetime | None = columns.instant(None)
    ended_at: datetime | None = columns.instant(None)
    created_at: datetime = columns.instant()
    updated_at: datetime = columns.instant()


class SlotRow(SQLModel, table=True):
    """
    A time that a mentor offers, in UTC. Which request it is given to says the request.

    `rule_id` and `rule_on` are the weekly rule that it comes from and the day in the rule's time zone. `leaving`: the rule has it
    no more, but a mentee has; it is taken back when they leave.
    """

    __tablename__ = "mentorship_slot"
    __table_args__ = (
        columns.check("ends_after_it_starts", "ends_at > starts_at"),
        columns.check("a_day_of_the_rule", "(rule_id IS NULL) = (rule_on IS NULL)"),
        ExcludeConstraint(
            ("mentor_id", "="),
            (sa.text("tstzrange(starts_at, ends_at)"), "&&"),
            name="mentorship_slot_no_overlap",
            using="gist",
            where=_OFFERED,
        ),
        sa.Index("mentorship_slot_of_mentor", "mentor_id", "starts_at", postgresql_where=_OFFERED),
        sa.Index(
            "mentorship_slot_of_rule",
            *("rule_id", "starts_at"),
            postgresql_where=sa.text("rule_id IS NOT NULL"),
        ),
    )

    id: UUID = columns.identifier()
    mentor_id: UUID = columns.refers_to("mentorship_mentor.id")
    starts_at: datetime = columns.instant()
    ends_at: datetime = columns.instant()
    closed_at: datetime | None = columns.instant(None)
    rule_id: UUID | None = columns.maybe_refers_to("mentorship_weekly.id")
    rule_on: date | None = None
    leaving: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    created_at: datetime = columns.instant()


class RequestRow(SQLModel, table=True):
    """
    A youth asks a mentor. While it waits for an answer it holds one of the youth's numbered places (`open_slot`).

    `slot_id` is the time wished for, then the one given: to one request alone. `due_at` is when the worker must look at it:
    to let it lapse, or to take a session as held. `remind_at` is when whoever must answer is reminded; `reminded` counts the
    reminders of the session. `minor` says that the mentee was one when they asked; `unit_id` looks after the mentee.
    """

    __tablename__ = "mentorship_request"
    __table_args__ = (
        columns.one_of("status", MentorshipStatus),
        columns.one_of("absent", Side),
        columns.check("open_with_a_place", f"({_in(*OPEN)}) = (open_slot IS NOT NULL)"),
        columns.check("place_in_range", f"open_slot BETWEEN 1 AND {SLOTS_NUMBERED}"),
        columns.check("no_show_of_somebody", "(status = 'NO_SHOW') = (absent IS NOT NULL)"),
        columns.check("rated_when_completed", "rating IS NULL OR status = 'COMPLETED'"),
        columns.check("rating_in_range", "rating BETWEEN 1 AND 5"),
        columns.check("rerouted_not_from_itself", "rerouted_from <> id"),
        sa.Index("mentorship_request_place", "youth_id", "open_slot", unique=True),
        sa.Index(
            "mentorship_request_slot_given",
            "slot_id",
            unique=True,
            postgresql_where=sa.text(_in(*WITH_SLOT)),
        ),
        sa.Index("mentorship_request_rerouted_once", "rerouted_from", unique=True),
        sa.Index("mentorship_request_of_youth", "youth_id", "created_at", "id"),
        sa.Index("mentorship_request_of_mentor", "mentor_id", "created_at", "id"),
        sa.Index("mentorship_request_due", "due_at", "id", postgresql_where=_NOT_DUE_LATER),
        sa.Index("mentorship_request_remind", "remind_at", postgresql_where=sa.text("remind_at IS NOT NULL")),
        sa.Index("mentorship_request_to_meet", "slot_id", postgresql_where=sa.text("status = 'ACCEPTED'")),
    )

    id: UUID = columns.identifier()
    mentor_id: UUID = columns.refers_to("mentorship_mentor.id")
    youth_id: UUID = columns.refers_to("accounts_youth.id")
    unit_id: UUID = columns.refers_to("accounts_unit.id", index=True)
    status: MentorshipStatus = columns.enum(MentorshipStatus)
    open_slot: int | None = Field(default=None, sa_type=sa.SmallInteger)
    slot_id: UUID | None = columns.maybe_refers_to("mentorship_slot.id")
    minor: bool = Field()
    reroute: bool = Field()
    rerouted_from: UUID | None = columns.maybe_refers_to("mentorship_request.id")
    topic_sealed: bytes | None = sealed(None)
    message_sealed: bytes | None = sealed(None)
    summary_sealed: bytes | None = sealed(None)
    comment_sealed: bytes | None = sealed(None)
    meeting_url_sealed: bytes | None = sealed(None)
    respond_by: datetime = columns.instant()
    remind_at: datetime | None = columns.instant(None)
    due_at: datetime = columns.instant()
    reschedules: int = columns.count_of()
    reminded: int = columns.count_of()
    absent: Side | None = columns.enum(Side, None)
    rating: int | None = Field(default=None, sa_type=sa.SmallInteger)
    created_at: datetime = columns.instant()
    updated_at: datetime = columns.instant()


class MessageRow(SQLModel, table=True):
    """What was said with a move of a request: its history shows it to both sides. One at an instant."""

    __tablename__ = "mentorship_message"
    __table_args__ = (
        columns.one_of("author", Side),
        sa.Index("mentorship_message_of_request", "request_id", "at", unique=True),
    )

    id: UUID = columns.identifier()
    request_id: UUID = columns.refers_to("mentorship_request.id")
    author: Side = columns.enum(Side)
    body_sealed: bytes | None = sealed(None)
    at: datetime = columns.instant()


class PairingRow(SQLModel, table=True):
    """A youth whom a unit gave a cadre as mentor; one at a time."""

    __tablename__ = "mentorship_pairing"
    __table_args__ = (
        sa.Index(
            "mentorship_pairing_one",
            "youth_id",
            unique=True,
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
        sa.Index("mentorship_pairing_of_unit", "unit_id", "paired_at"),
        sa.Index("mentorship_pairing_of_youth", "youth_id"),
    )

    id: UUID = columns.identifier()
    youth_id: UUID = columns.refers_to("accounts_youth.id")
    mentor_id: UUID = columns.refers_to("mentorship_mentor.id", index=True)
    unit_id: UUID = columns.refers_to("accounts_unit.id")
    paired_by: UUID = columns.refers_to("accounts_staff.id")
    paired_at: datetime = columns.instant()
    ended_at: datetime | None = columns.instant(None)


class CalendarRow(SQLModel, table=True):
    """How often one's calendar got a new link: only the newest opens it. The owner is a mentor, or a youth as a mentee."""

    __tablename__ = "mentorship_calendar"
    __table_args__ = (
        columns.one_of("side", Side),
        columns.check("a_later_one", "number >= 1"),
    )

    side: Side = Field(sa_type=columns.EnumText(Side), primary_key=True)
    owner_id: UUID = Field(primary_key=True)
    number: int = Field(sa_type=sa.Integer)
