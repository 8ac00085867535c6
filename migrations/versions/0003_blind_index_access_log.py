"""Blind indexes in a table of their own, unique under every key of the ring; the access log, which only grows."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# The id of the key stands in front of a sealed field: 1 byte form, 1 byte length, the id.
MOVED = """
    INSERT INTO core_blind_index (purpose, digest, key_id, owner_id)
    SELECT '{purpose}', {index},
        convert_from(substr({sealed}, 3, get_byte({sealed}, 1)), 'UTF8'), id
    FROM accounts_youth WHERE {index} IS NOT NULL AND {sealed} IS NOT NULL
"""

ONLY_GROWS = """
    CREATE FUNCTION core_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'rows of % are only ever added', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
    END $$
"""


def upgrade() -> None:
    op.create_table(
        "core_blind_index",
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("purpose", "digest", name=op.f("core_blind_index_pkey")),
    )
    op.create_index("core_blind_index_owner", "core_blind_index", ["owner_id", "purpose"], unique=False)
    op.execute(MOVED.format(purpose="phone", index="phone_index", sealed="phone_sealed"))
    op.execute(MOVED.format(purpose="identity", index="identity_index", sealed="identity_sealed"))
    # Nothing was released that reads these columns.
    for table, column in (
        ("accounts_youth", "phone_index"),
        ("accounts_youth", "identity_index"),
        ("accounts_staff", "phone_index"),
    ):
        op.execute(f"-- squawk-ignore ban-drop-column\nALTER TABLE {table} DROP COLUMN {column}")

    op.create_table(
        "accounts_access_log",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("youth_id", sa.Uuid(), nullable=True),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("fields", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("look", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "actor_kind IN ('STAFF', 'ORGANIZATION')", name=op.f("accounts_access_log_actor_kind_known")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["accounts_unit.id"], name=op.f("accounts_access_log_unit_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["youth_id"], ["accounts_youth.id"], name=op.f("accounts_access_log_youth_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("accounts_access_log_pkey")),
        sa.UniqueConstraint("look", name=op.f("accounts_access_log_look_key")),
    )
    for name, columns in (("youth", "youth_id"), ("actor", "actor_id"), ("unit", "unit_id")):
        op.create_index(
            f"accounts_access_log_{name}", "accounts_access_log", [columns, "at", "id"], unique=False
        )
    op.execute(ONLY_GROWS)
    op.execute("""
        CREATE TRIGGER accounts_access_log_only_grows
        BEFORE UPDATE OR DELETE OR TRUNCATE ON accounts_access_log
        FOR EACH STATEMENT EXECUTE FUNCTION core_only_grows()
    """)


def downgrade() -> None:
    op.drop_table("accounts_access_log")
    op.execute("DROP FUNCTION core_only_grows()")
    op.add_column("accounts_staff", sa.Column("phone_index", sa.LargeBinary(), nullable=True))
    op.add_column("accounts_youth", sa.Column("identity_index", sa.LargeBinary(), nullable=True))
    op.add_column("accounts_youth", sa.Column("phone_index", sa.LargeBinary(), nullable=True))
    for column, purpose in (("phone_index", "phone"), ("identity_index", "identity")):
        op.execute(f"""
            UPDATE accounts_youth SET {column} = digest FROM core_blind_index
            WHERE owner_id = accounts_youth.id AND purpose = '{purpose}'
        """)
    for table, column in (
        ("accounts_staff", "phone_index"),
        ("accounts_youth", "identity_index"),
        ("accounts_youth", "phone_index"),
    ):
        op.create_unique_constraint(op.f(f"{table}_{column}_key"), table, [column])
    op.drop_table("core_blind_index")
