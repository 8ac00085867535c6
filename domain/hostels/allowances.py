"""
Free nights of a year: one row for each guest and year, over all hostels, with a CHECK against the limit.

A night is charged when its bed is taken (held, booked) and given back when the bed is. Hostels may allow different
numbers: what counts is the guest's nights anywhere, and each taking is measured by the limit of the hostel at hand.
Rows are taken in the order of guest and year, by everybody; who offers holds takes only those that nobody else has.
"""

from collections.abc import Iterable, Mapping
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlmodel import col

from domain.core.db import Read, Write
from domain.core.refusals import ErrorCode, Refusal
from domain.hostels.models import AllowanceRow

Charge = tuple[UUID, int]
"""A guest and a year."""


class NightsUsedUp(Refusal):
    code = ErrorCode.QUOTA_EXCEEDED
    zh = "{year} 年免费入住最多 {most} 晚，已用 {used} 晚。"
    en = "Free nights in {year}: {most} at most, {used} of them used."


async def charge(tx: Write, nights: Mapping[Charge, int], most: int) -> frozenset[Charge]:
    """Charge nights where the limit allows; the guests and years for which it did. Each number is at most `most`."""
    if not nights:
        return frozenset()
    table = AllowanceRow
    statement = pg_insert(table).values(
        [
            {"guest_id": guest, "year": year, "nights": count, "most": most}
            for (guest, year), count in sorted(nights.items())
        ]
    )
    new = statement.excluded
    rows = await tx.rows(
        statement.on_conflict_do_update(
            index_elements=[col(table.guest_id), col(table.year)],
            set_={"nights": col(table.nights) + new.nights, "most": new.most},
            where=col(table.nights) + new.nights <= new.most,
        ).returning(col(table.guest_id), col(table.year))
    )
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


async def not_in_hand(tx: Write, charges: Iterable[Charge]) -> dict[Charge, int]:
    """The rows that no other transaction has, locked, with the nights charged; nobody is waited for."""
    wanted = sorted(set(charges))
    if not wanted:
        return {}
    table = AllowanceRow
    pairs = (
        sa.func.unnest(
            sa.literal([guest for guest, _ in wanted], ARRAY(sa.Uuid)),
            sa.literal([year for _, year in wanted], ARRAY(sa.SmallInteger)),
        )
        .table_valued(sa.column("guest_id", sa.Uuid), sa.column("year", sa.SmallInteger))
        .render_derived(name="pairs")
    )
    rows = await tx.rows(
        sa.select(col(table.guest_id), col(table.year), col(table.nights))
        .join_from(
            table,
            pairs,
            sa.and_(col(table.guest_id) == pairs.c.guest_id, col(table.year) == pairs.c.year),
        )
        .with_for_update(skip_locked=True, of=table)
    )
    return {(row.guest_id, row.year): row.nights for row in rows}


async def nights_used(db: Read, guest_id: UUID, year: int) -> int:
    """Free nights of a year that are charged to a guest."""
    table = AllowanceRow
    used = await db.scalar(
        sa.select(col(table.nights)).where(col(table.guest_id) == guest_id, col(table.year) == year)
    )
    return int(used or 0)
