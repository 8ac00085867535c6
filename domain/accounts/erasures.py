"""
A youth asks for the erasure of their account. It happens after seven days, and is taken back until it happens.

The request is a row, at most one that stands for each youth. Who takes it back and the worker that begins it both change
this row: one of them is first, and the other finds it done. Its receipt is read by a code that only the youth was told; the
code is made from the server's key, so that a lost answer can be asked for again, and kept as a plain hash, which a change
of keys does not touch. It cannot be guessed, and the receipt names nobody.
"""

import base64
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlmodel import Field, SQLModel, col

from domain.accounts.events import DeletionAsked, DeletionCancelled
from domain.accounts.youths import still_there
from domain.core import columns
from domain.core.db import Read, Write
from domain.core.outbox import emit
from domain.core.projection import projection
from domain.core.refusals import ErrorCode, Refusal, SignInNeeded

GRACE = timedelta(days=7)
CODE_PREFIX = "qye_"
CODE_LENGTH = len(CODE_PREFIX) + 32
_CODE_BYTES = 20


class PhoneNeeded(Refusal):
    code = ErrorCode.INVALID_STATE
    zh = "请先绑定手机号，再用该手机号收到的验证码注销账号。"
    en = "Bind a phone number first: deleting the account takes a code that is sent there."


class ErasureRow(SQLModel, table=True):
    """
    A request. `due_at` is when the worker has something to do about it; `receipt` is signed when it is done, and names
    nobody.
    """

    __tablename__ = "accounts_erasure"
    __table_args__ = (
        columns.check("not_both", "cancelled_at IS NULL OR erased_at IS NULL"),
        columns.check("erased_with_receipt", "(erased_at IS NULL) = (receipt IS NULL)"),
        sa.Index(
            "accounts_erasure_standing",
            "youth_id",
            unique=True,
            postgresql_where=sa.text("cancelled_at IS NULL"),
        ),
        sa.Index("accounts_erasure_youth", "youth_id", "id"),
        sa.Index("accounts_erasure_due", "due_at", postgresql_where=sa.text("due_at IS NOT NULL")),
    )

    id: UUID = columns.identifier()
    youth_id: UUID = columns.refers_to("accounts_youth.id")
    code_hash: bytes = Field(sa_type=sa.LargeBinary, unique=True)
    asked_at: datetime = columns.instant()
    erases_at: datetime = columns.instant()
    due_at: datetime | None = columns.instant(None)
    attempts: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    cancelled_at: datetime | None = columns.instant(None)
    erased_at: datetime | None = columns.instant(None)
    checked_at: datetime | None = columns.instant(None)
    receipt: str | None = columns.text(None)


@dataclass(frozen=True, slots=True)
class Erasure:
    id: UUID
    youth_id: UUID
    code_hash: bytes
    asked_at: datetime
    erases_at: datetime
    cancelled_at: datetime | None
    erased_at: datetime | None
    checked_at: datetime | None
    receipt: str | None


ERASURES = projection(Erasure, ErasureRow)


def _hash(code: str) -> bytes:
    return sha256(code.encode()).digest()


def _code(secret_key: bytes, erasure_id: UUID) -> str:
    digest = hmac.digest(secret_key, b"erasure-receipt\0" + erasure_id.bytes, sha256)
    return CODE_PREFIX + base64.b32encode(digest[:_CODE_BYTES]).decode().lower()


def code_of(erasure: Erasure, secret_keys: Sequence[bytes]) -> str | None:
    """The code of its receipt once more; None when the key that it was made with is gone."""
    codes = (_code(secret_key, erasure.id) for secret_key in secret_keys)
    return next((code for code in codes if _hash(code) == erasure.code_hash), None)


async def standing(db: Read, youth_ids: Sequence[UUID]) -> dict[UUID, Erasure]:
    """The requests of these youths that are still to happen."""
    wanted = ERASURES.select().where(
        col(ErasureRow.youth_id).in_(youth_ids),
        col(ErasureRow.cancelled_at).is_(None),
        col(ErasureRow.erased_at).is_(None),
    )
    return {found.youth_id: found for found in await ERASURES.all(db, wanted)}


async def by_code(db: Read, code: str) -> Erasure | None:
    if len(code) != CODE_LENGTH:
        return None
    return await ERASURES.first(db, ERASURES.select().where(col(ErasureRow.code_hash) == _hash(code)))


async def ask_for_erasure(tx: Write, secret_keys: Sequence[bytes], youth_id: UUID) -> UUID:
    """Ask for it; the caller has proved to be the youth. A request that stands stays as it is."""
    identity, ends = columns.new_id(), tx.now + GRACE
    asked = await tx.execute(
        pg_insert(ErasureRow)
        .values(
            id=identity,
            youth_id=youth_id,
            code_hash=_hash(_code(secret_keys[0], identity)),
            asked_at=tx.now,
            erases_at=ends,
            due_at=ends,
        )
        .on_conflict_do_nothing()
    )
    if asked:
        await emit(tx, DeletionAsked(youth_id, ends.isoformat()))
        return identity
    found = (await standing(tx, [youth_id])).get(youth_id)
    if found is None:
        raise SignInNeeded  # erased meanwhile
    return found.id


async def take_back(tx: Write, youth_id: UUID) -> None:
    """The request stands no more; without one nothing changes. SignInNeeded when it has happened."""
    cancelled = await tx.execute(
        sa.update(ErasureRow)
        .where(
            col(ErasureRow.youth_id) == youth_id,
            col(ErasureRow.cancelled_at).is_(None),
            col(ErasureRow.erased_at).is_(None),
        )
        .values(cancelled_at=tx.now, due_at=None)
    )
    if cancelled:
        await emit(tx, DeletionCancelled(youth_id))
    elif not await still_there(tx, [youth_id]):
        raise SignInNeeded
