"""Rentals by the words of all searches, places on the globe by an index of distances, and listings whose bodies lie elsewhere."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def on_globe() -> sa.TextClause:
    """A place as a point of the sphere of radius 1; off it where there is none."""
    across = "(cos(radians(latitude)) * %s(radians(longitude)))"
    point = f"cube(cube(cube({across % 'cos'}), {across % 'sin'}), sin(radians(latitude)))"
    return sa.text(f"COALESCE({point}, cube((4)::double precision))")


def upgrade() -> None:
    # What is long of a listing lies beside its row: a search visits many rows and reads no bodies.
    op.execute("ALTER TABLE internship_listing SET (toast_tuple_target = 512)")
    # By which a search knows how far back so many rows go.
    op.execute("ALTER TABLE internship_listing ALTER published_at SET STATISTICS 1000")
    # The words that are there find rentals at once; where they stand is known after `qingyi reindex`.
    with op.get_context().autocommit_block():
        op.drop_index(
            "hostel_rental_terms", table_name="hostel_rental", postgresql_concurrently=True, if_exists=True
        )
    op.execute(
        "-- squawk-ignore changing-column-type\n"
        "ALTER TABLE hostel_rental ALTER search_terms TYPE tsvector USING array_to_tsvector(search_terms)"
    )
    op.execute("CREATE EXTENSION IF NOT EXISTS cube SCHEMA public")
    with op.get_context().autocommit_block():
        op.create_index(
            "hostel_rental_words",
            "hostel_rental",
            [sa.text("(search_terms)")],
            postgresql_using="gin",
            postgresql_with={"gin_pending_list_limit": 256},
            postgresql_concurrently=True,
            if_not_exists=True,
        )
        for table in ("hostel_hostel", "hostel_rental"):
            op.drop_index(f"{table}_place", table_name=table, postgresql_concurrently=True, if_exists=True)
            op.create_index(
                f"{table}_place",
                table,
                [on_globe()],
                postgresql_using="gist",
                postgresql_concurrently=True,
            )


def downgrade() -> None:
    with op.get_context().autocommit_block():
        for table in ("hostel_rental", "hostel_hostel"):
            op.drop_index(f"{table}_place", table_name=table, postgresql_concurrently=True)
            op.create_index(f"{table}_place", table, ["latitude", "longitude"], postgresql_concurrently=True)
        op.drop_index("hostel_rental_words", table_name="hostel_rental", postgresql_concurrently=True)
    op.execute("DROP EXTENSION cube")
    op.execute(
        "ALTER TABLE hostel_rental ALTER search_terms TYPE text[] USING tsvector_to_array(search_terms)"
    )
    with op.get_context().autocommit_block():
        op.create_index(
            "hostel_rental_terms",
            "hostel_rental",
            ["search_terms"],
            postgresql_using="gin",
            postgresql_concurrently=True,
        )
    op.execute("ALTER TABLE internship_listing ALTER published_at SET STATISTICS -1")
    op.execute("ALTER TABLE internship_listing RESET (toast_tuple_target)")
