"""
Free nights of a year: one row for each guest and year, over all hostels, with a CHECK against the limit.

A night is charged when its bed is taken (held, booked) and given back when the bed is. Hostels may allow different
numbers: what counts is the guest's nights anywhere, and each taking is measured by the limit of the hostel at hand.
Rows are taken in the order of guest and year, by everybody; who offers holds takes only those that nobody else has.
"""

from collections.abc import Iterable, Mapping
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlmodel import col

from domain.core.db import Read, Write
from domain.core.refusals import ErrorCode, Refusal
from domain.core.unnesting import Rows
from domain.hostels.models import AllowanceRow

Charge = tuple[UUID, int]
"""A guest and a year."""


class NightsUsedUp(Refusal):
    code = ErrorCode.QUOTA_EXCEEDED
    zh = "{year} 年免费入住最多 {most} 晚，已用 {used} 晚。"
    en = "Free nights in {year}: {most} at most, {used} of them used."


_CHARGES = Rows(
    "charge", guest_id=sa.Uuid, year=sa.SmallInteger, nights=sa.SmallInteger, most=sa.SmallInteger
)


def _charging() -> sa.Executable:
    table = AllowanceRow
    statement = pg_insert(table).from_select(
        ["guest_id", "year", "nights", "most"], sa.select(_CHARGES.table)
    )
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=[col(table.guest_id), col(table.year)],
        set_={"nights": col(table.nights) + new.nights, "most": new.most},
        where=col(table.nights) + new.nights <= new.most,
    ).returning(col(table.guest_id), col(table.year))


_CHARGING = _charging()


async def charge(tx: Write, nights: Mapping[Charge, tuple[int, int]]) -> frozenset[Charge]:
    """
    Charge nights where the limit allows; the guests and years for which it did.

    Each comes with the limit of the hostel at hand, and is no more than that.
    """
    if not nights:
        return frozenset()
    charges = ((guest, year, count, most) for (guest, year), (count, most) in sorted(nights.items()))
    rows = await tx.rows(_CHARGING, _CHARGES.bound(charges))
    return frozenset((row.guest_id, row.year) for row in rows)


async def give_back(tx: Write, nights: Mapping[Charge, int]) -> None:
    """Take charged nights off again, in the order that all take these rows in."""
    table = AllowanceRow
    for (guest, year), count in sorted(nights.items()):
        await tx.execute(
            sa.update(table)
            .where(col(table.guest_id) == guest, col(table.year) == year)
            .values(nights=col(table.nights) - count)
        )


async def hold(tx: Write, charges: Iterable[Charge]) -> None:
    """Lock these rows in the order that all take them in; those that are missing are made, with nothing charged."""
    rows = [{"guest_id": guest, "year": year, "nights": 0, "most": 0} for guest, year in sorted(set(charges))]
    if rows:
        await tx.execute(
            pg_insert(AllowanceRow)
            .values(rows)
            .on_conflict_do_update(
                index_elements=[col(AllowanceRow.guest_id), col(AllowanceRow.year)],
                set_={"most": col(AllowanceRow.most)},
            )
        )


_PAIRS = Rows("pair", guest_id=sa.Uuid, year=sa.SmallInteger)
_NOT_IN_HAND = (
    sa.select(col(AllowanceRow.guest_id), col(AllowanceRow.year), col(AllowanceRow.nights))
    .join_from(
        AllowanceRow,
        _PAIRS.table,
        sa.and_(col(AllowanceRow.guest_id) == _PAIRS.c.guest_id, col(AllowanceRow.year) == _PAIRS.c.year),
    )
    .with_for_update(skip_locked=True, of=AllowanceRow)
)


async def not_in_hand(tx: Write, charges: Iterable[Charge]) -> dict[Charge, int]:
    """The rows that no other transaction has, locked, with the nights charged; nobody is waited for."""
    wanted = sorted(set(charges))
    if not wanted:
        return {}
    rows = await tx.rows(_NOT_IN_HAND, _PAIRS.bound(wanted))
    return {(row.guest_id, row.year): row.nights for row in rows}


async def nights_used(db: Read, guest_id: UUID, year: int) -> int:
    """Free nights of a year that are charged to a guest."""
    table = AllowanceRow
    used = await db.scalar(
        sa.select(col(table.nights)).where(col(table.guest_id) == guest_id, col(table.year) == year)
    )
    return int(used or 0)
