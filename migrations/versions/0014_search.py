"""Search by one vector under one index, which knows divisions, kinds and times too. `qingyi reindex` then writes all words anew."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from infra.concurrently import build, drop

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

PENDING = {"gin_pending_list_limit": 256}


def vector(*lexemes: str) -> sa.TextClause:
    """A row's words, its division, and what else its index knows."""
    divisions = ("'@d' || division_code", "'@d' || left(division_code, 4)")
    return sa.text(f"(search_terms || array_to_tsvector(ARRAY[{', '.join((*divisions, *lexemes))}]))")


def stretches() -> list[str]:
    """Of time, from 4 seconds to 48 days."""
    seconds = "EXTRACT(epoch FROM (published_at AT TIME ZONE 'UTC'))::bigint"
    return [
        f"'@{level}-' || (({seconds} >> {power})::text)" for level, power in enumerate((2, 6, 10, 14, 18, 22))
    ]


def upgrade() -> None:
    # The weights that old code ranks by. It cannot write while the two run side by side: it is stopped first.
    op.execute(
        "-- squawk-ignore ban-drop-column\nALTER TABLE internship_listing DROP COLUMN IF EXISTS search_ranks"
    )
    op.execute(
        "-- squawk-ignore ban-drop-column\nALTER TABLE hostel_hostel DROP COLUMN IF EXISTS search_ranks"
    )
    listings = vector("'@k' || kind", *stretches())
    for table, words, where in (
        ("internship_listing", listings, sa.text("status = 'PUBLISHED'")),
        ("hostel_hostel", vector(), None),
    ):
        build(
            f"{table}_words",
            table,
            [words],
            postgresql_using="gin",
            postgresql_with=PENDING,
            postgresql_where=where,
        )
        drop(f"ix_{table}_search_terms", table)
    # So many of the commonest words have their shares kept, by which a search finds its way.
    op.execute("ALTER INDEX internship_listing_words ALTER COLUMN 1 SET STATISTICS 1000")


def downgrade() -> None:
    for table in ("hostel_hostel", "internship_listing"):
        build(
            f"ix_{table}_search_terms",
            table,
            ["search_terms"],
            postgresql_using="gin",
            postgresql_with=PENDING,
        )
        drop(f"{table}_words", table)
    for table in ("hostel_hostel", "internship_listing"):
        op.add_column(
            table, sa.Column("search_ranks", postgresql.TSVECTOR(), nullable=False, server_default="")
        )
        op.alter_column(table, "search_ranks", server_default=None)
