"""
Writing to the ledger: accounts are locked, entries are appended to them in memory, then all is written at once.

The order of locks for everybody who comes to the ledger: organizations, service records and redemptions by id, perks by id,
accounts by id, unknown numbers by id. Accounts come last but one, so that whoever holds one waits for nobody who needs it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlmodel import col

from domain.core import columns
from domain.core.db import Read, Write
from domain.core.projection import projection
from domain.core.unnesting import Rows, any_of
from domain.volunteering.chain import HASHED, genesis, hash_of
from domain.volunteering.models import AccountRow, EntryRow
from domain.volunteering.stars import stars_of
from domain.volunteering.states import LedgerKind

MINUTES_A_POINT = 60


@dataclass(slots=True)
class Account:
    """What a volunteer has; changed by `append` and by nothing else."""

    volunteer_id: UUID
    service_minutes: int
    consumed: int
    points: int
    stars: int
    entries: int
    head: bytes
    lapses_at: datetime | None


ACCOUNTS = projection(Account, AccountRow, identity="volunteer_id")
VOLUNTEER = sa.inspect(AccountRow).columns["volunteer_id"]


def empty(volunteer_id: UUID) -> Account:
    """Of somebody who has not served yet."""
    return Account(volunteer_id, 0, 0, 0, 0, 0, genesis(volunteer_id), None)


async def accounts(db: Read, volunteer_ids: Iterable[UUID]) -> dict[UUID, Account]:
    """As they are stored; an empty one for whoever has none."""
    wanted = list(volunteer_ids)
    found = {account.volunteer_id: account for account in await ACCOUNTS.by_ids(db, wanted)}
    return {key: found.get(key) or empty(key) for key in wanted}


_LOCKED = (
    ACCOUNTS.select()
    .where(any_of("ids", sa.Uuid) == VOLUNTEER)
    .order_by(VOLUNTEER)
    .with_for_update(key_share=True)
)
_OPENED = Rows("opened", volunteer_id=sa.Uuid, head=sa.LargeBinary)
_OPENING = (
    pg_insert(AccountRow)
    .from_select(["volunteer_id", "head"], sa.select(_OPENED.table))
    .on_conflict_do_nothing()
)


async def locked_accounts(tx: Write, volunteer_ids: Iterable[UUID]) -> dict[UUID, Account]:
    """The accounts of youths, made where there are none, held until this transaction ends; by rising id."""
    wanted = sorted(set(volunteer_ids))
    if not wanted:
        return {}
    found = await ACCOUNTS.all(tx, _LOCKED, {"ids": wanted})
    if len(found) < len(wanted):
        await tx.execute(_OPENING, _OPENED.bound((key, genesis(key)) for key in wanted))
        found = await ACCOUNTS.all(tx, _LOCKED, {"ids": wanted})
    return {account.volunteer_id: account for account in found}


@dataclass(frozen=True, slots=True)
class Posting:
    """
    What is to be entered: minutes that change, or points that are consumed (negative: given back). `id` is a record's where
    the entry is its SERVICE.
    """

    kind: LedgerKind
    minutes: int = 0
    consumes: int = 0
    id: UUID | None = None
    expires_at: datetime | None = None
    organization_id: UUID | None = None
    record_id: UUID | None = None
    redemption_id: UUID | None = None
    evidence: bytes | None = None


class Book:
    """The entries of one transaction."""

    def __init__(self, tx: Write, accounts: dict[UUID, Account]) -> None:
        self._tx = tx
        self.accounts = accounts
        self._rows: list[dict[str, Any]] = []

    def append(self, account: Account, posting: Posting) -> UUID:
        """Enter it; the account is as it then stands. The entry's id."""
        minutes = account.service_minutes + posting.minutes
        consumed = account.consumed + posting.consumes
        balance = max(minutes // MINUTES_A_POINT - consumed, 0)
        row: dict[str, Any] = {
            "id": posting.id or columns.new_id(),
            "volunteer_id": account.volunteer_id,
            "sequence": account.entries + 1,
            "kind": posting.kind,
            "minutes": posting.minutes,
            "points": balance - account.points,
            "minutes_after": minutes,
            "consumed_after": consumed,
            "balance_after": balance,
            "stars_after": stars_of(minutes),
            "at": self._tx.now,
            "expires_at": posting.expires_at,
            "organization_id": posting.organization_id,
            "record_id": posting.record_id,
            "redemption_id": posting.redemption_id,
            "evidence": posting.evidence,
            "previous_hash": account.head,
        }
        row["hash"] = hash_of(row[name] for name in HASHED)
        self._rows.append(row)
        account.service_minutes, account.consumed, account.points = minutes, consumed, balance
        account.stars, account.entries, account.head = row["stars_after"], row["sequence"], row["hash"]
        if posting.expires_at is not None:
            # Divisions may let points last longer or shorter: what comes later may lapse sooner.
            account.lapses_at = min(account.lapses_at or posting.expires_at, posting.expires_at)
        identity: UUID = row["id"]
        return identity

    async def write(self) -> None:
        """Write the entries and the accounts that they changed."""
        if not self._rows:
            return
        await self._tx.insert(EntryRow, self._rows)
        changed = dict.fromkeys(row["volunteer_id"] for row in self._rows)
        await write_accounts(self._tx, (self.accounts[key] for key in changed))
        self._rows = []


async def write_accounts(tx: Write, changed: Iterable[Account]) -> None:
    """Write accounts that this transaction holds, in one round trip."""
    values = [{f"_{name}": getattr(account, name) for name in Account.__slots__} for account in changed]
    if values:
        names = [name for name in Account.__slots__ if name != "volunteer_id"]
        statement = sa.update(AccountRow.__table__)  # type: ignore[attr-defined]  # the table itself: many rows by key
        statement = statement.where(col(AccountRow.volunteer_id) == sa.bindparam("_volunteer_id"))
        await tx.connection.execute(
            statement.values({name: sa.bindparam(f"_{name}") for name in names}), values
        )
