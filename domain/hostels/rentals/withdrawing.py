"""
Landlords withdraw flats that are let or no longer offered. Posting a flat again lists it again.

They name their own keys, as the flat may be gone from their books with everything else that an upsert would ask for.
"""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.core.db import Write
from domain.core.refusals import NotFound
from domain.core.rights import Action, require_partner
from domain.core.states import record_all
from domain.core.upserts import NamedTwice, UpsertOutcome, UpsertResult, require_batch
from domain.hostels.rentals.models import RentalRow
from domain.hostels.rentals.rental import RentalStatus

_NO_CONTENT = b""
"""The hash of nothing that can be said: the same content as before is news after a withdrawal."""


async def withdraw(tx: Write, refs: Sequence[str]) -> list[UpsertResult]:
    """
    Take the organization's flats out of the lists; one result each, in order: UPDATED, or UNCHANGED when withdrawn before.

    TooManyAtOnce beyond 500. Also for organizations no longer verified: they may always offer less.
    """
    partner = require_partner(tx.actor, Action.POST_RENTALS)
    require_batch(refs, "external_refs")
    wanted = [ref.strip() for ref in refs]
    rows = await tx.rows(
        sa.select(
            col(RentalRow.external_ref),
            col(RentalRow.id),
            col(RentalRow.withdrawn),
            col(RentalRow.taken_down),
        )
        .where(
            col(RentalRow.organization_id) == partner.organization_id, col(RentalRow.external_ref).in_(wanted)
        )
        .order_by(col(RentalRow.id))
        .with_for_update(key_share=True)
    )
    kept = {row.external_ref: row for row in rows}
    results, offered, moves = [], list[UUID](), list[tuple[UUID, RentalStatus, str | None]]()
    for index, ref in enumerate(wanted):
        result = UpsertResult(ref, UpsertOutcome.REJECTED)
        results.append(result)
        row = kept.get(ref)
        if ref in wanted[:index]:
            result.reasons = [NamedTwice("external_refs", str(index), ref=ref[:100])]
        elif row is None:
            result.reasons = [NotFound("external_refs", str(index))]
        else:
            result.record_id = row.id
            result.outcome = UpsertOutcome.UNCHANGED if row.withdrawn else UpsertOutcome.UPDATED
            if not row.withdrawn:
                offered.append(row.id)
                if not row.taken_down:
                    moves.append((row.id, RentalStatus.WITHDRAWN, None))
    if offered:
        await tx.execute(
            sa.update(RentalRow)
            .where(col(RentalRow.id).in_(offered))
            .values(withdrawn=True, content_hash=_NO_CONTENT, updated_at=tx.now)
        )
        await record_all(tx, moves)
    return results
