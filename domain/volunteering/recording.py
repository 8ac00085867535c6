"""
Service organizations record hours, up to 500 records a call; each stands or falls alone, each counts once.

A record is keyed by (organization, externalRef). The same content again is UNCHANGED. Other content under the same key
corrects it: what was posted by an entry of its own, what still waits in its place. Locks: the organization, then its records
by id, then the people (see `ledger`); whoever holds a person is the only one to record for them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlmodel import col

from domain.core import columns
from domain.core.db import Write
from domain.core.refusals import ErrorCode, MoveImpossible, Refusal
from domain.core.rights import Action, require_partner
from domain.core.sealing import Sealer
from domain.core.states import record_all
from domain.core.upserts import UpsertOutcome, UpsertResult, content_hash, require_batch, settle
from domain.partners.models import OrganizationRow
from domain.partners.organizations import ORGANIZATIONS, Organization
from domain.volunteering.certificates.falling import revoke_fallen
from domain.volunteering.crediting import correct, credit
from domain.volunteering.diary import Diary, Period, diary
from domain.volunteering.ledger import Book
from domain.volunteering.models import ServiceRecordRow
from domain.volunteering.people import People, people
from domain.volunteering.records import RECORDS, ServiceRecord
from domain.volunteering.rules import ServiceContent, ServiceOverlaps, content_faults
from domain.volunteering.states import Decider, LedgerStatus
from domain.volunteering.terms import Terms, terms_of_divisions


class OrganizationUnverified(Refusal):
    code = ErrorCode.NOT_ELIGIBLE
    zh = "单位通过审核后才能登记服务时长。"
    en = "An organization records service once staff have verified it."


class OfAnotherPerson(Refusal):
    code = ErrorCode.INVALID_INPUT
    zh = "该 externalRef 已用于另一人的记录。"
    en = "This externalRef is of a record of somebody else."


class NeedsAnother(Refusal):
    code = ErrorCode.NOT_ELIGIBLE
    zh = "更正后当日超过 {minutes} 分钟，请由管理员更正。"
    en = "Corrected so, the day has more than {minutes} minutes: staff correct that."


@dataclass(frozen=True, slots=True)
class RecordResult:
    """What became of one record: as its organization reads it, whoever the number belongs to."""

    result: UpsertResult
    status: LedgerStatus | None
    minutes: int | None


@dataclass(frozen=True, slots=True)
class Kept:
    """A record that is there already, with the content that it would have if it were sent again."""

    record: ServiceRecord
    content_hash: bytes

    @property
    def id(self) -> UUID:
        return self.record.id


@dataclass(slots=True)
class _Changes:
    """What one call will write."""

    created: list[dict[str, Any]] = field(default_factory=list)
    updated: list[dict[str, Any]] = field(default_factory=list)
    moves: list[tuple[UUID, LedgerStatus, str | None]] = field(default_factory=list)


async def _organization(tx: Write, organization_id: UUID) -> Organization:
    """The organization, held: two calls of it do not take the same key for new."""
    statement = ORGANIZATIONS.select().where(col(OrganizationRow.id) == organization_id)
    found = await ORGANIZATIONS.first(tx, statement.with_for_update(key_share=True))
    if found is None or not found.verified:
        raise OrganizationUnverified
    return found


async def _kept(tx: Write, organization_id: UUID, refs: Sequence[str]) -> dict[str, ServiceRecord]:
    statement = RECORDS.select().where(
        col(ServiceRecordRow.organization_id) == organization_id, col(ServiceRecordRow.external_ref).in_(refs)
    )
    found = await RECORDS.all(tx, statement.order_by(col(ServiceRecordRow.id)).with_for_update())
    return {record.external_ref: record for record in found}


@dataclass(slots=True)
class Call:
    """One call of an organization, while it is decided."""

    tx: Write
    organization: Organization
    who: People
    diary: Diary
    terms: Terms
    changes: _Changes = field(default_factory=_Changes)
    statuses: dict[UUID, LedgerStatus] = field(default_factory=dict)
    corrected: set[UUID] = field(default_factory=set)
    """Volunteers of whose entered hours something else is said now."""
    book: Book = field(init=False)

    def __post_init__(self) -> None:
        self.book = Book(self.tx, self.who.accounts)

    def faults(self, content: ServiceContent, before: Kept | None) -> list[Refusal]:
        """Every reason against one record."""
        found = list(content_faults(content, self.tx.now))
        person, but = self.who.ids[content.phone], None if before is None else before.id
        other = self.diary.overlapping(person, content, but)
        if other is not None:
            found.append(ServiceOverlaps("started_at", ref=other.ref))
        if before is not None:
            found += self._faults_of_change(content, before.record, person)
        return found

    def _faults_of_change(
        self, content: ServiceContent, record: ServiceRecord, person: UUID
    ) -> Iterable[Refusal]:
        if record.person_id != person:
            yield OfAnotherPerson("volunteer_phone")
        if record.status is LedgerStatus.REJECTED:
            yield MoveImpossible("external_ref", status=record.status.value)
        elif (
            record.status is LedgerStatus.POSTED
            and content.minutes > record.minutes
            and self.diary.day_with(person, content, record.id) > self.terms.day.posts
        ):
            yield NeedsAnother("ended_at", minutes=self.terms.day.posts)

    def create(self, content: ServiceContent) -> UUID:
        identity, person = columns.new_id(), self.who.ids[content.phone]
        status, decider = self.terms.day.of(self.diary.day_with(person, content, None))
        row = self._row(identity, content, status, decider) | {
            "organization_id": self.organization.id,
            "external_ref": content.external_ref,
            "person_id": person,
            "volunteer_id": self.who.volunteer(person),
            "recorded_at": self.tx.now,
        }
        self.changes.created.append(row)
        self._note(identity, person, content, status)
        if status is LedgerStatus.POSTED and row["volunteer_id"] is not None:
            said: dict[str, Any] = {name: row.get(name) for name in ServiceRecord.__slots__}
            record = ServiceRecord(**said)
            credit(self.book, record, self.terms.points_lapse(self.tx.now))
        return identity

    def update(self, content: ServiceContent, before: Kept) -> None:
        record, person = before.record, before.record.person_id
        status, decider = record.status, record.waits_for
        if status is LedgerStatus.PENDING:
            status, decider = self.terms.day.of(self.diary.day_with(person, content, record.id))
        row = self._row(record.id, content, status, decider)
        self.changes.updated.append(row)
        self._note(record.id, person, content, status)
        if status is not LedgerStatus.POSTED or record.volunteer_id is None:
            return
        now = ServiceRecord(
            **{name: row.get(name, getattr(record, name)) for name in ServiceRecord.__slots__}
        )
        if record.status is LedgerStatus.PENDING:
            credit(self.book, now, self.terms.points_lapse(self.tx.now))
        else:
            correct(self.book, now, content.minutes - record.minutes)
            self.corrected.add(record.volunteer_id)

    def _row(
        self, identity: UUID, content: ServiceContent, status: LedgerStatus, decider: Decider | None
    ) -> dict[str, Any]:
        return {
            "id": identity,
            "activity": content.activity,
            "started_at": content.started_at,
            "ended_at": content.ended_at,
            "minutes": content.minutes,
            "status": status,
            "waits_for": decider,
        }

    def _note(self, identity: UUID, person: UUID, content: ServiceContent, status: LedgerStatus) -> None:
        period = Period(identity, content.external_ref, content.started_at, content.ended_at, content.minutes)
        self.diary.note(person, period)
        self.statuses[identity] = status
        self.changes.moves.append((identity, status, None))

    async def write(self) -> None:
        await self.tx.insert(ServiceRecordRow, self.changes.created)
        await self.tx.update_each(ServiceRecordRow, self.changes.updated)
        await record_all(self.tx, self.changes.moves)
        await self.book.write()
        await revoke_fallen(self.tx, self.corrected)


def _as_known(
    contents: Sequence[ServiceContent], records: dict[str, ServiceRecord], who: People
) -> dict[str, Kept]:
    """What is there already; of the very person it is about, with the hash of what it says."""
    found = {}
    for content in contents:
        record = records.get(content.external_ref)
        if record is not None:
            same = who.ids[content.phone] == record.person_id
            said = ServiceContent(
                record.external_ref, content.phone, record.activity, record.started_at, record.ended_at
            )
            found[content.external_ref] = Kept(record, content_hash(said) if same else b"")
    return found


async def record(tx: Write, sealer: Sealer, contents: Sequence[ServiceContent]) -> list[RecordResult]:
    """Record service; one result each, in order. TooManyAtOnce beyond 500, OrganizationUnverified."""
    partner = require_partner(tx.actor, Action.RECORD_SERVICE)
    require_batch(contents, "records")
    organization = await _organization(tx, partner.organization_id)
    records = await _kept(tx, organization.id, [content.external_ref for content in contents])
    if not contents:
        return []
    terms = await terms_of_divisions(tx, [organization.division_code])
    who = await people(tx, sealer, (content.phone for content in contents))
    times = [instant for content in contents for instant in (content.started_at, content.ended_at)]
    known = await diary(tx, set(who.ids.values()), min(times), max(times))
    call = Call(tx, organization, who, known, terms[organization.division_code])
    kept = _as_known(contents, records, who)
    results = settle(contents, kept, "records", faults=call.faults, create=call.create, update=call.update)
    await call.write()
    return [_result(call, content, kept, one) for content, one in zip(contents, results, strict=True)]


def _result(call: Call, content: ServiceContent, kept: dict[str, Kept], one: UpsertResult) -> RecordResult:
    if one.outcome is UpsertOutcome.REJECTED or one.record_id is None:
        return RecordResult(one, None, None)
    if one.outcome is UpsertOutcome.UNCHANGED and one.record_id not in call.statuses:
        record = kept[content.external_ref].record
        return RecordResult(one, record.status, record.minutes)
    return RecordResult(one, call.statuses[one.record_id], content.minutes)
