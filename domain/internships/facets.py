"""Counts over a whole result, for the filter sheet of the app. One statement for all four."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from domain.accounts.models import EducationLevel
from domain.core.db import Read
from domain.core.search import Reading
from domain.internships.models import InternshipKind, ListingRow
from domain.partners.models import OrganizationKind, OrganizationRow


@dataclass(frozen=True, slots=True)
class Facets:
    """The commonest value first."""

    divisions: Mapping[str, int]
    kinds: Mapping[InternshipKind, int]
    education: Mapping[EducationLevel, int]
    organization_kinds: Mapping[OrganizationKind, int]


async def facets(db: Read, statement: sa.Select[Any], reading: Reading | None = None) -> Facets:
    """
    Count what `statement` (a select of listings) finds, by four of its columns.

    Where it finds so many that a count ends at its cap, by the newest of them: the figures are then estimates.
    """
    times = 1.0
    if reading is not None:
        statement, times = await reading.sample(db, statement)
    found = (
        statement.with_only_columns(
            col(ListingRow.division_code),
            col(ListingRow.kind),
            col(ListingRow.education),
            col(ListingRow.organization_id),
            maintain_column_froms=True,
        )
        .order_by(None)
        .cte("found")
    )
    kind_of_organization: sa.Select[Any] = sa.select(col(OrganizationRow.kind).label("kind")).join(
        found, found.c.organization_id == col(OrganizationRow.id)
    )
    organizations = kind_of_organization.subquery()
    parts = [
        sa.select(sa.literal(name), sa.cast(column, sa.Text), sa.func.count()).group_by(column)
        for name, column in (
            ("division", found.c.division_code),
            ("kind", found.c.kind),
            ("education", found.c.education),
            ("organization_kind", organizations.c.kind),
        )
    ]
    counted: dict[str, dict[str, int]] = {}
    rows: Iterable[tuple[str, str, int]] = [tuple(row) for row in await db.rows(sa.union_all(*parts))]
    for name, value, number in sorted(rows, key=lambda row: (-row[2], row[1])):
        counted.setdefault(name, {})[value] = round(number * times)
    return Facets(
        divisions=counted.get("division", {}),
        kinds={InternshipKind(value): number for value, number in counted.get("kind", {}).items()},
        education={EducationLevel(value): number for value, number in counted.get("education", {}).items()},
        organization_kinds={
            OrganizationKind(value): number for value, number in counted.get("organization_kind", {}).items()
        },
    )
