"""People enter the register: by signing in or, outside production, by `qingyi grant`."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.accounts.events import PhoneBound
from domain.accounts.models import (
    PHONE_INDEX,
    ConsentPurpose,
    ConsentRow,
    EducationLevel,
    Gender,
    RealNameStatus,
    Track,
    YouthRow,
)
from domain.accounts.youths import name_place, phone_place
from domain.core import blind_index, columns
from domain.core.db import Read, Write
from domain.core.outbox import emit
from domain.core.refusals import ErrorCode, Refusal
from domain.core.sealing import Sealer

TERMS_VERSION = "2026-01"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewYouth:
    """A youth as first known; `legal_name` only when it was verified. The phone in E.164; None when another door knows them."""

    phone: str | None
    legal_name: str | None = None
    gender: Gender | None = None
    birth_date: date | None = None
    graduation_year: int | None = None
    education: EducationLevel | None = None
    division_code: str | None = None
    tracks: tuple[Track, ...] = ()
    consents: tuple[ConsentPurpose, ...] = (ConsentPurpose.TERMS,)


class PhoneTaken(Refusal):
    code = ErrorCode.ALREADY_EXISTS
    zh = "该手机号已注册。"
    en = "This phone number has an account already."


async def taken_phones(db: Read, sealer: Sealer, phones: Iterable[str]) -> frozenset[str]:
    """Those of the numbers that have an account."""
    return frozenset(await blind_index.owners(db, sealer, PHONE_INDEX, phones))


async def enrol_youths(tx: Write, sealer: Sealer, youths: Iterable[NewYouth]) -> list[UUID]:
    """Enter youths with their consents; their ids, in order. PhoneTaken when a number has an account."""
    ids: list[UUID] = []
    phones, rows, consents = {}, [], []
    for youth in youths:
        identity = columns.new_id()
        ids.append(identity)
        phone, name = youth.phone, youth.legal_name
        if phone is not None:
            phones[identity] = phone
        rows.append(
            {
                "id": identity,
                "phone_sealed": None if phone is None else sealer.seal(phone, phone_place(identity)),
                "legal_name_sealed": None if name is None else sealer.seal(name, name_place(identity)),
                "real_name_status": RealNameStatus.NONE if name is None else RealNameStatus.VERIFIED,
                "gender": youth.gender,
                "birth_date": youth.birth_date,
                "graduation_year": youth.graduation_year,
                "education": youth.education,
                "division_code": youth.division_code,
                "tracks": list(youth.tracks),
                "created_at": tx.now,
            }
        )
        consents += [
            {
                "id": columns.new_id(),
                "youth_id": identity,
                "purpose": purpose,
                "version": TERMS_VERSION,
                "given_at": tx.now,
            }
            for purpose in dict.fromkeys(youth.consents)
        ]
    await tx.insert(YouthRow, rows)
    await blind_index.claim_all(tx, sealer, PHONE_INDEX, phones, PhoneTaken("phone"))
    await tx.insert(ConsentRow, consents)
    await emit(tx, *(PhoneBound(youth_id=identity) for identity in phones))
    return ids
