"""Redemptions as they are read, and what becomes of stock and points when they end."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.core.db import Read, Write
from domain.core.keyset import newest_first
from domain.core.outbox import emit
from domain.core.projection import projection
from domain.core.states import record_all
from domain.volunteering.events import RedemptionMoved
from domain.volunteering.ledger import Book, Posting, locked_accounts
from domain.volunteering.perks.models import PerkRow, RedemptionRow
from domain.volunteering.states import LedgerKind, RedemptionStatus


@dataclass(frozen=True, slots=True)
class Redemption:
    """As it is stored; what time has made of it is `status_at`."""

    id: UUID
    perk_id: UUID
    volunteer_id: UUID
    points: int
    status: RedemptionStatus
    code_sealed: bytes | None
    expires_at: datetime
    used_at: datetime | None
    created_at: datetime

    def status_at(self, now: datetime) -> RedemptionStatus:
        if self.status is RedemptionStatus.ISSUED and self.expires_at <= now:
            return RedemptionStatus.EXPIRED
        return self.status


REDEMPTIONS = projection(Redemption, RedemptionRow)
NEWEST = newest_first(col(RedemptionRow.created_at), col(RedemptionRow.id), "perk_redemptions")


def of_volunteer(volunteer_id: UUID) -> sa.Select[Any]:
    return REDEMPTIONS.select().where(col(RedemptionRow.volunteer_id) == volunteer_id)


async def redemptions(db: Read, volunteer_id: UUID, ids: Iterable[UUID]) -> dict[UUID, Redemption]:
    """Those of the redemptions that are the volunteer's."""
    statement = of_volunteer(volunteer_id).where(col(RedemptionRow.id).in_(list(ids)))
    return {found.id: found for found in await REDEMPTIONS.all(db, statement)}


async def give_back(tx: Write, ended: Sequence[Redemption], status: RedemptionStatus) -> None:
    """End redemptions that this transaction holds and that are ISSUED: stock and points go back, once."""
    if not ended:
        return
    ids = [one.id for one in ended]
    await tx.execute(
        sa.update(RedemptionRow)
        .where(col(RedemptionRow.id).in_(ids), col(RedemptionRow.status) == RedemptionStatus.ISSUED)
        .values(status=status)
    )
    counts: dict[UUID, int] = {}
    for one in ended:
        counts[one.perk_id] = counts.get(one.perk_id, 0) + 1
    merchants: dict[UUID, UUID] = {}
    for perk_id, count in sorted(counts.items()):
        back = sa.update(PerkRow).where(col(PerkRow.id) == perk_id).values(taken=col(PerkRow.taken) - count)
        merchants[perk_id] = await tx.scalar(back.returning(col(PerkRow.merchant_id)))
    costly = [one for one in ended if one.points]
    book = Book(tx, await locked_accounts(tx, (one.volunteer_id for one in costly)))
    for one in costly:
        account = book.accounts[one.volunteer_id]
        posting = Posting(
            LedgerKind.REFUND,
            consumes=-one.points,
            organization_id=merchants[one.perk_id],
            redemption_id=one.id,
        )
        book.append(account, posting)
        # What comes back may be past its time already: it is looked at when the worker comes by.
        account.lapses_at = min(account.lapses_at or tx.now, tx.now)
    await book.write()
    await record_all(tx, [(key, status, None) for key in ids])
    await emit(
        tx,
        *(
            RedemptionMoved(
                redemption_id=one.id, perk_id=one.perk_id, youth_id=one.volunteer_id, status=status.value
            )
            for one in ended
        ),
    )
