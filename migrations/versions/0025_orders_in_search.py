"""The index of listings' words knows what filters ask for, and what lists are sorted by."""

import sqlalchemy as sa
from alembic import op

from infra.concurrently import build, drop, set_aside

revision = "0025"
down_revision = "0019"
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


def build_words(name: str, words: sa.TextClause) -> None:
    build(
        name,
        LISTING,
        [words],
        postgresql_using="gin",
        postgresql_with={"gin_pending_list_limit": 256},
        postgresql_where=sa.text(SHOWN),
    )
    op.execute(f"ALTER INDEX {name} ALTER COLUMN 1 SET STATISTICS 1000")
    op.execute(f"ANALYZE {LISTING}")


def build_order(name: str, *keys: str) -> None:
    build(name, LISTING, keys, postgresql_where=sa.text(SHOWN))


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
    build(f"{ORGANIZATION}_kind", ORGANIZATION, ["id", "kind"], unique=True)
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
        # Which titles are the commonest is asked as one types.
        op.execute(f"ALTER INDEX {LISTING}_title ALTER COLUMN 1 SET STATISTICS 1000")
    build_order(f"{LISTING}_paid", "stipend_month_fen", "published_at", "id")
    build_order(f"{LISTING}_until", "open_until", "published_at", "id")
    build_words(f"{WORDS}_new", vector(*filters(), ready=" || fair_lexemes"))
    for name in (f"{LISTING}_stipend", f"{LISTING}_open_until", WORDS):
        set_aside(name, LISTING, revision)
    op.execute(f"-- squawk-ignore renaming-object\nALTER INDEX {WORDS}_new RENAME TO {WORDS}")


def downgrade() -> None:
    for name in (f"{LISTING}_stipend", f"{LISTING}_open_until", WORDS):
        drop(f"{name}_before_{revision}", LISTING)
    for name in (f"{LISTING}_paid", f"{LISTING}_until", WORDS):
        drop(name, LISTING)
    build_order(f"{LISTING}_stipend", "stipend_month_fen", "id")
    build_order(f"{LISTING}_open_until", "open_until", "id")
    op.execute(f"ALTER INDEX {LISTING}_title ALTER COLUMN 1 SET STATISTICS -1")
    build_words(WORDS, vector())
    op.drop_constraint(op.f(KIND), LISTING, type_="foreignkey")
    op.drop_constraint(op.f(MAJORS), LISTING, type_="check")
    op.drop_column(LISTING, "fair_lexemes")
    op.drop_column(LISTING, "organization_kind")
    drop(f"{ORGANIZATION}_kind", ORGANIZATION)
