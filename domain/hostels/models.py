"""Tables of hostels, rooms, bed-nights, allowances and bookings."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from domain.accounts.models import Gender
from domain.core import columns
from domain.core.geo import degrees, place_checks, place_index
from domain.core.sealed_columns import hashing_key, keyed_hash, sealed
from domain.core.search import Declared, terms_column
from domain.hostels.states import BookingStatus

_FREE = sa.text("guest_id IS NULL AND NOT closed")
_TO_COME = "status IN ('WAITLISTED', 'HELD', 'CONFIRMED') AND code_index IS NOT NULL"
_WAITS, _HELD = sa.text("status = 'WAITLISTED'"), sa.text("status = 'HELD'")


SEARCH = Declared("hostel_hostel", division="division_code")


class HostelRow(SQLModel, table=True):
    """
    A hostel and its own rules.

    `freed` rises whenever a bed-night comes free or is added: who has seen all sold out at a number needs not look again
    while it stands.
    """

    __tablename__ = "hostel_hostel"
    __table_args__ = (
        columns.check("name_length", "char_length(name) BETWEEN 1 AND 60"),
        *place_checks(),
        columns.check("free_nights_in_range", "free_nights_per_year BETWEEN 0 AND 366"),
        columns.check("max_nights_in_range", "max_nights_per_stay BETWEEN 1 AND 90"),
        columns.check("graduate_within_in_range", "graduate_within_years BETWEEN 0 AND 10"),
        columns.check("days_ahead_in_range", "bookable_days_ahead BETWEEN 0 AND 366"),
        sa.Index("hostel_hostel_division", "division_code", "id"),
        place_index("hostel_hostel"),
        SEARCH.index(),
    )

    id: UUID = columns.identifier()
    version: int = columns.version()
    name: str = columns.text()
    unit_id: UUID = columns.refers_to("accounts_unit.id", index=True)
    division_code: str = Field(sa_type=sa.Text, foreign_key="core_division.id")
    address: str = columns.text()
    latitude: float | None = degrees()
    longitude: float | None = degrees()
    phone: str | None = columns.text(None)
    amenities: list[str] = columns.text_array()
    free_nights_per_year: int = Field(sa_type=sa.SmallInteger)
    max_nights_per_stay: int = Field(sa_type=sa.SmallInteger)
    graduate_within_years: int = Field(sa_type=sa.SmallInteger)
    bookable_days_ahead: int = Field(sa_type=sa.SmallInteger)
    freed: int = Field(default=0, sa_type=sa.BigInteger, sa_column_kwargs={"server_default": "0"})
    created_at: datetime = columns.instant()
    updated_at: datetime = columns.instant()
    search_terms: str = terms_column()


class RoomRow(SQLModel, table=True):
    """A room; without a sex it is mixed. Its beds are numbered from 1. Nights before `stocked_until` have been made."""

    __tablename__ = "hostel_room"
    __table_args__ = (
        columns.one_of("gender", Gender),
        columns.check("name_length", "char_length(name) BETWEEN 1 AND 40"),
        columns.check("beds_in_range", "beds BETWEEN 1 AND 100"),
        sa.Index(
            "hostel_room_name",
            "hostel_id",
            "name",
            unique=True,
            postgresql_where=sa.text("retired_at IS NULL"),
        ),
        sa.Index("hostel_room_stocked", "stocked_until", postgresql_where=sa.text("retired_at IS NULL")),
        sa.Index("hostel_room_of_hostel", "hostel_id", "position"),
    )

    id: UUID = columns.identifier()
    hostel_id: UUID = columns.refers_to("hostel_hostel.id")
    name: str = columns.text()
    gender: Gender | None = columns.enum(Gender, None)
    beds: int = Field(sa_type=sa.SmallInteger)
    position: int = Field(sa_type=sa.SmallInteger)
    stocked_until: date
    retired_at: datetime | None = columns.instant(None)
    created_at: datetime = columns.instant()


class ClosedNightRow(SQLModel, table=True):
    """A night on which a room is closed, also beyond the nights that have been made."""

    __tablename__ = "hostel_closed_night"

    room_id: UUID = columns.refers_to("hostel_room.id", primary_key=True)
    night: date = Field(primary_key=True)
    reason: str = columns.text()
    closed_at: datetime = columns.instant()


class BookingRow(SQLModel, table=True):
    """
    A stay, or a place in the waiting list. Its beds are the bed-nights that name it.

    The check-in code is sealed for its guest; the desk finds a booking by the code's blind index. An erased guest has none.
    """

    __tablename__ = "hostel_booking"
    __table_args__ = (
        columns.one_of("status", BookingStatus),
        columns.check("one_night_at_least", "check_out > check_in"),
        columns.check("held_until_some_time", "(status = 'HELD') = (hold_expires_at IS NOT NULL)"),
        columns.check("no_show_on_a_day", "(status = 'NO_SHOW') = (no_show_on IS NOT NULL)"),
        columns.check(
            "identity_checked",
            "status NOT IN ('CHECKED_IN', 'CHECKED_OUT') OR num_nonnulls(checked_in_by, checked_in_at) = 2",
        ),
        columns.check("purpose_length", "char_length(purpose) BETWEEN 1 AND 200"),
        sa.Index("hostel_booking_of_guest", "guest_id", "created_at", "id"),
        sa.Index("hostel_booking_of_hostel", "hostel_id", "check_out", "check_in"),
        sa.Index("hostel_booking_waiting", "hostel_id", "created_at", "id", postgresql_where=_WAITS),
        sa.Index("hostel_booking_held", "hold_expires_at", postgresql_where=_HELD),
        sa.Index(
            "hostel_booking_no_show",
            "guest_id",
            "no_show_on",
            postgresql_where=sa.text("status = 'NO_SHOW'"),
        ),
        sa.Index("hostel_booking_code", "code_index", unique=True),
    )

    id: UUID = columns.identifier()
    hostel_id: UUID = columns.refers_to("hostel_hostel.id")
    guest_id: UUID = columns.refers_to("accounts_youth.id")
    check_in: date
    check_out: date
    status: BookingStatus = columns.enum(BookingStatus)
    hold_expires_at: datetime | None = columns.instant(None)
    purpose: str | None = columns.text(None)
    code_sealed: bytes | None = sealed()
    code_index: bytes | None = keyed_hash("check-in code", live=_TO_COME)
    key_id: str | None = hashing_key()
    checked_in_by: UUID | None = columns.maybe_refers_to("accounts_staff.id")
    checked_in_at: datetime | None = columns.instant(None)
    no_show_on: date | None = None
    created_at: datetime = columns.instant()
    updated_at: datetime = columns.instant()


class BedNightRow(SQLModel, table=True):
    """
    The unit of stock: one bed on one night. A row without a guest is for sale, unless it is closed.

    What must never be is forbidden here: a bed-night is one row, so it has one guest; a guest has one bed on a night,
    anywhere; nobody is in a closed room, or in a room of the other sex. A night that has no row cannot be sold.
    """

    __tablename__ = "hostel_bed_night"
    __table_args__ = (
        columns.check("taken_whole", "num_nonnulls(booking_id, guest_id, guest_gender) IN (0, 3)"),
        columns.check("nobody_in_a_closed_room", "guest_id IS NULL OR NOT closed"),
        columns.check("room_of_own_sex", "room_gender = guest_gender"),
        columns.check("bed_from_one", "bed >= 1"),
        columns.one_of("room_gender", Gender),
        columns.one_of("guest_gender", Gender),
        sa.Index(
            "hostel_bed_night_of_guest",
            "guest_id",
            "night",
            unique=True,
            postgresql_where=sa.text("guest_id IS NOT NULL"),
        ),
        sa.Index(
            "hostel_bed_night_free",
            "hostel_id",
            "night",
            postgresql_include=["room_id", "bed", "room_gender"],
            postgresql_where=_FREE,
        ),
        sa.Index(
            "hostel_bed_night_of_booking",
            "booking_id",
            postgresql_where=sa.text("booking_id IS NOT NULL"),
        ),
    )

    room_id: UUID = columns.refers_to("hostel_room.id", primary_key=True)
    bed: int = Field(sa_type=sa.SmallInteger, primary_key=True)
    night: date = Field(primary_key=True)
    hostel_id: UUID = Field()
    room_gender: Gender | None = columns.enum(Gender, None)
    closed: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    booking_id: UUID | None = columns.maybe_refers_to("hostel_booking.id")
    guest_id: UUID | None = None
    guest_gender: Gender | None = columns.enum(Gender, None)


class AllowanceRow(SQLModel, table=True):
    """Free nights that a guest has in a calendar year, over all hostels; `most` is the limit they were given under."""

    __tablename__ = "hostel_allowance"
    __table_args__ = (columns.check("never_over_the_limit", "nights BETWEEN 0 AND most"),)

    guest_id: UUID = columns.refers_to("accounts_youth.id", primary_key=True)
    year: int = Field(sa_type=sa.SmallInteger, primary_key=True)
    nights: int = Field(sa_type=sa.SmallInteger)
    most: int = Field(sa_type=sa.SmallInteger)
