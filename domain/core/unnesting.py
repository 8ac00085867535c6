"""
Many values given to one statement as arrays: its text is the same however many there are, so it is built, compiled and
planned once.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Executable
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


class ByKeys:
    """
    Selects over some keys, in two forms: for a single key, which the database plans once, and for several as an array, which it
    plans anew each time, since it knows how many they are by their values alone.

        UNITS = ByKeys(lambda keys: sa.select(…).where(col(UnitRow.id) == keys), sa.Uuid)
        await db.rows(*UNITS.of(ids))
    """

    def __init__(self, select: Callable[[Any], Any], kind: Type) -> None:
        self._select, self._kind = select, kind
        self._one: Executable = select(sa.bindparam("key", type_=kind))
        self._several: Executable = select(any_of("keys", kind))

    def of(self, keys: Iterable[Any], **given: Any) -> tuple[Executable, dict[str, Any]]:
        """The statement for these keys, with its parameters; `given` are its others."""
        found = list(keys)
        if len(found) == 1:
            return self._one, {"key": found[0], **given}
        return self._several, {"keys": found, **given}

    def only(self, *columns: sa.ColumnElement[Any]) -> "ByKeys":
        """The same rows with these columns alone."""
        return ByKeys(
            lambda keys: self._select(keys).with_only_columns(*columns, maintain_column_froms=True),
            self._kind,
        )


def _array(name: str, kind: Type) -> sa.BindParameter[Any]:
    return sa.bindparam(name, type_=ARRAY(kind))


def any_of(name: str, kind: Type) -> Any:
    """For a comparison of a column with the values given as `name`: equal to one of them."""
    return sa.any_(_array(name, kind))
