"""Members of staff and units as tests make them, and how a member signs in."""

from dataclasses import dataclass
from itertools import count
from typing import Any

import pyotp
from support.asking import sent
from support.client import Client
from support.house import House
from support.texts import Texts

_numbers = count(1)
STAFF = "staff { id name roles active phoneMasked unit { id } } totpUri recoveryCodes"
PAIR = "accessToken accessTokenExpiresAt refreshToken viewer { staff { id roles } youth { id } }"
UNIT = "unit { id name level parent { id } division { code } }"


def a_number() -> str:
    return f"+86140777{next(_numbers):05d}"


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A member with the means to sign in."""

    id: str
    phone: str
    totp_uri: str
    recovery_codes: tuple[str, ...]
    unit_id: str

    def totp(self, house: House, steps: int = 0) -> str:
        """What the device shows now, or so many steps later."""
        return pyotp.parse_uri(self.totp_uri).at(house.clock(), counter_offset=steps)


def reasons(payload: dict[str, Any]) -> list[tuple[str, list[str]]]:
    """Codes and fields, without the leading `input`."""
    return [(reason["code"], (reason["field"] or [])[1:]) for reason in payload["userErrors"]]


async def upsert_staff(admin: Client, **given: Any) -> dict[str, Any]:
    given = {"name": "测试员", "roles": ["CASE_WORKER"], **given}
    return await sent(admin, "upsertStaffMember", STAFF, given)


async def enrolled(admin: Client, unit_id: str, *roles: str, **given: Any) -> Enrolled:
    """A member whom the admin enters."""
    phone = given.pop("phone", None) or a_number()
    payload = await upsert_staff(admin, unitId=unit_id, phone=phone, roles=list(roles), **given)
    assert payload["userErrors"] == [], payload
    return Enrolled(
        payload["staff"]["id"], phone, payload["totpUri"], tuple(payload["recoveryCodes"]), unit_id
    )


async def upsert_unit(admin: Client, **given: Any) -> dict[str, Any]:
    return await sent(admin, "upsertUnit", UNIT, {"name": "测试单位", "level": "SYSTEM", **given})


async def a_unit(admin: Client, parent_id: str, **given: Any) -> str:
    payload = await upsert_unit(admin, parentId=parent_id, **given)
    assert payload["userErrors"] == [], payload
    return payload["unit"]["id"]


async def tries(house: House, texts: Texts, phone: str, totp: str) -> dict[str, Any]:
    """A sign-in with a fresh code of the phone."""
    code = await texts.code(phone, "STAFF_SIGN_IN")
    return await house.anyone.mutate("signInStaff", PAIR, phone=phone, code=code, totp=totp)


async def signs_in(house: House, texts: Texts, member: Enrolled, steps: int = 0) -> dict[str, Any]:
    payload = await tries(house, texts, member.phone, member.totp(house, steps))
    assert payload["userErrors"] == [], payload
    return payload
