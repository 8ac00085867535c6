"""A rental as it is read, and who may read it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlmodel import col

from domain.core.actors import Actor
from domain.core.db import Read
from domain.core.geo import Located, Point
from domain.core.projection import Projection, projection
from domain.core.rights import Action, may
from domain.core.unnesting import ByKeys
from domain.hostels.rentals.models import RentalRow
from domain.partners.models import OrganizationRow, VerificationStatus
from domain.partners.organizations import own_or_in_reach

PLACED = Located(col(RentalRow.latitude), col(RentalRow.longitude))


class RentalStatus(StrEnum):
    """LISTED, or why not. What staff took down stays so whatever its landlord does."""

    LISTED = "LISTED"
    WITHDRAWN = "WITHDRAWN"
    TAKEN_DOWN = "TAKEN_DOWN"

    @classmethod
    def of(cls, *, withdrawn: bool, taken_down: bool) -> "RentalStatus":
        return cls.TAKEN_DOWN if taken_down else cls.WITHDRAWN if withdrawn else cls.LISTED


@dataclass(frozen=True, slots=True)
class Rental:
    """A flat; `distance_meters` from the point that the search named."""

    id: UUID
    organization_id: UUID
    external_ref: str
    title: str
    division_code: str
    address: str
    latitude: float | None
    longitude: float | None
    monthly_rent_fen: int
    discount_percent: int
    area_square_meters: int | None
    bedrooms: int | None
    contact_url: str | None
    available_from: date | None
    withdrawn: bool
    taken_down: bool
    updated_at: datetime
    distance_meters: int | None

    @property
    def status(self) -> RentalStatus:
        return RentalStatus.of(withdrawn=self.withdrawn, taken_down=self.taken_down)


RENTALS = projection(Rental, RentalRow, distance_meters=sa.cast(sa.null(), sa.Integer))
"""Seen from nowhere in particular."""


def seen_from(point: Point, columns: Projection[Rental], statement: sa.Select[Any]) -> sa.Select[Any]:
    """The same rentals with their distance from a point, where that is among the columns."""
    if "distance_meters" not in columns.names:
        return statement
    shown = dict(zip(columns.names, columns.columns, strict=True))
    shown["distance_meters"] = PLACED.meters(point).label("distance_meters")
    return statement.with_only_columns(*shown.values(), maintain_column_froms=True)


def has_status(statuses: Iterable[RentalStatus]) -> ColumnElement[bool]:
    """The states as `Rental.status` tells them, for a WHERE."""
    withdrawn, taken_down = col(RentalRow.withdrawn), col(RentalRow.taken_down)
    conditions = {
        RentalStatus.LISTED: sa.and_(~withdrawn, ~taken_down),
        RentalStatus.WITHDRAWN: sa.and_(withdrawn, ~taken_down),
        RentalStatus.TAKEN_DOWN: taken_down,
    }
    return sa.or_(sa.false(), *(conditions[status] for status in set(statuses)))


def _of_organization(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    own = col(OrganizationRow.id) == col(RentalRow.organization_id)
    return sa.select(col(OrganizationRow.id)).where(own, *conditions).exists()


def listed() -> ColumnElement[bool]:
    """What lists show: flats on offer, of landlords that are verified still."""
    verified = col(OrganizationRow.verification) == VerificationStatus.VERIFIED
    return sa.and_(has_status([RentalStatus.LISTED]), _of_organization(verified))


def records_visible(actor: Actor, action: Action = Action.SEE_UNLISTED_RENTALS) -> ColumnElement[bool]:
    """Flats of the partner's own organization or of organizations in reach."""
    identity, unit = col(OrganizationRow.id), col(OrganizationRow.unit_id)
    return _of_organization(own_or_in_reach(actor, action, identity, unit))


_LISTED = ByKeys(lambda ids: RENTALS.select().where(col(RentalRow.id) == ids, listed()), sa.Uuid)


async def rentals(
    db: Read, actor: Actor, ids: Iterable[UUID], columns: Projection[Rental] = RENTALS
) -> dict[UUID, Rental]:
    """Those of the flats that the actor may read by id: what is listed anyone, the rest its landlord and staff in reach."""
    if may(actor, Action.SEE_UNLISTED_RENTALS):
        seen = sa.or_(listed(), records_visible(actor))
        found = await columns.all(db, columns.select().where(col(RentalRow.id).in_(list(ids)), seen))
        return {rental.id: rental for rental in found}
    return await columns.looked_up(db, _LISTED, ids)


async def visible_rental_records(db: Read, actor: Actor, ids: Iterable[UUID]) -> frozenset[UUID]:
    """Those of the flats whose history the actor may see."""
    statement = sa.select(col(RentalRow.id)).where(col(RentalRow.id).in_(list(ids)), records_visible(actor))
    return frozenset(await db.scalars(statement))
