"""The index of listings' words knows what filters ask for."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0019"
branch_labels = None
depends_on = None

INDEX = "internship_listing_words"


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


def replace_index(words: sa.TextClause) -> None:
    """Made beside the old one, which serves until then."""
    with op.get_context().autocommit_block():
        op.create_index(
            f"{INDEX}_new",
            "internship_listing",
            [words],
            postgresql_using="gin",
            postgresql_with={"gin_pending_list_limit": 256},
            postgresql_where=sa.text("status = 'PUBLISHED'"),
            postgresql_concurrently=True,
            if_not_exists=True,
        )
        op.execute(f"ALTER INDEX {INDEX}_new ALTER COLUMN 1 SET STATISTICS 1000")
        op.drop_index(INDEX, table_name="internship_listing", postgresql_concurrently=True, if_exists=True)
        op.execute(f"-- squawk-ignore renaming-object\nALTER INDEX {INDEX}_new RENAME TO {INDEX}")
        op.execute("ANALYZE internship_listing")


def upgrade() -> None:
    replace_index(vector(*FILTERS))


def downgrade() -> None:
    replace_index(vector())
