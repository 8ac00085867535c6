"""
Staff decide about records that wait, and correct those that were posted. Whoever records service holds an organization's
token; whoever decides is a member of staff: never the same.
"""

from dataclasses import replace
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.accounts.models import UnitRow
from domain.core.actors import StaffActor
from domain.core.db import Write
from domain.core.faults import length_fault, range_fault
from domain.core.outbox import emit
from domain.core.policy import policy_value
from domain.core.refusals import MoveImpossible, NotAllowed, NotFound, refuse_all
from domain.core.rights import Action, require_staff
from domain.core.states import record as record_move
from domain.partners.organizations import organizations
from domain.volunteering.certificates.falling import revoke_fallen
from domain.volunteering.crediting import correct as enter_correction
from domain.volunteering.crediting import credit
from domain.volunteering.events import RecordDecided
from domain.volunteering.lapsing import years_after
from domain.volunteering.ledger import Book, locked_accounts
from domain.volunteering.models import ServiceRecordRow
from domain.volunteering.policies import POINTS_LAST_YEARS
from domain.volunteering.records import RECORDS, ServiceRecord, of_reach
from domain.volunteering.rules import LONGEST
from domain.volunteering.states import Decider, LedgerStatus

NOTE_MOST = 1_000
MINUTES_MOST = int(LONGEST.total_seconds()) // 60


async def _held(tx: Write, record_id: UUID) -> ServiceRecord:
    """The record, held; NotFound unless its organization is in reach."""
    reached = of_reach(
        tx.actor, Action.DECIDE_SERVICE, sa.inspect(ServiceRecordRow).columns["organization_id"]
    )
    statement = RECORDS.select().where(col(ServiceRecordRow.id) == record_id, reached)
    found = await RECORDS.first(tx, statement.with_for_update())
    if found is None:
        raise NotFound("entry_id")
    return found


async def _is_of_province(tx: Write, staff: StaffActor) -> bool:
    root = sa.select(col(UnitRow.id)).where(
        col(UnitRow.id) == staff.unit_id, col(UnitRow.parent_id).is_(None)
    )
    return await tx.exists(root)


async def decide(tx: Write, record_id: UUID, approve: bool, note: str | None) -> UUID:
    """
    Post a record that waits, or reject it. The same decision again changes nothing.

    NotAllowed for the staff of a unit where the province decides; MoveImpossible when it was decided otherwise.
    """
    staff = require_staff(tx.actor, Action.DECIDE_SERVICE)
    written = (note or "").strip() or None
    record = await _held(tx, record_id)
    refuse_all(length_fault("note", written, 1, NOTE_MOST))
    after = LedgerStatus.POSTED if approve else LedgerStatus.REJECTED
    if record.status is after:
        return record_id
    if record.status is not LedgerStatus.PENDING:
        raise MoveImpossible("entry_id", status=record.status.value)
    if record.waits_for is Decider.PROVINCE and not await _is_of_province(tx, staff):
        raise NotAllowed("entry_id")
    await tx.execute(
        sa.update(ServiceRecordRow)
        .where(col(ServiceRecordRow.id) == record_id)
        .values(status=after, waits_for=None, note=written)
    )
    await record_move(tx, record_id, after, written)
    if approve and record.volunteer_id is not None:
        code = (await organizations(tx, [record.organization_id]))[record.organization_id].division_code
        years = await policy_value(tx, POINTS_LAST_YEARS, code)
        book = Book(tx, await locked_accounts(tx, [record.volunteer_id]))
        credit(book, replace(record, note=written), years_after(tx.now, years))
        await book.write()
    await emit(
        tx,
        RecordDecided(
            record_id=record_id,
            organization_id=record.organization_id,
            youth_id=record.volunteer_id,
            external_ref=record.external_ref,
            posted=approve,
            minutes=record.minutes,
            note=written or "",
        ),
    )
    return record_id


async def correct(tx: Write, record_id: UUID, minutes: int, reason: str) -> UUID:
    """
    Say how many minutes a posted record counts for, none where it never was. The chain keeps what it said before.

    Saying the same again changes nothing.
    """
    require_staff(tx.actor, Action.DECIDE_SERVICE)
    written = reason.strip()
    record = await _held(tx, record_id)
    refuse_all(
        [
            *length_fault("reason", written, 1, NOTE_MOST),
            *range_fault("minutes", minutes, 0, MINUTES_MOST),
        ]
    )
    if record.status is not LedgerStatus.POSTED:
        raise MoveImpossible("entry_id", status=record.status.value)
    if record.minutes == minutes:
        return record_id
    await tx.execute(
        sa.update(ServiceRecordRow)
        .where(col(ServiceRecordRow.id) == record_id)
        .values(minutes=minutes, note=written)
    )
    await record_move(tx, record_id, LedgerStatus.POSTED, written)
    if record.volunteer_id is not None:
        book = Book(tx, await locked_accounts(tx, [record.volunteer_id]))
        enter_correction(book, replace(record, note=written), minutes - record.minutes)
        await book.write()
        await revoke_fallen(tx, [record.volunteer_id])
    return record_id
