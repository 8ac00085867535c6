"""How columns are written in every table, so that all programmes' tables read alike."""

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel
from uuid_utils.compat import uuid7

# Every constraint has a name of its own, so that migrations and refusals can speak of it.
SQLModel.metadata.naming_convention = {
    "pk": "%(table_name)s_pkey",
    "fk": "%(table_name)s_%(column_0_name)s_fkey",
    "ix": "%(table_name)s_%(column_0_name)s_idx",
    "uq": "%(table_name)s_%(column_0_name)s_key",
    "ck": "%(table_name)s_%(constraint_name)s",
}

new_id = uuid7
"""Ids rise with time (RFC 9562), so that indexes grow at one end and `id` breaks ties by age."""


class EnumText(TypeDecorator[StrEnum]):
    """A StrEnum as text; `one_of` adds the CHECK. Not a native type: those cannot lose a value again."""

    impl = sa.Text
    cache_ok = True

    def __init__(self, kind: type[StrEnum]) -> None:
        super().__init__()
        self.kind = kind
        self._members: dict[str | None, StrEnum | None] = {member.value: member for member in kind}
        self._members[None] = None

    def process_bind_param(self, value: StrEnum | str | None, dialect: Dialect) -> str | None:  # noqa: ARG002  # signature of SQLAlchemy
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:  # noqa: ARG002  # as above
        return self._members[value]

    @property
    def reader(self) -> Callable[[str | None], StrEnum | None]:
        """As `process_result_value`, without anything between; KeyError for what is no member."""
        return self._members.__getitem__


def one_of(column: str, kind: Iterable[StrEnum]) -> sa.CheckConstraint:
    """The database's own list of the values that a column may hold."""
    values = ", ".join(f"'{member.value}'" for member in kind)
    return sa.CheckConstraint(f"{column} IN ({values})", name=f"{column}_known")


def each_of(column: str, kind: Iterable[StrEnum]) -> sa.CheckConstraint:
    """As `one_of`, for an array."""
    values = ", ".join(f"'{member.value}'" for member in kind)
    return sa.CheckConstraint(f"{column} <@ ARRAY[{values}]::text[]", name=f"{column}_known")


def check(name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=name)


def identifier() -> Any:
    """The primary key, a UUIDv7 made by the application."""
    return Field(default_factory=new_id, primary_key=True)


def refers_to(target: str, *, index: bool = False, primary_key: bool = False) -> Any:
    return Field(foreign_key=target, index=index, primary_key=primary_key)


def maybe_refers_to(target: str, *, index: bool = False) -> Any:
    return Field(default=None, foreign_key=target, index=index)


def text(default: Any = ...) -> Any:
    return Field(default=default, sa_type=sa.Text)


def enum(kind: type[StrEnum], default: Any = ...) -> Any:
    return Field(default=default, sa_column_args=(), sa_type=EnumText(kind))


def enum_array(kind: type[StrEnum]) -> Any:
    return Field(default_factory=list, sa_type=ARRAY(EnumText(kind)))


def text_array() -> Any:
    return Field(default_factory=list, sa_type=ARRAY(sa.Text))


def uuid_array() -> Any:
    return Field(default_factory=list, sa_type=ARRAY(sa.Uuid))


def instant(default: Any = ...) -> Any:
    """An instant, always with its zone."""
    return Field(default=default, sa_type=sa.DateTime(timezone=True))


def json_object() -> Any:
    return Field(default_factory=dict, sa_type=JSONB)


def count_of() -> Any:
    """How often something happened; none at first, also for a row that an older release writes."""
    return Field(default=0, sa_column_kwargs={"server_default": "0"})


def version() -> Any:
    """Rises by one with each change; `expectedVersion` is compared with it."""
    return Field(default=1)
