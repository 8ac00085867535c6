"""Rentals by the words of all searches, places on the globe by an index of distances, and listings whose bodies lie elsewhere."""

import sqlalchemy as sa
from alembic import op

from infra.concurrently import build, drop

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def on_globe() -> sa.TextClause:
    """A place as a point of the sphere of radius 1; off it where there is none."""
    across = "cos(radians(latitude)) * %s(radians(longitude))"
    point = f"cube(cube(cube({across % 'cos'}), {across % 'sin'}), sin(radians(latitude)))"
    return sa.text(f"COALESCE({point}, cube(4::double precision))")


def upgrade() -> None:
    # What is long of a listing lies beside its row: a search visits many rows and reads no bodies.
    # By published_at it knows how far back so many rows go.
    op.execute("CREATE EXTENSION IF NOT EXISTS cube SCHEMA public")
    with op.get_context().autocommit_block():
        # Both do no harm when they run again.
        for setting in ("SET (toast_tuple_target = 512)", "ALTER published_at SET STATISTICS 1000"):
            op.execute(f"-- squawk-ignore prefer-robust-stmts\nALTER TABLE internship_listing {setting}")
    drop("hostel_rental_terms", "hostel_rental")
    # The words that are there find rentals at once; where they stand is known after `qingyi reindex`. Asked for, as this may
    # run again where it was cut off.
    op.execute(
        "DO $$ BEGIN IF (SELECT atttypid = 'text[]'::regtype FROM pg_attribute"
        " WHERE attrelid = 'hostel_rental'::regclass AND attname = 'search_terms') THEN"
        " ALTER TABLE hostel_rental ALTER search_terms TYPE tsvector USING array_to_tsvector(search_terms);"
        " END IF; END $$"
    )
    build(
        "hostel_rental_words",
        "hostel_rental",
        [sa.text("(search_terms)")],
        postgresql_using="gin",
        postgresql_with={"gin_pending_list_limit": 256},
    )
    for table in ("hostel_hostel", "hostel_rental"):
        drop(f"{table}_place", table)
        build(f"{table}_place", table, [on_globe()], postgresql_using="gist")


def downgrade() -> None:
    for table in ("hostel_rental", "hostel_hostel"):
        drop(f"{table}_place", table)
        build(f"{table}_place", table, ["latitude", "longitude"])
    drop("hostel_rental_words", "hostel_rental")
    op.execute("DROP EXTENSION IF EXISTS cube")
    op.execute(
        "ALTER TABLE hostel_rental ALTER search_terms TYPE text[] USING tsvector_to_array(search_terms)"
    )
    build("hostel_rental_terms", "hostel_rental", ["search_terms"], postgresql_using="gin")
    op.execute("ALTER TABLE internship_listing ALTER published_at SET STATISTICS -1")
    op.execute("ALTER TABLE internship_listing RESET (toast_tuple_target)")
