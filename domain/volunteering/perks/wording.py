"""What of a perk is searched for, and how all perks' words are made anew."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from domain.core.search import document
from domain.core.search.rewriting import Rewriting
from domain.partners.models import OrganizationRow
from domain.volunteering.perks.models import SEARCH, PerkRow


def perk_document(title: str, description: str, merchant: str) -> dict[str, str]:
    return document(title=title, organization=merchant, description=description)


def _document(row: Any) -> dict[str, str]:
    return perk_document(row.title, row.description, row.merchant)


_SAID: list[Any] = [
    col(PerkRow.id),
    col(PerkRow.title),
    col(PerkRow.description),
    col(OrganizationRow.name).label("merchant"),
]

REWRITING = Rewriting(
    SEARCH,
    col(PerkRow.id),
    sa.select(*_SAID).join(OrganizationRow, col(OrganizationRow.id) == col(PerkRow.merchant_id)),
    PerkRow,
    _document,
)
