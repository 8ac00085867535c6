"""A youth as the programmes read one, and what is sealed of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.accounts.models import EducationLevel, Gender, RealNameStatus, Track, YouthRow
from domain.core.db import Read, Write
from domain.core.projection import projection
from domain.core.refusals import ErrorCode, Refusal, SignInNeeded
from domain.core.sealing import Sealer, place
from domain.core.unnesting import ByKeys

AGES = range(14, 46)
"""Of a youth, in years (programmes.md, "Who")."""


class AgeOutOfRange(Refusal):
    code = ErrorCode.NOT_ELIGIBLE
    zh = "服务面向 {least} 至 {most} 岁青年。"
    en = "The service is for those {least} to {most} years old."


@dataclass(frozen=True, slots=True)
class Youth:
    id: UUID
    phone_sealed: bytes | None
    legal_name_sealed: bytes | None
    real_name_status: RealNameStatus
    display_name: str | None
    gender: Gender | None
    birth_date: date | None
    education: EducationLevel | None
    school: str | None
    major: str | None
    graduation_year: int | None
    division_code: str | None
    tracks: tuple[Track, ...]
    erased_at: datetime | None = None
    """Of one who is gone nothing else is known."""

    def phone(self, sealer: Sealer) -> str | None:
        """The number in E.164, in clear: for the youth, or for a reader with the right to it."""
        return sealer.open(self.phone_sealed, phone_place(self.id)) if self.phone_sealed else None

    def legal_name(self, sealer: Sealer) -> str | None:
        """As the registry knows it; what waits for its answer is nobody's name yet."""
        if self.legal_name_sealed is None or self.real_name_status is not RealNameStatus.VERIFIED:
            return None
        return sealer.open(self.legal_name_sealed, name_place(self.id))


YOUTHS = projection(Youth, YouthRow)


def phone_place(youth_id: UUID) -> str:
    return place("accounts_youth", "phone", youth_id)


def name_place(youth_id: UUID) -> str:
    return place("accounts_youth", "legal_name", youth_id)


def identity_place(youth_id: UUID) -> str:
    return place("accounts_youth", "identity", youth_id)


async def youths(db: Read, ids: Iterable[UUID]) -> dict[UUID, Youth]:
    return await YOUTHS.of_ids(db, ids)


_STILL_THERE = ByKeys(
    lambda ids: sa.select(col(YouthRow.id)).where(col(YouthRow.id) == ids, col(YouthRow.erased_at).is_(None)),
    sa.Uuid,
)


async def still_there(db: Read, ids: Iterable[UUID]) -> frozenset[UUID]:
    """Those who are known and not erased."""
    return frozenset(await db.scalars(*_STILL_THERE.of(ids)))


async def locked_youth(tx: Write, youth_id: UUID) -> Youth:
    """The youth as they are until this transaction ends; SignInNeeded when there is none any more."""
    statement = YOUTHS.select().where(col(YouthRow.id) == youth_id).with_for_update()
    found = await YOUTHS.all(tx, statement)
    if not found or found[0].erased_at is not None:
        raise SignInNeeded
    return found[0]


def age_on(born: date, day: date) -> int:
    """Completed years; who was born on 29 February turns older on 1 March of other years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def mask_name(name: str) -> str:
    """陈*, 欧阳**: the family name's first character and one star for each other."""
    return name[:1] + "*" * (len(name) - 1)
