"""A volunteer claims; one claim of a kind waits at a time."""

from collections.abc import Iterator
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.accounts.consents import in_force
from domain.accounts.finding import unit_of_youth
from domain.accounts.models import ConsentPurpose, RealNameStatus
from domain.accounts.requirements import GuardianNeeded, NameNotVerified
from domain.accounts.youths import Youth, age_on, locked_youth
from domain.core import columns
from domain.core.db import Write
from domain.core.faults import length_fault, range_fault
from domain.core.outbox import emit
from domain.core.refusals import ErrorCode, Refusal, refuse_all
from domain.core.rights import require_youth
from domain.core.sealing import Sealer
from domain.core.states import record
from domain.volunteering.care.claims import description_place
from domain.volunteering.care.models import CareFundReason, ClaimRow
from domain.volunteering.events import ClaimMoved
from domain.volunteering.perks.eligibility import ADULT_AGE
from domain.volunteering.states import ClaimStatus

DESCRIPTION_MOST = 4_000
AMOUNT_MOST_FEN = 2_000_000_000


class ClaimedAlready(Refusal):
    code = ErrorCode.ALREADY_EXISTS
    zh = "您已有同类申请正在审核。"
    en = "A claim of yours of this kind waits for a decision already."


async def _personal(tx: Write, youth: Youth) -> list[Refusal]:
    found: list[Refusal] = []
    if youth.real_name_status is not RealNameStatus.VERIFIED:
        found.append(NameNotVerified())
    if (
        youth.birth_date is not None
        and age_on(youth.birth_date, tx.today) < ADULT_AGE
        and await in_force(tx, youth.id, ConsentPurpose.GUARDIAN) is None
    ):
        found.append(GuardianNeeded(age=ADULT_AGE))
    return found


def _faults(description: str, amount_fen: int) -> Iterator[Refusal]:
    yield from length_fault("description", description, 1, DESCRIPTION_MOST)
    yield from range_fault("amount_fen", amount_fen, 1, AMOUNT_MOST_FEN)


async def claim(tx: Write, sealer: Sealer, reason: CareFundReason, description: str, amount_fen: int) -> UUID:
    """The claim's id. The youth's row is held, so that the claim that waits is seen."""
    actor = require_youth(tx.actor)
    youth = await locked_youth(tx, actor.id)
    written = description.strip()
    reasons = [*_faults(written, amount_fen), *await _personal(tx, youth)]
    waits = sa.select(col(ClaimRow.id)).where(
        col(ClaimRow.claimant_id) == youth.id,
        col(ClaimRow.reason) == reason,
        col(ClaimRow.status) == ClaimStatus.SUBMITTED,
    )
    if await tx.exists(waits):
        reasons.append(ClaimedAlready("reason"))
    refuse_all(reasons)
    identity = columns.new_id()
    row = {
        "id": identity,
        "claimant_id": youth.id,
        "unit_id": await unit_of_youth(tx, youth),
        "reason": reason,
        "description_sealed": sealer.seal(written, description_place(identity)),
        "amount_fen": amount_fen,
        "approvers": [],
        "status": ClaimStatus.SUBMITTED,
        "created_at": tx.now,
        "updated_at": tx.now,
    }
    await tx.insert(ClaimRow, [row])
    await record(tx, identity, ClaimStatus.SUBMITTED)
    await emit(tx, ClaimMoved(claim_id=identity, youth_id=youth.id, status=ClaimStatus.SUBMITTED.value))
    return identity
