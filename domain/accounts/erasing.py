"""
The worker erases an account: what is under way ends, then every holding meets its fate, all in one transaction.

The youth's row is held so that whatever refers to it may still be written: a request that was let in a moment before need
not fail. What it wrote is found when the worker looks again after LOOK_AGAIN_AFTER, by when no such request can live.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlmodel import col

from domain.accounts.erasures import ERASURES, Erasure, ErasureRow
from domain.accounts.models import YouthRow
from domain.core.db import Write
from domain.core.holding import Fate, Holding, Holdings, erase
from domain.core.outbox import backoff
from domain.core.piecework import Piecework
from domain.core.statements import StatementSigner

LOOK_AGAIN_AFTER = timedelta(minutes=5)
RECEIPT_FORMAT = "qingyi-erasure-receipt/1"


@dataclass(frozen=True, slots=True)
class Counted:
    holding: Holding
    rows: int

    def to_json(self) -> dict[str, Any]:
        because = self.holding.because
        return {
            "holding": self.holding.name,
            "table": self.holding.table.__tablename__,
            "what": self.holding.what.to_json(),
            "fate": self.holding.fate.value,
            "rows": self.rows,
            "because": None if because is None else because.to_json(),
        }


def _facts(asked_at: datetime, erased_at: datetime, counted: Iterable[Counted]) -> dict[str, Any]:
    """What a receipt says: when, how much and why, and nothing of whom."""
    return {
        "format": RECEIPT_FORMAT,
        "askedAt": asked_at.isoformat(),
        "erasedAt": erased_at.isoformat(),
        "checkedAt": None,
        "rowsFoundLate": 0,
        "holdings": [found.to_json() for found in counted],
    }


def _bytes(facts: dict[str, Any]) -> bytes:
    return orjson.dumps(facts, option=orjson.OPT_SORT_KEYS)


async def _erase_all(tx: Write, holdings: Holdings, youth_id: UUID) -> list[Counted]:
    held = sa.select(col(YouthRow.id)).where(col(YouthRow.id) == youth_id)
    await tx.scalar(held.with_for_update(key_share=True))
    for ending in holdings.endings:
        await ending(tx, youth_id)
    return [Counted(holding, await erase(tx, holding, youth_id)) for holding in holdings.tables]


async def _erase(tx: Write, holdings: Holdings, signer: StatementSigner, erasure: Erasure) -> None:
    counted = await _erase_all(tx, holdings, erasure.youth_id)
    await tx.execute(sa.update(YouthRow).where(col(YouthRow.id) == erasure.youth_id).values(erased_at=tx.now))
    receipt = signer.sign(_bytes(_facts(erasure.asked_at, tx.now, counted)))
    await tx.execute(
        sa.update(ErasureRow)
        .where(col(ErasureRow.id) == erasure.id)
        .values(erased_at=tx.now, receipt=receipt, due_at=tx.now + LOOK_AGAIN_AFTER)
    )


async def _look_again(tx: Write, holdings: Holdings, signer: StatementSigner, erasure: Erasure) -> None:
    """Erase what was written while the account was being erased, and say on the receipt that it was looked for."""
    counted = await _erase_all(tx, holdings, erasure.youth_id)
    late = sum(found.rows for found in counted if found.holding.fate is Fate.DELETED)
    assert erasure.receipt is not None  # the table's CHECK says so
    facts = orjson.loads(signer.read(erasure.receipt))
    facts |= {"checkedAt": tx.now.isoformat(), "rowsFoundLate": late}
    await tx.execute(
        sa.update(ErasureRow)
        .where(col(ErasureRow.id) == erasure.id)
        .values(checked_at=tx.now, receipt=signer.sign(_bytes(facts)), due_at=None)
    )


async def _take(tx: Write) -> UUID | None:
    table = ErasureRow
    due = (
        sa.select(col(table.id))
        .where(col(table.due_at) <= tx.now, col(table.cancelled_at).is_(None))
        .order_by(col(table.due_at))
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    found: UUID | None = await tx.scalar(due)
    return found


async def _put_off(tx: Write, erasure_id: UUID) -> None:
    mine = col(ErasureRow.id) == erasure_id
    attempts = await tx.scalar(sa.select(col(ErasureRow.attempts)).where(mine))
    await tx.execute(
        sa.update(ErasureRow).where(mine).values(attempts=attempts + 1, due_at=tx.now + backoff(attempts))
    )


def erasing(holdings: Holdings, signer: StatementSigner) -> Piecework:
    """Accounts whose time has come, and those to look at again."""

    async def do(tx: Write, erasure_id: UUID) -> None:
        (erasure,) = await ERASURES.by_ids(tx, [erasure_id])
        work = _erase if erasure.erased_at is None else _look_again
        await work(tx, holdings, signer, erasure)

    return Piecework("accounts.erasures", _take, do, _put_off)
