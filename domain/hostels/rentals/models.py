"""The table of rentals."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from domain.core import columns
from domain.core.geo import degrees, place_checks, place_index
from domain.core.search import Declared, terms_column

_LISTED = sa.text("NOT withdrawn AND NOT taken_down")
SEARCH = Declared("hostel_rental")


class RentalRow(SQLModel, table=True):
    """
    A flat. Rent in fen a month, the discount already off; `search_terms` are those of title, address, place and the landlord's daily name.

    `listed_at` is when it last came into the lists.
    """

    __tablename__ = "hostel_rental"
    __table_args__ = (
        columns.check("title_length", "char_length(title) BETWEEN 1 AND 80"),
        columns.check("address_length", "char_length(address) BETWEEN 1 AND 200"),
        columns.check("rent_positive", "monthly_rent_fen > 0"),
        columns.check("discount_in_range", "discount_percent BETWEEN 1 AND 99"),
        columns.check("area_positive", "area_square_meters > 0"),
        columns.check("bedrooms_not_negative", "bedrooms >= 0"),
        columns.check("contact_url_https", "contact_url LIKE 'https://%'"),
        *place_checks(),
        sa.UniqueConstraint("organization_id", "external_ref", name="hostel_rental_external_ref"),
        sa.Index("hostel_rental_newest", "listed_at", "id", postgresql_where=_LISTED),
        sa.Index("hostel_rental_rent", "monthly_rent_fen", "id", postgresql_where=_LISTED),
        sa.Index("hostel_rental_discount", "discount_percent", "id", postgresql_where=_LISTED),
        sa.Index("hostel_rental_division", "division_code", postgresql_where=_LISTED),
        sa.Index("hostel_rental_organization", "organization_id", "id"),
        place_index("hostel_rental"),
        SEARCH.index(),
    )

    id: UUID = columns.identifier()
    organization_id: UUID = columns.refers_to("partners_organization.id")
    external_ref: str = columns.text()
    title: str = columns.text()
    division_code: str = Field(sa_type=sa.Text, foreign_key="core_division.id")
    address: str = columns.text()
    latitude: float | None = degrees()
    longitude: float | None = degrees()
    monthly_rent_fen: int
    discount_percent: int = Field(sa_type=sa.SmallInteger)
    area_square_meters: int | None = None
    bedrooms: int | None = Field(default=None, sa_type=sa.SmallInteger)
    contact_url: str | None = columns.text(None)
    available_from: date | None = None
    withdrawn: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    taken_down: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    listed_at: datetime = columns.instant()
    updated_at: datetime = columns.instant()
    content_hash: bytes = Field(sa_type=sa.LargeBinary)
    search_terms: str = terms_column()
