"""
Claims that the registry could not answer (PENDING) are asked about again until it does.

The state of the youth is the queue, so that no claim can fall out of it. A claim is known again by its sealed number, which
is another one each time something is sealed: the answer to a claim that was corrected meanwhile is dropped, and so is one
that comes for a youth who is verified, erased or gone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.accounts.events import LateAnswer, RealNameAnswered
from domain.accounts.identity import Identity, identity_of
from domain.accounts.models import RealNameStatus, YouthRow
from domain.accounts.registry import IdentityRegistry, RegistryAnswer
from domain.accounts.verifying import IdentityTaken, reject, settle, wait_after
from domain.accounts.youths import identity_place, name_place
from domain.core.db import Write
from domain.core.errands import Errand
from domain.core.outbox import emit
from domain.core.sealing import Sealer

AT_ONCE = 20
"""Small, as a whole batch is put off during an outage: the rest goes on waiting untouched."""


@dataclass(frozen=True, slots=True)
class WaitingClaim:
    youth_id: UUID
    name_sealed: bytes = field(repr=False)
    number_sealed: bytes = field(repr=False)

    def opened(self, sealer: Sealer) -> Identity:
        return identity_of(
            sealer.open(self.name_sealed, name_place(self.youth_id)),
            sealer.open(self.number_sealed, identity_place(self.youth_id)),
        )


async def take_waiting(tx: Write) -> Sequence[WaitingClaim]:
    """Claims that are due, the longest first; each is put off, longer each time."""
    table = YouthRow
    due = (
        sa.select(
            col(table.id), col(table.registry_tries), col(table.legal_name_sealed), col(table.identity_sealed)
        )
        .where(
            col(table.real_name_status) == RealNameStatus.PENDING,
            sa.func.coalesce(col(table.registry_due_at) <= tx.now, sa.true()),
        )
        .order_by(col(table.registry_due_at).nulls_first(), col(table.id))
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True, key_share=True)
    )
    rows = await tx.rows(due)
    for row in rows:
        tries = row.registry_tries + 1
        await tx.execute(
            sa.update(table)
            .where(col(table.id) == row.id)
            .values(registry_due_at=tx.now + wait_after(tries), registry_tries=tries)
        )
    return [
        WaitingClaim(row.id, row.legal_name_sealed, row.identity_sealed)
        for row in rows
        if row.legal_name_sealed is not None and row.identity_sealed is not None
    ]


async def _still_waits(tx: Write, claim: WaitingClaim) -> bool:
    """Is it what the youth claims now? Locks the youth."""
    found = await tx.scalar(
        sa.select(col(YouthRow.identity_sealed))
        .where(col(YouthRow.id) == claim.youth_id, col(YouthRow.real_name_status) == RealNameStatus.PENDING)
        .with_for_update()
    )
    return bool(found == claim.number_sealed)


async def settle_late(tx: Write, sealer: Sealer, claim: WaitingClaim, answer: RegistryAnswer) -> None:
    """Write down what the answer makes of the claim, and tell the youth."""
    if not await _still_waits(tx, claim):
        return
    if answer is RegistryAnswer.MISMATCH:
        await reject(tx, claim.youth_id)
        await emit(tx, RealNameAnswered(claim.youth_id, LateAnswer.MISMATCHED))
        return
    try:
        async with tx.savepoint():
            await settle(tx, sealer, claim.youth_id, claim.opened(sealer), answer)
    except IdentityTaken:
        await reject(tx, claim.youth_id)
        await emit(tx, RealNameAnswered(claim.youth_id, LateAnswer.TAKEN))
        return
    await emit(tx, RealNameAnswered(claim.youth_id, LateAnswer.VERIFIED))


def reasking(sealer: Sealer, registry: IdentityRegistry) -> Errand[WaitingClaim, RegistryAnswer]:
    """The errand to the registry."""

    async def ask(claim: WaitingClaim) -> RegistryAnswer | None:
        claimed = claim.opened(sealer)
        answer = await registry.check(claimed.name, claimed.number)
        return None if answer is RegistryAnswer.UNAVAILABLE else answer

    async def settle_claim(tx: Write, claim: WaitingClaim, answer: RegistryAnswer) -> None:
        await settle_late(tx, sealer, claim, answer)

    return Errand("accounts.reask_registry", take_waiting, ask, settle_claim)
