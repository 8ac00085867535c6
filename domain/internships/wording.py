"""What of a listing is searched for, and how all listings' words are made anew."""

from collections.abc import Sequence
from typing import Any, Protocol

import sqlalchemy as sa
from sqlmodel import col

from domain.core.search import document
from domain.core.search.rewriting import Rewriting
from domain.internships.models import SEARCH, ListingRow
from domain.partners.models import OrganizationRow


class Worded(Protocol):
    """What a listing says."""

    @property
    def title(self) -> str: ...
    @property
    def skills(self) -> Sequence[str]: ...
    @property
    def majors(self) -> Sequence[str]: ...
    @property
    def description(self) -> str: ...
    @property
    def requirements(self) -> str | None: ...
    @property
    def address(self) -> str | None: ...


def listing_document(said: Worded, organization_name: str) -> dict[str, str]:
    return document(
        title=said.title,
        tags=(*said.skills, *said.majors),
        organization=organization_name,
        description="\n".join(filter(None, (said.description, said.requirements, said.address))),
    )


def _document(row: Any) -> dict[str, Any]:
    """With the kind of the organization, which rows did not always have."""
    return {"organization_kind": row.organization_kind, **listing_document(row, row.organization_name)}


_SAID: list[Any] = [
    col(ListingRow.id),
    col(ListingRow.title),
    col(ListingRow.skills),
    col(ListingRow.majors),
    col(ListingRow.description),
    col(ListingRow.requirements),
    col(ListingRow.address),
    col(OrganizationRow.name).label("organization_name"),
    col(OrganizationRow.kind).label("organization_kind"),
]

REWRITING = Rewriting(
    SEARCH,
    col(ListingRow.id),
    sa.select(*_SAID).join(OrganizationRow, col(OrganizationRow.id) == col(ListingRow.organization_id)),
    ListingRow,
    _document,
)
