"""The house: divisions, units, people, organizations, tokens, outbox, and internships."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "core_division",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("parent_code", sa.Text(), nullable=True),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.CheckConstraint("level IN ('PROVINCE', 'CITY', 'COUNTY')", name=op.f("core_division_level_known")),
        sa.ForeignKeyConstraint(
            ["parent_code"], ["core_division.id"], name=op.f("core_division_parent_code_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("core_division_pkey")),
    )
    op.create_index(op.f("core_division_parent_code_idx"), "core_division", ["parent_code"], unique=False)
    op.create_table(
        "core_idempotency_key",
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(), nullable=False),
        sa.Column("input_hash", sa.LargeBinary(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=True),
        sa.Column("refusals", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("caller", "key_hash", name=op.f("core_idempotency_key_pkey")),
    )
    op.create_index(
        op.f("core_idempotency_key_created_at_idx"), "core_idempotency_key", ["created_at"], unique=False
    )
    op.create_table(
        "core_notification",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("recipient_kind", sa.Text(), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("values", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("subject_tag", sa.Text(), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "recipient_kind IN ('YOUTH', 'STAFF', 'ORGANIZATION')",
            name=op.f("core_notification_recipient_kind_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("core_notification_pkey")),
        sa.UniqueConstraint("event_id", "recipient_id", "kind", name="core_notification_once"),
    )
    op.create_index(
        "core_notification_inbox", "core_notification", ["recipient_id", "created_at", "id"], unique=False
    )
    op.create_index(
        "core_notification_unread",
        "core_notification",
        ["recipient_id"],
        unique=False,
        postgresql_where=sa.text("read_at IS NULL"),
    )
    op.create_table(
        "core_outbox_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dead_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("core_outbox_event_pkey")),
    )
    op.create_index(
        "core_outbox_event_dead",
        "core_outbox_event",
        ["dead_at"],
        unique=False,
        postgresql_where=sa.text("dead_at IS NOT NULL"),
    )
    op.create_index(
        "core_outbox_event_done",
        "core_outbox_event",
        ["done_at"],
        unique=False,
        postgresql_where=sa.text("done_at IS NOT NULL"),
    )
    op.create_index(
        "core_outbox_event_due",
        "core_outbox_event",
        ["due_at", "id"],
        unique=False,
        postgresql_where=sa.text("done_at IS NULL AND dead_at IS NULL"),
    )
    op.create_table(
        "core_policy",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("division_code", sa.Text(), nullable=False),
        sa.Column("value", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("name", "division_code", name=op.f("core_policy_pkey")),
    )
    op.create_table(
        "core_schedule_slot",
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("slot_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("job", name=op.f("core_schedule_slot_pkey")),
    )
    op.create_table(
        "core_state_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("core_state_event_pkey")),
    )
    op.create_index("core_state_event_subject", "core_state_event", ["subject_id", "id"], unique=False)
    op.create_table(
        "accounts_unit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("division_code", sa.Text(), nullable=True),
        sa.Column("path", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.CheckConstraint(
            "level IN ('PROVINCE', 'SYSTEM', 'CITY', 'COUNTY', 'TOWNSHIP', 'SCHOOL')",
            name=op.f("accounts_unit_level_known"),
        ),
        sa.CheckConstraint("path[cardinality(path)] = id", name=op.f("accounts_unit_path_ends_in_itself")),
        sa.ForeignKeyConstraint(
            ["division_code"], ["core_division.id"], name=op.f("accounts_unit_division_code_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["accounts_unit.id"], name=op.f("accounts_unit_parent_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("accounts_unit_pkey")),
    )
    op.create_index(
        "accounts_unit_division",
        "accounts_unit",
        ["division_code"],
        unique=True,
        postgresql_where=sa.text("level IN ('PROVINCE', 'CITY', 'COUNTY')"),
    )
    op.create_index(op.f("accounts_unit_parent_id_idx"), "accounts_unit", ["parent_id"], unique=False)
    op.create_index("accounts_unit_path", "accounts_unit", ["path"], unique=False, postgresql_using="gin")
    op.create_table(
        "accounts_youth",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("phone_index", sa.LargeBinary(), nullable=True),
        sa.Column("legal_name_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("identity_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("identity_index", sa.LargeBinary(), nullable=True),
        sa.Column("real_name_status", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=True),
        sa.Column("gender", sa.Text(), nullable=True),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("education", sa.Text(), nullable=True),
        sa.Column("school", sa.Text(), nullable=True),
        sa.Column("major", sa.Text(), nullable=True),
        sa.Column("graduation_year", sa.Integer(), nullable=True),
        sa.Column("division_code", sa.Text(), nullable=True),
        sa.Column("tracks", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "education IN ('SECONDARY', 'VOCATIONAL', 'COLLEGE', 'BACHELOR', 'MASTER', 'DOCTOR')",
            name=op.f("accounts_youth_education_known"),
        ),
        sa.CheckConstraint("gender IN ('MALE', 'FEMALE')", name=op.f("accounts_youth_gender_known")),
        sa.CheckConstraint(
            "real_name_status IN ('NONE', 'PENDING', 'VERIFIED', 'REJECTED')",
            name=op.f("accounts_youth_real_name_status_known"),
        ),
        sa.CheckConstraint(
            "tracks <@ ARRAY['GENERAL', 'HK_MACAO_TAIWAN', 'TIBET_XINJIANG', 'RURAL', 'WESTERN_PROGRAMME_VOLUNTEER']::text[]",
            name=op.f("accounts_youth_tracks_known"),
        ),
        sa.CheckConstraint(
            "graduation_year BETWEEN 1950 AND 2100", name=op.f("accounts_youth_graduation_year_sane")
        ),
        sa.ForeignKeyConstraint(
            ["division_code"], ["core_division.id"], name=op.f("accounts_youth_division_code_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("accounts_youth_pkey")),
        sa.UniqueConstraint("identity_index", name=op.f("accounts_youth_identity_index_key")),
        sa.UniqueConstraint("phone_index", name=op.f("accounts_youth_phone_index_key")),
    )
    op.create_table(
        "accounts_consent",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("youth_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "purpose IN ('TERMS', 'REAL_NAME', 'MATCHMAKING', 'MENTORSHIP', 'HEALTH_AND_COUNSELLING', 'GUARDIAN')",
            name=op.f("accounts_consent_purpose_known"),
        ),
        sa.ForeignKeyConstraint(
            ["youth_id"], ["accounts_youth.id"], name=op.f("accounts_consent_youth_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("accounts_consent_pkey")),
    )
    op.create_index(
        "accounts_consent_current",
        "accounts_consent",
        ["youth_id", "purpose"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_table(
        "accounts_staff",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("phone_index", sa.LargeBinary(), nullable=True),
        sa.Column("roles", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "roles <@ ARRAY['ADMIN', 'PROGRAMME_MANAGER', 'HOSTEL_OPERATOR', 'EVENT_HOST', 'CASE_WORKER', 'AUDITOR']::text[]",
            name=op.f("accounts_staff_roles_known"),
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["accounts_unit.id"], name=op.f("accounts_staff_unit_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("accounts_staff_pkey")),
        sa.UniqueConstraint("phone_index", name=op.f("accounts_staff_phone_index_key")),
    )
    op.create_index(op.f("accounts_staff_unit_id_idx"), "accounts_staff", ["unit_id"], unique=False)
    op.create_table(
        "internship_job_fair",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("division_code", sa.Text(), nullable=True),
        sa.Column("venue", sa.Text(), nullable=True),
        sa.Column("online", sa.Boolean(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("livestream_url", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("internship_job_fair_ends_after_start")),
        sa.ForeignKeyConstraint(
            ["division_code"], ["core_division.id"], name=op.f("internship_job_fair_division_code_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["accounts_unit.id"], name=op.f("internship_job_fair_unit_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("internship_job_fair_pkey")),
    )
    op.create_index("internship_job_fair_starts", "internship_job_fair", ["starts_at", "id"], unique=False)
    op.create_index(op.f("internship_job_fair_unit_id_idx"), "internship_job_fair", ["unit_id"], unique=False)
    op.create_table(
        "internship_saved_search",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("youth_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("filter", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("watched_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_notified_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "char_length(name) BETWEEN 1 AND 60", name=op.f("internship_saved_search_name_length")
        ),
        sa.ForeignKeyConstraint(
            ["youth_id"], ["accounts_youth.id"], name=op.f("internship_saved_search_youth_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("internship_saved_search_pkey")),
    )
    op.create_index(
        op.f("internship_saved_search_youth_id_idx"), "internship_saved_search", ["youth_id"], unique=False
    )
    op.create_table(
        "partners_organization",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_terms", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("division_code", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("verification", sa.Text(), nullable=False),
        sa.Column("employee_count", sa.Integer(), nullable=True),
        sa.Column("industry_code", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('GOVERNMENT', 'STATE_OWNED', 'PUBLIC_INSTITUTION', 'PRIVATE', 'SOCIAL')",
            name=op.f("partners_organization_kind_known"),
        ),
        sa.CheckConstraint(
            "verification IN ('UNVERIFIED', 'VERIFIED', 'REFUSED')",
            name=op.f("partners_organization_verification_known"),
        ),
        sa.CheckConstraint(
            "char_length(name) BETWEEN 1 AND 100", name=op.f("partners_organization_name_length")
        ),
        sa.CheckConstraint("employee_count > 0", name=op.f("partners_organization_employee_count_positive")),
        sa.ForeignKeyConstraint(
            ["division_code"], ["core_division.id"], name=op.f("partners_organization_division_code_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["accounts_unit.id"], name=op.f("partners_organization_unit_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("partners_organization_pkey")),
    )
    op.create_index(
        "partners_organization_division", "partners_organization", ["division_code"], unique=False
    )
    op.create_index(
        "partners_organization_newest", "partners_organization", ["created_at", "id"], unique=False
    )
    op.create_index(
        "partners_organization_terms",
        "partners_organization",
        ["name_terms"],
        unique=False,
        postgresql_using="gin",
    )
    op.create_index("partners_organization_unit", "partners_organization", ["unit_id"], unique=False)
    op.create_table(
        "internship_job_fair_organization",
        sa.Column("job_fair_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["job_fair_id"],
            ["internship_job_fair.id"],
            name=op.f("internship_job_fair_organization_job_fair_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["partners_organization.id"],
            name=op.f("internship_job_fair_organization_organization_id_fkey"),
        ),
        sa.PrimaryKeyConstraint(
            "job_fair_id", "organization_id", name=op.f("internship_job_fair_organization_pkey")
        ),
    )
    op.create_index(
        op.f("internship_job_fair_organization_organization_id_idx"),
        "internship_job_fair_organization",
        ["organization_id"],
        unique=False,
    )
    op.create_table(
        "internship_listing",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("external_ref", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("track", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("requirements", sa.Text(), nullable=True),
        sa.Column("division_code", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("headcount", sa.Integer(), nullable=False),
        sa.Column("accepted_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("stipend_min_fen", sa.Integer(), nullable=True),
        sa.Column("stipend_max_fen", sa.Integer(), nullable=True),
        sa.Column("stipend_per", sa.Text(), nullable=True),
        sa.Column("stipend_month_fen", sa.Integer(), nullable=False),
        sa.Column("education", sa.Text(), nullable=False),
        sa.Column("education_rank", sa.SmallInteger(), nullable=False),
        sa.Column("majors", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("skills", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("days_per_week", sa.Integer(), nullable=True),
        sa.Column("duration_weeks", sa.Integer(), nullable=True),
        sa.Column("housing_provided", sa.Boolean(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("apply_by", sa.Date(), nullable=True),
        sa.Column(
            "open_until",
            sa.Date(),
            sa.Computed("COALESCE(apply_by, '9999-12-31'::date)", persisted=True),
            nullable=False,
        ),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("closed_because", sa.Text(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False),
        sa.Column("search_terms", postgresql.TSVECTOR(), nullable=False),
        sa.Column("search_ranks", postgresql.TSVECTOR(), nullable=False),
        sa.CheckConstraint(
            "(status = 'CLOSED') = (closed_because IS NOT NULL)",
            name=op.f("internship_listing_closed_with_reason"),
        ),
        sa.CheckConstraint(
            "closed_because IN ('BY_ORGANIZATION', 'APPLY_BY_PAST', 'NO_HEADCOUNT_LEFT')",
            name=op.f("internship_listing_closed_because_known"),
        ),
        sa.CheckConstraint(
            "education IN ('SECONDARY', 'VOCATIONAL', 'COLLEGE', 'BACHELOR', 'MASTER', 'DOCTOR')",
            name=op.f("internship_listing_education_known"),
        ),
        sa.CheckConstraint(
            "kind IN ('INTERNSHIP', 'APPRENTICESHIP')", name=op.f("internship_listing_kind_known")
        ),
        sa.CheckConstraint(
            "status <> 'PUBLISHED' OR published_at IS NOT NULL",
            name=op.f("internship_listing_published_with_instant"),
        ),
        sa.CheckConstraint(
            "status IN ('DRAFT', 'IN_REVIEW', 'PUBLISHED', 'CLOSED', 'REJECTED')",
            name=op.f("internship_listing_status_known"),
        ),
        sa.CheckConstraint(
            "stipend_per IN ('DAY', 'MONTH')", name=op.f("internship_listing_stipend_per_known")
        ),
        sa.CheckConstraint(
            "track IN ('GENERAL', 'HK_MACAO_TAIWAN', 'TIBET_XINJIANG', 'RURAL', 'WESTERN_PROGRAMME_VOLUNTEER')",
            name=op.f("internship_listing_track_known"),
        ),
        sa.CheckConstraint(
            "accepted_count BETWEEN 0 AND headcount",
            name=op.f("internship_listing_never_more_than_headcount"),
        ),
        sa.CheckConstraint("cardinality(skills) <= 20", name=op.f("internship_listing_skills_at_most_20")),
        sa.CheckConstraint(
            "char_length(description) BETWEEN 1 AND 4000", name=op.f("internship_listing_description_length")
        ),
        sa.CheckConstraint(
            "char_length(title) BETWEEN 1 AND 80", name=op.f("internship_listing_title_length")
        ),
        sa.CheckConstraint("headcount BETWEEN 1 AND 500", name=op.f("internship_listing_headcount_in_range")),
        sa.CheckConstraint(
            "num_nonnulls(stipend_min_fen, stipend_max_fen, stipend_per) IN (0, 3) AND stipend_min_fen >= 0 AND stipend_max_fen >= stipend_min_fen",
            name=op.f("internship_listing_stipend_whole"),
        ),
        sa.ForeignKeyConstraint(
            ["division_code"], ["core_division.id"], name=op.f("internship_listing_division_code_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["partners_organization.id"],
            name=op.f("internship_listing_organization_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("internship_listing_pkey")),
        sa.UniqueConstraint("organization_id", "external_ref", name="internship_listing_external_ref"),
    )
    op.create_index(
        "internship_listing_division",
        "internship_listing",
        ["division_code", "published_at", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'PUBLISHED'"),
    )
    op.create_index(
        "internship_listing_in_review",
        "internship_listing",
        ["updated_at"],
        unique=False,
        postgresql_where=sa.text("status = 'IN_REVIEW'"),
    )
    op.create_index(
        "internship_listing_newest",
        "internship_listing",
        ["published_at", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'PUBLISHED'"),
    )
    op.create_index(
        "internship_listing_open_until",
        "internship_listing",
        ["open_until", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'PUBLISHED'"),
    )
    op.create_index(
        "internship_listing_organization", "internship_listing", ["organization_id", "status"], unique=False
    )
    op.create_index(
        "internship_listing_stipend",
        "internship_listing",
        ["stipend_month_fen", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'PUBLISHED'"),
    )
    op.create_index(
        "internship_listing_title",
        "internship_listing",
        [sa.literal_column("lower(title)").label("title_lower")],
        unique=False,
        postgresql_ops={"title_lower": "text_pattern_ops"},
        postgresql_where=sa.text("status = 'PUBLISHED'"),
    )
    op.create_index(
        "ix_internship_listing_search_terms",
        "internship_listing",
        ["search_terms"],
        unique=False,
        postgresql_using="gin",
        postgresql_with={"gin_pending_list_limit": 256},
    )
    op.create_table(
        "partners_api_token",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "scopes <@ ARRAY['internships:read', 'internships:write', 'applications:read', 'applications:write', 'rentals:write', 'perks:verify', 'service:write']::text[]",
            name=op.f("partners_api_token_scopes_known"),
        ),
        sa.CheckConstraint("char_length(name) BETWEEN 1 AND 80", name=op.f("partners_api_token_name_length")),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["partners_organization.id"],
            name=op.f("partners_api_token_organization_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("partners_api_token_pkey")),
        sa.UniqueConstraint("secret_hash", name=op.f("partners_api_token_secret_hash_key")),
    )
    op.create_index(
        op.f("partners_api_token_organization_id_idx"),
        "partners_api_token",
        ["organization_id"],
        unique=False,
    )
    op.create_table(
        "internship_application",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("internship_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("youth_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("open_slot", sa.SmallInteger(), nullable=True),
        sa.Column("may_apply_again", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("cover_letter_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("resume_url_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("interview_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(status IN ('SUBMITTED', 'SHORTLISTED', 'INTERVIEW', 'OFFERED')) = (open_slot IS NOT NULL)",
            name=op.f("internship_application_open_holds_slot"),
        ),
        sa.CheckConstraint(
            "status IN ('SUBMITTED', 'SHORTLISTED', 'INTERVIEW', 'OFFERED', 'ACCEPTED', 'ONBOARDED', 'COMPLETED', 'REJECTED', 'DECLINED', 'WITHDRAWN')",
            name=op.f("internship_application_status_known"),
        ),
        sa.ForeignKeyConstraint(
            ["internship_id"],
            ["internship_listing.id"],
            name=op.f("internship_application_internship_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["partners_organization.id"],
            name=op.f("internship_application_organization_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["youth_id"], ["accounts_youth.id"], name=op.f("internship_application_youth_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("internship_application_pkey")),
    )
    op.create_index(
        "internship_application_changed",
        "internship_application",
        ["organization_id", "updated_at", "id"],
        unique=False,
    )
    op.create_index(
        "internship_application_of_listing",
        "internship_application",
        ["internship_id", "submitted_at", "id"],
        unique=False,
    )
    op.create_index(
        "internship_application_of_organization",
        "internship_application",
        ["organization_id", "submitted_at", "id"],
        unique=False,
    )
    op.create_index(
        "internship_application_of_youth",
        "internship_application",
        ["youth_id", "submitted_at", "id"],
        unique=False,
    )
    op.create_index(
        "internship_application_once",
        "internship_application",
        ["internship_id", "youth_id"],
        unique=True,
        postgresql_where=sa.text("NOT may_apply_again"),
    )
    op.create_index(
        "internship_application_open_slot", "internship_application", ["youth_id", "open_slot"], unique=True
    )
    op.create_index(
        "internship_application_unanswered",
        "internship_application",
        ["submitted_at"],
        unique=False,
        postgresql_where=sa.text("status = 'SUBMITTED' AND reminded_at IS NULL"),
    )
    op.create_table(
        "internship_bookmark",
        sa.Column("youth_id", sa.Uuid(), nullable=False),
        sa.Column("internship_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["internship_id"], ["internship_listing.id"], name=op.f("internship_bookmark_internship_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["youth_id"], ["accounts_youth.id"], name=op.f("internship_bookmark_youth_id_fkey")
        ),
        sa.PrimaryKeyConstraint("youth_id", "internship_id", name=op.f("internship_bookmark_pkey")),
    )
    op.create_index(
        "internship_bookmark_newest",
        "internship_bookmark",
        ["youth_id", "created_at", "internship_id"],
        unique=False,
    )
    op.create_table(
        "internship_job_fair_internship",
        sa.Column("job_fair_id", sa.Uuid(), nullable=False),
        sa.Column("internship_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["internship_id"],
            ["internship_listing.id"],
            name=op.f("internship_job_fair_internship_internship_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["job_fair_id"],
            ["internship_job_fair.id"],
            name=op.f("internship_job_fair_internship_job_fair_id_fkey"),
        ),
        sa.PrimaryKeyConstraint(
            "job_fair_id", "internship_id", name=op.f("internship_job_fair_internship_pkey")
        ),
    )
    op.create_index(
        op.f("internship_job_fair_internship_internship_id_idx"),
        "internship_job_fair_internship",
        ["internship_id"],
        unique=False,
    )
    op.create_table(
        "internship_told_match",
        sa.Column("search_id", sa.Uuid(), nullable=False),
        sa.Column("internship_id", sa.Uuid(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["internship_id"],
            ["internship_listing.id"],
            name=op.f("internship_told_match_internship_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["search_id"],
            ["internship_saved_search.id"],
            name=op.f("internship_told_match_search_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("search_id", "internship_id", name=op.f("internship_told_match_pkey")),
    )


def downgrade() -> None:
    op.drop_table("internship_told_match")
    op.drop_index(
        op.f("internship_job_fair_internship_internship_id_idx"), table_name="internship_job_fair_internship"
    )
    op.drop_table("internship_job_fair_internship")
    op.drop_index("internship_bookmark_newest", table_name="internship_bookmark")
    op.drop_table("internship_bookmark")
    op.drop_index(
        "internship_application_unanswered",
        table_name="internship_application",
        postgresql_where=sa.text("status = 'SUBMITTED' AND reminded_at IS NULL"),
    )
    op.drop_index("internship_application_open_slot", table_name="internship_application")
    op.drop_index(
        "internship_application_once",
        table_name="internship_application",
        postgresql_where=sa.text("NOT may_apply_again"),
    )
    op.drop_index("internship_application_of_youth", table_name="internship_application")
    op.drop_index("internship_application_of_organization", table_name="internship_application")
    op.drop_index("internship_application_of_listing", table_name="internship_application")
    op.drop_index("internship_application_changed", table_name="internship_application")
    op.drop_table("internship_application")
    op.drop_index(op.f("partners_api_token_organization_id_idx"), table_name="partners_api_token")
    op.drop_table("partners_api_token")
    op.drop_index(
        "ix_internship_listing_search_terms",
        table_name="internship_listing",
        postgresql_using="gin",
        postgresql_with={"gin_pending_list_limit": 256},
    )
    op.drop_index(
        "internship_listing_title",
        table_name="internship_listing",
        postgresql_ops={"title_lower": "text_pattern_ops"},
        postgresql_where=sa.text("status = 'PUBLISHED'"),
    )
    op.drop_index(
        "internship_listing_stipend",
        table_name="internship_listing",
        postgresql_where=sa.text("status = 'PUBLISHED'"),
    )
    op.drop_index("internship_listing_organization", table_name="internship_listing")
    op.drop_index(
        "internship_listing_open_until",
        table_name="internship_listing",
        postgresql_where=sa.text("status = 'PUBLISHED'"),
    )
    op.drop_index(
        "internship_listing_newest",
        table_name="internship_listing",
        postgresql_where=sa.text("status = 'PUBLISHED'"),
    )
    op.drop_index(
        "internship_listing_in_review",
        table_name="internship_listing",
        postgresql_where=sa.text("status = 'IN_REVIEW'"),
    )
    op.drop_index(
        "internship_listing_division",
        table_name="internship_listing",
        postgresql_where=sa.text("status = 'PUBLISHED'"),
    )
    op.drop_table("internship_listing")
    op.drop_index(
        op.f("internship_job_fair_organization_organization_id_idx"),
        table_name="internship_job_fair_organization",
    )
    op.drop_table("internship_job_fair_organization")
    op.drop_index("partners_organization_unit", table_name="partners_organization")
    op.drop_index("partners_organization_terms", table_name="partners_organization", postgresql_using="gin")
    op.drop_index("partners_organization_newest", table_name="partners_organization")
    op.drop_index("partners_organization_division", table_name="partners_organization")
    op.drop_table("partners_organization")
    op.drop_index(op.f("internship_saved_search_youth_id_idx"), table_name="internship_saved_search")
    op.drop_table("internship_saved_search")
    op.drop_index(op.f("internship_job_fair_unit_id_idx"), table_name="internship_job_fair")
    op.drop_index("internship_job_fair_starts", table_name="internship_job_fair")
    op.drop_table("internship_job_fair")
    op.drop_index(op.f("accounts_staff_unit_id_idx"), table_name="accounts_staff")
    op.drop_table("accounts_staff")
    op.drop_index(
        "accounts_consent_current",
        table_name="accounts_consent",
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.drop_table("accounts_consent")
    op.drop_table("accounts_youth")
    op.drop_index("accounts_unit_path", table_name="accounts_unit", postgresql_using="gin")
    op.drop_index(op.f("accounts_unit_parent_id_idx"), table_name="accounts_unit")
    op.drop_index(
        "accounts_unit_division",
        table_name="accounts_unit",
        postgresql_where=sa.text("level IN ('PROVINCE', 'CITY', 'COUNTY')"),
    )
    op.drop_table("accounts_unit")
    op.drop_index("core_state_event_subject", table_name="core_state_event")
    op.drop_table("core_state_event")
    op.drop_table("core_schedule_slot")
    op.drop_table("core_policy")
    op.drop_index(
        "core_outbox_event_due",
        table_name="core_outbox_event",
        postgresql_where=sa.text("done_at IS NULL AND dead_at IS NULL"),
    )
    op.drop_index(
        "core_outbox_event_done",
        table_name="core_outbox_event",
        postgresql_where=sa.text("done_at IS NOT NULL"),
    )
    op.drop_index(
        "core_outbox_event_dead",
        table_name="core_outbox_event",
        postgresql_where=sa.text("dead_at IS NOT NULL"),
    )
    op.drop_table("core_outbox_event")
    op.drop_index(
        "core_notification_unread",
        table_name="core_notification",
        postgresql_where=sa.text("read_at IS NULL"),
    )
    op.drop_index("core_notification_inbox", table_name="core_notification")
    op.drop_table("core_notification")
    op.drop_index(op.f("core_idempotency_key_created_at_idx"), table_name="core_idempotency_key")
    op.drop_table("core_idempotency_key")
    op.drop_index(op.f("core_division_parent_code_idx"), table_name="core_division")
    op.drop_table("core_division")
