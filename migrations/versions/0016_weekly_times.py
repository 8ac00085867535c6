"""Weekly rules of mentors are kept and turned into times as the weeks come; links of calendars are numbered."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from infra.concurrently import build, drop

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

CLOCK = "^([01][0-9]|2[0-3]):[0-5][0-9]$"


def upgrade() -> None:
    # The index is made apart, and first: what is outside of the transaction is there already when it is run again.
    with op.get_context().autocommit_block():
        for column in (
            sa.Column("rule_id", sa.Uuid(), nullable=True),
            sa.Column("rule_on", sa.Date(), nullable=True),
            sa.Column("leaving", sa.Boolean(), server_default=sa.false(), nullable=False),
        ):
            op.add_column("mentorship_slot", column, if_not_exists=True)
    build(
        "mentorship_slot_of_rule",
        "mentorship_slot",
        ["rule_id", "starts_at"],
        postgresql_where=sa.text("rule_id IS NOT NULL"),
    )
    op.create_table(
        "mentorship_weekly",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("mentor_id", sa.Uuid(), nullable=False),
        sa.Column("weekdays", postgresql.ARRAY(sa.SmallInteger()), nullable=False),
        sa.Column("starts", sa.Text(), nullable=False),
        sa.Column("ends", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=True),
        sa.Column("except_on", postgresql.ARRAY(sa.Date()), nullable=False),
        sa.Column("on_public_holidays", sa.Boolean(), nullable=False),
        sa.Column("skipped_on", postgresql.ARRAY(sa.Date()), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "weekdays <@ ARRAY[1,2,3,4,5,6,7]::smallint[]",
            name=op.f("mentorship_weekly_weekdays_of_a_week"),
        ),
        sa.CheckConstraint("cardinality(weekdays) >= 1", name=op.f("mentorship_weekly_a_weekday_at_least")),
        sa.CheckConstraint(f"starts ~ '{CLOCK}'", name=op.f("mentorship_weekly_starts_by_the_clock")),
        sa.CheckConstraint(f"ends ~ '{CLOCK}'", name=op.f("mentorship_weekly_ends_by_the_clock")),
        sa.CheckConstraint("last_on >= first_on", name=op.f("mentorship_weekly_last_after_first")),
        sa.CheckConstraint(
            "ended_at IS NULL OR due_at IS NULL", name=op.f("mentorship_weekly_not_due_once_ended")
        ),
        sa.ForeignKeyConstraint(
            ["mentor_id"], ["mentorship_mentor.id"], name=op.f("mentorship_weekly_mentor_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("mentorship_weekly_pkey")),
    )
    op.create_index(op.f("mentorship_weekly_mentor_id_idx"), "mentorship_weekly", ["mentor_id"])
    op.create_index(
        "mentorship_weekly_same",
        "mentorship_weekly",
        ["mentor_id", "starts", "ends", "weekdays", "time_zone", "first_on"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(
        "mentorship_weekly_due",
        "mentorship_weekly",
        ["due_at", "id"],
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_table(
        "mentorship_calendar",
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.CheckConstraint("side IN ('MENTOR', 'MENTEE')", name=op.f("mentorship_calendar_side_known")),
        sa.CheckConstraint("number >= 1", name=op.f("mentorship_calendar_a_later_one")),
        sa.PrimaryKeyConstraint("side", "owner_id", name=op.f("mentorship_calendar_pkey")),
    )
    for name, says in (
        ("mentorship_slot_rule_id_fkey", "FOREIGN KEY (rule_id) REFERENCES mentorship_weekly (id)"),
        ("mentorship_slot_a_day_of_the_rule", "CHECK ((rule_id IS NULL) = (rule_on IS NULL))"),
    ):
        # Checked at once: the columns are new and empty, and a table of times is read through in a moment.
        op.execute(
            "-- squawk-ignore constraint-missing-not-valid, adding-foreign-key-constraint\n"
            f"ALTER TABLE mentorship_slot ADD CONSTRAINT {name} {says}"
        )


def downgrade() -> None:
    drop("mentorship_slot_of_rule", "mentorship_slot")
    op.drop_constraint("mentorship_slot_a_day_of_the_rule", "mentorship_slot", type_="check")
    op.drop_constraint("mentorship_slot_rule_id_fkey", "mentorship_slot", type_="foreignkey")
    for column in ("leaving", "rule_on", "rule_id"):
        op.drop_column("mentorship_slot", column)
    op.drop_table("mentorship_calendar")
    op.drop_table("mentorship_weekly")
