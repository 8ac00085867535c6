"""
Points lapse after two years, the oldest first, each lapse an entry; nobody spends what has lapsed meanwhile.

What has lapsed is known from the last service whose points are past their time: of the points earned up to it, those that
are not consumed.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlmodel import col

from domain.core.clock import SHANGHAI
from domain.core.db import Read, Write
from domain.core.outbox import emit
from domain.volunteering.events import PointsLapsed
from domain.volunteering.ledger import (
    ACCOUNTS,
    MINUTES_A_POINT,
    Account,
    Book,
    Posting,
    accounts,
    write_accounts,
)
from domain.volunteering.models import AccountRow, EntryRow
from domain.volunteering.states import LedgerKind

AT_ONCE = 500


def years_after(instant: datetime, years: int) -> datetime:
    """The same time of the same day in Shanghai; 29 February becomes 1 March."""
    there = instant.astimezone(SHANGHAI)
    try:
        return there.replace(year=there.year + years)
    except ValueError:
        return there.replace(year=there.year + years, month=3, day=1)


async def due(db: Read, found: Iterable[Account]) -> dict[UUID, int]:
    """How many points of each account are past their time and not yet entered as lapsed; none is left out."""
    past = [one for one in found if one.lapses_at is not None and one.lapses_at <= db.now]
    if not past:
        return {}
    rows = await db.rows(
        sa.select(
            col(EntryRow.volunteer_id),
            sa.func.max(col(EntryRow.minutes_after)).label("minutes"),
        )
        .where(
            col(EntryRow.volunteer_id).in_([one.volunteer_id for one in past]),
            col(EntryRow.expires_at) <= db.now,
        )
        .group_by(col(EntryRow.volunteer_id))
    )
    earned = {row.volunteer_id: row.minutes // MINUTES_A_POINT for row in rows}
    return {
        one.volunteer_id: max(
            min(earned.get(one.volunteer_id, 0), one.service_minutes // MINUTES_A_POINT) - one.consumed, 0
        )
        for one in past
    }


async def spendable(db: Read, volunteer_ids: Iterable[UUID]) -> dict[UUID, Account]:
    """Accounts as they stand at this instant: what is past its time is gone, whether or not it has been entered."""
    found = await accounts(db, volunteer_ids)
    for key, points in (await due(db, found.values())).items():
        found[key].consumed += points
        found[key].points -= points
    return found


async def lapse(tx: Write, book: Book, held: Iterable[Account]) -> None:
    """Enter what has lapsed of accounts that this transaction holds; the caller writes the book."""
    lapsed = await due(tx, held)
    if not lapsed:
        return
    following = {
        row.volunteer_id: row.next
        for row in await tx.rows(
            sa.select(col(EntryRow.volunteer_id), sa.func.min(col(EntryRow.expires_at)).label("next"))
            .where(col(EntryRow.volunteer_id).in_(list(lapsed)), col(EntryRow.expires_at) > tx.now)
            .group_by(col(EntryRow.volunteer_id))
        )
    }
    told = []
    for key, points in lapsed.items():
        account = book.accounts[key]
        account.lapses_at = following.get(key)
        if points:
            book.append(account, Posting(LedgerKind.EXPIRY, consumes=points))
            told.append(PointsLapsed(youth_id=key, points=points))
    await emit(tx, *told)
    await write_accounts(tx, (book.accounts[key] for key, points in lapsed.items() if not points))


async def late(db: Read, volunteer_id: UUID | None) -> Sequence[UUID]:
    """
    Volunteers (or this one) whose account has points left past `lapses_at`'s promise: they would lapse too late, or never.

    Of what was earned up to an entry, later corrections may have taken a part: as much is left as the least that followed.
    An account that is looked at next, by `lapses_at`, is not late, whatever it is that came past its time meanwhile.
    """
    entry, account = EntryRow, AccountRow

    def waits_longer_than(expires_at: Any) -> ColumnElement[bool]:
        at = col(account.lapses_at)
        return sa.or_(at.is_(None), sa.and_(at > expires_at, at > db.now))

    suspects = (
        sa.select(col(account.volunteer_id))
        .join(entry, col(entry.volunteer_id) == col(account.volunteer_id))
        .where(
            sa.true() if volunteer_id is None else col(account.volunteer_id) == volunteer_id,
            waits_longer_than(col(entry.expires_at)),
            col(entry.minutes_after) // MINUTES_A_POINT > col(account.consumed),
        )
    )
    least = sa.func.min(col(entry.minutes_after)).over(
        partition_by=col(entry.volunteer_id), order_by=col(entry.sequence).desc()
    )
    left = (
        sa.select(col(entry.volunteer_id), col(entry.expires_at), least.label("minutes"))
        .where(col(entry.volunteer_id).in_(suspects))
        .subquery("left_of")
    )
    statement = (
        sa.select(left.c.volunteer_id)
        .join(account, col(account.volunteer_id) == left.c.volunteer_id)
        .where(
            left.c.minutes // MINUTES_A_POINT > col(account.consumed),
            waits_longer_than(left.c.expires_at),
        )
    )
    found: Sequence[UUID] = await db.scalars(statement.distinct().order_by(left.c.volunteer_id))
    return found


async def lapse_due(tx: Write) -> None:
    """A few hundred accounts whose time has come; those that somebody holds come next time."""
    statement = (
        ACCOUNTS.select()
        .where(col(AccountRow.lapses_at) <= tx.now)
        .order_by(col(AccountRow.lapses_at))
        .limit(AT_ONCE)
        .with_for_update(key_share=True, skip_locked=True)
    )
    book = Book(tx, {account.volunteer_id: account for account in await ACCOUNTS.all(tx, statement)})
    await lapse(tx, book, list(book.accounts.values()))
    await book.write()
