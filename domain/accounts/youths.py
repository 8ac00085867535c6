"""A youth as the programmes read one, and what is sealed of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.accounts.models import EducationLevel, Gender, RealNameStatus, Track, YouthRow
from domain.core.db import Read
from domain.core.projection import projection
from domain.core.sealing import Sealer, place


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

    def phone(self, sealer: Sealer) -> str | None:
        """The number in E.164, in clear: for the youth, or for a reader with the right to it."""
        return sealer.open(self.phone_sealed, phone_place(self.id)) if self.phone_sealed else None

    def legal_name(self, sealer: Sealer) -> str | None:
        return sealer.open(self.legal_name_sealed, name_place(self.id)) if self.legal_name_sealed else None


YOUTHS = projection(Youth, YouthRow)


def phone_place(youth_id: UUID) -> str:
    return place("accounts_youth", "phone", youth_id)


def name_place(youth_id: UUID) -> str:
    return place("accounts_youth", "legal_name", youth_id)


async def youths(db: Read, ids: Iterable[UUID]) -> dict[UUID, Youth]:
    return {youth.id: youth for youth in await YOUTHS.by_ids(db, ids)}


def age_on(born: date, day: date) -> int:
    """Completed years; who was born on 29 February turns older on 1 March of other years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def mask_name(name: str) -> str:
    """陈*, 欧阳**: the family name's first character and one star for each other."""
    return name[:1] + "*" * (len(name) - 1)
