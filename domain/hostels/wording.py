"""What of a hostel is searched for, and how all hostels' words are made anew."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from domain.core.search import document
from domain.core.search.rewriting import Rewriting
from domain.hostels.models import SEARCH, HostelRow


def hostel_document(name: str, amenities: list[str], address: str) -> dict[str, str]:
    return document(title=name, tags=amenities, description=address)


def _document(row: Any) -> dict[str, str]:
    return hostel_document(row.name, row.amenities, row.address)


_SAID: list[Any] = [
    col(HostelRow.id),
    col(HostelRow.name),
    col(HostelRow.amenities),
    col(HostelRow.address),
]

REWRITING = Rewriting(
    SEARCH,
    col(HostelRow.id),
    sa.select(*_SAID),
    HostelRow,
    _document,
)
