"""
Many values given to one statement as arrays: its text is the same however many there are, so it is built, compiled and
planned once.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.type_api import TypeEngine

Type = type[TypeEngine[Any]] | TypeEngine[Any]


class Rows:
    """
    Rows that a statement joins with: `table` stands for them in it, `bound` gives them when it is run.

        WANTED = Rows("wanted", room_id=sa.Uuid, night=sa.Date)
        await db.rows(select(…).join(WANTED.table, …), WANTED.bound([(room, night), …]))
    """

    def __init__(self, name: str, **columns: Type) -> None:
        self._names = [f"{name}_{column}" for column in columns]
        self.table: sa.TableValuedAlias = (
            sa.func.unnest(*(_array(f"{name}_{column}", kind) for column, kind in columns.items()))
            .table_valued(*(sa.column(column, kind) for column, kind in columns.items()))
            .render_derived(name=name)
        )

    @property
    def c(self) -> Any:
        return self.table.c

    def bound(self, rows: Iterable[Sequence[Any]]) -> dict[str, list[Any]]:
        """The parameters for these rows, each in the order of the columns; in the statement they keep their order."""
        given: dict[str, list[Any]] = {name: [] for name in self._names}
        values = list(given.values())
        for row in rows:
            for column, value in zip(values, row, strict=True):
                column.append(value)
        return given


def _array(name: str, kind: Type) -> sa.BindParameter[Any]:
    return sa.bindparam(name, type_=ARRAY(kind))


def any_of(name: str, kind: Type) -> Any:
    """For a comparison of a column with the values given as `name`: equal to one of them."""
    return sa.any_(_array(name, kind))
