"""The second factor of staff and their recovery codes; the tree of units, which the database itself keeps a tree."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# Each with what squawk would rather have otherwise. The tree holds some hundreds of rows: to rewrite it, and to look at all
# of it under a lock, takes milliseconds.
TREE = (
    (
        "adding-field-with-default",
        "ADD COLUMN above uuid[] GENERATED ALWAYS AS (path[1:cardinality(path) - 1]) STORED NOT NULL",
    ),
    (
        "disallowed-unique-constraint, constraint-missing-not-valid",
        "ADD CONSTRAINT accounts_unit_place UNIQUE (id, path)",
    ),
    (
        "adding-foreign-key-constraint, constraint-missing-not-valid",
        (
            "ADD CONSTRAINT accounts_unit_below_parent"
            " FOREIGN KEY (parent_id, above) REFERENCES accounts_unit (id, path)"
        ),
    ),
    (
        "constraint-missing-not-valid",
        (
            "ADD CONSTRAINT accounts_unit_path_comes_from_parent"
            " CHECK (parent_id IS NOT DISTINCT FROM path[cardinality(path) - 1])"
        ),
    ),
    (
        "constraint-missing-not-valid",
        "ADD CONSTRAINT accounts_unit_path_not_too_long CHECK (cardinality(path) <= 12)",
    ),
    (
        "constraint-missing-not-valid",
        (
            "ADD CONSTRAINT accounts_unit_territory_named"
            " CHECK (level NOT IN ('PROVINCE', 'CITY', 'COUNTY') OR division_code IS NOT NULL)"
        ),
    ),
)


def upgrade() -> None:
    for left_out, change in TREE:
        op.execute(f"-- squawk-ignore {left_out}\nALTER TABLE accounts_unit {change}")
    op.add_column("accounts_staff", sa.Column("totp_sealed", sa.LargeBinary(), nullable=True))
    op.add_column("accounts_staff", sa.Column("totp_step", sa.BigInteger(), nullable=True))
    op.create_table(
        "accounts_recovery_code",
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["accounts_staff.id"], name=op.f("accounts_recovery_code_staff_id_fkey")
        ),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("accounts_recovery_code_pkey")),
    )
    op.create_index(
        op.f("accounts_recovery_code_staff_id_idx"), "accounts_recovery_code", ["staff_id"], unique=False
    )


def downgrade() -> None:
    op.drop_table("accounts_recovery_code")
    op.drop_column("accounts_staff", "totp_step")
    op.drop_column("accounts_staff", "totp_sealed")
    for name in ("territory_named", "path_not_too_long", "path_comes_from_parent", "below_parent", "place"):
        op.drop_constraint(f"accounts_unit_{name}", "accounts_unit")
    op.drop_column("accounts_unit", "above")
