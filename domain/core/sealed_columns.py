"""
Which columns depend on the server's keys: each says so where it is declared, and a change of keys finds all of them here.

`sealed` is a text that is opened again: `qingyi keys rotate` seals it anew under the newest key. `keyed_hash` is of a secret
that is kept nowhere, so that nothing but its next use can hash it anew: its table remembers by which key it was made.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from domain.core.sealing import place

_DECLARED = "depends_on_keys"
_ENDING = "_sealed"


@dataclass(frozen=True, slots=True)
class _Sealed:
    blind: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _KeyedHash:
    what: str
    live: str
    named: str | None


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A column of sealed texts. `blind` are the purposes of `domain.core.blind_index` under which a row may own its text."""

    column: sa.Column[Any]
    blind: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.column.table.name}.{self.column.name}"

    def place(self, row: UUID) -> str:
        return place(self.column.table.name, self.column.name.removesuffix(_ENDING), row)


@dataclass(frozen=True, slots=True)
class KeyedHash:
    """
    A column of keyed hashes. `live` is the condition, in SQL and where it needs it with `:now`, under which a row still
    counts; `named` the column by which people know it.
    """

    column: sa.Column[Any]
    what: str
    live: str
    named: str | None

    @property
    def key_id(self) -> sa.Column[Any]:
        return self.column.table.c["key_id"]

    def still_live(self, now: datetime) -> sa.TextClause:
        condition = sa.text(self.live)
        return condition.bindparams(now=now) if ":now" in self.live else condition


def sealed(default: Any = ..., *, blind: Sequence[str] = ()) -> Any:
    """
    A column of texts sealed at `place(table, column without "_sealed", id)`; its name ends in `_sealed`, its table's primary
    key is one UUID. `blind`: the purposes under which the row with this id may have claimed the text as its own.
    """
    return Field(
        default=default,
        sa_type=sa.LargeBinary,
        sa_column_kwargs={"info": {_DECLARED: _Sealed(tuple(blind))}},
    )


def keyed_hash(
    what: str, *, live: str, named: str | None = None, primary_key: bool = False, unique: bool = False
) -> Any:
    """A column of `Sealer.blind` of a secret that is kept nowhere; beside it stands `key_id: str | None = hashing_key()`."""
    options: dict[str, Any] = {"info": {_DECLARED: _KeyedHash(what, live, named)}}
    if unique:
        options["unique"] = True
    return Field(sa_type=sa.LargeBinary, primary_key=primary_key, sa_column_kwargs=options)


def hashing_key() -> Any:
    """The id of the root key of the row's keyed hash; NULL where it was made before this was noted."""
    return Field(default=None, sa_type=sa.Text)


def sealed_tables(metadata: sa.MetaData = SQLModel.metadata) -> Mapping[sa.Table, Sequence[SealedColumn]]:
    """Every table with sealed columns. Complete once `domain.models` is imported."""
    found = {
        table: tuple(
            SealedColumn(column, declared.blind)
            for column in table.columns
            if isinstance(declared := column.info.get(_DECLARED), _Sealed)
        )
        for table in metadata.sorted_tables
    }
    return {table: columns for table, columns in found.items() if columns}


def keyed_hashes(metadata: sa.MetaData = SQLModel.metadata) -> Sequence[KeyedHash]:
    """Every column of keyed hashes. Complete once `domain.models` is imported."""
    return tuple(
        KeyedHash(column, declared.what, declared.live, declared.named)
        for table in metadata.sorted_tables
        for column in table.columns
        if isinstance(declared := column.info.get(_DECLARED), _KeyedHash)
    )
