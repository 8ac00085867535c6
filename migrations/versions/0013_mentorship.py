"""Mentorship: mentors, their times, requests with what was said; and the cases that crisis words open."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # One mentor's times do not overlap: ids are compared beside ranges.
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    op.create_table(
        "cases_case",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("urgency", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("anonymous", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("youth_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("assignee_id", sa.Uuid(), nullable=True),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("origin_id", sa.Uuid(), nullable=True),
        sa.Column("one_of_kind", sa.Text(), nullable=True),
        sa.Column("outcome_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("satisfaction", sa.SmallInteger(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "category IN ('PSYCHOLOGY', 'LEGAL', 'EMPLOYMENT', 'EDUCATION', 'HEALTH', 'SAFETY', 'FAMILY', 'OTHER')",
            name=op.f("cases_case_category_known"),
        ),
        sa.CheckConstraint(
            "status IN ('OPEN', 'TAKEN', 'WAITING', 'RESOLVED', 'CLOSED')",
            name=op.f("cases_case_status_known"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('TAKEN', 'WAITING') OR assignee_id IS NOT NULL",
            name=op.f("cases_case_taken_by_somebody"),
        ),
        sa.CheckConstraint(
            "urgency IN ('NORMAL', 'URGENT', 'CRISIS')", name=op.f("cases_case_urgency_known")
        ),
        sa.CheckConstraint("satisfaction BETWEEN 1 AND 5", name=op.f("cases_case_satisfaction_in_range")),
        sa.ForeignKeyConstraint(
            ["assignee_id"], ["accounts_staff.id"], name=op.f("cases_case_assignee_id_fkey")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["accounts_unit.id"], name=op.f("cases_case_unit_id_fkey")),
        sa.ForeignKeyConstraint(["youth_id"], ["accounts_youth.id"], name=op.f("cases_case_youth_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("cases_case_pkey")),
        sa.UniqueConstraint("number", name=op.f("cases_case_number_key")),
    )
    op.create_index(op.f("cases_case_assignee_id_idx"), "cases_case", ["assignee_id"], unique=False)
    op.create_index(
        "cases_case_of_unit",
        "cases_case",
        ["unit_id", "due_at", "id"],
        unique=False,
        postgresql_where=sa.text("status IN ('OPEN', 'TAKEN', 'WAITING')"),
    )
    op.create_index("cases_case_of_youth", "cases_case", ["youth_id", "created_at", "id"], unique=False)
    op.create_index(
        "cases_case_one_of_kind",
        "cases_case",
        ["one_of_kind"],
        unique=True,
        postgresql_where=sa.text("status IN ('OPEN', 'TAKEN', 'WAITING')"),
    )
    op.create_table(
        "mentorship_mentor",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("youth_id", sa.Uuid(), nullable=True),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("headline", sa.Text(), nullable=False),
        sa.Column("biography", sa.Text(), nullable=False),
        sa.Column("fields", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("division_code", sa.Text(), nullable=True),
        sa.Column("languages", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("capacity", sa.SmallInteger(), nullable=False),
        sa.Column("accepts_requests", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("mentees", sa.Integer(), server_default="0", nullable=False),
        sa.Column("answered", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lapsed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("review_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rating_sum", sa.Integer(), server_default="0", nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("search_terms", postgresql.TSVECTOR(), nullable=False),
        sa.CheckConstraint(
            "fields <@ ARRAY['CAREER', 'ENTREPRENEURSHIP', 'LEGAL', 'PSYCHOLOGY', 'ACADEMIC', 'SKILLS', 'RURAL', 'LIFE']::text[]",
            name=op.f("mentorship_mentor_fields_known"),
        ),
        sa.CheckConstraint("capacity BETWEEN 1 AND 100", name=op.f("mentorship_mentor_capacity_in_range")),
        sa.CheckConstraint(
            "cardinality(fields) >= 1 OR retired_at IS NOT NULL",
            name=op.f("mentorship_mentor_a_field_at_least"),
        ),
        sa.CheckConstraint(
            "char_length(biography) BETWEEN 1 AND 2000", name=op.f("mentorship_mentor_biography_length")
        ),
        sa.CheckConstraint(
            "char_length(headline) BETWEEN 1 AND 80", name=op.f("mentorship_mentor_headline_length")
        ),
        sa.CheckConstraint("char_length(name) BETWEEN 1 AND 40", name=op.f("mentorship_mentor_name_length")),
        sa.CheckConstraint("mentees BETWEEN 0 AND 100", name=op.f("mentorship_mentor_mentees_counted")),
        sa.CheckConstraint(
            "num_nonnulls(youth_id, staff_id) = 1 OR retired_at IS NOT NULL",
            name=op.f("mentorship_mentor_somebody"),
        ),
        sa.CheckConstraint(
            "rating_sum BETWEEN review_count AND 5 * review_count",
            name=op.f("mentorship_mentor_ratings_in_range"),
        ),
        sa.ForeignKeyConstraint(
            ["division_code"], ["core_division.id"], name=op.f("mentorship_mentor_division_code_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["accounts_staff.id"], name=op.f("mentorship_mentor_staff_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["accounts_unit.id"], name=op.f("mentorship_mentor_unit_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["youth_id"], ["accounts_youth.id"], name=op.f("mentorship_mentor_youth_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("mentorship_mentor_pkey")),
    )
    op.create_index(
        "mentorship_mentor_words",
        "mentorship_mentor",
        [
            sa.text(
                "(search_terms || array_to_tsvector(ARRAY['@d' || COALESCE(division_code, ''::text),"
                " '@d' || left(COALESCE(division_code, ''::text), 4)]))"
            )
        ],
        unique=False,
        postgresql_using="gin",
        postgresql_with={"gin_pending_list_limit": 256},
    )
    op.create_index("mentorship_mentor_staff", "mentorship_mentor", ["staff_id"], unique=True)
    op.create_index(op.f("mentorship_mentor_unit_id_idx"), "mentorship_mentor", ["unit_id"], unique=False)
    op.create_index("mentorship_mentor_youth", "mentorship_mentor", ["youth_id"], unique=True)
    op.create_table(
        "cases_message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("from_staff", sa.Boolean(), nullable=False),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases_case.id"], name=op.f("cases_message_case_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("cases_message_pkey")),
    )
    op.create_index("cases_message_of_case", "cases_message", ["case_id", "id"], unique=False)
    op.create_table(
        "mentorship_slot",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("mentor_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("mentor_id"), "="),
            (sa.text("tstzrange(starts_at, ends_at)"), "&&"),
            where=sa.text("closed_at IS NULL"),
            using="gist",
            name="mentorship_slot_no_overlap",
        ),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("mentorship_slot_ends_after_it_starts")),
        sa.ForeignKeyConstraint(
            ["mentor_id"], ["mentorship_mentor.id"], name=op.f("mentorship_slot_mentor_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("mentorship_slot_pkey")),
    )
    op.create_index(
        "mentorship_slot_of_mentor",
        "mentorship_slot",
        ["mentor_id", "starts_at"],
        unique=False,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "mentorship_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("mentor_id", sa.Uuid(), nullable=False),
        sa.Column("youth_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("open_slot", sa.SmallInteger(), nullable=True),
        sa.Column("slot_id", sa.Uuid(), nullable=True),
        sa.Column("minor", sa.Boolean(), nullable=False),
        sa.Column("reroute", sa.Boolean(), nullable=False),
        sa.Column("rerouted_from", sa.Uuid(), nullable=True),
        sa.Column("topic_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("message_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("summary_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("comment_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("meeting_url_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("respond_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("remind_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reschedules", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reminded", sa.Integer(), server_default="0", nullable=False),
        sa.Column("absent", sa.Text(), nullable=True),
        sa.Column("rating", sa.SmallInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(status = 'NO_SHOW') = (absent IS NOT NULL)", name=op.f("mentorship_request_no_show_of_somebody")
        ),
        sa.CheckConstraint(
            "(status IN ('REQUESTED', 'NEEDS_INFORMATION')) = (open_slot IS NOT NULL)",
            name=op.f("mentorship_request_open_with_a_place"),
        ),
        sa.CheckConstraint("absent IN ('MENTOR', 'MENTEE')", name=op.f("mentorship_request_absent_known")),
        sa.CheckConstraint(
            "rating IS NULL OR status = 'COMPLETED'", name=op.f("mentorship_request_rated_when_completed")
        ),
        sa.CheckConstraint(
            "status IN ('REQUESTED', 'NEEDS_INFORMATION', 'ACCEPTED', 'DECLINED', 'EXPIRED', 'CANCELLED', 'COMPLETED', 'NO_SHOW')",
            name=op.f("mentorship_request_status_known"),
        ),
        sa.CheckConstraint("open_slot BETWEEN 1 AND 20", name=op.f("mentorship_request_place_in_range")),
        sa.CheckConstraint("rating BETWEEN 1 AND 5", name=op.f("mentorship_request_rating_in_range")),
        sa.CheckConstraint("rerouted_from <> id", name=op.f("mentorship_request_rerouted_not_from_itself")),
        sa.ForeignKeyConstraint(
            ["mentor_id"], ["mentorship_mentor.id"], name=op.f("mentorship_request_mentor_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["rerouted_from"], ["mentorship_request.id"], name=op.f("mentorship_request_rerouted_from_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["slot_id"], ["mentorship_slot.id"], name=op.f("mentorship_request_slot_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["accounts_unit.id"], name=op.f("mentorship_request_unit_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["youth_id"], ["accounts_youth.id"], name=op.f("mentorship_request_youth_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("mentorship_request_pkey")),
    )
    op.create_index(
        "mentorship_request_due",
        "mentorship_request",
        ["due_at", "id"],
        unique=False,
        postgresql_where=sa.text("status IN ('REQUESTED', 'NEEDS_INFORMATION', 'ACCEPTED')"),
    )
    op.create_index(
        "mentorship_request_of_mentor", "mentorship_request", ["mentor_id", "created_at", "id"], unique=False
    )
    op.create_index(
        "mentorship_request_of_youth", "mentorship_request", ["youth_id", "created_at", "id"], unique=False
    )
    op.create_index("mentorship_request_place", "mentorship_request", ["youth_id", "open_slot"], unique=True)
    op.create_index(
        "mentorship_request_remind",
        "mentorship_request",
        ["remind_at"],
        unique=False,
        postgresql_where=sa.text("remind_at IS NOT NULL"),
    )
    op.create_index("mentorship_request_rerouted_once", "mentorship_request", ["rerouted_from"], unique=True)
    op.create_index(
        "mentorship_request_slot_given",
        "mentorship_request",
        ["slot_id"],
        unique=True,
        postgresql_where=sa.text("status IN ('ACCEPTED', 'COMPLETED', 'NO_SHOW')"),
    )
    op.create_index(
        "mentorship_request_to_meet",
        "mentorship_request",
        ["slot_id"],
        unique=False,
        postgresql_where=sa.text("status = 'ACCEPTED'"),
    )
    op.create_index(op.f("mentorship_request_unit_id_idx"), "mentorship_request", ["unit_id"], unique=False)
    op.create_table(
        "mentorship_message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("author IN ('MENTOR', 'MENTEE')", name=op.f("mentorship_message_author_known")),
        sa.ForeignKeyConstraint(
            ["request_id"], ["mentorship_request.id"], name=op.f("mentorship_message_request_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("mentorship_message_pkey")),
    )
    op.create_index("mentorship_message_of_request", "mentorship_message", ["request_id", "at"], unique=True)
    op.create_table(
        "mentorship_pairing",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("youth_id", sa.Uuid(), nullable=False),
        sa.Column("mentor_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("paired_by", sa.Uuid(), nullable=False),
        sa.Column("paired_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["mentor_id"], ["mentorship_mentor.id"], name=op.f("mentorship_pairing_mentor_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["paired_by"], ["accounts_staff.id"], name=op.f("mentorship_pairing_paired_by_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["accounts_unit.id"], name=op.f("mentorship_pairing_unit_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["youth_id"], ["accounts_youth.id"], name=op.f("mentorship_pairing_youth_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("mentorship_pairing_pkey")),
    )
    op.create_index(
        op.f("mentorship_pairing_mentor_id_idx"), "mentorship_pairing", ["mentor_id"], unique=False
    )
    op.create_index(
        "mentorship_pairing_of_unit", "mentorship_pairing", ["unit_id", "paired_at"], unique=False
    )
    op.create_index("mentorship_pairing_of_youth", "mentorship_pairing", ["youth_id"], unique=False)
    op.create_index(
        "mentorship_pairing_one",
        "mentorship_pairing",
        ["youth_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("mentorship_pairing")
    op.drop_index("mentorship_message_of_request", table_name="mentorship_message")
    op.drop_table("mentorship_message")
    op.drop_index(op.f("mentorship_request_unit_id_idx"), table_name="mentorship_request")
    op.drop_index(
        "mentorship_request_to_meet",
        table_name="mentorship_request",
        postgresql_where=sa.text("status = 'ACCEPTED'"),
    )
    op.drop_index(
        "mentorship_request_slot_given",
        table_name="mentorship_request",
        postgresql_where=sa.text("status IN ('ACCEPTED', 'COMPLETED', 'NO_SHOW')"),
    )
    op.drop_index("mentorship_request_rerouted_once", table_name="mentorship_request")
    op.drop_index(
        "mentorship_request_remind",
        table_name="mentorship_request",
        postgresql_where=sa.text("remind_at IS NOT NULL"),
    )
    op.drop_index("mentorship_request_place", table_name="mentorship_request")
    op.drop_index("mentorship_request_of_youth", table_name="mentorship_request")
    op.drop_index("mentorship_request_of_mentor", table_name="mentorship_request")
    op.drop_index(
        "mentorship_request_due",
        table_name="mentorship_request",
        postgresql_where=sa.text("status IN ('REQUESTED', 'NEEDS_INFORMATION', 'ACCEPTED')"),
    )
    op.drop_table("mentorship_request")
    op.drop_index(
        "mentorship_slot_of_mentor",
        table_name="mentorship_slot",
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.drop_table("mentorship_slot")
    op.drop_index("cases_message_of_case", table_name="cases_message")
    op.drop_table("cases_message")
    op.drop_index("mentorship_mentor_youth", table_name="mentorship_mentor")
    op.drop_index(op.f("mentorship_mentor_unit_id_idx"), table_name="mentorship_mentor")
    op.drop_index("mentorship_mentor_staff", table_name="mentorship_mentor")
    op.drop_index(
        "mentorship_mentor_words",
        table_name="mentorship_mentor",
        postgresql_using="gin",
        postgresql_with={"gin_pending_list_limit": 256},
    )
    op.drop_table("mentorship_mentor")
    op.drop_index(
        "cases_case_one_of_kind",
        table_name="cases_case",
        postgresql_where=sa.text("status IN ('OPEN', 'TAKEN', 'WAITING')"),
    )
    op.drop_index("cases_case_of_youth", table_name="cases_case")
    op.drop_index(
        "cases_case_of_unit",
        table_name="cases_case",
        postgresql_where=sa.text("status IN ('OPEN', 'TAKEN', 'WAITING')"),
    )
    op.drop_index(op.f("cases_case_assignee_id_idx"), table_name="cases_case")
    op.drop_table("cases_case")
