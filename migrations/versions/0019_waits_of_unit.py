"""
A service record that waits for its organization's unit knows that unit, so that a page of what waits there is read by an index.

The database keeps it: whatever version of the server writes records or moves organizations, it is right.
"""

import sqlalchemy as sa
from alembic import op

from infra.concurrently import build

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

TABLE, CHECK = "volunteering_record", "volunteering_record_unit_while_it_decides"

# The organization is held, so that whoever is moving it elsewhere comes before or after. What is inserted is written to once more,
# as a trigger before an insert would slow down every COPY.
WAITS = """
    CREATE OR REPLACE FUNCTION volunteering_record_waits_of_unit() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        deciding uuid;
    BEGIN
        IF NEW.waits_for = 'UNIT' THEN
            SELECT unit_id INTO deciding FROM partners_organization WHERE id = NEW.organization_id FOR SHARE;
        END IF;
        IF TG_WHEN = 'BEFORE' THEN
            NEW.unit_id := deciding;
            RETURN NEW;
        END IF;
        UPDATE volunteering_record SET unit_id = deciding WHERE id = NEW.id;
        RETURN NULL;
    END $$
"""
MOVES = """
    CREATE OR REPLACE FUNCTION volunteering_record_moves_with_organization() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        UPDATE volunteering_record SET unit_id = NEW.unit_id WHERE organization_id = NEW.id AND waits_for = 'UNIT';
        RETURN NULL;
    END $$
"""
TRIGGERS = (
    """
    CREATE OR REPLACE TRIGGER volunteering_record_begins_to_wait AFTER INSERT ON volunteering_record
    FOR EACH ROW WHEN (NEW.waits_for = 'UNIT' AND NEW.unit_id IS NULL)
    EXECUTE FUNCTION volunteering_record_waits_of_unit()
    """,
    """
    CREATE OR REPLACE TRIGGER volunteering_record_waits_for_another BEFORE UPDATE OF waits_for ON volunteering_record
    FOR EACH ROW WHEN (NEW.waits_for IS DISTINCT FROM OLD.waits_for)
    EXECUTE FUNCTION volunteering_record_waits_of_unit()
    """,
    """
    CREATE OR REPLACE TRIGGER partners_organization_moves AFTER UPDATE OF unit_id ON partners_organization
    FOR EACH ROW WHEN (NEW.unit_id IS DISTINCT FROM OLD.unit_id)
    EXECUTE FUNCTION volunteering_record_moves_with_organization()
    """,
)
# Each is held as `volunteering_record_waits_of_unit` holds it.
KNOWN = """
    UPDATE volunteering_record SET unit_id = held.unit_id
    FROM (SELECT id, unit_id FROM partners_organization ORDER BY id FOR SHARE) AS held
    WHERE held.id = volunteering_record.organization_id AND waits_for = 'UNIT' AND volunteering_record.unit_id IS NULL
"""


def upgrade() -> None:
    op.execute(f"ALTER TABLE {TABLE} ADD COLUMN IF NOT EXISTS unit_id uuid")
    for statement in (WAITS, MOVES, *TRIGGERS):
        op.execute(statement)
    # Only what a run that was cut off has left behind.
    op.execute(f"-- squawk-ignore ban-drop-constraint\nALTER TABLE {TABLE} DROP CONSTRAINT IF EXISTS {CHECK}")
    op.execute(
        f"ALTER TABLE {TABLE} ADD CONSTRAINT {CHECK} CHECK (unit_id IS NULL OR waits_for = 'UNIT') NOT VALID"
    )
    with op.get_context().autocommit_block():
        op.execute(f"ALTER TABLE {TABLE} VALIDATE CONSTRAINT {CHECK}")
        op.execute(KNOWN)
    build(
        "volunteering_record_waits_of_unit",
        TABLE,
        ["unit_id", "recorded_at", "id"],
        postgresql_where=sa.text("waits_for = 'UNIT'"),
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER partners_organization_moves ON partners_organization")
    op.execute("DROP TRIGGER volunteering_record_waits_for_another ON volunteering_record")
    op.execute("DROP TRIGGER volunteering_record_begins_to_wait ON volunteering_record")
    op.execute("DROP FUNCTION volunteering_record_moves_with_organization()")
    op.execute("DROP FUNCTION volunteering_record_waits_of_unit()")
    op.drop_column(TABLE, "unit_id")
