"""Tables of listings, applications, bookmarks, searches and job fairs."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from domain.accounts.models import EducationLevel, Track
from domain.core import columns
from domain.core.sealed_columns import sealed
from domain.core.search import Declared, terms_column
from domain.core.search.scale import Scale
from domain.internships.states import OPEN, ApplicationStatus, ClosedBecause, ListingStatus
from domain.partners.models import OrganizationKind

_OPEN = ", ".join(f"'{status.value}'" for status in OPEN)
_SHOWN = sa.text("status = 'PUBLISHED'")
EDUCATION, DAYS, HOUSING, TRACK = "@e", "@w", "@h", "@t"
OWNER, OWNER_KIND, MAJOR, FAIR = "@o", "@g", "@m", "@f"
"""Before values: lexemes that the index of words has of a row, beside its words. `OWNER_KIND` alone: not known; `MAJOR` alone: any."""

MAJORS_MOST = 20

PAY = Scale("@p", "stipend_month_fen", bits=28)
UNTIL = Scale("@u", "(open_until - '2000-01-01'::date)", bits=24)
"""What lists are sorted by: fen a month, and the last day, counted from `DAY_ZERO`."""

WEEKS = Scale("@l", "COALESCE(duration_weeks, 4095)", bits=12)
"""Where they are not stated, more than there may be."""

DAY_ZERO = date(2000, 1, 1)

SEARCH = Declared(
    "internship_listing",
    division="division_code",
    kind="kind",
    published="published_at",
    beside=(
        f"'{EDUCATION}' || education_rank::text",
        f"'{DAYS}' || COALESCE(days_per_week::text, ''::text)",
        f"'{HOUSING}' || housing_provided::text",
        f"'{TRACK}' || track",
        f"'{OWNER}' || organization_id::text",
        f"'{OWNER_KIND}' || COALESCE(organization_kind, ''::text)",
        *(f"'{MAJOR}' || COALESCE(majors[{at}], majors[1], ''::text)" for at in range(1, MAJORS_MOST + 1)),
        *PAY.expressions,
        *UNTIL.expressions,
        *WEEKS.expressions,
    ),
    lexemes="fair_lexemes",
    where="status = 'PUBLISHED'",
)
"""What is told here of a row, `filtering.narrowed` tells of a filter."""

TITLES = "internship_listing_title"
"""The index of titles in small letters."""

LAST_DAY = "'9999-12-31'::date"


class InternshipKind(StrEnum):
    """INTERNSHIP 实习 for students; APPRENTICESHIP 见习 for graduates."""

    INTERNSHIP = "INTERNSHIP"
    APPRENTICESHIP = "APPRENTICESHIP"


class StipendPeriod(StrEnum):
    DAY = "DAY"
    MONTH = "MONTH"


class ListingRow(SQLModel, table=True):
    """
    A post. Money in fen; `stipend_month_fen` is the least stipend brought to a month, for filter and order.

    `accepted_count` never exceeds `headcount`: the last word on places is this CHECK. `open_until` and the stipend of a
    month are never null, so that they can be sort keys.
    """

    __tablename__ = "internship_listing"
    __table_args__ = (
        columns.one_of("kind", InternshipKind),
        columns.one_of("track", Track),
        columns.one_of("education", EducationLevel),
        columns.one_of("status", ListingStatus),
        columns.one_of("closed_because", ClosedBecause),
        columns.one_of("stipend_per", StipendPeriod),
        columns.check("title_length", "char_length(title) BETWEEN 1 AND 80"),
        columns.check("description_length", "char_length(description) BETWEEN 1 AND 4000"),
        columns.check("headcount_in_range", "headcount BETWEEN 1 AND 500"),
        columns.check("never_more_than_headcount", "accepted_count BETWEEN 0 AND headcount"),
        columns.check("closed_with_reason", "(status = 'CLOSED') = (closed_because IS NOT NULL)"),
        columns.check("published_with_instant", "status <> 'PUBLISHED' OR published_at IS NOT NULL"),
        columns.check(
            "stipend_whole",
            "num_nonnulls(stipend_min_fen, stipend_max_fen, stipend_per) IN (0, 3)"
            " AND stipend_min_fen >= 0 AND stipend_max_fen >= stipend_min_fen",
        ),
        columns.check("skills_at_most_20", "cardinality(skills) <= 20"),
        columns.check("majors_at_most_20", f"cardinality(majors) <= {MAJORS_MOST}"),
        # The kind of an organization is changed with it; not known of rows that were written before there was this column.
        sa.ForeignKeyConstraint(
            ["organization_id", "organization_kind"],
            ["partners_organization.id", "partners_organization.kind"],
            name="internship_listing_organization_kind_fkey",
            onupdate="CASCADE",
        ),
        sa.UniqueConstraint("organization_id", "external_ref", name="internship_listing_external_ref"),
        sa.Index("internship_listing_newest", "published_at", "id", postgresql_where=_SHOWN),
        sa.Index(
            "internship_listing_division", "division_code", "published_at", "id", postgresql_where=_SHOWN
        ),
        sa.Index(
            "internship_listing_paid", "stipend_month_fen", "published_at", "id", postgresql_where=_SHOWN
        ),
        sa.Index("internship_listing_until", "open_until", "published_at", "id", postgresql_where=_SHOWN),
        sa.Index("internship_listing_organization", "organization_id", "status"),
        sa.Index(
            "internship_listing_in_review", "updated_at", postgresql_where=sa.text("status = 'IN_REVIEW'")
        ),
        # For completions: a prefix is found by this operator class whatever the database's collation.
        sa.Index(
            TITLES,
            sa.literal_column("lower(title)").label("title_lower"),
            postgresql_ops={"title_lower": "text_pattern_ops"},
            postgresql_where=_SHOWN,
        ),
        SEARCH.index(),
    )

    id: UUID = columns.identifier()
    organization_id: UUID = columns.refers_to("partners_organization.id")
    organization_kind: OrganizationKind | None = columns.enum(OrganizationKind, None)
    external_ref: str = columns.text()
    title: str = columns.text()
    kind: InternshipKind = columns.enum(InternshipKind)
    track: Track = columns.enum(Track)
    description: str = columns.text()
    requirements: str | None = columns.text(None)
    division_code: str = Field(sa_type=sa.Text, foreign_key="core_division.id")
    address: str | None = columns.text(None)
    headcount: int
    accepted_count: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    stipend_min_fen: int | None = None
    stipend_max_fen: int | None = None
    stipend_per: StipendPeriod | None = columns.enum(StipendPeriod, None)
    stipend_month_fen: int
    education: EducationLevel = columns.enum(EducationLevel)
    education_rank: int = Field(sa_type=sa.SmallInteger)
    majors: list[str] = columns.text_array()
    skills: list[str] = columns.text_array()
    days_per_week: int | None = None
    duration_weeks: int | None = None
    housing_provided: bool
    starts_on: date | None = None
    apply_by: date | None = None
    open_until: date = Field(
        sa_column_args=(sa.Computed(f"COALESCE(apply_by, {LAST_DAY})", persisted=True),), sa_type=sa.Date
    )
    status: ListingStatus = columns.enum(ListingStatus)
    closed_because: ClosedBecause | None = columns.enum(ClosedBecause, None)
    published_at: datetime | None = columns.instant(None)
    created_at: datetime = columns.instant()
    updated_at: datetime = columns.instant()
    content_hash: bytes = Field(sa_type=sa.LargeBinary)
    search_terms: str = terms_column()
    fair_lexemes: list[str] = Field(
        default_factory=list, sa_type=ARRAY(sa.Text), sa_column_kwargs={"server_default": sa.text("'{}'")}
    )


class ApplicationRow(SQLModel, table=True):
    """
    A youth's application. While it is open it holds one of the youth's numbered slots: the unique index on them is what
    limits how many may be open. `may_apply_again` frees the pair of youth and listing for another application.
    """

    __tablename__ = "internship_application"
    __table_args__ = (
        columns.one_of("status", ApplicationStatus),
        columns.check("open_holds_slot", f"(status IN ({_OPEN})) = (open_slot IS NOT NULL)"),
        sa.Index("internship_application_open_slot", "youth_id", "open_slot", unique=True),
        sa.Index(
            "internship_application_once",
            "internship_id",
            "youth_id",
            unique=True,
            postgresql_where=sa.text("NOT may_apply_again"),
        ),
        sa.Index("internship_application_of_listing", "internship_id", "submitted_at", "id"),
        sa.Index("internship_application_of_organization", "organization_id", "submitted_at", "id"),
        sa.Index("internship_application_changed", "organization_id", "updated_at", "id"),
        sa.Index("internship_application_of_youth", "youth_id", "submitted_at", "id"),
        sa.Index(
            "internship_application_unanswered",
            "submitted_at",
            postgresql_where=sa.text("status = 'SUBMITTED' AND reminded_at IS NULL"),
        ),
    )

    id: UUID = columns.identifier()
    internship_id: UUID = columns.refers_to("internship_listing.id")
    organization_id: UUID = columns.refers_to("partners_organization.id")
    youth_id: UUID = columns.refers_to("accounts_youth.id")
    status: ApplicationStatus = columns.enum(ApplicationStatus)
    open_slot: int | None = Field(default=None, sa_type=sa.SmallInteger)
    may_apply_again: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    cover_letter_sealed: bytes | None = sealed(None)
    resume_url_sealed: bytes | None = sealed(None)
    interview_at: datetime | None = columns.instant(None)
    submitted_at: datetime = columns.instant()
    updated_at: datetime = columns.instant()
    answered_at: datetime | None = columns.instant(None)
    reminded_at: datetime | None = columns.instant(None)


class BookmarkRow(SQLModel, table=True):
    __tablename__ = "internship_bookmark"
    __table_args__ = (sa.Index("internship_bookmark_newest", "youth_id", "created_at", "internship_id"),)

    youth_id: UUID = columns.refers_to("accounts_youth.id", primary_key=True)
    internship_id: UUID = columns.refers_to("internship_listing.id", primary_key=True)
    created_at: datetime = columns.instant()


class SavedSearchRow(SQLModel, table=True):
    """A youth's alert. `filter` is the filter as given; `watched_from` the instant from which new listings count."""

    __tablename__ = "internship_saved_search"
    __table_args__ = (columns.check("name_length", "char_length(name) BETWEEN 1 AND 60"),)

    id: UUID = columns.identifier()
    youth_id: UUID = columns.refers_to("accounts_youth.id", index=True)
    name: str = columns.text()
    filter: dict[str, Any] = columns.json_object()
    created_at: datetime = columns.instant()
    watched_from: datetime = columns.instant()
    last_notified_at: datetime | None = columns.instant(None)


class ToldMatchRow(SQLModel, table=True):
    """A listing that a saved search has told of: each is told once."""

    __tablename__ = "internship_told_match"

    search_id: UUID = Field(
        sa_column_args=(sa.ForeignKey("internship_saved_search.id", ondelete="CASCADE"),), primary_key=True
    )
    internship_id: UUID = columns.refers_to("internship_listing.id", primary_key=True)
    told_at: datetime = columns.instant()


class JobFairRow(SQLModel, table=True):
    """A window of time in which organizations show posts, online or at a place."""

    __tablename__ = "internship_job_fair"
    __table_args__ = (
        columns.check("ends_after_start", "ends_at > starts_at"),
        sa.Index("internship_job_fair_starts", "starts_at", "id"),
    )

    id: UUID = columns.identifier()
    version: int = columns.version()
    title: str = columns.text()
    unit_id: UUID = columns.refers_to("accounts_unit.id", index=True)
    division_code: str | None = Field(default=None, sa_type=sa.Text, foreign_key="core_division.id")
    venue: str | None = columns.text(None)
    online: bool
    starts_at: datetime = columns.instant()
    ends_at: datetime = columns.instant()
    livestream_url: str | None = columns.text(None)
    created_at: datetime = columns.instant()


class JobFairOrganizationRow(SQLModel, table=True):
    __tablename__ = "internship_job_fair_organization"

    job_fair_id: UUID = columns.refers_to("internship_job_fair.id", primary_key=True)
    organization_id: UUID = columns.refers_to("partners_organization.id", primary_key=True, index=True)


class JobFairInternshipRow(SQLModel, table=True):
    __tablename__ = "internship_job_fair_internship"

    job_fair_id: UUID = columns.refers_to("internship_job_fair.id", primary_key=True)
    internship_id: UUID = columns.refers_to("internship_listing.id", primary_key=True, index=True)
