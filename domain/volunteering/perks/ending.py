"""A code is used by the merchant, given back by the volunteer, or runs out: one of these, once."""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.core.db import Write
from domain.core.outbox import emit
from domain.core.refusals import MoveImpossible, NotFound
from domain.core.rights import Action, require_partner, require_youth
from domain.core.sealing import Sealer
from domain.core.states import record
from domain.volunteering.events import RedemptionMoved
from domain.volunteering.perks.codes import indexes
from domain.volunteering.perks.models import PerkRow, RedemptionRow
from domain.volunteering.perks.redemptions import REDEMPTIONS, Redemption, give_back
from domain.volunteering.states import RedemptionStatus

AT_ONCE = 200


async def consume(tx: Write, sealer: Sealer, code: str) -> UUID:
    """Use a code at the till of its merchant. NotFound for any other code, MoveImpossible unless it is ISSUED."""
    partner = require_partner(tx.actor, Action.VERIFY_PERKS)
    merchant = sa.select(col(PerkRow.id)).where(
        col(PerkRow.id) == col(RedemptionRow.perk_id), col(PerkRow.merchant_id) == partner.organization_id
    )
    known = sa.and_(col(RedemptionRow.code_index).in_(indexes(sealer, code)), merchant.exists())
    used = await tx.first(
        sa.update(RedemptionRow)
        .where(
            known,
            col(RedemptionRow.status) == RedemptionStatus.ISSUED,
            col(RedemptionRow.expires_at) > tx.now,
        )
        .values(status=RedemptionStatus.USED, used_at=tx.now)
        .returning(col(RedemptionRow.id), col(RedemptionRow.perk_id), col(RedemptionRow.volunteer_id))
    )
    if used is None:
        found = await REDEMPTIONS.first(tx, REDEMPTIONS.select().where(known))
        if found is None:
            raise NotFound("code")
        raise MoveImpossible("code", status=found.status_at(tx.now).value)
    status = RedemptionStatus.USED
    await record(tx, used.id, status)
    await emit(
        tx,
        RedemptionMoved(
            redemption_id=used.id, perk_id=used.perk_id, youth_id=used.volunteer_id, status=status.value
        ),
    )
    identity: UUID = used.id
    return identity


async def _held(tx: Write, redemption_id: UUID, volunteer_id: UUID) -> Redemption:
    statement = REDEMPTIONS.select().where(
        col(RedemptionRow.id) == redemption_id, col(RedemptionRow.volunteer_id) == volunteer_id
    )
    found = await REDEMPTIONS.first(tx, statement.with_for_update())
    if found is None:
        raise NotFound("redemption_id")
    return found


async def cancel(tx: Write, redemption_id: UUID) -> UUID:
    """Give a code back that is not used; again changes nothing."""
    youth = require_youth(tx.actor)
    found = await _held(tx, redemption_id, youth.id)
    now = found.status_at(tx.now)
    if now is RedemptionStatus.CANCELLED:
        return redemption_id
    if now is not RedemptionStatus.ISSUED:
        raise MoveImpossible("redemption_id", status=now.value)
    await give_back(tx, [found], RedemptionStatus.CANCELLED)
    return redemption_id


async def run_out(tx: Write) -> None:
    """Codes whose time is over give stock and points back; a few hundred at a time, by rising id."""
    over = (
        sa.select(col(RedemptionRow.id))
        .where(col(RedemptionRow.status) == RedemptionStatus.ISSUED, col(RedemptionRow.expires_at) <= tx.now)
        .order_by(col(RedemptionRow.expires_at))
        .limit(AT_ONCE)
    )
    statement = (
        REDEMPTIONS.select()
        .where(
            col(RedemptionRow.id).in_(list(await tx.scalars(over))),
            col(RedemptionRow.status) == RedemptionStatus.ISSUED,
        )
        .order_by(col(RedemptionRow.id))
        .with_for_update(skip_locked=True)
    )
    await give_back(tx, await REDEMPTIONS.all(tx, statement), RedemptionStatus.EXPIRED)
