"""
Verification: every chain is recomputed link by link, every balance from the entries, and what hangs on entries is compared.

Nothing that is stored is believed: the hash of each entry, what it says it led to, the account that it ended in, the record
and the redemption that it speaks of.
"""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlmodel import col

from domain.accounts.models import YouthRow
from domain.core.db import Write
from domain.volunteering.chain import HASHED, evidence_of, genesis, hash_of
from domain.volunteering.lapsing import late
from domain.volunteering.ledger import ACCOUNTS, MINUTES_A_POINT, VOLUNTEER, Account
from domain.volunteering.models import EntryRow, ServiceRecordRow
from domain.volunteering.perks.models import PerkRow, RedemptionRow
from domain.volunteering.stars import stars_of
from domain.volunteering.states import TAKING, LedgerKind, LedgerStatus, RedemptionStatus

AT_ONCE = 5_000
Progress = Callable[[str, int, int], None]

_ENTRY = sa.inspect(EntryRow).columns
_COLUMNS = tuple(_ENTRY[name] for name in (*HASHED, "hash"))
_VOLUNTEER, _SEQUENCE, _KIND = HASHED.index("volunteer_id"), HASHED.index("sequence"), HASHED.index("kind")
_MINUTES, _POINTS = HASHED.index("minutes"), HASHED.index("points")
_AFTER = slice(HASHED.index("minutes_after"), HASHED.index("stars_after") + 1)
_PREVIOUS = HASHED.index("previous_hash")


@dataclass(frozen=True, slots=True)
class Broken:
    """The first thing that is wrong with a volunteer's chain, or with a row that hangs on one."""

    volunteer_id: UUID | None
    sequence: int | None
    what: str


class _Chain:
    """One volunteer's chain as far as it has been recomputed."""

    __slots__ = ("broken", "consumed", "head", "minutes", "sequence", "volunteer_id")

    def __init__(self, volunteer_id: UUID) -> None:
        self.volunteer_id = volunteer_id
        self.head = genesis(volunteer_id)
        self.sequence = self.minutes = self.consumed = 0
        self.broken: Broken | None = None

    def follow(self, row: Any) -> None:
        """The next entry; only the first fault of a chain is kept, as what follows hangs on it."""
        if self.broken is None:
            what = self._fault(row)
            if what is not None:
                self.broken = Broken(self.volunteer_id, row[_SEQUENCE], what)

    def _fault(self, row: Any) -> str | None:
        if row[_SEQUENCE] != self.sequence + 1:
            return f"entry {self.sequence + 1} is missing"
        if row[_PREVIOUS] != self.head:
            return "it does not follow the entry before"
        if row[-1] != hash_of(row[:-1]):
            return "its hash is not that of what it says"
        return self._sums(row)

    def _sums(self, row: Any) -> str | None:
        """Does it lead to what it says?"""
        before = max(self.minutes // MINUTES_A_POINT - self.consumed, 0)
        minutes, consumed, balance, stars = row[_AFTER]
        if minutes != self.minutes + row[_MINUTES] or stars != stars_of(minutes):
            return "its minutes or stars do not add up"
        if balance != max(minutes // MINUTES_A_POINT - consumed, 0) or balance != before + row[_POINTS]:
            return "its balance does not add up"
        if row[_KIND] in (LedgerKind.SERVICE, LedgerKind.CORRECTION) and consumed != self.consumed:
            return "service consumes no points"
        self.sequence, self.minutes, self.consumed, self.head = row[_SEQUENCE], minutes, consumed, row[-1]
        return None

    def ends_in(self, account: Account | None) -> Broken | None:
        """Is the account what the chain led to?"""
        if self.broken is not None or account is None:
            return self.broken or Broken(self.volunteer_id, None, "there is no account")
        told = (account.service_minutes, account.consumed, account.entries, account.head)
        follows = (max(self.minutes // MINUTES_A_POINT - self.consumed, 0), stars_of(self.minutes))
        if (*told, account.points, account.stars) != (
            *(self.minutes, self.consumed, self.sequence, self.head),
            *follows,
        ):
            return Broken(self.volunteer_id, None, "the account is not what its entries led to")
        return None


def _of(column: sa.ColumnElement[Any], volunteer_id: UUID | None) -> sa.ColumnElement[bool]:
    return sa.true() if volunteer_id is None else column == volunteer_id


async def chains(tx: Write, volunteer_id: UUID | None, progress: Progress) -> AsyncIterator[Broken]:
    """Every broken chain, by volunteer. Entries and accounts run side by side in the same order; never all in memory."""
    mine = _of(_ENTRY["volunteer_id"], volunteer_id)
    total = int(await tx.scalar(sa.select(sa.func.count()).select_from(EntryRow).where(mine)))
    statement = sa.select(*_COLUMNS).where(mine).order_by(_ENTRY["volunteer_id"], _ENTRY["sequence"])
    accounts = ACCOUNTS.select().where(_of(VOLUNTEER, volunteer_id)).order_by(VOLUNTEER)
    done, chain = 0, None
    progress("entries", done, total)
    following = _Ends(tx.parts(accounts, AT_ONCE))
    async for part in tx.parts(statement, AT_ONCE):
        for row in part:
            if chain is None or chain.volunteer_id != row[_VOLUNTEER]:
                async for broken in following.up_to(chain, row[_VOLUNTEER]):
                    yield broken
                chain = _Chain(row[_VOLUNTEER])
            chain.follow(row)
        done += len(part)
        progress("entries", done, total)
    async for broken in following.up_to(chain, None):
        yield broken


class _Ends:
    """The accounts in the order of their volunteers, each met by its chain."""

    def __init__(self, parts: AsyncIterator[Sequence[Any]]) -> None:
        self._parts = parts
        self._part: Iterator[Any] = iter(())
        self._waiting: Account | None = None

    async def _next(self) -> Account | None:
        row = next(self._part, None)
        if row is None:
            try:
                self._part = iter(await anext(self._parts))
            except StopAsyncIteration:
                return None
            row = next(self._part)
        return ACCOUNTS.make(*row)

    async def up_to(self, chain: _Chain | None, volunteer_id: UUID | None) -> AsyncIterator[Broken]:
        """What is wrong with the chain that has ended, and with accounts that have no entries, before the next one."""
        met = chain is None
        while True:
            account = self._waiting or await self._next()
            self._waiting = None
            if account is None:
                break
            if chain is not None and account.volunteer_id == chain.volunteer_id:
                met = True
                broken = chain.ends_in(account)
            elif volunteer_id is not None and account.volunteer_id >= volunteer_id:
                self._waiting = account
                break
            else:
                broken = _Chain(account.volunteer_id).ends_in(account)
            if broken is not None:
                yield broken
        if chain is not None and not met:
            broken = chain.ends_in(None)
            if broken is not None:
                yield broken


async def records(tx: Write, volunteer_id: UUID | None, progress: Progress) -> AsyncIterator[Broken]:
    """Records that are not what the entries vouch for, hours that were never entered, entries without their record."""
    record, entry = sa.inspect(ServiceRecordRow).columns, _ENTRY
    sums = (
        sa.select(
            entry["record_id"].label("record_id"),
            sa.func.min(entry["volunteer_id"].cast(sa.Text)).label("volunteer"),
            sa.func.sum(entry["minutes"]).label("minutes"),
            sa.func.array_agg(aggregate_order_by(entry["evidence"], entry["sequence"].desc()))[1].label(
                "evidence"
            ),
        )
        .where(entry["record_id"].is_not(None), _of(entry["volunteer_id"], volunteer_id))
        .group_by(entry["record_id"])
        .subquery()
    )
    statement = (
        sa.select(
            record["id"],
            record["volunteer_id"],
            record["organization_id"],
            record["external_ref"],
            record["activity"],
            record["started_at"],
            record["ended_at"],
            record["recorded_at"],
            record["note"],
            record["person_id"],
            record["minutes"],
            record["status"],
            record["waits_for"],
            record["unit_id"],
            sums.c.record_id,
            sums.c.volunteer,
            sums.c.minutes.label("entered"),
            sums.c.evidence,
            col(YouthRow.erased_at),
        )
        .select_from(ServiceRecordRow)
        .join(sums, sums.c.record_id == record["id"], full=True)
        .outerjoin(YouthRow, col(YouthRow.id) == record["volunteer_id"])
        .where(
            sa.or_(
                sums.c.record_id.is_not(None),
                sa.and_(
                    record["status"] == LedgerStatus.POSTED,
                    record["volunteer_id"].is_not(None),
                    _of(record["volunteer_id"], volunteer_id),
                ),
            )
        )
    )
    done = 0
    async for part in tx.parts(statement, AT_ONCE):
        for row in map(_Recorded._make, part):
            what = _record_fault(row)
            if what is not None:
                whose = row.volunteer_id
                if whose is None and row.volunteer is not None:
                    whose = UUID(row.volunteer)
                yield Broken(whose, None, what)
        done += len(part)
        progress("records", done, done)


class _Recorded(NamedTuple):
    """A record, or nothing, and what the entries say of it, or nothing."""

    id: UUID | None
    volunteer_id: UUID | None
    organization_id: UUID
    external_ref: str
    activity: str
    started_at: datetime
    ended_at: datetime
    recorded_at: datetime
    note: str | None
    person_id: UUID | None
    minutes: int
    status: str
    waits_for: str | None
    unit_id: UUID | None
    record_id: UUID | None
    volunteer: str | None
    entered: int
    evidence: bytes | None
    erased_at: datetime | None


def _record_fault(row: _Recorded) -> str | None:
    if row.id is None:
        return f"the record {row.record_id} of an entry is missing"
    if row.record_id is None:
        return f"the hours of record {row.id} were never entered"
    posted = row.status == LedgerStatus.POSTED and row.waits_for is None is row.unit_id
    if not posted or {str(row.volunteer_id), str(row.person_id)} != {row.volunteer}:
        return f"record {row.id} was entered, and is another's or not posted"
    if row.entered != row.minutes:
        return f"record {row.id} counts for {row.minutes} minutes, {row.entered} were entered"
    # Of an erased volunteer the words are gone.
    if row.erased_at is None and row.evidence != evidence_of(row):
        return f"record {row.id} does not say what it said when it was entered"
    return None


async def redemptions(tx: Write, volunteer_id: UUID | None) -> AsyncIterator[Broken]:
    """Codes whose points were not taken, or not given back, as their state says; perks whose stock is not what is taken."""
    entry, mine = _ENTRY, _of(sa.inspect(RedemptionRow).columns["volunteer_id"], volunteer_id)

    def entered(kind: LedgerKind) -> sa.ColumnElement[bool]:
        named = sa.and_(entry["redemption_id"] == col(RedemptionRow.id), entry["kind"] == kind)
        own = entry["volunteer_id"] == col(RedemptionRow.volunteer_id)
        return sa.select(sa.literal(1)).select_from(EntryRow).where(named, own).exists()

    costs = col(RedemptionRow.points) > 0
    over = col(RedemptionRow.status).in_((RedemptionStatus.CANCELLED, RedemptionStatus.EXPIRED))
    wrong = sa.or_(
        entered(LedgerKind.REDEMPTION).is_distinct_from(costs),
        entered(LedgerKind.REFUND).is_distinct_from(sa.and_(costs, over)),
    )
    statement = sa.select(col(RedemptionRow.id), col(RedemptionRow.volunteer_id)).where(mine, wrong)
    for row in await tx.rows(statement):
        yield Broken(
            row.volunteer_id, None, f"the points of redemption {row.id} are not entered as its state says"
        )
    orphans = sa.select(entry["redemption_id"], entry["volunteer_id"], entry["sequence"]).where(
        _of(entry["volunteer_id"], volunteer_id),
        entry["redemption_id"].is_not(None),
        ~sa.select(sa.literal(1)).where(col(RedemptionRow.id) == entry["redemption_id"]).exists(),
    )
    for row in await tx.rows(orphans):
        yield Broken(row.volunteer_id, row.sequence, f"the redemption {row.redemption_id} is missing")
    if volunteer_id is not None:
        return
    taken = (
        sa.select(sa.func.count())
        .where(col(RedemptionRow.perk_id) == col(PerkRow.id), col(RedemptionRow.status).in_(TAKING))
        .scalar_subquery()
    )
    for key in await tx.scalars(sa.select(col(PerkRow.id)).where(col(PerkRow.taken) != taken)):
        yield Broken(None, None, f"the stock of perk {key} is not what its redemptions take")


async def verify(tx: Write, volunteer_id: UUID | None, progress: Progress) -> AsyncIterator[Broken]:
    """Everything that is broken, of one volunteer or of all."""
    async for broken in chains(tx, volunteer_id, progress):
        yield broken
    async for broken in records(tx, volunteer_id, progress):
        yield broken
    async for broken in redemptions(tx, volunteer_id):
        yield broken
    for whose in await late(tx, volunteer_id):
        yield Broken(whose, None, "its points would lapse too late")
