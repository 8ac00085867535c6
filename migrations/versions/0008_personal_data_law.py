"""Copies of personal data, erasures of accounts, and the indexes by which what is held about a youth is found."""

import sqlalchemy as sa
from alembic import op

from infra.concurrently import build

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

INDEXES = (
    ("accounts_consent_youth", "accounts_consent", "youth_id", None),
    ("accounts_session_subject", "accounts_session", "subject_id", None),
    (
        "core_outbox_event_youth",
        "core_outbox_event",
        "(payload ->> 'youth_id')",
        "payload ->> 'youth_id' IS NOT NULL",
    ),
    ("core_state_event_youth", "core_state_event", "actor", "actor LIKE 'youth:%'"),
)


def upgrade() -> None:
    # First: what follows cannot be run again.
    for name, table, column, where in INDEXES:
        build(name, table, [sa.text(column)], postgresql_where=sa.text(where) if where else None)
    op.add_column("accounts_youth", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "accounts_data_export",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("youth_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("size", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("downloads", sa.Integer(), server_default="0", nullable=False),
        sa.Column("downloaded_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(ready_at IS NULL) = (expires_at IS NULL)", name=op.f("accounts_data_export_ready_until")
        ),
        sa.ForeignKeyConstraint(
            ["youth_id"], ["accounts_youth.id"], name=op.f("accounts_data_export_youth_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("accounts_data_export_pkey")),
    )
    op.create_index("accounts_data_export_youth", "accounts_data_export", ["youth_id", "id"])
    op.create_index(
        "accounts_data_export_due",
        "accounts_data_export",
        ["due_at"],
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_table(
        "accounts_data_export_part",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("export_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["export_id"],
            ["accounts_data_export.id"],
            name=op.f("accounts_data_export_part_export_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("accounts_data_export_part_pkey")),
        sa.UniqueConstraint("export_id", "number", name="accounts_data_export_part_order"),
    )
    op.create_table(
        "accounts_erasure",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("youth_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("erases_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("receipt", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "cancelled_at IS NULL OR erased_at IS NULL", name=op.f("accounts_erasure_not_both")
        ),
        sa.CheckConstraint(
            "(erased_at IS NULL) = (receipt IS NULL)", name=op.f("accounts_erasure_erased_with_receipt")
        ),
        sa.ForeignKeyConstraint(
            ["youth_id"], ["accounts_youth.id"], name=op.f("accounts_erasure_youth_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("accounts_erasure_pkey")),
        sa.UniqueConstraint("code_hash", name=op.f("accounts_erasure_code_hash_key")),
    )
    op.create_index("accounts_erasure_youth", "accounts_erasure", ["youth_id", "id"])
    op.create_index(
        "accounts_erasure_standing",
        "accounts_erasure",
        ["youth_id"],
        unique=True,
        postgresql_where=sa.text("cancelled_at IS NULL"),
    )
    op.create_index(
        "accounts_erasure_due", "accounts_erasure", ["due_at"], postgresql_where=sa.text("due_at IS NOT NULL")
    )


def downgrade() -> None:
    op.drop_table("accounts_erasure")
    op.drop_table("accounts_data_export_part")
    op.drop_table("accounts_data_export")
    op.drop_column("accounts_youth", "erased_at")
    for name, table, _, _ in INDEXES:
        op.drop_index(name, table_name=table)
