"""What became of a merchant's perks: codes by state, and the points that they took."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.core.actors import Actor
from domain.core.db import Read
from domain.core.rights import Action
from domain.partners.organizations import visible_records
from domain.volunteering.perks.models import PerkRow, RedemptionRow
from domain.volunteering.states import TAKING, RedemptionStatus


@dataclass(frozen=True, slots=True)
class PerkFigures:
    """Codes of one perk by state; `points` are those of codes issued and used."""

    merchant_id: UUID
    perk_id: UUID
    issued: int
    used: int
    cancelled: int
    expired: int
    points: int


async def figures(db: Read, actor: Actor, merchant_ids: Iterable[UUID]) -> dict[UUID, list[PerkFigures]]:
    """By merchant, those whose figures the actor may see: the merchant itself, and staff in reach."""
    wanted = list(merchant_ids)
    own = await visible_records(db, actor, Action.VERIFY_PERKS, wanted)
    managed = await visible_records(db, actor, Action.MANAGE_PERKS, wanted)
    found: dict[UUID, list[PerkFigures]] = {key: [] for key in own | managed}

    def count(status: RedemptionStatus) -> sa.ColumnElement[int]:
        return sa.func.count().filter(col(RedemptionRow.status) == status)

    points = sa.func.sum(col(RedemptionRow.points)).filter(col(RedemptionRow.status).in_(TAKING))
    rows = await db.rows(
        sa.select(
            col(PerkRow.merchant_id),
            col(PerkRow.id),
            *(count(status) for status in RedemptionStatus),
            sa.cast(sa.func.coalesce(points, 0), sa.BigInteger),
        )
        .outerjoin(RedemptionRow, col(RedemptionRow.perk_id) == col(PerkRow.id))
        .where(col(PerkRow.merchant_id).in_(list(found)))
        .group_by(col(PerkRow.merchant_id), col(PerkRow.id))
        .order_by(col(PerkRow.id))
    )
    for row in rows:
        found[row[0]].append(PerkFigures(*row))
    return found
