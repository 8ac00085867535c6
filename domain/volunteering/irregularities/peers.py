"""
Organizations far above their peers: minutes a volunteer, against the median of like organizations.

Peers are those of the same kind in the same city, or, of too few, of the same kind everywhere. How far above is measured by the
median absolute deviation, which a few liars do not move; where peers are all alike, a tenth of the median stands for it.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.core.db import Read
from domain.core.keyset import Key, Order, integer_value, uuid_value
from domain.partners.models import OrganizationRow
from domain.volunteering.irregularities.window import Window
from domain.volunteering.models import ServiceRecordRow
from domain.volunteering.policies import ABOVE_PEERS, PEERS_LEAST

CONSISTENT = 0.6745
"""By which a median absolute deviation is as a standard deviation, of what is normally distributed."""
LEAST_SPREAD = 0.1
HUNDREDTHS = 100


@dataclass(frozen=True, slots=True)
class AbovePeers:
    """
    Minutes of all volunteers of an organization, and of how many; the median of minutes a volunteer among `peers` (the
    organization not among them), of a city or, with None, everywhere. `score` is in hundredths of a standard deviation.
    """

    organization_id: UUID
    minutes: int
    volunteers: int
    peers: int
    median: float
    city_code: str | None
    score: int


def _organizations(seen: Window) -> sa.CTE:
    """All that recorded service meanwhile; what staff do not reach is only ever a part of a median."""
    record, organization = ServiceRecordRow, OrganizationRow
    minutes = sa.cast(sa.func.sum(col(record.minutes)), sa.BigInteger)
    persons = sa.func.count(sa.distinct(col(record.person_id)))
    return (
        sa.select(
            col(organization.id),
            col(organization.kind),
            (sa.func.left(col(organization.division_code), 4) + "00").label("city"),
            seen.reached().label("reached"),
            minutes.label("minutes"),
            persons.label("volunteers"),
            (sa.cast(minutes, sa.Double) / sa.cast(persons, sa.Double)).label("each"),
        )
        .join(organization, col(organization.id) == col(record.organization_id))
        .where(seen.records())
        .group_by(col(organization.id))
        .cte("organizations")
    )


def _median(of: Any) -> Any:
    return sa.func.percentile_cont(0.5).within_group(of)


def _peers(every: sa.CTE, name: str, *same: str) -> sa.Subquery:
    """By what peers have in common: how many they are, their median, and how far from it they are in the median."""
    own = [every.c[one] for one in same]
    middle = (
        sa.select(*own, sa.func.count().label("members"), _median(every.c.each).label("median"))
        .group_by(*own)
        .subquery(f"{name}_middle")
    )
    alike = sa.and_(*(every.c[one] == middle.c[one] for one in same))
    keys = [middle.c[one] for one in same]
    return (
        sa.select(
            *keys,
            middle.c.members,
            middle.c.median,
            _median(sa.func.abs(every.c.each - middle.c.median, type_=sa.Double)).label("spread"),
        )
        .join(every, alike)
        .group_by(*keys, middle.c.members, middle.c.median)
        .subquery(name)
    )


async def above_peers(db: Read, seen: Window) -> tuple[sa.Select[Any], Order]:
    """The furthest first."""
    least, limit = await seen.decided(db, PEERS_LEAST, ABOVE_PEERS)
    every = _organizations(seen)
    near, far = _peers(every, "of_city", "kind", "city"), _peers(every, "of_kind", "kind")
    of_city = near.c.members > least

    def among(name: str) -> sa.ColumnElement[Any]:
        return sa.case((of_city, near.c[name]), else_=far.c[name])

    spread = sa.func.greatest(among("spread"), among("median") * LEAST_SPREAD, type_=sa.Double)
    score = (every.c.each - among("median")) * CONSISTENT / spread
    found = (
        sa.select(
            every.c.id.label("organization_id"),
            every.c.minutes,
            every.c.volunteers,
            (among("members") - 1).label("peers"),
            among("median").label("median"),
            sa.case((of_city, every.c.city)).label("city_code"),
            sa.cast(sa.func.round(score * HUNDREDTHS), sa.Integer).label("score"),
        )
        .join(near, sa.and_(near.c.kind == every.c.kind, near.c.city == every.c.city))
        .join(far, far.c.kind == every.c.kind)
        .where(every.c.reached, among("members") > least, score > limit)
        .subquery("above")
    )
    keys = (
        Key(found.c.score, integer_value, descending=True),
        Key(found.c.organization_id, uuid_value, descending=True),
    )
    return sa.select(*found.c), Order("above_peers", keys)
