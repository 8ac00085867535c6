"""Tables of events, their seats, sign-ups, choices, reports and blocks."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from domain.accounts.models import Gender
from domain.core import columns
from domain.core.sealed_columns import sealed
from domain.matchmaking.states import OPEN, Admission, SignupStatus

SEATS_MOST = 20_000
CHOICES_MOST = 10
AGE_LEAST, AGE_MOST = 18, 45

_OPEN = ", ".join(f"'{status.value}'" for status in OPEN)
_IN_LINE = sa.text("status = 'WAITLISTED'")


class EventRow(SQLModel, table=True):
    """
    An event. `choices_key_sealed` is the key of all choices of this event, and gone once they are erased.

    `entries_hash` and `frozen_at` are set once, when a lottery's entries are closed; `seed` and `drawn_at` once, after
    that. `matches` is the number of pairs, counted once when choosing has closed.
    """

    __tablename__ = "matchmaking_event"
    __table_args__ = (
        columns.one_of("admission", Admission),
        columns.check("title_length", "char_length(title) BETWEEN 1 AND 80"),
        columns.check("ends_after_start", "ends_at > starts_at"),
        columns.check(
            "signup_before_start", "signup_opens_at < signup_closes_at AND signup_closes_at <= starts_at"
        ),
        columns.check("ages_in_range", f"min_age BETWEEN {AGE_LEAST} AND max_age AND max_age <= {AGE_MOST}"),
        columns.check("max_choices_in_range", f"max_choices BETWEEN 1 AND {CHOICES_MOST}"),
        columns.check("choosing_closes_after_end", "choices_close_at >= ends_at"),
        columns.check("frozen_with_hash", "(frozen_at IS NULL) = (entries_hash IS NULL)"),
        columns.check("drawn_with_seed", "(drawn_at IS NULL) = (seed IS NULL)"),
        columns.check("drawn_after_frozen", "drawn_at IS NULL OR drawn_at >= frozen_at"),
        sa.Index("matchmaking_event_soonest", "starts_at", "id"),
        sa.Index("matchmaking_event_kept", "ends_at", postgresql_where=sa.text("erased_at IS NULL")),
    )

    id: UUID = columns.identifier()
    version: int = columns.version()
    title: str = columns.text()
    unit_id: UUID = columns.refers_to("accounts_unit.id", index=True)
    division_code: str = Field(sa_type=sa.Text, foreign_key="core_division.id")
    venue: str = columns.text()
    description: str = columns.text()
    starts_at: datetime = columns.instant()
    ends_at: datetime = columns.instant()
    signup_opens_at: datetime = columns.instant()
    signup_closes_at: datetime = columns.instant()
    admission: Admission = columns.enum(Admission)
    min_age: int = Field(sa_type=sa.SmallInteger)
    max_age: int = Field(sa_type=sa.SmallInteger)
    max_choices: int = Field(sa_type=sa.SmallInteger)
    choices_close_at: datetime | None = columns.instant(None)
    choices_key_sealed: bytes | None = sealed(None)
    cancelled_at: datetime | None = columns.instant(None)
    frozen_at: datetime | None = columns.instant(None)
    entries_hash: bytes | None = Field(default=None, sa_type=sa.LargeBinary)
    seed: bytes | None = Field(default=None, sa_type=sa.LargeBinary)
    drawn_at: datetime | None = columns.instant(None)
    matches: int | None = None
    results_told_at: datetime | None = columns.instant(None)
    erased_at: datetime | None = columns.instant(None)
    created_at: datetime = columns.instant()


class SeatsRow(SQLModel, table=True):
    """
    The seats of one sex at an event. `taken` never exceeds `total`, and nobody waits while a seat is free: these CHECKs
    have the last word. `last_in_line` numbers the waiting list; `drawn_total` are the seats there were at the draw.
    """

    __tablename__ = "matchmaking_seats"
    __table_args__ = (
        columns.one_of("gender", Gender),
        columns.check("total_in_range", f"total BETWEEN 0 AND {SEATS_MOST}"),
        columns.check("never_more_than_total", "taken BETWEEN 0 AND total"),
        columns.check("nobody_waits_for_a_free_seat", "waitlisted = 0 OR taken = total"),
        columns.check("waitlisted_not_negative", "waitlisted >= 0"),
    )

    event_id: UUID = columns.refers_to("matchmaking_event.id", primary_key=True)
    gender: Gender = Field(sa_type=columns.EnumText(Gender), primary_key=True)
    total: int
    taken: int = 0
    waitlisted: int = 0
    last_in_line: int = 0
    drawn_total: int | None = None


class SignupRow(SQLModel, table=True):
    """
    A youth's sign-up for an event. What is sealed is gone 30 days after choosing has closed.

    `participant_id` and `lottery_entry` are keyed hashes of event and youth: they say nothing beyond this event.
    """

    __tablename__ = "matchmaking_signup"
    __table_args__ = (
        columns.one_of("gender", Gender),
        columns.one_of("status", SignupStatus),
        columns.check("open_slot_positive", "open_slot >= 1"),
        columns.check("slot_while_open", f"open_slot IS NULL OR status IN ({_OPEN})"),
        columns.check("waits_with_a_number", "status <> 'WAITLISTED' OR queue_number IS NOT NULL"),
        columns.check("checked_in_with_instant", "(status = 'CHECKED_IN') = (checked_in_at IS NOT NULL)"),
        columns.check("cancelled_takes_no_part", "status <> 'CANCELLED' OR participant_id IS NULL"),
        sa.Index(
            "matchmaking_signup_once",
            "event_id",
            "youth_id",
            unique=True,
            postgresql_where=sa.text("status <> 'CANCELLED'"),
        ),
        sa.Index(
            "matchmaking_signup_open",
            "youth_id",
            "open_slot",
            unique=True,
            postgresql_where=sa.text("open_slot IS NOT NULL"),
        ),
        sa.Index(
            "matchmaking_signup_line",
            "event_id",
            "gender",
            "queue_number",
            unique=True,
            postgresql_where=_IN_LINE,
        ),
        sa.Index("matchmaking_signup_code", "event_id", "code_hash", unique=True),
        sa.Index("matchmaking_signup_attendees", "event_id", "id"),
        sa.Index("matchmaking_signup_entries", "event_id", "gender", "lottery_entry"),
        sa.Index("matchmaking_signup_youth", "youth_id", "created_at", "id"),
    )

    id: UUID = columns.identifier()
    event_id: UUID = columns.refers_to("matchmaking_event.id")
    youth_id: UUID = columns.refers_to("accounts_youth.id")
    gender: Gender = columns.enum(Gender)
    status: SignupStatus = columns.enum(SignupStatus)
    open_slot: int | None = Field(default=None, sa_type=sa.SmallInteger)
    queue_number: int | None = None
    participant_id: UUID | None = Field(default=None, unique=True)
    lottery_entry: UUID | None = Field(default=None, unique=True)
    drawn_position: int | None = None
    nickname_sealed: bytes | None = sealed(None)
    introduction_sealed: bytes | None = sealed(None)
    contact_sealed: bytes | None = sealed(None)
    code_sealed: bytes | None = sealed(None)
    code_hash: bytes | None = Field(default=None, sa_type=sa.LargeBinary)
    checked_in_at: datetime | None = columns.instant(None)
    created_at: datetime = columns.instant()
    updated_at: datetime = columns.instant()


class ChoicesRow(SQLModel, table=True):
    """
    Whom a guest chose, under the event's own key. Every guest has a row from their check-in on, of the same size whether
    they chose or not, without any time: the table tells nobody who chose.
    """

    __tablename__ = "matchmaking_choices"

    signup_id: UUID = columns.refers_to("matchmaking_signup.id", primary_key=True)
    event_id: UUID = columns.refers_to("matchmaking_event.id", index=True)
    chosen: bytes = Field(sa_type=sa.LargeBinary)


class ReportRow(SQLModel, table=True):
    """A guest's report of another, and the case that it opened; none for reports from before there were cases."""

    __tablename__ = "matchmaking_report"

    id: UUID = columns.identifier()
    event_id: UUID = columns.refers_to("matchmaking_event.id", index=True)
    reporter_id: UUID = columns.refers_to("accounts_youth.id", index=True)
    reported_id: UUID = columns.refers_to("accounts_youth.id", index=True)
    reason_sealed: bytes | None = sealed(None)
    case_id: UUID | None = columns.maybe_refers_to("cases_case.id", index=True)
    created_at: datetime = columns.instant()


class BlockRow(SQLModel, table=True):
    """These two never meet in an event's list again, whoever of them wished it."""

    __tablename__ = "matchmaking_block"
    __table_args__ = (columns.check("not_oneself", "youth_id <> other_id"),)

    youth_id: UUID = columns.refers_to("accounts_youth.id", primary_key=True)
    other_id: UUID = columns.refers_to("accounts_youth.id", primary_key=True, index=True)
    created_at: datetime = columns.instant()
