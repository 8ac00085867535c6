"""A report of a guest knows the case that it opened."""

from alembic import op

from infra.concurrently import build

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TABLE, KEY, INDEX = "matchmaking_report", "matchmaking_report_case_id_fkey", "matchmaking_report_case_id_idx"


def upgrade() -> None:
    op.execute(f"ALTER TABLE {TABLE} ADD COLUMN IF NOT EXISTS case_id uuid")
    # Only what a run that was cut off has left behind.
    op.execute(f"-- squawk-ignore ban-drop-constraint\nALTER TABLE {TABLE} DROP CONSTRAINT IF EXISTS {KEY}")
    op.execute(
        f"ALTER TABLE {TABLE} ADD CONSTRAINT {KEY} FOREIGN KEY (case_id) REFERENCES cases_case (id) NOT VALID"
    )
    with op.get_context().autocommit_block():
        op.execute(f"ALTER TABLE {TABLE} VALIDATE CONSTRAINT {KEY}")
    build(INDEX, TABLE, ["case_id"])


def downgrade() -> None:
    op.drop_column(TABLE, "case_id")
