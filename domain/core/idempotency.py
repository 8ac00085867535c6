"""
The same key gives the first answer again (programmes.md, "Everywhere").

The key's row is written in the transaction of the work itself. Whoever sends the same key while the first is still
running waits on the primary key's index entry, then finds the first answer; a crash takes row and work together.
Keys are kept as hashes for at least 24 hours (`purge` runs from the worker). Many requests in one transaction:
`domain.core.claiming`.
"""

import hashlib
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlmodel import Field, SQLModel, col

from domain.core.db import Write
from domain.core.refusals import ErrorCode, Invalid, KeyReused, Refusal, Refused, RememberedRefusal

KEPT_FOR = timedelta(hours=48)
KEY_MOST = 64
_NOT_REMEMBERED = frozenset({ErrorCode.RATE_LIMITED})


class IdempotencyKey(SQLModel, table=True):
    """One answered request of one caller: the record it made, or why it was refused."""

    __tablename__ = "core_idempotency_key"

    caller: str = Field(sa_type=sa.Text, primary_key=True)
    key_hash: bytes = Field(sa_type=sa.LargeBinary, primary_key=True)
    input_hash: bytes = Field(sa_type=sa.LargeBinary)
    record_id: UUID | None = None
    refusals: list[dict[str, Any]] | None = Field(default=None, sa_type=JSONB)
    created_at: datetime = Field(sa_type=sa.DateTime(timezone=True), index=True)


@dataclass(frozen=True, slots=True)
class Once:
    """A key with the fingerprint of the input that it came with."""

    key: str
    fingerprint: bytes

    def __post_init__(self) -> None:
        if not 1 <= len(self.key) <= KEY_MOST:
            raise Invalid(
                "idempotency_key",
                zh=f"idempotencyKey 需为 1 至 {KEY_MOST} 个字符。",
                en=f"idempotencyKey must have 1 to {KEY_MOST} characters.",
            )

    @property
    def key_hash(self) -> bytes:
        return hashlib.sha256(self.key.encode()).digest()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a mutation came to: the record's id, or why not. `record` is the record itself where it was at hand."""

    record_id: UUID | None = None
    refusals: tuple[Refusal, ...] = ()
    replayed: bool = False
    record: Any = None


Action = Callable[[], Awaitable[UUID | None]]
First = Callable[[], Awaitable[None]]


async def attempt(tx: Write, action: Action) -> Outcome:
    """Run the action; what it wrote is undone when it refuses."""
    try:
        async with tx.savepoint():
            return Outcome(record_id=await action())
    except Refusal as reason:
        return Outcome(refusals=(reason,))
    except Refused as refused:
        return Outcome(refusals=refused.reasons)


async def alone(
    begin: Callable[[], AbstractAsyncContextManager[Write]], action: Callable[[Write], Awaitable[UUID | None]]
) -> Outcome:
    """As `attempt`, in a transaction of its own: a refusal ends that, so that no savepoint is needed."""
    try:
        async with begin() as tx:
            return Outcome(record_id=await action(tx))
    except Refusal as reason:
        return Outcome(refusals=(reason,))
    except Refused as refused:
        return Outcome(refusals=refused.reasons)


async def once(tx: Write, asked: Once, action: Action, first: First | None = None) -> Outcome:
    """
    As `attempt`, but the same caller with the same key gets the first outcome again.

    `first` comes before whatever is not a repetition; what it writes stays, whatever becomes of the action.
    """
    table = IdempotencyKey
    mine = sa.and_(col(table.caller) == tx.actor.key, col(table.key_hash) == asked.key_hash)
    claimed = await tx.execute(
        pg_insert(table)
        .values(caller=tx.actor.key, key_hash=asked.key_hash, input_hash=asked.fingerprint, created_at=tx.now)
        .on_conflict_do_nothing()
    )
    if not claimed:
        row = await tx.first(
            sa.select(col(table.input_hash), col(table.record_id), col(table.refusals)).where(mine)
        )
        kept = kept_answer(row, asked)
        if first is not None and not kept.replayed:
            await first()
        return kept
    if first is not None:
        await first()
    outcome = await attempt(tx, action)
    if any(reason.code in _NOT_REMEMBERED for reason in outcome.refusals):
        await tx.execute(sa.delete(table).where(mine))
    else:
        refusals = [reason.to_json() for reason in outcome.refusals] or sa.null()
        await tx.execute(sa.update(table).where(mine).values(record_id=outcome.record_id, refusals=refusals))
    return outcome


def kept_answer(row: Any, asked: Once) -> Outcome:
    """The first answer, out of its row; KeyReused when it was another request's."""
    if row is None or row.input_hash != asked.fingerprint:
        return Outcome(refusals=(KeyReused("idempotency_key"),))
    return Outcome(
        record_id=row.record_id,
        refusals=tuple(RememberedRefusal(kept) for kept in row.refusals or ()),
        replayed=True,
    )


async def purge(tx: Write) -> int:
    """Forget keys past their time; how many."""
    return await tx.execute(
        sa.delete(IdempotencyKey).where(col(IdempotencyKey.created_at) < tx.now - KEPT_FOR)
    )
