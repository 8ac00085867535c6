"""The index of listings' words knows subjects, kinds of organizations, job fairs, stipends and last days."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0021"
branch_labels = None
depends_on = None

LISTING, ORGANIZATION = "internship_listing", "partners_organization"
WORDS = "internship_listing_words"
KIND, MAJORS = f"{LISTING}_organization_kind_fkey", f"{LISTING}_majors_at_most_20"
SHOWN = "status = 'PUBLISHED'"


def ranges(mark: str, number: str, bits: int) -> tuple[str, ...]:
    """Lexemes of a number: itself, and ranges each sixteen times as long."""
    return tuple(
        f"'{mark}{level}-' || (({number} >> {power})::text)" for level, power in enumerate(range(0, bits, 4))
    )


PLACES = ("'@d' || division_code", "'@d' || left(division_code, 4)", "'@k' || kind")
EDUCATION, DAYS = "'@e' || education_rank::text", "'@w' || COALESCE(days_per_week::text, ''::text)"
OTHERS = ("'@h' || housing_provided::text", "'@t' || track", "'@o' || organization_id::text")
BEFORE = (
    "'@s' || length(ltrim((stipend_month_fen / 25000)::bit(32)::text, '0'::text))::text",
    "'@l' || COALESCE(LEAST(duration_weeks / 8, 12)::text, ''::text)",
)


def filters_before() -> tuple[str, ...]:
    pay, weeks = BEFORE
    return (EDUCATION, pay, DAYS, weeks, *OTHERS)


def filters() -> tuple[str, ...]:
    return (
        EDUCATION,
        DAYS,
        *OTHERS,
        "'@g' || COALESCE(organization_kind, ''::text)",
        *(f"'@m' || COALESCE(majors[{at}], majors[1], ''::text)" for at in range(1, 21)),
        *ranges("@p", "stipend_month_fen", 28),
        *ranges("@u", "(open_until - '2000-01-01'::date)", 24),
        *ranges("@l", "COALESCE(duration_weeks, 4095)", 12),
    )


def vector(*beside: str, ready: str = "") -> sa.TextClause:
    """A row's words, and what else its index knows."""
    seconds = "EXTRACT(epoch FROM (published_at AT TIME ZONE 'UTC'))::bigint"
    stretches = (
        f"'@{level}-' || (({seconds} >> {power})::text)" for level, power in enumerate((2, 6, 10, 14, 18, 22))
    )
    return sa.text(
        f"(search_terms || array_to_tsvector(ARRAY[{', '.join((*PLACES, *stretches, *beside))}]{ready}))"
    )


def replace_index(words: sa.TextClause) -> None:
    """Made beside the old one, which serves until then."""
    op.create_index(
        f"{WORDS}_new",
        LISTING,
        [words],
        postgresql_using="gin",
        postgresql_with={"gin_pending_list_limit": 256},
        postgresql_where=sa.text(SHOWN),
        postgresql_concurrently=True,
        if_not_exists=True,
    )
    op.execute(f"ALTER INDEX {WORDS}_new ALTER COLUMN 1 SET STATISTICS 1000")
    op.drop_index(WORDS, table_name=LISTING, postgresql_concurrently=True, if_exists=True)
    op.execute(f"-- squawk-ignore renaming-object\nALTER INDEX {WORDS}_new RENAME TO {WORDS}")
    op.execute(f"ANALYZE {LISTING}")


def replace_order(new: str, keys: list[str], old: str) -> None:
    op.create_index(
        new, LISTING, keys, postgresql_where=sa.text(SHOWN), postgresql_concurrently=True, if_not_exists=True
    )
    op.drop_index(old, table_name=LISTING, postgresql_concurrently=True, if_exists=True)


# Of what a fair shows.
FAIRS = """
    UPDATE internship_listing SET fair_lexemes = shown.lexemes
    FROM (
        SELECT internship_id, array_agg('@f' || job_fair_id::text) AS lexemes
        FROM internship_job_fair_internship GROUP BY internship_id
    ) AS shown
    WHERE shown.internship_id = internship_listing.id AND fair_lexemes = '{}'
"""


def upgrade() -> None:
    op.execute(f"ALTER TABLE {LISTING} ADD COLUMN IF NOT EXISTS organization_kind text")
    op.execute(f"ALTER TABLE {LISTING} ADD COLUMN IF NOT EXISTS fair_lexemes text[] NOT NULL DEFAULT '{{}}'")
    with op.get_context().autocommit_block():
        op.create_index(
            f"{ORGANIZATION}_kind",
            ORGANIZATION,
            ["id", "kind"],
            unique=True,
            postgresql_concurrently=True,
            if_not_exists=True,
        )
    # Only what a run that was cut off has left behind.
    for name in (KIND, MAJORS):
        op.execute(
            f"-- squawk-ignore ban-drop-constraint\nALTER TABLE {LISTING} DROP CONSTRAINT IF EXISTS {name}"
        )
    op.execute(
        f"ALTER TABLE {LISTING} ADD CONSTRAINT {KIND} FOREIGN KEY (organization_id, organization_kind)"
        f" REFERENCES {ORGANIZATION} (id, kind) ON UPDATE CASCADE NOT VALID"
    )
    op.execute(f"ALTER TABLE {LISTING} ADD CONSTRAINT {MAJORS} CHECK (cardinality(majors) <= 20) NOT VALID")
    with op.get_context().autocommit_block():
        for name in (KIND, MAJORS):
            op.execute(f"ALTER TABLE {LISTING} VALIDATE CONSTRAINT {name}")
        op.execute(FAIRS)
        replace_order(f"{LISTING}_paid", ["stipend_month_fen", "published_at", "id"], f"{LISTING}_stipend")
        replace_order(f"{LISTING}_until", ["open_until", "published_at", "id"], f"{LISTING}_open_until")
        # Which titles are the commonest is asked as one types.
        op.execute(f"ALTER INDEX {LISTING}_title ALTER COLUMN 1 SET STATISTICS 1000")
        replace_index(vector(*filters(), ready=" || fair_lexemes"))


def downgrade() -> None:
    with op.get_context().autocommit_block():
        replace_order(f"{LISTING}_stipend", ["stipend_month_fen", "id"], f"{LISTING}_paid")
        replace_order(f"{LISTING}_open_until", ["open_until", "id"], f"{LISTING}_until")
        op.execute(f"ALTER INDEX {LISTING}_title ALTER COLUMN 1 SET STATISTICS -1")
        replace_index(vector(*filters_before()))
    op.drop_constraint(KIND, LISTING, type_="foreignkey")
    op.drop_constraint(MAJORS, LISTING, type_="check")
    op.drop_column(LISTING, "fair_lexemes")
    op.drop_column(LISTING, "organization_kind")
    op.drop_index(f"{ORGANIZATION}_kind", table_name=ORGANIZATION)
