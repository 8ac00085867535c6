"""
Who is a member of staff, of which unit and with which roles: decided by an ADMIN of the unit or above it, or on the server.

Nobody changes their own rights or means of signing in, and the root unit keeps an ADMIN. Locks, in this order: the rows of
the admin and of the member by rising id, then the root unit where its last ADMIN may be going. So of two admins who
deactivate each other at once the second is none any more, and of two last ones who go at once the second stays.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.accounts.models import STAFF_PHONE_INDEX, StaffRow, UnitRow
from domain.accounts.reach import reached
from domain.accounts.second_factor import NewFactor, give_factor
from domain.accounts.sessions import end_all
from domain.accounts.staff import phone_place
from domain.accounts.units import checked_name
from domain.core import columns
from domain.core.actors import Actor, StaffActor, StaffRole, System
from domain.core.blind_index import claim
from domain.core.db import Read, Write
from domain.core.projection import projection
from domain.core.refusals import ErrorCode, NotAllowed, NotFound, Refusal, refuse_all
from domain.core.rights import Action, may, require
from domain.core.sealing import Sealer
from domain.core.states import record_all


class StaffChange(StrEnum):
    """What is written down of a member, with who and when."""

    APPOINTED = "APPOINTED"
    RENAMED = "RENAMED"
    PHONE_CHANGED = "PHONE_CHANGED"
    MOVED = "MOVED"
    ROLES_CHANGED = "ROLES_CHANGED"
    DEACTIVATED = "DEACTIVATED"
    REACTIVATED = "REACTIVATED"
    TOTP_GIVEN = "TOTP_GIVEN"


class StaffPhoneTaken(Refusal):
    code = ErrorCode.ALREADY_EXISTS
    zh = "该手机号已属于一名工作人员。"
    en = "A member of staff has this phone number already."


class OwnRights(Refusal):
    code = ErrorCode.FORBIDDEN
    zh = "不能修改自己的单位、角色、手机号和动态口令，也不能停用自己，请由其他管理员操作。"
    en = "Nobody changes their own unit, roles, number or one-time passwords, or deactivates themselves; ask another admin."


class LastAdmin(Refusal):
    code = ErrorCode.INVALID_STATE
    zh = "最上级单位至少要有一名有效的管理员。"
    en = "The unit at the root needs at least one active ADMIN."


@dataclass(frozen=True, slots=True)
class MemberFields:
    """What a member is to be; of a member that is there already, None keeps. The phone in E.164."""

    unit_id: UUID | None = None
    name: str | None = None
    phone: str | None = None
    roles: tuple[StaffRole, ...] | None = None
    active: bool | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """The member, and the second factor where one was made just now."""

    id: UUID
    factor: NewFactor | None


@dataclass(frozen=True, slots=True)
class _Member:
    id: UUID
    unit_id: UUID
    name: str
    phone_sealed: bytes | None
    roles: tuple[StaffRole, ...]
    active: bool
    totp_sealed: bytes | None


_MEMBERS = projection(_Member, StaffRow)


def _in_order(roles: Iterable[StaffRole]) -> list[StaffRole]:
    """Each once, in the order of the enum."""
    wanted = frozenset(roles)
    return [role for role in StaffRole if role in wanted]


async def _locked(tx: Write, *others: UUID) -> tuple[Actor, dict[UUID, _Member]]:
    """
    Whoever acts, with the rights that they have now, and the others' rows; all locked by rising id.

    NotAllowed when the acting member is no active admin any more.
    """
    require(tx.actor, Action.MANAGE_STAFF)
    actor = tx.actor
    ids = {*others, actor.id} if isinstance(actor, StaffActor) else {*others}
    statement = _MEMBERS.select().where(col(StaffRow.id).in_(ids)).order_by(col(StaffRow.id))
    rows = {row.id: row for row in await _MEMBERS.all(tx, statement.with_for_update())}
    if isinstance(actor, System):
        return actor, rows
    own = rows.get(actor.id) if isinstance(actor, StaffActor) else None
    if own is None or not own.active:
        raise NotAllowed
    admin = StaffActor(own.id, own.unit_id, frozenset(own.roles))
    if not may(admin, Action.MANAGE_STAFF):
        raise NotAllowed
    return admin, rows


async def _require_reached(db: Read, admin: Actor, unit_id: UUID, *field: str) -> None:
    unit = sa.select(col(UnitRow.id)).where(col(UnitRow.id) == unit_id, reached(admin, col(UnitRow.id)))
    if not await db.exists(unit):
        raise NotFound(*field)


async def appoint(
    tx: Write,
    sealer: Sealer,
    *,
    unit_id: UUID,
    name: str,
    phone: str | None,
    roles: Iterable[StaffRole],
    active: bool = True,
) -> Written:
    """
    Enter a member of staff of a unit in reach (NotFound at `unit_id` otherwise), with a second factor.

    StaffPhoneTaken when a member, active or not, has the number. Without one (granted, in development) nobody can sign in.
    """
    admin, _ = await _locked(tx)
    named = checked_name(name)
    await _require_reached(tx, admin, unit_id, "unit_id")
    identity, given = columns.new_id(), _in_order(roles)
    row = {
        "id": identity,
        "unit_id": unit_id,
        "name": named,
        "phone_sealed": None if phone is None else sealer.seal(phone, phone_place(identity)),
        "roles": given,
        "active": active,
        "created_at": tx.now,
    }
    await tx.insert(StaffRow, [row])
    events: list[tuple[UUID, StrEnum, str | None]] = [
        (identity, StaffChange.APPOINTED, ", ".join(given) or None)
    ]
    factor = None
    if phone is not None:
        await claim(tx, sealer, STAFF_PHONE_INDEX, phone, identity, StaffPhoneTaken("phone"))
        factor = await give_factor(tx, sealer, identity, named)
        events.append((identity, StaffChange.TOTP_GIVEN, None))
    await record_all(tx, events)
    return Written(identity, factor)


def _changed(member: _Member, wished: MemberFields, phone: str | None) -> dict[str, Any]:
    """The fields that are to be other than they are, by name."""
    wanted = {
        "unit_id": wished.unit_id,
        "name": None if wished.name is None else checked_name(wished.name),
        "phone": wished.phone,
        "roles": None if wished.roles is None else _in_order(wished.roles),
        "active": wished.active,
    }
    present = {
        "unit_id": member.unit_id,
        "name": member.name,
        "phone": phone,
        "roles": _in_order(member.roles),
        "active": member.active,
    }
    return {name: value for name, value in wanted.items() if value is not None and value != present[name]}


def _own_rights(changed: Iterable[str], reset_totp: bool) -> Iterable[Refusal]:
    for name in changed:
        if name != "name":
            yield OwnRights(name)
    if reset_totp:
        yield OwnRights("reset_totp")


async def _keep_an_admin(tx: Write, member: _Member, changed: dict[str, Any]) -> None:
    """LastAdmin where this would leave the root unit without an active ADMIN. The root's row is locked until the end."""
    leaves = next(
        (
            name
            for name, stays in (
                ("active", changed.get("active", True)),
                ("roles", StaffRole.ADMIN in changed.get("roles", member.roles)),
                ("unit_id", "unit_id" not in changed),
            )
            if not stays
        ),
        None,
    )
    if leaves is None or not member.active or StaffRole.ADMIN not in member.roles:
        return
    root = sa.select(col(UnitRow.id)).where(
        col(UnitRow.id) == member.unit_id, col(UnitRow.parent_id).is_(None)
    )
    if await tx.scalar(root.with_for_update(key_share=True)) is None:
        return
    others = sa.select(col(StaffRow.id)).where(
        col(StaffRow.unit_id) == member.unit_id,
        col(StaffRow.id) != member.id,
        col(StaffRow.active),
        col(StaffRow.roles).contains([StaffRole.ADMIN]),
    )
    if not await tx.exists(others):
        raise LastAdmin(leaves)


def _events(member: _Member, changed: dict[str, Any]) -> Iterable[tuple[StaffChange, str | None]]:
    if "name" in changed:
        yield StaffChange.RENAMED, None
    if "phone" in changed:
        yield StaffChange.PHONE_CHANGED, None
    if "unit_id" in changed:
        yield StaffChange.MOVED, f"{member.unit_id} → {changed['unit_id']}"
    if "roles" in changed:
        before, after = (", ".join(roles) or "-" for roles in (_in_order(member.roles), changed["roles"]))
        yield StaffChange.ROLES_CHANGED, f"{before} → {after}"
    if "active" in changed:
        yield (StaffChange.REACTIVATED if changed["active"] else StaffChange.DEACTIVATED), None


async def change(
    tx: Write, sealer: Sealer, staff_id: UUID, wished: MemberFields, *, reset_totp: bool = False
) -> Written:
    """
    Change a member in reach (NotFound at `id` otherwise); what is as it was is not touched, nor written down.

    Rights take effect within the second (`api.auth`). Who is deactivated, gets another number or another secret is signed
    out everywhere. An active member who has a number and no second factor yet gets one.
    """
    admin, rows = await _locked(tx, staff_id)
    member = rows.get(staff_id)
    if member is None:
        raise NotFound("id")
    await _require_reached(tx, admin, member.unit_id, "id")
    phone = None if member.phone_sealed is None else sealer.open(member.phone_sealed, phone_place(staff_id))
    changed = _changed(member, wished, phone)
    if isinstance(admin, StaffActor) and admin.id == staff_id:
        refuse_all(_own_rights(changed, reset_totp))
    if "unit_id" in changed:
        await _require_reached(tx, admin, changed["unit_id"], "unit_id")
    await _keep_an_admin(tx, member, changed)
    events: list[tuple[UUID, StrEnum, str | None]] = [
        (staff_id, event, note) for event, note in _events(member, changed)
    ]
    new_phone = changed.pop("phone", None)
    if new_phone is not None:
        await claim(tx, sealer, STAFF_PHONE_INDEX, new_phone, staff_id, StaffPhoneTaken("phone"))
        changed["phone_sealed"] = sealer.seal(new_phone, phone_place(staff_id))
    if changed:
        await tx.execute(sa.update(StaffRow).where(col(StaffRow.id) == staff_id).values(**changed))
    factor = None
    lacks_one = member.totp_sealed is None and changed.get("active", member.active)
    if (reset_totp or lacks_one) and (new_phone or phone) is not None:
        factor = await give_factor(tx, sealer, staff_id, changed.get("name", member.name))
        events.append((staff_id, StaffChange.TOTP_GIVEN, None))
    if factor is not None or new_phone is not None or changed.get("active") is False:
        await end_all(tx, staff_id)
    await record_all(tx, events)
    return Written(staff_id, factor)
