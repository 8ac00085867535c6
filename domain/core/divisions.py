"""
Administrative divisions (GB/T 2260): province, city, county; a reference table, loaded from `data/divisions.csv`.

Codes tell the tree: 440000 ⊃ 440100 ⊃ 440106. Dongguan and Zhongshan have no counties.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlmodel import Field, SQLModel, col

from domain.core import columns
from domain.core.db import Read, Write
from domain.core.projection import projection
from domain.core.refusals import ErrorCode, Refusal

CODE_LENGTH = 6
_ONE_BY_ONE = 8
"""So many beginnings are looked for in an index, each by itself; of more a filter lets in too much for that to pay."""
_DATA = Path(__file__).parent / "data" / "divisions.csv"


class DivisionLevel(StrEnum):
    PROVINCE = "PROVINCE"
    CITY = "CITY"
    COUNTY = "COUNTY"


class DivisionRow(SQLModel, table=True):
    """A division with the coordinates of its seat of government (GCJ-02 degrees)."""

    __tablename__ = "core_division"
    __table_args__ = (columns.one_of("level", DivisionLevel),)

    id: str = Field(sa_column_args=(), sa_type=sa.Text, primary_key=True)
    name: str = columns.text()
    level: DivisionLevel = columns.enum(DivisionLevel)
    parent_code: str | None = Field(default=None, sa_type=sa.Text, foreign_key="core_division.id", index=True)
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True)
class Division:
    id: str
    name: str
    level: DivisionLevel
    parent_code: str | None

    @property
    def code(self) -> str:
        return self.id


DIVISIONS = projection(Division, DivisionRow)


class UnknownDivision(Refusal):
    code = ErrorCode.INVALID_INPUT
    zh = "未知的行政区划代码 {code}。"
    en = "Unknown division code {code}."


def chain_of(code: str | None) -> tuple[str, ...]:
    """The code and those above it, the nearest first."""
    if code is None or len(code) != CODE_LENGTH:
        return ()
    return tuple(dict.fromkeys((code, f"{code[:4]}00", f"{code[:2]}0000")))


def prefix_of(code: str) -> str:
    """What the codes of a division and of all below it begin with."""
    return code[:2] if code.endswith("0000") else code[:4] if code.endswith("00") else code


def asked_for(codes: Iterable[str] | None) -> tuple[str, ...] | None:
    """
    Of the codes of a filter those that exist, each once, in order; None for no filter. What nobody has is not looked for: a
    filter of any length weighs no more than the tree.
    """
    return None if codes is None else tuple(sorted(_known().intersection(codes)))


def within(column: sa.SQLColumnExpression[Any], codes: Iterable[str]) -> sa.ColumnElement[bool]:
    """Rows of these divisions and of those below them ("a city code takes in its counties")."""
    prefixes = _apart({prefix_of(code) for code in codes})
    if len(prefixes) <= _ONE_BY_ONE:
        return sa.or_(sa.false(), *(column.startswith(prefix, autoescape=True) for prefix in prefixes))
    by_length = groupby(sorted(prefixes, key=len), key=len)
    return sa.or_(*(_begins_with_any(column, length, list(found)) for length, found in by_length))


def _begins_with_any(
    column: sa.SQLColumnExpression[Any], length: int, prefixes: list[str]
) -> sa.ColumnElement[bool]:
    """One value however many they are, so that statements are not as many as filters are long."""
    beginning = column if length == CODE_LENGTH else sa.func.left(column, length)
    return beginning == sa.func.any(sa.literal(prefixes, ARRAY(sa.Text)))


def _apart(prefixes: set[str]) -> list[str]:
    """Without those that another takes in."""
    return sorted(one for one in prefixes if not any(one[:length] in prefixes for length in range(len(one))))


async def known_codes(db: Read, codes: Iterable[str]) -> frozenset[str]:
    """Those of the codes that exist."""
    wanted = [code for code in set(codes) if len(code) == CODE_LENGTH]
    return frozenset(await db.scalars(sa.select(col(DivisionRow.id)).where(col(DivisionRow.id).in_(wanted))))


async def require_known(db: Read, codes: Iterable[str], *field: str) -> None:
    """UnknownDivision for the first code that does not exist."""
    wanted = list(codes)
    known = await known_codes(db, wanted)
    for code in wanted:
        if code not in known:
            raise UnknownDivision(*field, code=code[:CODE_LENGTH])


@lru_cache(maxsize=1)
def reference() -> tuple[dict[str, Any], ...]:
    """The divisions of the file as rows, higher levels first."""
    with _DATA.open(encoding="utf-8", newline="") as file:
        rows = [
            {
                "id": row["code"],
                "name": row["name"],
                "level": DivisionLevel(row["level"]),
                "parent_code": row["parent_code"] or None,
                "latitude": float(row["latitude"]),
                "longitude": float(row["longitude"]),
            }
            for row in csv.DictReader(file)
        ]
    return tuple(sorted(rows, key=lambda row: (list(DivisionLevel).index(row["level"]), row["id"])))


async def load_reference(tx: Write) -> int:
    """Bring the table up to the file; how many rows changed. Run by `qingyi migrate`."""
    rows = list(reference())
    statement = pg_insert(DivisionRow).values(rows)
    new = statement.excluded
    changed = sa.tuple_(col(DivisionRow.name), col(DivisionRow.latitude), col(DivisionRow.longitude))
    return await tx.execute(
        statement.on_conflict_do_update(
            index_elements=[col(DivisionRow.id)],
            set_={"name": new.name, "latitude": new.latitude, "longitude": new.longitude},
            where=changed.is_distinct_from(sa.tuple_(new.name, new.latitude, new.longitude)),
        )
    )


@lru_cache(maxsize=1)
def _known() -> frozenset[str]:
    return frozenset(row["id"] for row in reference())
