"""
States move along drawn edges only, and every move is recorded with who and when.

A programme draws its edges as a `States`; the move itself is a conditional UPDATE in the programme's own action (the
row's present state is in the WHERE, so that of two movers one wins). `record` then writes the history.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Mapped
from sqlmodel import Field, SQLModel, col

from domain.core import columns
from domain.core.db import Read, Write
from domain.core.projection import projection
from domain.core.unnesting import ByKeys

S = TypeVar("S", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class States(Generic[S]):
    """The drawn edges: from each state, where it may go."""

    edges: Mapping[S, frozenset[S]]

    def may(self, before: S, after: S) -> bool:
        return after in self.edges.get(before, frozenset())

    def sources(self, after: S) -> frozenset[S]:
        """The states from which `after` can be reached in one move."""
        return frozenset(before for before, targets in self.edges.items() if after in targets)


def stands_in(status: Mapped[Any], states: Iterable[StrEnum]) -> ColumnElement[bool]:
    """
    Is a row in one of these states? Written out into the statement, so that also a plan that was prepared once for all
    values finds the partial index over them.
    """
    return status.in_([sa.literal_column(f"'{state.value}'") for state in states])


class StateEvent(SQLModel, table=True):
    """One move of one subject, of any programme. Rows are only ever added."""

    __tablename__ = "core_state_event"
    __table_args__ = (
        sa.Index("core_state_event_subject", "subject_id", "id"),
        # By this an erasure finds what a youth did.
        sa.Index("core_state_event_youth", "actor", postgresql_where=sa.text("actor LIKE 'youth:%'")),
    )

    id: UUID = columns.identifier()
    subject_id: UUID = Field()
    status: str = columns.text()
    at: datetime = columns.instant()
    actor: str = columns.text()
    note: str | None = columns.text(None)


@dataclass(frozen=True, slots=True)
class Move:
    """A move as the history shows it."""

    subject_id: UUID
    status: str
    at: datetime
    note: str | None


MOVES = projection(Move, StateEvent)


async def record_by(tx: Write, moves: Iterable[tuple[str, UUID, StrEnum, str | None]]) -> None:
    """Write moves (who, subject, new state, note); `who` is an actor's key."""
    await tx.insert(
        StateEvent,
        (
            {
                "id": columns.new_id(),
                "subject_id": subject,
                "status": status.value,
                "at": tx.now,
                "actor": who,
                "note": note,
            }
            for who, subject, status, note in moves
        ),
    )


async def record_all(tx: Write, moves: Iterable[tuple[UUID, StrEnum, str | None]]) -> None:
    """Write moves (subject, new state, note) of this transaction's actor."""
    await record_by(tx, ((tx.actor.key, subject, status, note) for subject, status, note in moves))


async def record(tx: Write, subject: UUID, status: StrEnum, note: str | None = None) -> None:
    await record_all(tx, [(subject, status, note)])


_HISTORIES = ByKeys(
    lambda subjects: (
        MOVES.select().where(col(StateEvent.subject_id) == subjects).order_by(col(StateEvent.id))
    ),
    sa.Uuid,
)


async def histories(db: Read, subjects: Iterable[UUID]) -> dict[UUID, list[Move]]:
    """The moves of each subject, oldest first."""
    found: dict[UUID, list[Move]] = {subject: [] for subject in subjects}
    for move in await MOVES.all(db, *_HISTORIES.of(found)):
        found[move.subject_id].append(move)
    return found
