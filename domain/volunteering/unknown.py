"""
Service that was recorded for a number before anybody signed up with it: credited when somebody does, forgotten after 90 days.

That somebody has bound a number is an event of accounts. A record written at that very moment may miss it, so the numbers of
the last hours are looked up again by the worker.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.accounts.models import PHONE_INDEX, YouthRow
from domain.accounts.youths import YOUTHS
from domain.core.blind_index import owner, owners, release
from domain.core.db import Write
from domain.core.outbox import emit
from domain.core.policy import policies
from domain.core.sealing import Sealer, place
from domain.core.states import record_all
from domain.volunteering.crediting import credit
from domain.volunteering.diary import Diary, Period
from domain.volunteering.events import HoursCredited
from domain.volunteering.lapsing import years_after
from domain.volunteering.ledger import Book, locked_accounts
from domain.volunteering.models import UNKNOWN_PHONE_INDEX, ServiceRecordRow, UnknownPhoneRow
from domain.volunteering.policies import POINTS_LAST_YEARS, UNKNOWN_KEPT_DAYS
from domain.volunteering.records import RECORDS, ServiceRecord
from domain.volunteering.rules import ServiceContent
from domain.volunteering.states import LedgerStatus

LOOKED_UP_FOR = timedelta(hours=6)
AT_ONCE = 500
OVERLAPPED = "与另一条服务记录时间重叠 / overlaps with another record"


async def credit_number_of(tx: Write, sealer: Sealer, youth_id: UUID) -> None:
    """Give a youth what was kept for their number. Again: there is nothing left to give."""
    youth = await YOUTHS.first(
        tx, YOUTHS.select().where(col(YouthRow.id) == youth_id, col(YouthRow.erased_at).is_(None))
    )
    phone = None if youth is None else youth.phone(sealer)
    if phone is None:
        return
    aside = await owner(tx, sealer, UNKNOWN_PHONE_INDEX, phone)
    if aside is not None:
        await _credit(tx, aside, youth_id)


async def _credit(tx: Write, aside: UUID, youth_id: UUID) -> None:
    statement = RECORDS.select().where(col(ServiceRecordRow.person_id) == aside)
    kept = await RECORDS.all(tx, statement.order_by(col(ServiceRecordRow.id)).with_for_update())
    book = Book(tx, await locked_accounts(tx, [youth_id]))
    number = sa.select(col(UnknownPhoneRow.id)).where(col(UnknownPhoneRow.id) == aside)
    if await tx.scalar(number.with_for_update()) is None:
        return
    # What was recorded between the two locks comes with the rest.
    kept = await RECORDS.all(tx, statement.order_by(col(ServiceRecordRow.id)))
    years, *_ = await policies(tx, POINTS_LAST_YEARS)
    theirs = await RECORDS.all(
        tx, RECORDS.select().where(col(ServiceRecordRow.person_id) == youth_id, _counts())
    )
    taken, credited = Diary((youth_id, _period(one)) for one in theirs), 0
    for record in kept:
        if _overlaps(taken, youth_id, record):
            await _reject(tx, record, youth_id)
            continue
        values = {"person_id": youth_id, "volunteer_id": youth_id}
        await tx.execute(
            sa.update(ServiceRecordRow).where(col(ServiceRecordRow.id) == record.id).values(values)
        )
        if record.status is LedgerStatus.POSTED:
            owned = ServiceRecord(
                **{name: values.get(name, getattr(record, name)) for name in ServiceRecord.__slots__}
            )
            credit(book, owned, years_after(tx.now, years))
            credited += record.minutes
    await book.write()
    await release(tx, aside, UNKNOWN_PHONE_INDEX)
    await tx.execute(sa.delete(UnknownPhoneRow).where(col(UnknownPhoneRow.id) == aside))
    if credited:
        await emit(tx, HoursCredited(youth_id=youth_id, minutes=credited))


def _counts() -> sa.ColumnElement[bool]:
    return sa.and_(col(ServiceRecordRow.status) != LedgerStatus.REJECTED, col(ServiceRecordRow.minutes) > 0)


def _period(record: ServiceRecord) -> Period:
    return Period(record.id, record.external_ref, record.started_at, record.ended_at, record.minutes)


def _overlaps(taken: Diary, youth_id: UUID, record: ServiceRecord) -> bool:
    """A youth who changes numbers may have served at that time under the other one."""
    if record.status is LedgerStatus.REJECTED or not record.minutes:
        return False
    said = ServiceContent(record.external_ref, "", record.activity, record.started_at, record.ended_at)
    return taken.overlapping(youth_id, said, record.id) is not None


async def _reject(tx: Write, record: ServiceRecord, youth_id: UUID) -> None:
    await tx.execute(
        sa.update(ServiceRecordRow)
        .where(col(ServiceRecordRow.id) == record.id)
        .values(
            person_id=youth_id,
            volunteer_id=youth_id,
            status=LedgerStatus.REJECTED,
            waits_for=None,
            note=OVERLAPPED,
        )
    )
    await record_all(tx, [(record.id, LedgerStatus.REJECTED, OVERLAPPED)])


async def look_up_again(tx: Write, sealer: Sealer) -> None:
    """Credit numbers kept of late that somebody has bound meanwhile."""
    table = UnknownPhoneRow
    rows = await tx.rows(
        sa.select(col(table.id), col(table.phone_sealed))
        .where(col(table.created_at) > tx.now - LOOKED_UP_FOR)
        .order_by(col(table.created_at).desc())
        .limit(AT_ONCE)
    )
    phones = {
        sealer.open(row.phone_sealed, place("volunteering_unknown_phone", "phone", row.id)): row.id
        for row in rows
    }
    bound = await owners(tx, sealer, PHONE_INDEX, phones)
    # By rising id of the youth, as everybody takes accounts.
    for youth_id, aside in sorted((youth_id, phones[phone]) for phone, youth_id in bound.items()):
        await _credit(tx, aside, youth_id)


async def forget(tx: Write) -> None:
    """Remove what nobody came for in time, and numbers for which nothing is kept."""
    (days,) = await policies(tx, UNKNOWN_KEPT_DAYS)
    kept_aside = sa.and_(
        col(ServiceRecordRow.volunteer_id).is_(None),
        col(ServiceRecordRow.recorded_at) < tx.now - timedelta(days=days),
    )
    ids: Sequence[UUID] = await tx.scalars(
        sa.select(col(ServiceRecordRow.id)).where(kept_aside).limit(AT_ONCE).with_for_update(skip_locked=True)
    )
    await tx.execute(sa.delete(ServiceRecordRow).where(col(ServiceRecordRow.id).in_(ids)))
    needed = sa.select(sa.literal(1)).where(col(ServiceRecordRow.person_id) == col(UnknownPhoneRow.id))
    empty: Sequence[UUID] = await tx.scalars(
        sa.select(col(UnknownPhoneRow.id))
        .where(~needed.exists(), col(UnknownPhoneRow.created_at) < tx.now - timedelta(days=days))
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    for key in empty:
        await release(tx, key, UNKNOWN_PHONE_INDEX)
    await tx.execute(sa.delete(UnknownPhoneRow).where(col(UnknownPhoneRow.id).in_(empty)))
