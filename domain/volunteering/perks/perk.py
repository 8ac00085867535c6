"""A perk as it is read. Anyone may."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlmodel import col

from domain.core.db import Read
from domain.core.keyset import newest_first
from domain.core.projection import projection
from domain.volunteering.perks.models import PerkCategory, PerkRow


@dataclass(frozen=True, slots=True)
class Perk:
    """`taken` of the `stock` are redeemed; without a stock there is no end."""

    id: UUID
    version: int
    merchant_id: UUID
    title: str
    description: str
    category: PerkCategory
    division_codes: tuple[str, ...]
    min_stars: int
    points_cost: int
    stock: int | None
    taken: int
    per_person_limit: int
    starts_on: date
    ends_on: date | None
    redeem_within_days: int
    created_at: datetime

    @property
    def remaining(self) -> int | None:
        return None if self.stock is None else self.stock - self.taken


PERKS = projection(Perk, PerkRow)
NEWEST = newest_first(col(PerkRow.created_at), col(PerkRow.id), "perks")


async def perks(db: Read, ids: Iterable[UUID]) -> dict[UUID, Perk]:
    return await PERKS.of_ids(db, ids)
