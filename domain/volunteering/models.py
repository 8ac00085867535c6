"""
Tables of the ledger: accounts, entries, service records, and numbers that nobody has signed up with.

An account is a function of two numbers: the minutes served and the points consumed (redeemed or lapsed, less what was given
back). One point is earned by each full hour of all service; the balance is what is not consumed, never below nothing, also
after a correction takes hours away whose points are spent. Points are consumed oldest first, so that no piece of them needs
a row of its own.
"""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlmodel import Field, SQLModel

from domain.core import columns
from domain.core.sealed_columns import sealed
from domain.volunteering.stars import STARS_SQL
from domain.volunteering.states import Decider, LedgerKind, LedgerStatus

UNKNOWN_PHONE_INDEX = "service-phone"
"""Purpose of the blind index of a number that service was recorded for and that nobody has signed up with."""


# What an exclusion over ids and times needs; the revision makes it, and so does whoever makes the tables without one.
@sa.event.listens_for(SQLModel.metadata, "before_create")
def _with_extension(_: sa.MetaData, connection: sa.Connection, **__: object) -> None:
    connection.execute(sa.text("CREATE EXTENSION IF NOT EXISTS btree_gist SCHEMA public"))


HASH_BYTES = 32
_BALANCE = "GREATEST({minutes} / 60 - {consumed}, 0)"


def _balance(column: str, minutes: str, consumed: str) -> sa.CheckConstraint:
    return columns.check(
        "balance_follows", f"{column} = {_BALANCE.format(minutes=minutes, consumed=consumed)}"
    )


class AccountRow(SQLModel, table=True):
    """
    What a volunteer has, kept with the entries in one transaction. `head` is the hash of the last of `entries`.

    `lapses_at`: before it nothing lapses; it may be too early, never too late.
    """

    __tablename__ = "volunteering_account"
    __table_args__ = (
        columns.check("minutes_not_negative", "service_minutes >= 0"),
        columns.check("consumed_not_negative", "consumed >= 0"),
        _balance("points", "service_minutes", "consumed"),
        columns.check("stars_follow", f"stars = {STARS_SQL.format(minutes='service_minutes')}"),
        columns.check("head_is_a_hash", f"octet_length(head) = {HASH_BYTES}"),
        sa.Index(
            "volunteering_account_lapses", "lapses_at", postgresql_where=sa.text("lapses_at IS NOT NULL")
        ),
    )

    volunteer_id: UUID = columns.refers_to("accounts_youth.id", primary_key=True)
    service_minutes: int = columns.count_of()
    consumed: int = columns.count_of()
    points: int = columns.count_of()
    stars: int = Field(default=0, sa_type=sa.SmallInteger, sa_column_kwargs={"server_default": "0"})
    entries: int = columns.count_of()
    head: bytes = Field(sa_type=sa.LargeBinary)
    lapses_at: datetime | None = columns.instant(None)


class EntryRow(SQLModel, table=True):
    """
    One entry of a volunteer's chain. Rows are only ever added: by right, and a trigger says no even to the owner.

    `minutes` and `points` are what it changed, the others what it led to. `evidence` is the hash of what a service record
    said when the entry was written. A SERVICE entry has the id of its record.
    """

    __tablename__ = "volunteering_entry"
    __table_args__ = (
        columns.one_of("kind", LedgerKind),
        columns.check("sequence_from_one", "sequence >= 1"),
        columns.check("minutes_not_negative", "minutes_after >= 0"),
        columns.check("consumed_not_negative", "consumed_after >= 0"),
        _balance("balance_after", "minutes_after", "consumed_after"),
        columns.check("stars_follow", f"stars_after = {STARS_SQL.format(minutes='minutes_after')}"),
        # Nobody spends what they do not have.
        columns.check("spent_what_is_there", "kind <> 'REDEMPTION' OR consumed_after <= minutes_after / 60"),
        columns.check(
            "hashes_whole",
            f"octet_length(hash) = {HASH_BYTES} AND octet_length(previous_hash) = {HASH_BYTES}",
        ),
        columns.check("service_of_a_record", "(kind IN ('SERVICE', 'CORRECTION')) = (record_id IS NOT NULL)"),
        columns.check("service_lapses", "(kind = 'SERVICE') = (expires_at IS NOT NULL)"),
        columns.check("redemption_named", "(kind IN ('REDEMPTION', 'REFUND')) = (redemption_id IS NOT NULL)"),
        sa.UniqueConstraint("volunteer_id", "sequence", name="volunteering_entry_place"),
        # Hours count once, points are taken once and given back once.
        sa.Index(
            "volunteering_entry_service_once",
            "record_id",
            unique=True,
            postgresql_where=sa.text("kind = 'SERVICE'"),
        ),
        sa.Index(
            "volunteering_entry_redemption_once",
            "redemption_id",
            "kind",
            unique=True,
            postgresql_where=sa.text("redemption_id IS NOT NULL"),
        ),
    )

    id: UUID = columns.identifier()
    volunteer_id: UUID = columns.refers_to("accounts_youth.id")
    sequence: int
    kind: LedgerKind = columns.enum(LedgerKind)
    minutes: int
    points: int
    minutes_after: int
    consumed_after: int
    balance_after: int
    stars_after: int = Field(sa_type=sa.SmallInteger)
    at: datetime = columns.instant()
    expires_at: datetime | None = columns.instant(None)
    organization_id: UUID | None = columns.maybe_refers_to("partners_organization.id")
    record_id: UUID | None = None
    redemption_id: UUID | None = None
    evidence: bytes | None = Field(default=None, sa_type=sa.LargeBinary)
    previous_hash: bytes = Field(sa_type=sa.LargeBinary)
    hash: bytes = Field(sa_type=sa.LargeBinary)


class UnknownPhoneRow(SQLModel, table=True):
    """A number that service was recorded for and that nobody has signed up with; found by its blind index."""

    __tablename__ = "volunteering_unknown_phone"

    id: UUID = columns.identifier()
    phone_sealed: bytes = sealed(blind=[UNKNOWN_PHONE_INDEX])
    created_at: datetime = Field(sa_type=sa.DateTime(timezone=True), index=True)


class ServiceRecordRow(SQLModel, table=True):
    """
    What an organization says of one person's service. It is no part of the chain: the entries that it led to are.

    `person_id` is the volunteer, or the unknown number while nobody has signed up with it. `minutes` are those that count.

    `unit_id` is the organization's unit while that decides. Triggers keep it, also when the organization moves: nobody
    writes it but a load in bulk.
    """

    __tablename__ = "volunteering_record"
    __table_args__ = (
        columns.one_of("status", LedgerStatus),
        columns.one_of("waits_for", Decider),
        columns.check("ref_length", "char_length(external_ref) BETWEEN 1 AND 100"),
        columns.check("activity_length", "char_length(activity) BETWEEN 1 AND 200"),
        columns.check("note_length", "char_length(note) BETWEEN 1 AND 1000"),
        columns.check("a_day_at_most", "ended_at > started_at AND ended_at - started_at <= interval '1 day'"),
        columns.check("minutes_of_a_day", "minutes BETWEEN 0 AND 1440"),
        columns.check("waits_for_somebody", "(status = 'PENDING') = (waits_for IS NOT NULL)"),
        columns.check("unit_while_it_decides", "unit_id IS NULL OR waits_for = 'UNIT'"),
        columns.check("of_the_person", "volunteer_id IS NULL OR person_id = volunteer_id"),
        sa.UniqueConstraint("organization_id", "external_ref", name="volunteering_record_once"),
        ExcludeConstraint(
            (sa.column("person_id"), "="),
            (sa.text("tstzrange(started_at, ended_at)"), "&&"),
            name="volunteering_record_one_place_at_a_time",
            using="gist",
            where=sa.text("status <> 'REJECTED' AND minutes > 0"),
        ),
        sa.Index("volunteering_record_of_volunteer", "volunteer_id", "recorded_at", "id"),
        sa.Index("volunteering_record_of_organization", "organization_id", "recorded_at", "id"),
        sa.Index("volunteering_record_of_person", "person_id", "started_at", "id"),
        sa.Index(
            "volunteering_record_waits",
            "recorded_at",
            "id",
            postgresql_where=sa.text("status = 'PENDING'"),
        ),
        sa.Index(
            "volunteering_record_waits_of_unit",
            "unit_id",
            "recorded_at",
            "id",
            postgresql_where=sa.text("waits_for = 'UNIT'"),
        ),
        sa.Index(
            "volunteering_record_unknown",
            "recorded_at",
            postgresql_where=sa.text("volunteer_id IS NULL"),
        ),
    )

    id: UUID = columns.identifier()
    organization_id: UUID = columns.refers_to("partners_organization.id")
    external_ref: str = columns.text()
    person_id: UUID = Field()
    volunteer_id: UUID | None = columns.maybe_refers_to("accounts_youth.id")
    activity: str = columns.text()
    started_at: datetime = columns.instant()
    ended_at: datetime = columns.instant()
    minutes: int = Field(sa_type=sa.SmallInteger)
    status: LedgerStatus = columns.enum(LedgerStatus)
    waits_for: Decider | None = columns.enum(Decider, None)
    unit_id: UUID | None = None
    note: str | None = columns.text(None)
    recorded_at: datetime = columns.instant()
