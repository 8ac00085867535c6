"""
The tree of units changes: units are created, renamed and moved by admins who reach them.

Whoever changes the tree holds one lock on all of it: changes are rare, and each looks at paths that another may rewrite. A
move rewrites the paths of the unit and of all below it in one statement, so that whoever acts meanwhile sees the old tree
or the new one. That a path is the parent's path and the unit, and that it has an end, the database says for itself.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlmodel import col

from domain.accounts.models import UNIT_DEPTH_MOST, UnitLevel, UnitRow
from domain.accounts.reach import reached
from domain.accounts.units import TERRITORIAL, checked_name, lock_tree
from domain.core import columns
from domain.core.db import Read, Write
from domain.core.divisions import DIVISIONS, DivisionRow, require_known
from domain.core.projection import projection
from domain.core.refusals import ErrorCode, Invalid, NotFound, Refusal
from domain.core.rights import Action, require
from domain.core.states import record

_TERRITORY = frozenset(TERRITORIAL)
_ANYWHERE = frozenset({*TERRITORIAL, UnitLevel.TOWNSHIP, UnitLevel.SYSTEM})
BELOW: Mapping[UnitLevel, frozenset[UnitLevel]] = MappingProxyType(
    {
        UnitLevel.PROVINCE: frozenset(),
        UnitLevel.CITY: frozenset({UnitLevel.PROVINCE}),
        UnitLevel.COUNTY: frozenset({UnitLevel.CITY}),
        # Dongguan and Zhongshan have no counties.
        UnitLevel.TOWNSHIP: frozenset({UnitLevel.CITY, UnitLevel.COUNTY}),
        UnitLevel.SYSTEM: _ANYWHERE,
        UnitLevel.SCHOOL: _ANYWHERE | {UnitLevel.SCHOOL},
    }
)
"""Below which levels a unit of each level may stand."""


class UnitChange(StrEnum):
    """What is written down of a unit, with who and when."""

    CREATED = "CREATED"
    RENAMED = "RENAMED"
    MOVED = "MOVED"
    LEVEL_CHANGED = "LEVEL_CHANGED"
    DIVISION_CHANGED = "DIVISION_CHANGED"


class LevelMisplaced(Refusal):
    code = ErrorCode.INVALID_INPUT
    zh = "{level} 级单位不能设在 {above} 级单位之下。"
    en = "A unit of the level {level} cannot stand below one of the level {above}."


class DivisionMisplaced(Refusal):
    code = ErrorCode.INVALID_INPUT
    zh = "该区划不属于上级单位的区划，或与单位级别不符。"
    en = "The division is not one of the unit above, or not of the unit's level."


class DivisionTaken(Refusal):
    code = ErrorCode.ALREADY_EXISTS
    zh = "该区划已有单位。"
    en = "This division has its unit already."


class TerritoryFixed(Refusal):
    code = ErrorCode.INVALID_STATE
    zh = "省、市、县级单位的级别和区划不能更改，其他单位也不能改为这些级别。"
    en = "Level and division of a unit of a province, city or county stay, and no other unit becomes one."


class RootFixed(Refusal):
    code = ErrorCode.INVALID_STATE
    zh = "最上级单位只有一个，不能移动。"
    en = "There is one unit at the root; it cannot be moved."


class BelowItself(Refusal):
    code = ErrorCode.INVALID_INPUT
    zh = "单位不能移到自己或其下级单位之下。"
    en = "A unit cannot be moved below itself."


class TooDeep(Refusal):
    code = ErrorCode.INVALID_INPUT
    zh = "单位层级最多 {most} 层。"
    en = "The tree may be {most} levels deep at most."


@dataclass(frozen=True, slots=True)
class UnitFields:
    name: str
    level: UnitLevel
    parent_id: UUID | None
    division_code: str | None


@dataclass(frozen=True, slots=True)
class _Placed:
    id: UUID
    name: str
    level: UnitLevel
    parent_id: UUID | None
    division_code: str | None
    path: list[UUID]


_UNITS = projection(_Placed, UnitRow)


async def _reached(tx: Write, unit_id: UUID, *field: str) -> _Placed:
    """The unit; NotFound at the field when whoever acts does not reach it."""
    statement = _UNITS.select().where(col(UnitRow.id) == unit_id, reached(tx.actor, col(UnitRow.id)))
    found = await _UNITS.first(tx, statement)
    if found is None:
        raise NotFound(*field)
    return found


def _require_place(level: UnitLevel, above: UnitLevel, *field: str) -> None:
    if above not in BELOW[level]:
        raise LevelMisplaced(*field, level=level.value, above=above.value)


async def _require_division(
    db: Read, level: UnitLevel, code: str | None, parent: _Placed, *field: str
) -> None:
    """A city's or county's division is one of its parent's; any other unit may name where it is."""
    if code is not None:
        await require_known(db, [code], "division_code")
    if level not in _TERRITORY:
        return
    if code is None:
        raise Invalid("division_code", zh="需填写区划代码。", en="A unit of this level needs its division.")
    (division,) = await DIVISIONS.all(db, DIVISIONS.select().where(col(DivisionRow.id) == code))
    if division.level.value != level.value or division.parent_code != parent.division_code:
        raise DivisionMisplaced(*field)


def _require_depth(depth: int) -> None:
    if depth > UNIT_DEPTH_MOST:
        raise TooDeep("parent_id", most=UNIT_DEPTH_MOST)


async def create_unit(tx: Write, fields: UnitFields) -> UUID:
    """A new unit below one in reach (NotFound at `parent_id` otherwise); DivisionTaken for a second one of a territory."""
    require(tx.actor, Action.MANAGE_UNITS)
    name = checked_name(fields.name)
    if fields.parent_id is None:
        raise Invalid("parent_id", zh="需指定上级单位。", en="A new unit needs a unit above it.")
    await lock_tree(tx)
    parent = await _reached(tx, fields.parent_id, "parent_id")
    _require_place(fields.level, parent.level, "level")
    await _require_division(tx, fields.level, fields.division_code, parent, "division_code")
    _require_depth(len(parent.path) + 1)
    identity = columns.new_id()
    statement = pg_insert(UnitRow).values(
        id=identity,
        name=name,
        level=fields.level,
        parent_id=parent.id,
        division_code=fields.division_code,
        path=[*parent.path, identity],
    )
    if not await tx.execute(statement.on_conflict_do_nothing()):
        raise DivisionTaken("division_code")
    await record(tx, identity, UnitChange.CREATED, parent.name)
    return identity


async def _require_children_fit(db: Read, unit: _Placed, level: UnitLevel) -> None:
    children = sa.select(col(UnitRow.level)).where(col(UnitRow.parent_id) == unit.id).distinct()
    for below in await db.scalars(children):
        _require_place(below, level, "level")


async def _move(tx: Write, unit: _Placed, parent: _Placed) -> None:
    """Take the unit and all below it to another place, in one statement."""
    below = col(UnitRow.path).contains([unit.id])
    deepest = await tx.scalar(sa.select(sa.func.max(sa.func.cardinality(col(UnitRow.path)))).where(below))
    _require_depth(len(parent.path) + 1 + deepest - len(unit.path))
    path: Any = UnitRow.path
    from_unit_on = path[len(unit.path) : UNIT_DEPTH_MOST]
    own = col(UnitRow.id) == unit.id
    await tx.execute(
        sa.update(UnitRow)
        .where(below)
        .values(
            path=sa.func.array_cat(sa.literal(parent.path, path.type), from_unit_on),
            parent_id=sa.case((own, parent.id), else_=col(UnitRow.parent_id)),
        )
    )
    await record(tx, unit.id, UnitChange.MOVED, f"{unit.parent_id} → {parent.id}")


async def _placed_again(
    tx: Write, unit: _Placed, fields: UnitFields, given: frozenset[str]
) -> _Placed | None:
    """The unit above from now on; None for the root's. Everything that forbids the place is said here."""
    parent_id = fields.parent_id if "parent_id" in given else unit.parent_id
    if (parent_id is None) != (unit.parent_id is None):
        raise RootFixed("parent_id")
    if parent_id is None:
        return None
    if parent_id == unit.parent_id:
        (parent,) = await _UNITS.by_ids(tx, [parent_id])
    else:
        parent = await _reached(tx, parent_id, "parent_id")
    if unit.id in parent.path:
        raise BelowItself("parent_id")
    _require_place(fields.level, parent.level, "level" if fields.level != unit.level else "parent_id")
    return parent


def _events(unit: _Placed, changed: Mapping[str, Any]) -> Iterable[tuple[UnitChange, str]]:
    for name, event in (
        ("name", UnitChange.RENAMED),
        ("level", UnitChange.LEVEL_CHANGED),
        ("division_code", UnitChange.DIVISION_CHANGED),
    ):
        if name in changed:
            yield event, f"{getattr(unit, name) or '-'} → {changed[name] or '-'}"


async def update_unit(tx: Write, unit_id: UUID, fields: UnitFields, given: frozenset[str]) -> UUID:
    """
    Change a unit in reach (NotFound at `id` otherwise); of parent and division, what is not `given` stays.

    What is as it was is not touched, nor written down.
    """
    require(tx.actor, Action.MANAGE_UNITS)
    name = checked_name(fields.name)
    await lock_tree(tx)
    unit = await _reached(tx, unit_id, "id")
    division = fields.division_code if "division_code" in given else unit.division_code
    wanted = {"name": name, "level": fields.level, "division_code": division}
    changed = {key: value for key, value in wanted.items() if value != getattr(unit, key)}
    for key in ("level", "division_code"):
        if key in changed and not _TERRITORY.isdisjoint((unit.level, fields.level)):
            raise TerritoryFixed(key)
    parent = await _placed_again(tx, unit, fields, given)
    if parent is not None:
        await _require_division(tx, fields.level, division, parent, "parent_id")
        if "level" in changed:
            await _require_children_fit(tx, unit, fields.level)
        if parent.id != unit.parent_id:
            await _move(tx, unit, parent)
    if changed:
        await tx.execute(sa.update(UnitRow).where(col(UnitRow.id) == unit_id).values(**changed))
    for event, note in _events(unit, changed):
        await record(tx, unit_id, event, note)
    return unit_id
