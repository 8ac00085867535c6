"""Hostels: their rooms, every bed on every night, closed nights, bookings, and the free nights of a year."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hostel_allowance",
        sa.Column("guest_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("nights", sa.SmallInteger(), nullable=False),
        sa.Column("most", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("nights BETWEEN 0 AND most", name=op.f("hostel_allowance_never_over_the_limit")),
        sa.ForeignKeyConstraint(
            ["guest_id"], ["accounts_youth.id"], name=op.f("hostel_allowance_guest_id_fkey")
        ),
        sa.PrimaryKeyConstraint("guest_id", "year", name=op.f("hostel_allowance_pkey")),
    )
    op.create_table(
        "hostel_hostel",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("division_code", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("amenities", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("free_nights_per_year", sa.SmallInteger(), nullable=False),
        sa.Column("max_nights_per_stay", sa.SmallInteger(), nullable=False),
        sa.Column("graduate_within_years", sa.SmallInteger(), nullable=False),
        sa.Column("bookable_days_ahead", sa.SmallInteger(), nullable=False),
        sa.Column("freed", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("search_terms", postgresql.TSVECTOR(), nullable=False),
        sa.Column("search_ranks", postgresql.TSVECTOR(), nullable=False),
        sa.CheckConstraint(
            "(latitude IS NULL) = (longitude IS NULL)", name=op.f("hostel_hostel_place_whole")
        ),
        sa.CheckConstraint(
            "bookable_days_ahead BETWEEN 0 AND 366", name=op.f("hostel_hostel_days_ahead_in_range")
        ),
        sa.CheckConstraint("char_length(name) BETWEEN 1 AND 60", name=op.f("hostel_hostel_name_length")),
        sa.CheckConstraint(
            "free_nights_per_year BETWEEN 0 AND 366", name=op.f("hostel_hostel_free_nights_in_range")
        ),
        sa.CheckConstraint(
            "graduate_within_years BETWEEN 0 AND 10", name=op.f("hostel_hostel_graduate_within_in_range")
        ),
        sa.CheckConstraint("latitude BETWEEN -90 AND 90", name=op.f("hostel_hostel_latitude_range")),
        sa.CheckConstraint("longitude BETWEEN -180 AND 180", name=op.f("hostel_hostel_longitude_range")),
        sa.CheckConstraint(
            "max_nights_per_stay BETWEEN 1 AND 90", name=op.f("hostel_hostel_max_nights_in_range")
        ),
        sa.ForeignKeyConstraint(
            ["division_code"], ["core_division.id"], name=op.f("hostel_hostel_division_code_fkey")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["accounts_unit.id"], name=op.f("hostel_hostel_unit_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("hostel_hostel_pkey")),
    )
    op.create_index("hostel_hostel_division", "hostel_hostel", ["division_code", "id"], unique=False)
    op.create_index("hostel_hostel_place", "hostel_hostel", ["latitude", "longitude"], unique=False)
    op.create_index(op.f("hostel_hostel_unit_id_idx"), "hostel_hostel", ["unit_id"], unique=False)
    op.create_index(
        "ix_hostel_hostel_search_terms",
        "hostel_hostel",
        ["search_terms"],
        unique=False,
        postgresql_using="gin",
        postgresql_with={"gin_pending_list_limit": 256},
    )
    op.create_table(
        "hostel_booking",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("hostel_id", sa.Uuid(), nullable=False),
        sa.Column("guest_id", sa.Uuid(), nullable=False),
        sa.Column("check_in", sa.Date(), nullable=False),
        sa.Column("check_out", sa.Date(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("hold_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=True),
        sa.Column("code_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("code_index", sa.LargeBinary(), nullable=True),
        sa.Column("key_id", sa.Text(), nullable=True),
        sa.Column("checked_in_by", sa.Uuid(), nullable=True),
        sa.Column("checked_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("no_show_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(status = 'HELD') = (hold_expires_at IS NOT NULL)",
            name=op.f("hostel_booking_held_until_some_time"),
        ),
        sa.CheckConstraint(
            "(status = 'NO_SHOW') = (no_show_on IS NOT NULL)", name=op.f("hostel_booking_no_show_on_a_day")
        ),
        sa.CheckConstraint(
            "status IN ('WAITLISTED', 'HELD', 'CONFIRMED', 'CHECKED_IN', 'CHECKED_OUT', 'CANCELLED', 'NO_SHOW')",
            name=op.f("hostel_booking_status_known"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('CHECKED_IN', 'CHECKED_OUT') OR num_nonnulls(checked_in_by, checked_in_at) = 2",
            name=op.f("hostel_booking_identity_checked"),
        ),
        sa.CheckConstraint(
            "char_length(purpose) BETWEEN 1 AND 200", name=op.f("hostel_booking_purpose_length")
        ),
        sa.CheckConstraint("check_out > check_in", name=op.f("hostel_booking_one_night_at_least")),
        sa.ForeignKeyConstraint(
            ["checked_in_by"], ["accounts_staff.id"], name=op.f("hostel_booking_checked_in_by_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["guest_id"], ["accounts_youth.id"], name=op.f("hostel_booking_guest_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["hostel_id"], ["hostel_hostel.id"], name=op.f("hostel_booking_hostel_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("hostel_booking_pkey")),
    )
    op.create_index("hostel_booking_code", "hostel_booking", ["code_index"], unique=True)
    op.create_index(
        "hostel_booking_held",
        "hostel_booking",
        ["hold_expires_at"],
        unique=False,
        postgresql_where=sa.text("status = 'HELD'"),
    )
    op.create_index(
        "hostel_booking_no_show",
        "hostel_booking",
        ["guest_id", "no_show_on"],
        unique=False,
        postgresql_where=sa.text("status = 'NO_SHOW'"),
    )
    op.create_index(
        "hostel_booking_of_guest", "hostel_booking", ["guest_id", "created_at", "id"], unique=False
    )
    op.create_index(
        "hostel_booking_of_hostel", "hostel_booking", ["hostel_id", "check_out", "check_in"], unique=False
    )
    op.create_index(
        "hostel_booking_waiting",
        "hostel_booking",
        ["hostel_id", "created_at", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'WAITLISTED'"),
    )
    op.create_table(
        "hostel_room",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("hostel_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("gender", sa.Text(), nullable=True),
        sa.Column("beds", sa.SmallInteger(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("stocked_until", sa.Date(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("gender IN ('MALE', 'FEMALE')", name=op.f("hostel_room_gender_known")),
        sa.CheckConstraint("beds BETWEEN 1 AND 100", name=op.f("hostel_room_beds_in_range")),
        sa.CheckConstraint("char_length(name) BETWEEN 1 AND 40", name=op.f("hostel_room_name_length")),
        sa.ForeignKeyConstraint(["hostel_id"], ["hostel_hostel.id"], name=op.f("hostel_room_hostel_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("hostel_room_pkey")),
    )
    op.create_index(
        "hostel_room_name",
        "hostel_room",
        ["hostel_id", "name"],
        unique=True,
        postgresql_where=sa.text("retired_at IS NULL"),
    )
    op.create_index("hostel_room_of_hostel", "hostel_room", ["hostel_id", "position"], unique=False)
    op.create_index(
        "hostel_room_stocked",
        "hostel_room",
        ["stocked_until"],
        unique=False,
        postgresql_where=sa.text("retired_at IS NULL"),
    )
    op.create_table(
        "hostel_bed_night",
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("bed", sa.SmallInteger(), nullable=False),
        sa.Column("night", sa.Date(), nullable=False),
        sa.Column("hostel_id", sa.Uuid(), nullable=False),
        sa.Column("room_gender", sa.Text(), nullable=True),
        sa.Column("closed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=True),
        sa.Column("guest_id", sa.Uuid(), nullable=True),
        sa.Column("guest_gender", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "guest_gender IN ('MALE', 'FEMALE')", name=op.f("hostel_bed_night_guest_gender_known")
        ),
        sa.CheckConstraint(
            "room_gender IN ('MALE', 'FEMALE')", name=op.f("hostel_bed_night_room_gender_known")
        ),
        sa.CheckConstraint("bed >= 1", name=op.f("hostel_bed_night_bed_from_one")),
        sa.CheckConstraint(
            "guest_id IS NULL OR NOT closed", name=op.f("hostel_bed_night_nobody_in_a_closed_room")
        ),
        sa.CheckConstraint(
            "num_nonnulls(booking_id, guest_id, guest_gender) IN (0, 3)",
            name=op.f("hostel_bed_night_taken_whole"),
        ),
        sa.CheckConstraint("room_gender = guest_gender", name=op.f("hostel_bed_night_room_of_own_sex")),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["hostel_booking.id"], name=op.f("hostel_bed_night_booking_id_fkey")
        ),
        sa.ForeignKeyConstraint(["room_id"], ["hostel_room.id"], name=op.f("hostel_bed_night_room_id_fkey")),
        sa.PrimaryKeyConstraint("room_id", "bed", "night", name=op.f("hostel_bed_night_pkey")),
    )
    op.create_index(
        "hostel_bed_night_free",
        "hostel_bed_night",
        ["hostel_id", "night"],
        unique=False,
        postgresql_include=["room_id", "bed", "room_gender"],
        postgresql_where=sa.text("guest_id IS NULL AND NOT closed"),
    )
    op.create_index(
        "hostel_bed_night_of_booking",
        "hostel_bed_night",
        ["booking_id"],
        unique=False,
        postgresql_where=sa.text("booking_id IS NOT NULL"),
    )
    op.create_index(
        "hostel_bed_night_of_guest",
        "hostel_bed_night",
        ["guest_id", "night"],
        unique=True,
        postgresql_where=sa.text("guest_id IS NOT NULL"),
    )
    op.create_table(
        "hostel_closed_night",
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("night", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["room_id"], ["hostel_room.id"], name=op.f("hostel_closed_night_room_id_fkey")
        ),
        sa.PrimaryKeyConstraint("room_id", "night", name=op.f("hostel_closed_night_pkey")),
    )


def downgrade() -> None:
    op.drop_table("hostel_closed_night")
    op.drop_index(
        "hostel_bed_night_of_guest",
        table_name="hostel_bed_night",
        postgresql_where=sa.text("guest_id IS NOT NULL"),
    )
    op.drop_index(
        "hostel_bed_night_of_booking",
        table_name="hostel_bed_night",
        postgresql_where=sa.text("booking_id IS NOT NULL"),
    )
    op.drop_index(
        "hostel_bed_night_free",
        table_name="hostel_bed_night",
        postgresql_include=["room_id", "bed", "room_gender"],
        postgresql_where=sa.text("guest_id IS NULL AND NOT closed"),
    )
    op.drop_table("hostel_bed_night")
    op.drop_index(
        "hostel_room_stocked", table_name="hostel_room", postgresql_where=sa.text("retired_at IS NULL")
    )
    op.drop_index("hostel_room_of_hostel", table_name="hostel_room")
    op.drop_index(
        "hostel_room_name", table_name="hostel_room", postgresql_where=sa.text("retired_at IS NULL")
    )
    op.drop_table("hostel_room")
    op.drop_index(
        "hostel_booking_waiting",
        table_name="hostel_booking",
        postgresql_where=sa.text("status = 'WAITLISTED'"),
    )
    op.drop_index("hostel_booking_of_hostel", table_name="hostel_booking")
    op.drop_index("hostel_booking_of_guest", table_name="hostel_booking")
    op.drop_index(
        "hostel_booking_no_show", table_name="hostel_booking", postgresql_where=sa.text("status = 'NO_SHOW'")
    )
    op.drop_index(
        "hostel_booking_held", table_name="hostel_booking", postgresql_where=sa.text("status = 'HELD'")
    )
    op.drop_index("hostel_booking_code", table_name="hostel_booking")
    op.drop_table("hostel_booking")
    op.drop_index(
        "ix_hostel_hostel_search_terms",
        table_name="hostel_hostel",
        postgresql_using="gin",
        postgresql_with={"gin_pending_list_limit": 256},
    )
    op.drop_index(op.f("hostel_hostel_unit_id_idx"), table_name="hostel_hostel")
    op.drop_index("hostel_hostel_place", table_name="hostel_hostel")
    op.drop_index("hostel_hostel_division", table_name="hostel_hostel")
    op.drop_table("hostel_hostel")
    op.drop_table("hostel_allowance")
