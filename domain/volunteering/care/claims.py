"""Claims as they are read, and who may read them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlmodel import col

from domain.accounts.reach import reached
from domain.core.actors import Actor, YouthActor
from domain.core.db import Read
from domain.core.projection import projection
from domain.core.rights import Action, may
from domain.core.sealing import Sealer, place
from domain.volunteering.care.models import CareFundReason, ClaimRow
from domain.volunteering.states import ClaimStatus


@dataclass(frozen=True, slots=True)
class Claim:
    id: UUID
    claimant_id: UUID
    unit_id: UUID
    reason: CareFundReason
    description_sealed: bytes | None
    amount_fen: int
    approved_fen: int | None
    approvers: tuple[UUID, ...]
    needs: int
    note_sealed: bytes | None
    status: ClaimStatus
    created_at: datetime

    def description(self, sealer: Sealer) -> str:
        """In clear; nothing of a claimant who is gone."""
        sealed = self.description_sealed
        return "" if sealed is None else sealer.open(sealed, description_place(self.id))

    def note(self, sealer: Sealer) -> str | None:
        return None if self.note_sealed is None else sealer.open(self.note_sealed, note_place(self.id))


CLAIMS = projection(Claim, ClaimRow)


def description_place(claim_id: UUID) -> str:
    return place("volunteering_claim", "description", claim_id)


def note_place(claim_id: UUID) -> str:
    return place("volunteering_claim", "note", claim_id)


def readable(actor: Actor, action: Action = Action.SEE_CLAIMS) -> ColumnElement[bool]:
    """The volunteer's own, and those of units that staff reach."""
    if not may(actor, action):
        return sa.false()
    if isinstance(actor, YouthActor):
        return col(ClaimRow.claimant_id) == actor.id
    return reached(actor, col(ClaimRow.unit_id))


async def claims(db: Read, actor: Actor, ids: Iterable[UUID]) -> dict[UUID, Claim]:
    """Those of the claims that the actor may read."""
    statement = CLAIMS.select().where(col(ClaimRow.id).in_(list(ids)), readable(actor))
    return {found.id: found for found in await CLAIMS.all(db, statement)}


async def claims_of(db: Read, claimant_id: UUID) -> list[Claim]:
    """Every claim of a volunteer, the latest first."""
    statement = CLAIMS.select().where(col(ClaimRow.claimant_id) == claimant_id)
    return await CLAIMS.all(db, statement.order_by(col(ClaimRow.created_at).desc(), col(ClaimRow.id).desc()))
