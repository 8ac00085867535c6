"""Volunteering: the ledger and its records, perks with their redemptions, the care fund with its claims."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Trusted: whoever owns the database may make it. An exclusion over ids and times needs it.
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist SCHEMA public")
    op.create_table(
        "volunteering_fund",
        sa.Column("number", sa.SmallInteger(), nullable=False, autoincrement=False),
        sa.Column("holds_fen", sa.BigInteger(), nullable=False),
        sa.Column("given_fen", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint(
            "given_fen BETWEEN 0 AND holds_fen", name=op.f("volunteering_fund_never_more_than_it_holds")
        ),
        sa.CheckConstraint("number = 1", name=op.f("volunteering_fund_only_one")),
        sa.PrimaryKeyConstraint("number", name=op.f("volunteering_fund_pkey")),
    )
    op.create_table(
        "volunteering_unknown_phone",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("volunteering_unknown_phone_pkey")),
    )
    op.create_index(
        op.f("volunteering_unknown_phone_created_at_idx"),
        "volunteering_unknown_phone",
        ["created_at"],
        unique=False,
    )
    op.create_table(
        "volunteering_account",
        sa.Column("volunteer_id", sa.Uuid(), nullable=False),
        sa.Column("service_minutes", sa.Integer(), server_default="0", nullable=False),
        sa.Column("consumed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("points", sa.Integer(), server_default="0", nullable=False),
        sa.Column("stars", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("entries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.Column("lapses_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("consumed >= 0", name=op.f("volunteering_account_consumed_not_negative")),
        sa.CheckConstraint("octet_length(head) = 32", name=op.f("volunteering_account_head_is_a_hash")),
        sa.CheckConstraint(
            "points = GREATEST(service_minutes / 60 - consumed, 0)",
            name=op.f("volunteering_account_balance_follows"),
        ),
        sa.CheckConstraint("service_minutes >= 0", name=op.f("volunteering_account_minutes_not_negative")),
        sa.CheckConstraint(
            "stars = CASE WHEN service_minutes >= 90000 THEN 5 WHEN service_minutes >= 60000 THEN 4 WHEN service_minutes >= 36000 THEN 3 WHEN service_minutes >= 18000 THEN 2 WHEN service_minutes >= 6000 THEN 1 ELSE 0 END",
            name=op.f("volunteering_account_stars_follow"),
        ),
        sa.ForeignKeyConstraint(
            ["volunteer_id"], ["accounts_youth.id"], name=op.f("volunteering_account_volunteer_id_fkey")
        ),
        sa.PrimaryKeyConstraint("volunteer_id", name=op.f("volunteering_account_pkey")),
    )
    op.create_index(
        "volunteering_account_lapses",
        "volunteering_account",
        ["lapses_at"],
        unique=False,
        postgresql_where=sa.text("lapses_at IS NOT NULL"),
    )
    op.create_table(
        "volunteering_claim",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("claimant_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("description_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("amount_fen", sa.Integer(), nullable=False),
        sa.Column("approved_fen", sa.Integer(), nullable=True),
        sa.Column("approvers", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("needs", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "reason IN ('SERIOUS_ILLNESS', 'ACCIDENT')", name=op.f("volunteering_claim_reason_known")
        ),
        sa.CheckConstraint(
            "status IN ('SUBMITTED', 'APPROVED', 'REJECTED', 'PAID')",
            name=op.f("volunteering_claim_status_known"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('APPROVED', 'PAID') OR (approved_fen IS NOT NULL AND cardinality(approvers) >= needs)",
            name=op.f("volunteering_claim_approved_by_enough"),
        ),
        sa.CheckConstraint("amount_fen > 0", name=op.f("volunteering_claim_amount_positive")),
        sa.CheckConstraint(
            "approved_fen > 0 AND approved_fen <= amount_fen", name=op.f("volunteering_claim_approved_within")
        ),
        sa.CheckConstraint(
            "cardinality(approvers) < 2 OR approvers[1] <> approvers[2]",
            name=op.f("volunteering_claim_approvers_differ"),
        ),
        sa.ForeignKeyConstraint(
            ["claimant_id"], ["accounts_youth.id"], name=op.f("volunteering_claim_claimant_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["accounts_unit.id"], name=op.f("volunteering_claim_unit_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("volunteering_claim_pkey")),
    )
    op.create_index(
        "volunteering_claim_of_volunteer",
        "volunteering_claim",
        ["claimant_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        "volunteering_claim_one_open",
        "volunteering_claim",
        ["claimant_id", "reason"],
        unique=True,
        postgresql_where=sa.text("status = 'SUBMITTED'"),
    )
    op.create_index(op.f("volunteering_claim_unit_id_idx"), "volunteering_claim", ["unit_id"], unique=False)
    op.create_index(
        "volunteering_claim_waits",
        "volunteering_claim",
        ["created_at", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'SUBMITTED'"),
    )
    op.create_table(
        "volunteering_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("volunteer_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("minutes_after", sa.Integer(), nullable=False),
        sa.Column("consumed_after", sa.Integer(), nullable=False),
        sa.Column("balance_after", sa.Integer(), nullable=False),
        sa.Column("stars_after", sa.SmallInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("record_id", sa.Uuid(), nullable=True),
        sa.Column("redemption_id", sa.Uuid(), nullable=True),
        sa.Column("evidence", sa.LargeBinary(), nullable=True),
        sa.Column("previous_hash", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'SERVICE') = (expires_at IS NOT NULL)", name=op.f("volunteering_entry_service_lapses")
        ),
        sa.CheckConstraint(
            "(kind IN ('REDEMPTION', 'REFUND')) = (redemption_id IS NOT NULL)",
            name=op.f("volunteering_entry_redemption_named"),
        ),
        sa.CheckConstraint(
            "(kind IN ('SERVICE', 'CORRECTION')) = (record_id IS NOT NULL)",
            name=op.f("volunteering_entry_service_of_a_record"),
        ),
        sa.CheckConstraint(
            "kind <> 'REDEMPTION' OR consumed_after <= minutes_after / 60",
            name=op.f("volunteering_entry_spent_what_is_there"),
        ),
        sa.CheckConstraint(
            "kind IN ('SERVICE', 'CORRECTION', 'REDEMPTION', 'REFUND', 'EXPIRY')",
            name=op.f("volunteering_entry_kind_known"),
        ),
        sa.CheckConstraint(
            "balance_after = GREATEST(minutes_after / 60 - consumed_after, 0)",
            name=op.f("volunteering_entry_balance_follows"),
        ),
        sa.CheckConstraint("consumed_after >= 0", name=op.f("volunteering_entry_consumed_not_negative")),
        sa.CheckConstraint("minutes_after >= 0", name=op.f("volunteering_entry_minutes_not_negative")),
        sa.CheckConstraint(
            "octet_length(hash) = 32 AND octet_length(previous_hash) = 32",
            name=op.f("volunteering_entry_hashes_whole"),
        ),
        sa.CheckConstraint("sequence >= 1", name=op.f("volunteering_entry_sequence_from_one")),
        sa.CheckConstraint(
            "stars_after = CASE WHEN minutes_after >= 90000 THEN 5 WHEN minutes_after >= 60000 THEN 4 WHEN minutes_after >= 36000 THEN 3 WHEN minutes_after >= 18000 THEN 2 WHEN minutes_after >= 6000 THEN 1 ELSE 0 END",
            name=op.f("volunteering_entry_stars_follow"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["partners_organization.id"],
            name=op.f("volunteering_entry_organization_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["volunteer_id"], ["accounts_youth.id"], name=op.f("volunteering_entry_volunteer_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("volunteering_entry_pkey")),
        sa.UniqueConstraint("volunteer_id", "sequence", name="volunteering_entry_place"),
    )
    op.create_index(
        "volunteering_entry_redemption_once",
        "volunteering_entry",
        ["redemption_id", "kind"],
        unique=True,
        postgresql_where=sa.text("redemption_id IS NOT NULL"),
    )
    op.create_index(
        "volunteering_entry_service_once",
        "volunteering_entry",
        ["record_id"],
        unique=True,
        postgresql_where=sa.text("kind = 'SERVICE'"),
    )
    op.create_table(
        "volunteering_perk",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("merchant_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("division_codes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("min_stars", sa.SmallInteger(), nullable=False),
        sa.Column("points_cost", sa.Integer(), nullable=False),
        sa.Column("stock", sa.Integer(), nullable=True),
        sa.Column("taken", sa.Integer(), server_default="0", nullable=False),
        sa.Column("per_person_limit", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("redeem_within_days", sa.SmallInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("search_terms", postgresql.TSVECTOR(), nullable=False),
        sa.CheckConstraint(
            "category IN ('TRAVEL', 'CULTURE', 'DINING', 'SHOPPING', 'HEALTH', 'EDUCATION', 'FINANCE', 'TRANSPORT', 'INSURANCE', 'OTHER')",
            name=op.f("volunteering_perk_category_known"),
        ),
        sa.CheckConstraint(
            "char_length(description) BETWEEN 1 AND 4000", name=op.f("volunteering_perk_description_length")
        ),
        sa.CheckConstraint(
            "char_length(title) BETWEEN 1 AND 80", name=op.f("volunteering_perk_title_length")
        ),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("volunteering_perk_ends_after_it_starts")),
        sa.CheckConstraint("min_stars BETWEEN 0 AND 5", name=op.f("volunteering_perk_min_stars_in_range")),
        sa.CheckConstraint(
            "per_person_limit BETWEEN 1 AND 1000", name=op.f("volunteering_perk_per_person_in_range")
        ),
        sa.CheckConstraint(
            "points_cost BETWEEN 0 AND 100000", name=op.f("volunteering_perk_points_cost_in_range")
        ),
        sa.CheckConstraint(
            "redeem_within_days BETWEEN 1 AND 366", name=op.f("volunteering_perk_redeem_within_in_range")
        ),
        sa.CheckConstraint("stock BETWEEN 0 AND 10000000", name=op.f("volunteering_perk_stock_in_range")),
        sa.CheckConstraint(
            "taken >= 0 AND taken <= COALESCE(stock, taken)", name=op.f("volunteering_perk_never_oversold")
        ),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["partners_organization.id"], name=op.f("volunteering_perk_merchant_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("volunteering_perk_pkey")),
    )
    op.create_index(
        "volunteering_perk_words",
        "volunteering_perk",
        ["search_terms"],
        unique=False,
        postgresql_using="gin",
        postgresql_with={"gin_pending_list_limit": 256},
    )
    op.create_index(
        "volunteering_perk_divisions",
        "volunteering_perk",
        ["division_codes"],
        unique=False,
        postgresql_using="gin",
    )
    op.create_index("volunteering_perk_merchant", "volunteering_perk", ["merchant_id", "id"], unique=False)
    op.create_index("volunteering_perk_newest", "volunteering_perk", ["created_at", "id"], unique=False)
    op.create_table(
        "volunteering_record",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("external_ref", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("volunteer_id", sa.Uuid(), nullable=True),
        sa.Column("activity", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("minutes", sa.SmallInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("waits_for", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("person_id"), "="),
            (sa.text("tstzrange(started_at, ended_at)"), "&&"),
            where=sa.text("status <> 'REJECTED' AND minutes > 0"),
            using="gist",
            name="volunteering_record_one_place_at_a_time",
        ),
        sa.CheckConstraint(
            "(status = 'PENDING') = (waits_for IS NOT NULL)",
            name=op.f("volunteering_record_waits_for_somebody"),
        ),
        sa.CheckConstraint(
            "ended_at > started_at AND ended_at - started_at <= interval '1 day'",
            name=op.f("volunteering_record_a_day_at_most"),
        ),
        sa.CheckConstraint(
            "status IN ('PENDING', 'POSTED', 'REJECTED')", name=op.f("volunteering_record_status_known")
        ),
        sa.CheckConstraint(
            "waits_for IN ('UNIT', 'PROVINCE')", name=op.f("volunteering_record_waits_for_known")
        ),
        sa.CheckConstraint(
            "char_length(activity) BETWEEN 1 AND 200", name=op.f("volunteering_record_activity_length")
        ),
        sa.CheckConstraint(
            "char_length(external_ref) BETWEEN 1 AND 100", name=op.f("volunteering_record_ref_length")
        ),
        sa.CheckConstraint(
            "char_length(note) BETWEEN 1 AND 1000", name=op.f("volunteering_record_note_length")
        ),
        sa.CheckConstraint("minutes BETWEEN 0 AND 1440", name=op.f("volunteering_record_minutes_of_a_day")),
        sa.CheckConstraint(
            "volunteer_id IS NULL OR person_id = volunteer_id", name=op.f("volunteering_record_of_the_person")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["partners_organization.id"],
            name=op.f("volunteering_record_organization_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["volunteer_id"], ["accounts_youth.id"], name=op.f("volunteering_record_volunteer_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("volunteering_record_pkey")),
        sa.UniqueConstraint("organization_id", "external_ref", name="volunteering_record_once"),
    )
    op.create_index(
        "volunteering_record_of_volunteer",
        "volunteering_record",
        ["volunteer_id", "recorded_at", "id"],
        unique=False,
    )
    op.create_index(
        "volunteering_record_unknown",
        "volunteering_record",
        ["recorded_at"],
        unique=False,
        postgresql_where=sa.text("volunteer_id IS NULL"),
    )
    op.create_index(
        "volunteering_record_waits",
        "volunteering_record",
        ["recorded_at", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'PENDING'"),
    )
    op.create_table(
        "volunteering_redemption",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("perk_id", sa.Uuid(), nullable=False),
        sa.Column("volunteer_id", sa.Uuid(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("code_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("code_index", sa.LargeBinary(), nullable=True),
        sa.Column("key_id", sa.Text(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(status = 'USED') = (used_at IS NOT NULL)",
            name=op.f("volunteering_redemption_used_when_and_where"),
        ),
        sa.CheckConstraint(
            "status IN ('ISSUED', 'USED', 'CANCELLED', 'EXPIRED')",
            name=op.f("volunteering_redemption_status_known"),
        ),
        sa.CheckConstraint("points >= 0", name=op.f("volunteering_redemption_points_not_negative")),
        sa.CheckConstraint("turn BETWEEN 1 AND most", name=op.f("volunteering_redemption_within_the_limit")),
        sa.ForeignKeyConstraint(
            ["perk_id"], ["volunteering_perk.id"], name=op.f("volunteering_redemption_perk_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["volunteer_id"], ["accounts_youth.id"], name=op.f("volunteering_redemption_volunteer_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("volunteering_redemption_pkey")),
    )
    op.create_index("volunteering_redemption_code", "volunteering_redemption", ["code_index"], unique=True)
    op.create_index(
        "volunteering_redemption_of_volunteer",
        "volunteering_redemption",
        ["volunteer_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        "volunteering_redemption_runs_out",
        "volunteering_redemption",
        ["expires_at"],
        unique=False,
        postgresql_where=sa.text("status = 'ISSUED'"),
    )
    op.create_index(
        "volunteering_redemption_turns",
        "volunteering_redemption",
        ["perk_id", "volunteer_id", "turn"],
        unique=True,
        postgresql_where=sa.text("status IN ('ISSUED', 'USED')"),
    )
    # The ledger only grows: by right, and a trigger says no even to the owner and to a superuser.
    op.execute("REVOKE UPDATE, DELETE, TRUNCATE ON volunteering_entry FROM PUBLIC, CURRENT_USER")
    op.execute("""
        CREATE TRIGGER volunteering_entry_only_grows
        BEFORE UPDATE OR DELETE OR TRUNCATE ON volunteering_entry
        FOR EACH STATEMENT EXECUTE FUNCTION core_only_grows()
    """)


def downgrade() -> None:
    for table in ("redemption", "perk", "entry", "record", "claim", "account", "unknown_phone", "fund"):
        op.drop_table(f"volunteering_{table}")
