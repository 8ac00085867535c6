"""
Staff decide about claims. Above a limit (policy) two members of staff must approve the same amount; what is approved is set
aside from the fund at once, and the fund never gives more than it holds: a CHECK. Locks: the claim, then the fund.
"""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.accounts.models import UnitRow
from domain.core.db import Read, Write
from domain.core.faults import length_fault, range_fault
from domain.core.outbox import emit
from domain.core.policy import policies
from domain.core.refusals import ErrorCode, MoveImpossible, NotFound, Refusal, refuse_all
from domain.core.rights import Action, require_staff
from domain.core.sealing import Sealer
from domain.core.states import record
from domain.volunteering.care.claims import CLAIMS, Claim, note_place, readable
from domain.volunteering.care.fund import set_aside
from domain.volunteering.care.models import ClaimRow
from domain.volunteering.events import ClaimMoved
from domain.volunteering.policies import CARE_TWO_ABOVE_FEN
from domain.volunteering.states import CLAIM_STATES, ClaimStatus

NOTE_MOST = 1_000


class ApprovedAlready(Refusal):
    code = ErrorCode.FORBIDDEN
    zh = "您已批准该申请，须由另一位工作人员复核。"
    en = "You approved it already; another member of staff must."


async def _held(tx: Write, claim_id: UUID) -> Claim:
    statement = CLAIMS.select().where(col(ClaimRow.id) == claim_id, readable(tx.actor, Action.DECIDE_CLAIMS))
    found = await CLAIMS.first(tx, statement.with_for_update())
    if found is None:
        raise NotFound("claim_id")
    return found


async def _division(db: Read, claim: Claim) -> str | None:
    code: str | None = await db.scalar(
        sa.select(col(UnitRow.division_code)).where(col(UnitRow.id) == claim.unit_id)
    )
    return code


async def _move(tx: Write, claim: Claim, after: ClaimStatus | None, **values: Any) -> None:
    moved = {} if after is None else {"status": after}
    await tx.execute(
        sa.update(ClaimRow).where(col(ClaimRow.id) == claim.id).values(updated_at=tx.now, **moved, **values)
    )
    if after is not None:
        await record(tx, claim.id, after)
        await emit(tx, ClaimMoved(claim_id=claim.id, youth_id=claim.claimant_id, status=after.value))


async def _approve(tx: Write, claim: Claim, staff_id: UUID, amount: int, note: dict[str, Any]) -> None:
    """One approval of an amount; of another than before, the first of it."""
    (limit,) = await policies(tx, CARE_TWO_ABOVE_FEN, division_code=await _division(tx, claim))
    before = claim.approvers if claim.approved_fen == amount else ()
    needs = 2 if amount > limit else 1
    if staff_id in before:
        raise ApprovedAlready("claim_id")
    approvers = [*before, staff_id]
    enough = len(approvers) >= needs
    if enough:
        await set_aside(tx, amount)
    await _move(
        tx,
        claim,
        ClaimStatus.APPROVED if enough else None,
        approved_fen=amount,
        approvers=approvers,
        needs=needs,
        **note,
    )


async def decide(
    tx: Write, sealer: Sealer, claim_id: UUID, to: ClaimStatus, amount_fen: int | None, note: str | None
) -> UUID:
    """
    Approve a claim (in full, or `amount_fen` of it), reject it, or say that it was paid. The same again changes nothing.

    ApprovedAlready for who approved it before, FundExhausted where the fund does not hold so much.
    """
    staff = require_staff(tx.actor, Action.DECIDE_CLAIMS)
    claim = await _held(tx, claim_id)
    written = (note or "").strip() or None
    amount = amount_fen or claim.approved_fen or claim.amount_fen
    refuse_all(
        [
            *length_fault("note", written, 1, NOTE_MOST),
            *range_fault("amount_fen", amount_fen, 1, claim.amount_fen),
        ]
    )
    if claim.status is to:
        return claim_id
    if not CLAIM_STATES.may(claim.status, to):
        raise MoveImpossible("claim_id", status=claim.status.value)
    said = {} if written is None else {"note_sealed": sealer.seal(written, note_place(claim_id))}
    if to is ClaimStatus.APPROVED:
        await _approve(tx, claim, staff.id, amount, said)
    elif to is ClaimStatus.REJECTED:
        await _move(tx, claim, to, approved_fen=None, approvers=[], **said)
    else:
        await _move(tx, claim, to, **said)
    return claim_id
