"""What of a flat is searched for, and how all flats' words are made anew."""

from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from domain.core.divisions import chain_of, reference
from domain.core.search import document
from domain.core.search.rewriting import Rewriting
from domain.core.text import brand
from domain.hostels.rentals.models import SEARCH, RentalRow
from domain.partners.models import OrganizationRow


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    return {row["id"]: row["name"] for row in reference()}


def rental_document(title: str, address: str, division_code: str, landlord: str) -> dict[str, str]:
    place = " ".join(_names().get(code, "") for code in chain_of(division_code))
    # Of the landlord only the daily name: where it has its seat is not where the flat is.
    return document(title=title, tags=(address, place, brand(landlord)))


def _document(row: Any) -> dict[str, str]:
    return rental_document(row.title, row.address, row.division_code, row.landlord)


_SAID: list[Any] = [
    col(RentalRow.id),
    col(RentalRow.title),
    col(RentalRow.address),
    col(RentalRow.division_code),
    col(OrganizationRow.name).label("landlord"),
]

REWRITING = Rewriting(
    SEARCH,
    col(RentalRow.id),
    sa.select(*_SAID).join(OrganizationRow, col(OrganizationRow.id) == col(RentalRow.organization_id)),
    RentalRow,
    _document,
)
