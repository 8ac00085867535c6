"""By what WeChat and the province's unified identity know a youth."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "accounts_external_identity",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("youth_id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("realm", sa.Text(), nullable=False),
        sa.Column("subject_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "provider IN ('WECHAT_OPENID', 'WECHAT_UNIONID', 'OIDC')",
            name=op.f("accounts_external_identity_provider_known"),
        ),
        sa.ForeignKeyConstraint(
            ["youth_id"], ["accounts_youth.id"], name=op.f("accounts_external_identity_youth_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("accounts_external_identity_pkey")),
        sa.UniqueConstraint("youth_id", "provider", "realm", name="accounts_external_identity_one_of_each"),
    )


def downgrade() -> None:
    op.drop_table("accounts_external_identity")
