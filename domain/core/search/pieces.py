"""
Statements over pieces of a list. Each is composed once for a set of rows, whatever is sought, as composing one would take longer than
Postgres needs to answer; and once prepared, it is planned no more.

A piece is what some formulas hold together, after a position. Pieces are given as arrays, one after the other: Postgres looks at the
next one only while it has too few rows.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement, CompoundSelect, Select, SQLColumnExpression
from sqlalchemy.dialects.postgresql import TSQUERY

from domain.core.composing import once
from domain.core.db import Read
from domain.core.search.declared import Declared
from domain.core.search.formula import Formula, every
from domain.core.unnesting import Rows, any_of

SCANS = (2, 4, 8)
"""So many formulas a statement takes, each a scan of the index by itself; where there are more, the last takes the rest."""

ANYTHING = "!'@nothing'"
"""Any row holds it: for a scan that is not needed. It costs a look at an entry that is not there."""

FIRST_ID, LAST_ID = UUID(int=0), UUID(int=2**128 - 1)
_BEFORE_ALL, _AFTER_ALL = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)

_instant, _key = sa.DateTime(timezone=True), sa.Uuid


Statement = Select[Any] | CompoundSelect[Any]
Compose = Callable[[Select[Any]], Statement]


@dataclass(frozen=True, slots=True)
class Piece:
    """What holds all `formulas` and lies behind a position, if there is one. `tier` is given back with its rows."""

    tier: int
    formulas: tuple[Formula, ...]
    position: tuple[datetime, UUID] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Rowset:
    """
    Rows of a table with what orders them, and the statements over them. `rows` is kept by whoever asks for it again.

    With a `number`, in SQL, rows are sorted by it first, the highest first, and their tier is what it is below zero.
    """

    declared: Declared
    rows: Select[Any]
    published: SQLColumnExpression[Any]
    identity: SQLColumnExpression[Any]
    number: str | None = None

    async def places(self, db: Read, pieces: Sequence[Piece], most: int, *, backward: bool) -> Sequence[Any]:
        """Tier, instant and id of so many rows at most: of the first pieces that have so many, the newest (or oldest) of each."""
        scans = scans_for(max(len(piece.formulas) for piece in pieces))
        statement = once(
            self.rows,
            ("places", scans, backward, self.number),
            lambda: self._places(scans, backward=backward),
        )
        none = (_BEFORE_ALL, FIRST_ID) if backward else (_AFTER_ALL, LAST_ID)
        given = _PIECES[scans].bound(
            (piece.tier, *(piece.position or none), *texts(piece.formulas, scans)) for piece in pieces
        )
        return await db.rows(statement, {**given, "most": most})

    async def by_ids(self, db: Read, ids: Sequence[UUID]) -> dict[UUID, Sequence[Any]]:
        """The columns of `rows` of those that are still among them."""
        if not ids:
            return {}
        statement = once(self.rows, ("rows",), self._by_ids)
        return {row[-1]: row[:-1] for row in await db.rows(statement, {"ids": list(ids)})}

    async def over(
        self, db: Read, compose: Compose, columns: Sequence[Any], formulas: Sequence[Formula], most: int
    ) -> Sequence[Any]:
        """What `compose` makes of columns of so many rows at most that hold all formulas; `compose` itself is a constant."""
        scans = scans_for(len(formulas))
        statement = once(self.rows, (compose, scans), lambda: compose(self._sought(scans, columns)))
        words = {f"words{n}": text for n, text in enumerate(texts(formulas, scans))}
        return await db.rows(statement, {**words, "most": most})

    def _sought(self, scans: int, columns: Sequence[Any]) -> Select[Any]:
        queries = [
            sa.select(sa.cast(sa.bindparam(f"words{n}", type_=sa.Text), TSQUERY)).scalar_subquery()
            for n in range(scans)
        ]
        return self._that_hold(queries, *columns).limit(sa.bindparam("most", type_=sa.Integer))

    def _by_ids(self) -> Select[Any]:
        return self.rows.add_columns(self.identity).where(self.identity == any_of("ids", sa.Uuid))

    def _that_hold(self, queries: Iterable[ColumnElement[Any]], *columns: Any) -> Select[Any]:
        rows = self.rows.with_only_columns(*columns, maintain_column_froms=True)
        return rows.where(self.declared.hold(queries))

    def _places(self, scans: int, *, backward: bool) -> Select[Any]:
        piece = _PIECES[scans]
        queries = [sa.cast(piece.c[f"words{n}"], TSQUERY) for n in range(scans)]
        keys: list[ColumnElement[Any]] = [self.published.label("published"), self.identity.label("id")]
        after = [piece.c.at, piece.c.key]
        if self.number is not None:
            keys.insert(0, sa.literal_column(f"({self.number})", sa.Integer).label("number"))
            after.insert(0, -piece.c.tier)
        # OFFSET 0 keeps what follows from being looked for in another index than that of the words.
        found = self._that_hold(queries, *keys).offset(0)
        row = found.correlate(piece.table).lateral("row_of_piece")
        place, position = sa.tuple_(*row.c), sa.tuple_(*after)
        most: ColumnElement[int] = sa.bindparam("most", type_=sa.Integer)
        chosen = (
            sa.select(row)
            .where(place > position if backward else place < position)
            .order_by(*(key if backward else key.desc() for key in row.c))
            .limit(most)
            .correlate(piece.table)
            .lateral("of_piece")
        )
        tier = piece.c.tier if self.number is None else -chosen.c.number
        return (
            sa.select(tier, chosen.c.published, chosen.c.id)
            .select_from(piece.table.join(chosen, sa.true()))
            .limit(most)
        )


_PIECES = {
    scans: Rows(
        "piece",
        tier=sa.Integer,
        at=_instant,
        key=_key,
        **dict.fromkeys((f"words{n}" for n in range(scans)), sa.Text),
    )
    for scans in SCANS
}


def scans_for(formulas: int) -> int:
    return next((scans for scans in SCANS if scans >= formulas), SCANS[-1])


def texts(formulas: Sequence[Formula], scans: int) -> list[str]:
    """As so many queries, the last of which takes what is left."""
    if len(formulas) > scans:
        formulas = [*formulas[: scans - 1], every(formulas[scans - 1 :])]
    return [formula.text() for formula in formulas] + [ANYTHING] * (scans - len(formulas))
