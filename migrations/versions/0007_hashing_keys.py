"""Tokens remember by which root key they are hashed; of those made before, nobody knows until they are used."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("accounts_refresh_token", "partners_api_token"):
        op.add_column(table, sa.Column("key_id", sa.Text(), nullable=True))


def downgrade() -> None:
    for table in ("partners_api_token", "accounts_refresh_token"):
        op.drop_column(table, "key_id")
