"""Claims that wait for the registry of persons, how often a day a name is tried, and which API token follows another."""

import sqlalchemy as sa
from alembic import op

from infra.concurrently import build

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The indexes end this transaction: a run that is cut off among them comes here again.
    for column in (
        sa.Column("registry_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("registry_tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("real_name_claimed_on", sa.Date(), nullable=True),
        sa.Column("real_name_claims", sa.Integer(), server_default="0", nullable=False),
    ):
        op.add_column("accounts_youth", column, if_not_exists=True)
    op.add_column(
        "partners_api_token", sa.Column("replaces_id", sa.Uuid(), nullable=True), if_not_exists=True
    )
    build(
        "accounts_youth_registry_due",
        "accounts_youth",
        [sa.text("registry_due_at NULLS FIRST"), "id"],
        postgresql_where=sa.text("real_name_status = 'PENDING'"),
    )
    build("partners_api_token_successor", "partners_api_token", ["replaces_id"], unique=True)


def downgrade() -> None:
    op.drop_column("partners_api_token", "replaces_id")
    op.drop_index("accounts_youth_registry_due", table_name="accounts_youth")
    for name in ("real_name_claims", "real_name_claimed_on", "registry_tries", "registry_due_at"):
        op.drop_column("accounts_youth", name)
