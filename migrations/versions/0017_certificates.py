"""Certificates, and the numbers on those of service; indexes by which unlikely service is found."""

import sqlalchemy as sa
from alembic import op

from infra.concurrently import build, drop

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

INDEXES = (
    ("volunteering_record_of_organization", ["organization_id", "recorded_at", "id"]),
    ("volunteering_record_of_person", ["person_id", "started_at", "id"]),
)


def upgrade() -> None:
    op.create_table(
        "certificates_certificate",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("holder_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("number_hash", sa.LargeBinary(), nullable=False),
        sa.Column("statement_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('HONOUR', 'INTERNSHIP', 'VOLUNTEER', 'COURSE')",
            name=op.f("certificates_certificate_kind_known"),
        ),
        sa.CheckConstraint(
            "cause IN ('CORRECTED', 'BY_STAFF', 'ERASED')", name=op.f("certificates_certificate_cause_known")
        ),
        sa.CheckConstraint(
            "char_length(title) BETWEEN 1 AND 100", name=op.f("certificates_certificate_title_length")
        ),
        sa.CheckConstraint(
            "char_length(reason) BETWEEN 1 AND 500", name=op.f("certificates_certificate_reason_length")
        ),
        sa.CheckConstraint(
            "octet_length(number_hash) = 32", name=op.f("certificates_certificate_number_is_a_hash")
        ),
        sa.CheckConstraint(
            "(revoked_at IS NULL) = (cause IS NULL)", name=op.f("certificates_certificate_revoked_with_cause")
        ),
        sa.CheckConstraint(
            "revoked_at IS NOT NULL OR statement_sealed IS NOT NULL",
            name=op.f("certificates_certificate_holds_with_statement"),
        ),
        sa.ForeignKeyConstraint(
            ["holder_id"], ["accounts_youth.id"], name=op.f("certificates_certificate_holder_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["accounts_unit.id"], name=op.f("certificates_certificate_unit_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("certificates_certificate_pkey")),
        sa.UniqueConstraint("number_hash", name=op.f("certificates_certificate_number_hash_key")),
        if_not_exists=True,
    )
    op.create_index(
        "certificates_certificate_of_holder",
        "certificates_certificate",
        ["holder_id", "issued_at", "id"],
        if_not_exists=True,
    )
    op.create_index(
        op.f("certificates_certificate_unit_id_idx"),
        "certificates_certificate",
        ["unit_id"],
        if_not_exists=True,
    )
    op.create_table(
        "volunteering_certificate",
        sa.Column("certificate_id", sa.Uuid(), nullable=False),
        sa.Column("volunteer_id", sa.Uuid(), nullable=False),
        sa.Column("since_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("stars", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint(
            "until_on >= since_on", name=op.f("volunteering_certificate_ends_after_it_begins")
        ),
        sa.CheckConstraint("minutes >= 1", name=op.f("volunteering_certificate_of_some_service")),
        sa.CheckConstraint("stars BETWEEN 0 AND 5", name=op.f("volunteering_certificate_stars_in_range")),
        sa.ForeignKeyConstraint(
            ["certificate_id"],
            ["certificates_certificate.id"],
            name=op.f("volunteering_certificate_certificate_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["volunteer_id"], ["accounts_youth.id"], name=op.f("volunteering_certificate_volunteer_id_fkey")
        ),
        sa.PrimaryKeyConstraint("certificate_id", name=op.f("volunteering_certificate_pkey")),
        if_not_exists=True,
    )
    op.create_index(
        "volunteering_certificate_of_volunteer",
        "volunteering_certificate",
        ["volunteer_id"],
        if_not_exists=True,
    )
    for name, columns in INDEXES:
        build(name, "volunteering_record", columns)


def downgrade() -> None:
    for name, _ in INDEXES:
        drop(name, "volunteering_record")
    op.drop_table("volunteering_certificate")
    op.drop_table("certificates_certificate")
