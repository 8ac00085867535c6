"""
Whatever a city or a station decides for itself is data: a policy has a default here and may have a row for a division.

The most specific row wins: county, then city, then province, then the default.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel, col

from domain.core.db import Read
from domain.core.divisions import chain_of
from domain.core.unnesting import any_of

T = TypeVar("T")

EVERYWHERE = ""
"""The division code of a row that holds in the whole deployment."""


class PolicyRow(SQLModel, table=True):
    """A division's own value of a policy."""

    __tablename__ = "core_policy"

    name: str = Field(sa_type=sa.Text, primary_key=True)
    division_code: str = Field(default=EVERYWHERE, sa_type=sa.Text, primary_key=True)
    value: Any = Field(sa_type=JSONB)


@dataclass(frozen=True, slots=True)
class Policy(Generic[T]):
    """A decision with its default; `about` says what it decides and in which unit."""

    name: str
    default: T
    about: str


# Whatever divisions decided: they are few, and rows that do not depend on who asks may be kept for a moment.
_ROWS = sa.select(col(PolicyRow.name), col(PolicyRow.division_code), col(PolicyRow.value)).where(
    col(PolicyRow.name) == any_of("names", sa.Text)
)


async def policies_by_division(
    db: Read, divisions: Iterable[str | None], *wanted: Policy[Any]
) -> dict[str | None, tuple[Any, ...]]:
    """Of each division the values in force, in the order asked for; one statement."""
    chains = {division: (*chain_of(division), EVERYWHERE) for division in divisions}
    rows = await db.rows(_ROWS, {"names": [policy.name for policy in wanted]})
    kept = {(row.name, row.division_code): row.value for row in rows}
    return {
        division: tuple(
            next((kept[policy.name, code] for code in chain if (policy.name, code) in kept), policy.default)
            for policy in wanted
        )
        for division, chain in chains.items()
    }


async def policies(db: Read, *wanted: Policy[Any], division_code: str | None = None) -> tuple[Any, ...]:
    """The values in force, in the order asked for; one statement."""
    return (await policies_by_division(db, [division_code], *wanted))[division_code]


async def policy_value(db: Read, policy: Policy[T], division_code: str | None = None) -> T:
    (value,) = await policies(db, policy, division_code=division_code)
    return value  # type: ignore[no-any-return]  # rows hold what the policy's type says
