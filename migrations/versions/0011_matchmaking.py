"""Matchmaking: events, seats by sex, sign-ups, choices, reports and blocks; what a lottery published cannot be changed."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

PUBLISHED_ONCE = """
    CREATE FUNCTION matchmaking_lottery_once() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF OLD.entries_hash IS NOT NULL AND (NEW.entries_hash, NEW.frozen_at) IS DISTINCT FROM (OLD.entries_hash, OLD.frozen_at)
            OR OLD.seed IS NOT NULL AND (NEW.seed, NEW.drawn_at) IS DISTINCT FROM (OLD.seed, OLD.drawn_at)
            OR OLD.entries_hash IS NULL AND NEW.seed IS NOT NULL
        THEN
            RAISE EXCEPTION 'a lottery is closed once, then drawn once' USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NEW;
    END $$
"""


def upgrade() -> None:
    op.create_table(
        "matchmaking_block",
        sa.Column("youth_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("youth_id <> other_id", name=op.f("matchmaking_block_not_oneself")),
        sa.ForeignKeyConstraint(
            ["other_id"], ["accounts_youth.id"], name=op.f("matchmaking_block_other_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["youth_id"], ["accounts_youth.id"], name=op.f("matchmaking_block_youth_id_fkey")
        ),
        sa.PrimaryKeyConstraint("youth_id", "other_id", name=op.f("matchmaking_block_pkey")),
    )
    op.create_index(op.f("matchmaking_block_other_id_idx"), "matchmaking_block", ["other_id"], unique=False)
    op.create_table(
        "matchmaking_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("division_code", sa.Text(), nullable=False),
        sa.Column("venue", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signup_opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signup_closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("admission", sa.Text(), nullable=False),
        sa.Column("min_age", sa.SmallInteger(), nullable=False),
        sa.Column("max_age", sa.SmallInteger(), nullable=False),
        sa.Column("max_choices", sa.SmallInteger(), nullable=False),
        sa.Column("choices_close_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("choices_key_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("entries_hash", sa.LargeBinary(), nullable=True),
        sa.Column("seed", sa.LargeBinary(), nullable=True),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("matches", sa.Integer(), nullable=True),
        sa.Column("results_told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "admission IN ('FIRST_COME', 'LOTTERY')", name=op.f("matchmaking_event_admission_known")
        ),
        sa.CheckConstraint(
            "(drawn_at IS NULL) = (seed IS NULL)", name=op.f("matchmaking_event_drawn_with_seed")
        ),
        sa.CheckConstraint(
            "(frozen_at IS NULL) = (entries_hash IS NULL)", name=op.f("matchmaking_event_frozen_with_hash")
        ),
        sa.CheckConstraint(
            "char_length(title) BETWEEN 1 AND 80", name=op.f("matchmaking_event_title_length")
        ),
        sa.CheckConstraint(
            "choices_close_at >= ends_at", name=op.f("matchmaking_event_choosing_closes_after_end")
        ),
        sa.CheckConstraint(
            "drawn_at IS NULL OR drawn_at >= frozen_at", name=op.f("matchmaking_event_drawn_after_frozen")
        ),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("matchmaking_event_ends_after_start")),
        sa.CheckConstraint(
            "max_choices BETWEEN 1 AND 10", name=op.f("matchmaking_event_max_choices_in_range")
        ),
        sa.CheckConstraint(
            "min_age BETWEEN 18 AND max_age AND max_age <= 45", name=op.f("matchmaking_event_ages_in_range")
        ),
        sa.CheckConstraint(
            "signup_opens_at < signup_closes_at AND signup_closes_at <= starts_at",
            name=op.f("matchmaking_event_signup_before_start"),
        ),
        sa.ForeignKeyConstraint(
            ["division_code"], ["core_division.id"], name=op.f("matchmaking_event_division_code_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["accounts_unit.id"], name=op.f("matchmaking_event_unit_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("matchmaking_event_pkey")),
    )
    op.create_index(
        "matchmaking_event_kept",
        "matchmaking_event",
        ["ends_at"],
        unique=False,
        postgresql_where=sa.text("erased_at IS NULL"),
    )
    op.create_index("matchmaking_event_soonest", "matchmaking_event", ["starts_at", "id"], unique=False)
    op.create_index(op.f("matchmaking_event_unit_id_idx"), "matchmaking_event", ["unit_id"], unique=False)
    op.create_table(
        "matchmaking_report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("reporter_id", sa.Uuid(), nullable=False),
        sa.Column("reported_id", sa.Uuid(), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["matchmaking_event.id"], name=op.f("matchmaking_report_event_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["reported_id"], ["accounts_youth.id"], name=op.f("matchmaking_report_reported_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["reporter_id"], ["accounts_youth.id"], name=op.f("matchmaking_report_reporter_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("matchmaking_report_pkey")),
    )
    op.create_index(op.f("matchmaking_report_event_id_idx"), "matchmaking_report", ["event_id"], unique=False)
    op.create_index(
        op.f("matchmaking_report_reported_id_idx"), "matchmaking_report", ["reported_id"], unique=False
    )
    op.create_index(
        op.f("matchmaking_report_reporter_id_idx"), "matchmaking_report", ["reporter_id"], unique=False
    )
    op.create_table(
        "matchmaking_seats",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("gender", sa.Text(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("waitlisted", sa.Integer(), nullable=False),
        sa.Column("last_in_line", sa.Integer(), nullable=False),
        sa.Column("drawn_total", sa.Integer(), nullable=True),
        sa.CheckConstraint("gender IN ('MALE', 'FEMALE')", name=op.f("matchmaking_seats_gender_known")),
        sa.CheckConstraint("taken BETWEEN 0 AND total", name=op.f("matchmaking_seats_never_more_than_total")),
        sa.CheckConstraint("total BETWEEN 0 AND 20000", name=op.f("matchmaking_seats_total_in_range")),
        sa.CheckConstraint(
            "waitlisted = 0 OR taken = total", name=op.f("matchmaking_seats_nobody_waits_for_a_free_seat")
        ),
        sa.CheckConstraint("waitlisted >= 0", name=op.f("matchmaking_seats_waitlisted_not_negative")),
        sa.ForeignKeyConstraint(
            ["event_id"], ["matchmaking_event.id"], name=op.f("matchmaking_seats_event_id_fkey")
        ),
        sa.PrimaryKeyConstraint("event_id", "gender", name=op.f("matchmaking_seats_pkey")),
    )
    op.create_table(
        "matchmaking_signup",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("youth_id", sa.Uuid(), nullable=False),
        sa.Column("gender", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("open_slot", sa.SmallInteger(), nullable=True),
        sa.Column("queue_number", sa.Integer(), nullable=True),
        sa.Column("participant_id", sa.Uuid(), nullable=True),
        sa.Column("lottery_entry", sa.Uuid(), nullable=True),
        sa.Column("drawn_position", sa.Integer(), nullable=True),
        sa.Column("nickname_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("introduction_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("contact_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("code_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("code_hash", sa.LargeBinary(), nullable=True),
        sa.Column("checked_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(status = 'CHECKED_IN') = (checked_in_at IS NOT NULL)",
            name=op.f("matchmaking_signup_checked_in_with_instant"),
        ),
        sa.CheckConstraint("gender IN ('MALE', 'FEMALE')", name=op.f("matchmaking_signup_gender_known")),
        sa.CheckConstraint(
            "open_slot IS NULL OR status IN ('ENTERED', 'CONFIRMED', 'WAITLISTED', 'CHECKED_IN')",
            name=op.f("matchmaking_signup_slot_while_open"),
        ),
        sa.CheckConstraint(
            "status <> 'CANCELLED' OR participant_id IS NULL",
            name=op.f("matchmaking_signup_cancelled_takes_no_part"),
        ),
        sa.CheckConstraint(
            "status <> 'WAITLISTED' OR queue_number IS NOT NULL",
            name=op.f("matchmaking_signup_waits_with_a_number"),
        ),
        sa.CheckConstraint(
            "status IN ('ENTERED', 'CONFIRMED', 'WAITLISTED', 'CHECKED_IN', 'CANCELLED', 'NO_SHOW')",
            name=op.f("matchmaking_signup_status_known"),
        ),
        sa.CheckConstraint("open_slot >= 1", name=op.f("matchmaking_signup_open_slot_positive")),
        sa.ForeignKeyConstraint(
            ["event_id"], ["matchmaking_event.id"], name=op.f("matchmaking_signup_event_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["youth_id"], ["accounts_youth.id"], name=op.f("matchmaking_signup_youth_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("matchmaking_signup_pkey")),
        sa.UniqueConstraint("lottery_entry", name=op.f("matchmaking_signup_lottery_entry_key")),
        sa.UniqueConstraint("participant_id", name=op.f("matchmaking_signup_participant_id_key")),
    )
    op.create_index("matchmaking_signup_attendees", "matchmaking_signup", ["event_id", "id"], unique=False)
    op.create_index("matchmaking_signup_code", "matchmaking_signup", ["event_id", "code_hash"], unique=True)
    op.create_index(
        "matchmaking_signup_entries",
        "matchmaking_signup",
        ["event_id", "gender", "lottery_entry"],
        unique=False,
    )
    op.create_index(
        "matchmaking_signup_line",
        "matchmaking_signup",
        ["event_id", "gender", "queue_number"],
        unique=True,
        postgresql_where=sa.text("status = 'WAITLISTED'"),
    )
    op.create_index(
        "matchmaking_signup_once",
        "matchmaking_signup",
        ["event_id", "youth_id"],
        unique=True,
        postgresql_where=sa.text("status <> 'CANCELLED'"),
    )
    op.create_index(
        "matchmaking_signup_open",
        "matchmaking_signup",
        ["youth_id", "open_slot"],
        unique=True,
        postgresql_where=sa.text("open_slot IS NOT NULL"),
    )
    op.create_index(
        "matchmaking_signup_youth", "matchmaking_signup", ["youth_id", "created_at", "id"], unique=False
    )
    op.create_table(
        "matchmaking_choices",
        sa.Column("signup_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("chosen", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["matchmaking_event.id"], name=op.f("matchmaking_choices_event_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["signup_id"], ["matchmaking_signup.id"], name=op.f("matchmaking_choices_signup_id_fkey")
        ),
        sa.PrimaryKeyConstraint("signup_id", name=op.f("matchmaking_choices_pkey")),
    )
    op.create_index(
        op.f("matchmaking_choices_event_id_idx"), "matchmaking_choices", ["event_id"], unique=False
    )
    op.execute(PUBLISHED_ONCE)
    op.execute("""
        CREATE TRIGGER matchmaking_event_lottery_once BEFORE UPDATE ON matchmaking_event
        FOR EACH ROW EXECUTE FUNCTION matchmaking_lottery_once()
    """)


def downgrade() -> None:
    for table in ("choices", "signup", "seats", "report", "event", "block"):
        op.drop_table(f"matchmaking_{table}")
    op.execute("DROP FUNCTION matchmaking_lottery_once()")
