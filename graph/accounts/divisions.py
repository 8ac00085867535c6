"""Administrative divisions."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa
import strawberry
from sqlmodel import col

from domain.core import divisions as domain
from domain.core.divisions import DIVISIONS, DivisionRow
from domain.core.unnesting import any_of
from graph.accounts.enums import DivisionLevel
from graph.core.context import Context, Info, Loader, keyed_loader
from graph.core.edges import edge


@strawberry.type(description="A province, city or county.")
class Division:
    code: str = strawberry.field(description="GB/T 2260, six digits.")
    name: str = strawberry.field(description="Its official name, e.g. 广州市.")
    level: DivisionLevel = strawberry.field(description="Province, city or county.")
    parent_code: strawberry.Private[str | None]

    @strawberry.field(description="The division that it belongs to; null for the province.")
    async def parent(self, info: Info) -> "Division | None":
        return await division(info.context, self.parent_code)

    @strawberry.field(description="The divisions right below it, by code.")
    async def children(self, info: Info) -> "list[Division]":
        return await info.context.loader(_children_by_code).load(self.code) or []


def show(row: domain.Division) -> Division:
    return Division(code=row.code, name=row.name, level=row.level, parent_code=row.parent_code)


@cache
def _reference() -> dict[str, Division]:
    return {
        row["id"]: show(
            domain.Division(row["id"], row["name"], domain.DivisionLevel(row["level"]), row["parent_code"])
        )
        for row in domain.reference()
    }


def division_at_once(code: str | None) -> Division | None:
    """As this program's own table has it, which the database is filled from; None for one that a later release brought."""
    return None if code is None else _reference().get(code)


def _divisions_at_once(codes: Sequence[str | None], _context: Context) -> list[Division | None] | None:
    known = _reference()
    try:
        return [known[code] for code in codes]  # type: ignore[index]  # no code: no division is known by None
    except KeyError:
        return None


_BY_CODES = DIVISIONS.select().where(col(DivisionRow.id) == any_of("codes", sa.Text))


def divisions_by_code(context: Context) -> Loader[str, Any]:
    async def fetch(codes: list[str]) -> dict[str, Division]:
        found = {code: known for code in codes if (known := division_at_once(code)) is not None}
        others = [code for code in codes if code not in found]
        if others:
            async with context.read() as db:
                found |= {
                    row.code: show(row) for row in await DIVISIONS.all(db, _BY_CODES, {"codes": others})
                }
        return found

    return keyed_loader(fetch)


def division_edge(code: Callable[[Any], str | None]) -> Callable[..., Any]:
    """A resolver for the division that a row names by its code."""
    return edge(divisions_by_code, code, at_once=_divisions_at_once)


def _children_by_code(context: Context) -> Loader[str, list[Division] | None]:
    async def fetch(codes: list[str]) -> dict[str, list[Division]]:
        async with context.read() as db:
            rows = await DIVISIONS.all(
                db,
                DIVISIONS.select()
                .where(col(DivisionRow.parent_code).in_(codes))
                .order_by(col(DivisionRow.id)),
            )
        found: dict[str, list[Division]] = {}
        for row in rows:
            found.setdefault(row.parent_code or "", []).append(show(row))
        return found

    return keyed_loader(fetch)


async def division(context: Context, code: str | None) -> Division | None:
    return None if code is None else await context.loader(divisions_by_code).load(code)


@strawberry.type
class DivisionQueries:
    @strawberry.field(
        description="The divisions right below one, by code; the province when no parent is named."
    )
    async def divisions(self, info: Info, parent_code: str | None = None) -> list[Division]:
        parent = col(DivisionRow.parent_code)
        where = parent.is_(None) if parent_code is None else parent == parent_code
        async with info.context.read() as db:
            rows = await DIVISIONS.all(db, DIVISIONS.select().where(where).order_by(col(DivisionRow.id)))
        return [show(row) for row in rows]
