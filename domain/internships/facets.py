"""Counts over a whole result, for the filter sheet of the app. One statement for all four."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from domain.accounts.models import EducationLevel
from domain.core.db import Read
from domain.core.keyset import COUNT_MOST
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


_COUNTED: tuple[Any, ...] = (
    col(ListingRow.division_code),
    col(ListingRow.kind),
    col(ListingRow.education),
    col(ListingRow.organization_id),
)


async def facets(db: Read, statement: sa.Select[Any], reading: Reading | None = None) -> Facets:
    """
    Count what `statement` (a select of listings) finds, by four of its columns.

    Of a result of more than COUNT_MOST that is read by `reading`, by the newest of it: the figures are then estimates.
    """
    if reading is None:
        found = statement.with_only_columns(*_COUNTED, maintain_column_froms=True)
        return _shown(await db.rows(_counting(found.order_by(None))))
    estimated = _shown(*await reading.over_newest(db, _counting, _COUNTED)) if reading.promising else None
    if estimated is not None and (reading.plenty or reading.many(sum(estimated.kinds.values()))):
        return estimated
    whole = _shown(await reading.over(db, _counting, _COUNTED, COUNT_MOST + 1))
    if sum(whole.kinds.values()) <= COUNT_MOST:
        return whole
    return estimated or _shown(*await reading.over_newest(db, _counting, _COUNTED))


def _counting(some: sa.Select[Any]) -> sa.CompoundSelect[Any]:
    """Each value of each column, which is never null, with how many rows have it: in one turn over the rows."""
    found = some.subquery()
    sets = sa.func.grouping_sets(*(sa.tuple_(column) for column in found.c))
    grouped = sa.select(*found.c, sa.func.count().label("number")).group_by(sets).cte("grouped")
    *values, owner = found.c.keys()
    parts = [
        sa.select(sa.literal(name), sa.cast(grouped.c[name], sa.Text), grouped.c.number).where(
            grouped.c[name].is_not(None)
        )
        for name in values
    ]
    # Each organization is looked up once.
    kind = col(OrganizationRow.kind)
    parts.append(
        sa.select(
            sa.literal("organization_kind"),
            sa.cast(kind, sa.Text),
            sa.cast(sa.func.sum(grouped.c.number), sa.BigInteger),
        )
        .join_from(grouped, OrganizationRow, grouped.c[owner] == col(OrganizationRow.id))
        .group_by(kind)
    )
    return sa.union_all(*parts)


def _shown(rows: Iterable[Any], times: float = 1.0) -> Facets:
    counted: dict[str, dict[str, int]] = {}
    for name, value, number in sorted(map(tuple, rows), key=lambda row: (-row[2], row[1])):
        counted.setdefault(name, {})[value] = round(number * times)
    return Facets(
        divisions=counted.get("division_code", {}),
        kinds={InternshipKind(value): number for value, number in counted.get("kind", {}).items()},
        education={EducationLevel(value): number for value, number in counted.get("education", {}).items()},
        organization_kinds={
            OrganizationKind(value): number for value, number in counted.get("organization_kind", {}).items()
        },
    )
