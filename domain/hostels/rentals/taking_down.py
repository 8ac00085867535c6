"""
Programme managers in reach take a listing down, with a reason, and put it back.

What is taken down stays so: its landlord may post it again, mended, and withdraw it, but only staff list it again.
"""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.core.db import Write
from domain.core.faults import length_fault
from domain.core.outbox import emit
from domain.core.refusals import NotFound, refuse_all
from domain.core.rights import Action, require_staff
from domain.core.states import record
from domain.hostels.rentals.events import RentalDecided
from domain.hostels.rentals.models import RentalRow
from domain.hostels.rentals.rental import RENTALS, Rental, RentalStatus, records_visible

REASON_MOST = 1_000


async def _locked(tx: Write, rental_id: UUID) -> Rental:
    found = await RENTALS.first(
        tx,
        RENTALS.select()
        .where(col(RentalRow.id) == rental_id, records_visible(tx.actor, Action.MANAGE_RENTALS))
        .with_for_update(key_share=True),
    )
    if found is None:
        raise NotFound("rental_id")
    return found


async def _decide(tx: Write, rental: Rental, reason: str, *, taken_down: bool) -> None:
    status = RentalStatus.of(withdrawn=rental.withdrawn, taken_down=taken_down)
    values = {"taken_down": taken_down, "updated_at": tx.now}
    if status is RentalStatus.LISTED:
        values["listed_at"] = tx.now
    await tx.execute(sa.update(RentalRow).where(col(RentalRow.id) == rental.id).values(values))
    await record(tx, rental.id, status, reason or None)
    await emit(tx, RentalDecided(rental.id, rental.organization_id, taken_down, reason))


async def take_down(tx: Write, rental_id: UUID, reason: str) -> UUID:
    """Take a flat out of the lists; its landlord is told why. Saying it again changes nothing."""
    require_staff(tx.actor, Action.MANAGE_RENTALS)
    reason = reason.strip()
    refuse_all(length_fault("reason", reason, 1, REASON_MOST))
    rental = await _locked(tx, rental_id)
    if not rental.taken_down:
        await _decide(tx, rental, reason, taken_down=True)
    return rental_id


async def restore(tx: Write, rental_id: UUID, note: str | None) -> UUID:
    """Undo `take_down`: the flat is listed again, unless its landlord has withdrawn it. Again: nothing changes."""
    require_staff(tx.actor, Action.MANAGE_RENTALS)
    note = (note or "").strip()
    refuse_all(length_fault("note", note, 0, REASON_MOST))
    rental = await _locked(tx, rental_id)
    if rental.taken_down:
        await _decide(tx, rental, note, taken_down=False)
    return rental_id
