"""The index of listings' words knows what filters ask for."""

import sqlalchemy as sa
from alembic import op

from infra.concurrently import build, drop, set_aside

revision = "0021"
down_revision = "0019"
branch_labels = None
depends_on = None

TABLE, INDEX = "internship_listing", "internship_listing_words"


def vector(*beside: str) -> sa.TextClause:
    """A row's words, and what else its index knows."""
    seconds = "EXTRACT(epoch FROM (published_at AT TIME ZONE 'UTC'))::bigint"
    stretches = (
        f"'@{level}-' || (({seconds} >> {power})::text)" for level, power in enumerate((2, 6, 10, 14, 18, 22))
    )
    places = ("'@d' || division_code", "'@d' || left(division_code, 4)", "'@k' || kind")
    return sa.text(f"(search_terms || array_to_tsvector(ARRAY[{', '.join((*places, *stretches, *beside))}]))")


FILTERS = (
    "'@e' || education_rank::text",
    "'@s' || length(ltrim((stipend_month_fen / 25000)::bit(32)::text, '0'::text))::text",
    "'@w' || COALESCE(days_per_week::text, ''::text)",
    "'@l' || COALESCE(LEAST(duration_weeks / 8, 12)::text, ''::text)",
    "'@h' || housing_provided::text",
    "'@t' || track",
    "'@o' || organization_id::text",
)


def build_index(name: str, words: sa.TextClause) -> None:
    build(
        name,
        TABLE,
        [words],
        postgresql_using="gin",
        postgresql_with={"gin_pending_list_limit": 256},
        postgresql_where=sa.text("status = 'PUBLISHED'"),
    )
    op.execute(f"ALTER INDEX {name} ALTER COLUMN 1 SET STATISTICS 1000")
    op.execute(f"ANALYZE {TABLE}")


def upgrade() -> None:
    build_index(f"{INDEX}_new", vector(*FILTERS))
    set_aside(INDEX, TABLE, revision)
    op.execute(f"-- squawk-ignore renaming-object\nALTER INDEX {INDEX}_new RENAME TO {INDEX}")


def downgrade() -> None:
    drop(f"{INDEX}_before_{revision}", TABLE)
    drop(INDEX, TABLE)
    build_index(INDEX, vector())
