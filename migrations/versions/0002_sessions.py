"""Sessions of people, and the refresh tokens that carry them on."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "accounts_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("bearer", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("device", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("bearer IN ('youth', 'staff')", name=op.f("accounts_session_bearer_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("accounts_session_pkey")),
    )
    op.create_index(
        "accounts_session_live",
        "accounts_session",
        ["subject_id", "id"],
        unique=False,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "accounts_refresh_token",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("key_hash", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["session_id"], ["accounts_session.id"], name=op.f("accounts_refresh_token_session_id_fkey")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("accounts_refresh_token_pkey")),
    )
    op.create_index(
        op.f("accounts_refresh_token_expires_at_idx"), "accounts_refresh_token", ["expires_at"], unique=False
    )
    op.create_index(
        op.f("accounts_refresh_token_session_id_idx"), "accounts_refresh_token", ["session_id"], unique=False
    )


def downgrade() -> None:
    op.drop_index(op.f("accounts_refresh_token_session_id_idx"), table_name="accounts_refresh_token")
    op.drop_index(op.f("accounts_refresh_token_expires_at_idx"), table_name="accounts_refresh_token")
    op.drop_table("accounts_refresh_token")
    op.drop_index(
        "accounts_session_live", table_name="accounts_session", postgresql_where=sa.text("ended_at IS NULL")
    )
    op.drop_table("accounts_session")
