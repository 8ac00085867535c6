"""Principals made by hand: for tests, demos and operators, never in production."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from domain.accounts.enrolling import NewYouth, enrol_youths, taken_phones
from domain.accounts.models import ConsentPurpose, EducationLevel, Gender, Track
from domain.accounts.second_factor import NewFactor
from domain.accounts.staffing import appoint
from domain.accounts.units import unit_of_division
from domain.core.actors import StaffRole, System
from domain.core.db import Database, Read
from domain.core.divisions import require_known
from domain.core.sealing import Sealer
from domain.partners import organizations, tokens
from domain.partners.models import OrganizationKind
from domain.partners.organizations import OrganizationFields
from domain.partners.secrets import new_secret

GRANTS = System("grant")

MADE_UP_FAMILY_NAMES = "陈林黄张李王吴刘蔡杨何梁罗郑谢"
MADE_UP_GIVEN_NAMES = "安宁晓明佳怡子涵思远雨桐浩然若曦"
# 140 is a prefix of machines (物联网), not of people: nobody's number is made by chance.
MADE_UP_PHONE_PREFIX = "+86140"
_ADULT_AGE = 22


def chance_phone() -> str:
    return f"{MADE_UP_PHONE_PREFIX}{secrets.randbelow(10**8):08d}"


def chance_name() -> str:
    return (
        secrets.choice(MADE_UP_FAMILY_NAMES)
        + secrets.choice(MADE_UP_GIVEN_NAMES)
        + secrets.choice(MADE_UP_GIVEN_NAMES)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class YouthWish:
    phone: str | None = None
    verified: bool = False
    gender: Gender | None = None
    birth_date: date | None = None
    graduation_year: int | None = None
    education: EducationLevel | None = None
    division_code: str | None = None
    tracks: tuple[Track, ...] = ()
    consents: tuple[ConsentPurpose, ...] = ()


async def _free_phones(db: Read, sealer: Sealer, count: int) -> list[str]:
    """Numbers by chance that nobody has."""
    free: set[str] = set()
    while len(free) < count:
        drawn = {chance_phone() for _ in range(count - len(free))}
        free |= drawn - await taken_phones(db, sealer, drawn)
    return list(free)


def _new_youth(wish: YouthWish, phone: str, today: date) -> NewYouth:
    """What the wish leaves open is made up; a verified youth has a name, a sex and a date of birth."""
    verified = wish.verified
    implied = (ConsentPurpose.TERMS, ConsentPurpose.REAL_NAME) if verified else (ConsentPurpose.TERMS,)
    return NewYouth(
        phone=phone,
        legal_name=chance_name() if verified else None,
        gender=wish.gender or (secrets.choice(list(Gender)) if verified else None),
        birth_date=wish.birth_date or (date(today.year - _ADULT_AGE, 1, 1) if verified else None),
        graduation_year=wish.graduation_year,
        education=wish.education,
        division_code=wish.division_code,
        tracks=wish.tracks,
        consents=(*implied, *wish.consents),
    )


async def grant_youths(
    database: Database, sealer: Sealer, wish: YouthWish, count: int
) -> list[tuple[UUID, str]]:
    """Ids and phones of `count` new youths. UnknownDivision or PhoneTaken when the wish cannot be met."""
    async with database.write(GRANTS) as tx:
        if wish.division_code is not None:
            await require_known(tx, [wish.division_code], "division")
        phones = [wish.phone] if wish.phone is not None else await _free_phones(tx, sealer, count)
        youths = [_new_youth(wish, phone, tx.today) for phone in phones]
        ids = await enrol_youths(tx, sealer, youths)
    return list(zip(ids, phones, strict=True))


@dataclass(frozen=True, slots=True)
class GrantedMember:
    """A new member of a unit; with a second factor only where a phone was wished for."""

    id: UUID
    unit_id: UUID
    factor: NewFactor | None


async def grant_staff(
    database: Database,
    sealer: Sealer,
    roles: Iterable[StaffRole],
    division_code: str,
    count: int,
    phone: str | None = None,
) -> list[GrantedMember]:
    """`count` new members of the division's unit. UnknownDivision or StaffPhoneTaken when the wish cannot be met."""
    roles = tuple(roles)
    async with database.write(GRANTS) as tx:
        await require_known(tx, [division_code], "unit")
        unit = await unit_of_division(tx, division_code)
        made = []
        for _ in range(count):
            member = await appoint(tx, sealer, unit_id=unit, name=chance_name(), phone=phone, roles=roles)
            made.append(GrantedMember(member.id, unit, member.factor))
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerWish:
    name: str | None = None
    existing: UUID | None = None
    """An organization that is there already: it gets one more token."""
    kind: OrganizationKind = OrganizationKind.PRIVATE
    employees: int | None = None
    industry_code: str | None = None
    division_code: str = "440000"
    verified: bool = False
    scopes: tuple[str, ...] = ()
    life: timedelta | None = None


async def grant_partners(
    database: Database, sealer: Sealer, wish: PartnerWish, count: int
) -> list[tuple[UUID, UUID, str]]:
    """Ids of organization and token, and the token's secret, of `count` new partners."""
    made = []
    async with database.write(GRANTS) as tx:
        for number in range(1, count + 1):
            organization = wish.existing
            if organization is None:
                name = wish.name or f"示例单位{secrets.token_hex(3)}"
                fields = OrganizationFields(
                    name=name if count == 1 else f"{name} {number}",
                    kind=wish.kind,
                    division_code=wish.division_code,
                    employee_count=wish.employees,
                    industry_code=wish.industry_code,
                )
                organization = await organizations.create(tx, fields)
                if wish.verified:
                    await organizations.verify(tx, organization, verified=True, note=None)
            secret = new_secret()
            token = await tokens.create(
                tx,
                sealer,
                organization_id=organization,
                name="grant",
                scopes=list(wish.scopes),
                expires_at=None if wish.life is None else tx.now + wish.life,
                secret=secret,
            )
            made.append((organization, token, secret))
    return made
