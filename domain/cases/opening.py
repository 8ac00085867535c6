"""
A case is opened, in the transaction of whatever makes it necessary: a youth's own request, crisis words, a report.

Whoever opens one decides by `one_of_kind` whether there may be several: of two that name the same at once the database lets
one open, and the other says its words in it.
"""

import secrets
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlmodel import col

from domain.accounts.models import UnitRow
from domain.cases.events import CaseOpened
from domain.cases.models import CaseMessageRow, CaseRow
from domain.cases.policies import DUE_HOURS
from domain.cases.states import UNDER_WAY, CaseCategory, CaseStatus, CaseUrgency
from domain.core import columns
from domain.core.db import Write
from domain.core.outbox import emit
from domain.core.policy import policy_value
from domain.core.sealing import Sealer, place
from domain.core.states import record

BODY = ("cases_message", "body")
# Without letters and digits that look alike, since the number is read out on the telephone.
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_DRAWN = 6


@dataclass(frozen=True, slots=True)
class NewCase:
    """Who it is about, which unit looks after it, why it is opened and by what."""

    youth_id: UUID
    unit_id: UUID
    category: CaseCategory
    urgency: CaseUrgency
    body: str
    origin: str
    origin_id: UUID | None = None
    anonymous: bool = False
    one_of_kind: str | None = None


def _number(today: date) -> str:
    """By which people speak of a case: the day and six characters by chance."""
    return f"{today:%Y%m%d}-{''.join(secrets.choice(_ALPHABET) for _ in range(_DRAWN))}"


async def open_case(tx: Write, sealer: Sealer, new: NewCase) -> UUID:
    """Open the case, or add its words to the one of its kind that is under way; the case's id."""
    division = await tx.scalar(sa.select(col(UnitRow.division_code)).where(col(UnitRow.id) == new.unit_id))
    hours = await policy_value(tx, DUE_HOURS[new.urgency], division)
    identity = columns.new_id()
    row = {
        "id": identity,
        "number": _number(tx.today),
        "category": new.category,
        "urgency": new.urgency,
        "status": CaseStatus.OPEN,
        "anonymous": new.anonymous,
        "youth_id": new.youth_id,
        "unit_id": new.unit_id,
        "origin": new.origin,
        "origin_id": new.origin_id,
        "one_of_kind": new.one_of_kind,
        "due_at": tx.now + timedelta(hours=hours),
        "created_at": tx.now,
        "updated_at": tx.now,
    }
    opened = bool(await tx.execute(pg_insert(CaseRow).values(row).on_conflict_do_nothing()))
    if opened:
        await record(tx, identity, CaseStatus.OPEN)
    else:
        identity = await _of_kind(tx, new.one_of_kind)
    message = columns.new_id()
    await tx.insert(
        CaseMessageRow,
        [
            {
                "id": message,
                "case_id": identity,
                "from_staff": False,
                "body_sealed": sealer.seal(new.body, place(*BODY, message)),
                "at": tx.now,
            }
        ],
    )
    event = CaseOpened(identity, new.youth_id, new.unit_id, new.urgency.value, again=not opened)
    await emit(tx, event)
    return identity


async def _of_kind(tx: Write, one_of_kind: str | None) -> UUID:
    """The case under way of a kind, kept from ending until this transaction ends."""
    statement = (
        sa.select(col(CaseRow.id))
        .where(col(CaseRow.one_of_kind) == one_of_kind, col(CaseRow.status).in_(UNDER_WAY))
        .with_for_update(read=True)
    )
    found = await tx.scalar(statement)
    if found is None:
        raise LookupError("a case's number was drawn twice, or the case of its kind ended this very moment")
    return UUID(str(found))
