"""The tree of units: province, city, county units stand for their divisions; others hang below them."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlmodel import col

from domain.accounts.models import UnitLevel, UnitRow
from domain.core import columns
from domain.core.db import Read, Write
from domain.core.divisions import DIVISIONS, DivisionLevel, DivisionRow, chain_of
from domain.core.projection import projection
from domain.core.refusals import Invalid
from domain.core.unnesting import ByKeys

NAME_MOST = 100
TERRITORIAL = (UnitLevel.PROVINCE, UnitLevel.CITY, UnitLevel.COUNTY)


@dataclass(frozen=True, slots=True)
class Unit:
    id: UUID
    name: str
    level: UnitLevel
    parent_id: UUID | None
    division_code: str | None


UNITS = projection(Unit, UnitRow)


def checked_name(name: str) -> str:
    """The name of a unit or a member without spaces around it; Invalid when it is empty or too long."""
    written = name.strip()
    if not (1 <= len(written) <= NAME_MOST and written.isprintable()):
        raise Invalid(
            "name",
            zh=f"名称需为 1 至 {NAME_MOST} 个字符。",
            en=f"The name must have 1 to {NAME_MOST} characters.",
        )
    return written


async def lock_tree(tx: Write) -> None:
    """One change of the tree at a time, until this transaction ends."""
    await tx.scalar(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended("accounts_unit", 0))))


async def units(db: Read, ids: Iterable[UUID]) -> dict[UUID, Unit]:
    return await UNITS.of_ids(db, ids)


_BY_DIVISION = (col(UnitRow.division_code), col(UnitRow.name), col(UnitRow.id))


async def roots(db: Read) -> list[Unit]:
    """The units below no other, by division and name."""
    statement = UNITS.select().where(col(UnitRow.parent_id).is_(None))
    return await UNITS.all(db, statement.order_by(*_BY_DIVISION))


_CHILDREN = ByKeys(
    lambda parents: UNITS.select().where(col(UnitRow.parent_id) == parents).order_by(*_BY_DIVISION), sa.Uuid
)


async def children(db: Read, parent_ids: Iterable[UUID]) -> dict[UUID | None, list[Unit]]:
    """The units right below each, by division and name."""
    found: dict[UUID | None, list[Unit]] = {}
    for unit in await UNITS.all(db, *_CHILDREN.of(parent_ids)):
        found.setdefault(unit.parent_id, []).append(unit)
    return found


async def unit_of_division(db: Read, code: str) -> UUID:
    """The unit that looks after a division: its own, or else that of the nearest division above."""
    codes = chain_of(code)
    nearest = sa.func.array_position(sa.literal(list(codes), sa.ARRAY(sa.Text)), col(UnitRow.division_code))
    found = await db.scalar(
        sa.select(col(UnitRow.id))
        .where(col(UnitRow.division_code).in_(codes), col(UnitRow.level).in_(TERRITORIAL))
        .order_by(nearest)
        .limit(1)
    )
    if found is None:
        raise LookupError(f"no unit above division {code}: has `qingyi migrate` loaded the reference data?")
    return UUID(str(found))


async def province_unit(db: Read) -> UUID:
    """The unit at the root of the tree."""
    found = await db.scalar(
        sa.select(col(UnitRow.id)).where(col(UnitRow.level) == UnitLevel.PROVINCE).limit(1)
    )
    if found is None:
        raise LookupError("no unit of a province: has `qingyi migrate` loaded the reference data?")
    return UUID(str(found))


async def load_territorial_units(tx: Write) -> int:
    """A unit for each division, so that staff and organizations have their place. Run by `qingyi migrate`."""
    await lock_tree(tx)
    have = {
        row.division_code: row
        for row in await tx.rows(
            sa.select(col(UnitRow.division_code), col(UnitRow.id), col(UnitRow.path)).where(
                col(UnitRow.level).in_(TERRITORIAL)
            )
        )
    }
    paths: dict[str, list[UUID]] = {code: list(row.path) for code, row in have.items()}
    rank = {level: index for index, level in enumerate(DivisionLevel)}
    divisions = await DIVISIONS.all(tx, DIVISIONS.select().order_by(col(DivisionRow.id)))
    rows = []
    for division in sorted(divisions, key=lambda found: rank[found.level]):
        if division.code in paths:
            continue
        above = paths[division.parent_code] if division.parent_code else []
        identity = columns.new_id()
        paths[division.code] = [*above, identity]
        rows.append(
            {
                "id": identity,
                "name": f"共青团{division.name}委员会",
                "level": UnitLevel(division.level.value),
                "parent_id": above[-1] if above else None,
                "division_code": division.code,
                "path": paths[division.code],
            }
        )
    if rows:
        await tx.execute(pg_insert(UnitRow).values(rows))
    return len(rows)
