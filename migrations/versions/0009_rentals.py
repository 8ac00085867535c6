"""Rentals: flats that partners let to young people."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hostel_rental",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("external_ref", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("division_code", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("monthly_rent_fen", sa.Integer(), nullable=False),
        sa.Column("discount_percent", sa.SmallInteger(), nullable=False),
        sa.Column("area_square_meters", sa.Integer(), nullable=True),
        sa.Column("bedrooms", sa.SmallInteger(), nullable=True),
        sa.Column("contact_url", sa.Text(), nullable=True),
        sa.Column("available_from", sa.Date(), nullable=True),
        sa.Column("withdrawn", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("taken_down", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("listed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False),
        sa.Column("search_terms", ARRAY(sa.Text()), nullable=False),
        sa.CheckConstraint("char_length(title) BETWEEN 1 AND 80", name=op.f("hostel_rental_title_length")),
        sa.CheckConstraint(
            "char_length(address) BETWEEN 1 AND 200", name=op.f("hostel_rental_address_length")
        ),
        sa.CheckConstraint("monthly_rent_fen > 0", name=op.f("hostel_rental_rent_positive")),
        sa.CheckConstraint("discount_percent BETWEEN 1 AND 99", name=op.f("hostel_rental_discount_in_range")),
        sa.CheckConstraint("area_square_meters > 0", name=op.f("hostel_rental_area_positive")),
        sa.CheckConstraint("bedrooms >= 0", name=op.f("hostel_rental_bedrooms_not_negative")),
        sa.CheckConstraint("contact_url LIKE 'https://%'", name=op.f("hostel_rental_contact_url_https")),
        sa.CheckConstraint(
            "(latitude IS NULL) = (longitude IS NULL)", name=op.f("hostel_rental_place_whole")
        ),
        sa.CheckConstraint("latitude BETWEEN -90 AND 90", name=op.f("hostel_rental_latitude_range")),
        sa.CheckConstraint("longitude BETWEEN -180 AND 180", name=op.f("hostel_rental_longitude_range")),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["partners_organization.id"],
            name=op.f("hostel_rental_organization_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["division_code"], ["core_division.id"], name=op.f("hostel_rental_division_code_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("hostel_rental_pkey")),
        sa.UniqueConstraint("organization_id", "external_ref", name="hostel_rental_external_ref"),
    )
    listed = sa.text("NOT withdrawn AND NOT taken_down")
    for name, columns in (
        ("newest", ["listed_at", "id"]),
        ("rent", ["monthly_rent_fen", "id"]),
        ("discount", ["discount_percent", "id"]),
        ("division", ["division_code"]),
    ):
        op.create_index(f"hostel_rental_{name}", "hostel_rental", columns, postgresql_where=listed)
    op.create_index("hostel_rental_organization", "hostel_rental", ["organization_id", "id"])
    op.create_index("hostel_rental_terms", "hostel_rental", ["search_terms"], postgresql_using="gin")
    op.create_index("hostel_rental_place", "hostel_rental", ["latitude", "longitude"])


def downgrade() -> None:
    op.drop_table("hostel_rental")
