"""
The second factor of staff: a one-time password by time (TOTP, RFC 6238), or a recovery code for who lost the device.

The secret is sealed, recovery codes are kept as keyed hashes; both are shown once, when they are made. A step of thirty
seconds serves once and so does a recovery code: the write that uses one up decides between two at once. A try that fails
writes nothing and locks nothing, so that it takes as long for a member as for a number that nobody has.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

import pyotp
import sqlalchemy as sa
from pyotp.exceptions import OTPVerificationError
from sqlmodel import SQLModel, col

from domain.accounts.models import StaffRow
from domain.core import columns
from domain.core.db import Read, Write
from domain.core.refusals import ErrorCode, Refusal
from domain.core.sealed_columns import keyed_hash
from domain.core.sealing import Sealer, place

ISSUER = "Qingyi"
DIGITS = 6
STEPS_AROUND = 1
"""A device's clock may be so many steps before or behind."""
RECOVERY_CODES = 10
_GROUPS, _GROUP_LENGTH = 3, 4
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # none that reads like another; 59 bits in twelve
_HASH_PURPOSE = "recovery-code"
_OF_ACTIVE_MEMBER = """
    used_at IS NULL
    AND EXISTS (SELECT FROM accounts_staff WHERE id = staff_id AND active)
"""
_DECOY = pyotp.random_base32()


class TriedTooOften(Refusal):
    code = ErrorCode.RATE_LIMITED
    zh = "尝试次数过多，请在 {seconds} 秒后再试。"
    en = "Too many tries; try again in {seconds} seconds."

    def __init__(self, *field: str, seconds: int) -> None:
        super().__init__(*field, seconds=seconds)
        self.retry_after_seconds = seconds


class FactorTries(Protocol):
    """Counts tries for each number, whether a member has it or not; fails closed when its store is away."""

    async def count(self, phone: str) -> None:
        """One try more; TriedTooOften beyond the limits, CodesUnavailable without the store."""


class RecoveryCodeRow(SQLModel, table=True):
    """A recovery code of a member, until it is used. `key_id` names the root key of the hash."""

    __tablename__ = "accounts_recovery_code"

    code_hash: bytes = keyed_hash("recovery code", live=_OF_ACTIVE_MEMBER, named="staff_id", primary_key=True)
    key_id: str = columns.text()
    staff_id: UUID = columns.refers_to("accounts_staff.id", index=True)
    created_at: datetime = columns.instant()
    used_at: datetime | None = columns.instant(None)


@dataclass(frozen=True, slots=True)
class NewFactor:
    """What a member needs to set up the device, and the codes to keep; never shown again."""

    totp_uri: str
    recovery_codes: tuple[str, ...]


def totp_place(staff_id: UUID) -> str:
    return place("accounts_staff", "totp", staff_id)


def _new_recovery_code() -> str:
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS))


def _hashed(staff_id: UUID, code: str) -> str:
    """What the hash is of: the code of this member and no other, however it was typed."""
    return f"{staff_id}\0{''.join(code.lower().replace('-', ' ').split())}"


async def give_factor(tx: Write, sealer: Sealer, staff_id: UUID, name: str) -> NewFactor:
    """A new secret and new recovery codes; those before are worth nothing from now on."""
    secret = pyotp.random_base32()
    codes = tuple(_new_recovery_code() for _ in range(RECOVERY_CODES))
    await tx.execute(
        sa.update(StaffRow)
        .where(col(StaffRow.id) == staff_id)
        .values(totp_sealed=sealer.seal(secret, totp_place(staff_id)), totp_step=None)
    )
    await tx.execute(sa.delete(RecoveryCodeRow).where(col(RecoveryCodeRow.staff_id) == staff_id))
    rows = []
    for code in codes:
        digest = sealer.blind(_hashed(staff_id, code), _HASH_PURPOSE)
        rows.append(
            {"code_hash": digest, "key_id": sealer.key_id, "staff_id": staff_id, "created_at": tx.now}
        )
    await tx.insert(RecoveryCodeRow, rows)
    uri = pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=ISSUER)
    return NewFactor(uri, codes)


def _step_of(secret: str, given: str, now: datetime) -> int | None:
    """The step whose password this is; None when it is none of those around now."""
    try:
        return pyotp.TOTP(secret).verify_and_get_timecode(given, for_time=now, valid_window=STEPS_AROUND)
    except OTPVerificationError:
        return None


async def _use_step(tx: Write, staff_id: UUID, sealed: bytes, step: int) -> bool:
    """The member is still active, the secret still the one that was looked at, and the step later than the last."""
    later = sa.func.coalesce(col(StaffRow.totp_step) < step, sa.true())
    mine = (col(StaffRow.id) == staff_id, col(StaffRow.active), col(StaffRow.totp_sealed) == sealed)
    return bool(await tx.execute(sa.update(StaffRow).where(*mine, later).values(totp_step=step)))


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose factor is tried; a number that no active member has is tried against nobody's, with the same work."""

    staff_id: UUID
    totp_sealed: bytes | None


NOBODY = Holder(UUID(int=0), None)


async def holder(db: Read, staff_id: UUID | None) -> Holder:
    """The active member with a factor, or nobody."""
    row = await db.first(
        sa.select(col(StaffRow.id), col(StaffRow.totp_sealed)).where(
            col(StaffRow.id) == (staff_id or NOBODY.staff_id),
            col(StaffRow.active),
            col(StaffRow.totp_sealed).is_not(None),
        )
    )
    return NOBODY if row is None else Holder(row.id, row.totp_sealed)


async def use_totp(tx: Write, sealer: Sealer, of: Holder, given: str) -> bool:
    """Use up the step that the password is of; False when it is wrong or was used before."""
    sealed = of.totp_sealed
    secret = _DECOY if sealed is None else sealer.open(sealed, totp_place(of.staff_id))
    step = _step_of(secret, given, tx.now)
    return step is not None and sealed is not None and await _use_step(tx, of.staff_id, sealed, step)


async def use_recovery_code(tx: Write, sealer: Sealer, of: Holder, given: str) -> bool:
    """
    Use the code up; False when it is none of the member's, or was used before.

    The member's row is locked before the code's, as a reset locks them.
    """
    staff_id = of.staff_id
    hashes = sealer.blinds(_hashed(staff_id, given), _HASH_PURPOSE).values()
    mine = (
        col(RecoveryCodeRow.staff_id) == staff_id,
        col(RecoveryCodeRow.code_hash).in_(hashes),
        col(RecoveryCodeRow.used_at).is_(None),
    )
    if not await tx.exists(sa.select(col(RecoveryCodeRow.code_hash)).where(*mine)):
        return False
    active = sa.select(col(StaffRow.id)).where(col(StaffRow.id) == staff_id, col(StaffRow.active))
    if await tx.scalar(active.with_for_update()) is None:
        return False
    return bool(await tx.execute(sa.update(RecoveryCodeRow).where(*mine).values(used_at=tx.now)))
