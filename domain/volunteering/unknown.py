"""
Service that was recorded for a number before anybody signed up with it: credited when somebody does, forgotten after 90 days.

That somebody has bound a number is an event of accounts. A record written at that very moment may miss it, so the numbers of
the last hours are looked up again by the worker.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
from domain.core.refusals import ChangedMeanwhile
from domain.core.sealing import Sealer, place
from domain.core.states import record_all
from domain.partners.models import OrganizationRow
from domain.partners.organizations import ORGANIZATIONS
from domain.volunteering.crediting import credit
from domain.volunteering.diary import diary
from domain.volunteering.events import HoursCredited
from domain.volunteering.joining import joined
from domain.volunteering.ledger import Book, locked_accounts
from domain.volunteering.models import UNKNOWN_PHONE_INDEX, ServiceRecordRow, UnknownPhoneRow
from domain.volunteering.people import ROUNDS
from domain.volunteering.policies import UNKNOWN_KEPT_DAYS
from domain.volunteering.records import RECORDS, ServiceRecord
from domain.volunteering.rules import DayRule
from domain.volunteering.states import LedgerStatus
from domain.volunteering.terms import Terms, terms_of_divisions

LOOKED_UP_FOR = timedelta(hours=6)
AT_ONCE = 500


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
        await _credit(tx, {aside: youth_id})


@dataclass(frozen=True, slots=True)
class _Held:
    """What is kept for some numbers, as it came in: nobody else writes to it meanwhile."""

    numbers: Sequence[UUID]
    records: Sequence[ServiceRecord]
    terms: Mapping[UUID, Terms]
    """Of each organization that recorded."""
    book: Book


async def _hold(tx: Write, whose: Mapping[UUID, UUID]) -> _Held:
    """
    Locks in the order of the ledger; organizations too, as a record that begins to wait holds its own.

    ChangedMeanwhile where yet another organization has recorded for a number before that was held.
    """
    of_them = col(ServiceRecordRow.person_id).in_(list(whose))
    theirs = sa.select(col(ServiceRecordRow.organization_id)).where(of_them)
    recorders = ORGANIZATIONS.select().where(col(OrganizationRow.id).in_(theirs))
    held = await ORGANIZATIONS.all(tx, recorders.order_by(col(OrganizationRow.id)).with_for_update(read=True))
    kept = RECORDS.select().where(of_them).order_by(col(ServiceRecordRow.id))
    await RECORDS.all(tx, kept.with_for_update())
    book = Book(tx, await locked_accounts(tx, whose.values()))
    statement = sa.select(col(UnknownPhoneRow.id)).where(col(UnknownPhoneRow.id).in_(list(whose)))
    numbers = await tx.scalars(statement.order_by(col(UnknownPhoneRow.id)).with_for_update())
    # What was recorded between the locks comes with the rest.
    records = await RECORDS.all(tx, kept.where(col(ServiceRecordRow.person_id).in_(numbers)))
    by_division = await terms_of_divisions(tx, {one.division_code for one in held})
    terms = {one.id: by_division[one.division_code] for one in held}
    if any(record.organization_id not in terms for record in records):
        raise ChangedMeanwhile
    return _Held(numbers, records, terms, book)


async def _held(tx: Write, whose: Mapping[UUID, UUID]) -> _Held:
    for _ in range(ROUNDS):
        try:
            # What is undone gives its locks back.
            async with tx.savepoint():
                return await _hold(tx, whose)
        except ChangedMeanwhile:
            continue
    raise ChangedMeanwhile


async def _credit(tx: Write, whose: Mapping[UUID, UUID]) -> None:
    """Give what is kept for numbers to the youths whose they are now."""
    held, credited = await _held(tx, whose), Counter[UUID]()
    after = await _joined(tx, whose, held)
    for record in after:
        if record.status is LedgerStatus.POSTED:
            credit(held.book, record, held.terms[record.organization_id].points_lapse(tx.now))
            credited[record.person_id] += record.minutes
    await _write(tx, held.records, after)
    await held.book.write()
    for number in held.numbers:
        await release(tx, number, UNKNOWN_PHONE_INDEX)
    await tx.execute(sa.delete(UnknownPhoneRow).where(col(UnknownPhoneRow.id).in_(held.numbers)))
    await emit(tx, *(HoursCredited(youth_id=key, minutes=all_) for key, all_ in credited.items() if all_))


async def _joined(tx: Write, whose: Mapping[UUID, UUID], held: _Held) -> list[ServiceRecord]:
    """Every record as it is once it is its youth's."""
    if not held.records:
        return []
    first, last = min(one.started_at for one in held.records), max(one.ended_at for one in held.records)
    own = await diary(tx, whose.values(), first, last)
    kept = defaultdict[UUID, list[tuple[ServiceRecord, DayRule]]](list)
    for record in held.records:
        kept[record.person_id].append((record, held.terms[record.organization_id].day))
    return [record for number, theirs in kept.items() for record in joined(whose[number], theirs, own)]


async def _write(tx: Write, before: Sequence[ServiceRecord], after: Sequence[ServiceRecord]) -> None:
    written = ("id", "person_id", "volunteer_id", "status", "waits_for", "note")
    await tx.update_each(
        ServiceRecordRow, ({name: getattr(record, name) for name in written} for record in after)
    )
    decided = {record.id: (record.status, record.waits_for) for record in before}
    moved = [record for record in after if decided[record.id] != (record.status, record.waits_for)]
    await record_all(tx, ((record.id, record.status, record.note) for record in moved))


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
    if bound:
        await _credit(tx, {phones[phone]: youth_id for phone, youth_id in bound.items()})


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
    kept = sa.select(col(ServiceRecordRow.person_id)).where(
        col(ServiceRecordRow.person_id) == col(UnknownPhoneRow.id)
    )
    empty: Sequence[UUID] = await tx.scalars(
        sa.select(col(UnknownPhoneRow.id))
        .where(~kept.exists(), col(UnknownPhoneRow.created_at) < tx.now - timedelta(days=days))
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    # Whoever records for a number holds it: what was recorded until we held it is seen by another statement only.
    needed = await tx.scalars(
        sa.select(col(ServiceRecordRow.person_id)).where(col(ServiceRecordRow.person_id).in_(empty))
    )
    forgotten = set(empty) - set(needed)
    for key in forgotten:
        await release(tx, key, UNKNOWN_PHONE_INDEX)
    await tx.execute(sa.delete(UnknownPhoneRow).where(col(UnknownPhoneRow.id).in_(forgotten)))
