"""
One-to-one pairs (一对一结对): a unit gives each of many youths a cadre as mentor, from a spreadsheet, with what is wrong of each
row.

A youth has one such mentor at a time; the database says so. A row that was paired before counts as paired, so that the same
sheet may be sent again. One bad row does not hurt the rest.
"""

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from uuid import UUID
from xml.etree.ElementTree import ParseError

import sqlalchemy as sa
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlmodel import col

from domain.accounts.access_log import Look, purpose, record_looks
from domain.accounts.models import PHONE_INDEX, STAFF_PHONE_INDEX, ConsentPurpose
from domain.accounts.reach import in_reach
from domain.accounts.requirements import ConsentNeeded, GuardianNeeded
from domain.core import columns
from domain.core.actors import StaffActor
from domain.core.blind_index import owners
from domain.core.db import Read, Write
from domain.core.outbox import emit
from domain.core.phones import is_mobile
from domain.core.refusals import ErrorCode, Invalid, Refusal
from domain.core.rights import Action, require_staff
from domain.core.sealing import Sealer
from domain.mentorship.eligibility import ADULT_AGE, standing
from domain.mentorship.events import MentorshipPaired
from domain.mentorship.mentor import MENTORS, Mentor
from domain.mentorship.models import MentorRow, PairingRow

ROWS_MOST = 500
UNPACKED_MOST = 10_000_000
HEADER = ("青年手机号", "导师手机号")
MAINLAND = "+86"
PAIRED = purpose("paired", zh="一对一结对", en="paired with a mentor by a unit")


class YouthUnknown(Refusal):
    code = ErrorCode.NOT_FOUND
    zh = "没有使用该手机号的青年账号。"
    en = "No youth has signed up with this number."


class MentorUnknown(Refusal):
    code = ErrorCode.NOT_FOUND
    zh = "本单位及下级单位没有使用该手机号的干部导师。"
    en = "No mentor of your unit or below is a member of staff with this number."


class PairedAlready(Refusal):
    code = ErrorCode.ALREADY_EXISTS
    zh = "该青年已与其他导师结对。"
    en = "The youth is paired with another mentor."


@dataclass(frozen=True, slots=True)
class Row:
    """`number` as the sheet shows it; numbers in E.164 or as they stand there."""

    number: int
    youth_phone: str
    mentor_phone: str


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of a row: a pair, or why not."""

    number: int
    reasons: tuple[Refusal, ...] = ()


def _phone(cell: Any) -> str:
    text = "".join(str("" if cell is None else cell).split()).replace("-", "")
    return text if text.startswith("+") or not text else f"{MAINLAND}{text}"


def _require_small(workbook: bytes) -> None:
    """ValueError for what would unpack into more than anybody types into 500 rows."""
    with zipfile.ZipFile(BytesIO(workbook)) as packed:
        if sum(part.file_size for part in packed.infolist()) > UNPACKED_MOST:
            raise ValueError("too large")


def rows_of(workbook: bytes) -> list[Row]:
    """The rows of the first sheet below its header; Invalid for what is no such sheet."""
    try:
        _require_small(workbook)
        sheet = load_workbook(BytesIO(workbook), read_only=True, data_only=True).worksheets[0]
        cells = [tuple(line[:2]) for line in sheet.iter_rows(values_only=True, max_row=ROWS_MOST + 2)]
    except (
        zipfile.BadZipFile,
        InvalidFileException,
        ParseError,
        LookupError,
        ValueError,
        TypeError,
        OSError,
    ):
        raise Invalid(
            "workbook", zh="不是可读取的 xlsx 表格。", en="It is no xlsx workbook that can be read."
        ) from None
    if not cells or tuple(str(cell).strip() for cell in cells[0]) != HEADER:
        raise Invalid(
            "workbook",
            zh=f"首行须为：{'、'.join(HEADER)}。",
            en=f"The first row must be: {', '.join(HEADER)}.",
        )
    if len(cells) > ROWS_MOST + 1:
        raise Invalid("workbook", zh=f"最多 {ROWS_MOST} 行。", en=f"{ROWS_MOST} rows at most.")
    return [
        Row(number, _phone(line[0]), _phone(line[1]))
        for number, line in enumerate(cells[1:], 2)
        if len(line) == len(HEADER) and any(cell is not None for cell in line)
    ]


def _phone_faults(row: Row) -> list[Refusal]:
    return [
        Invalid(field, zh="不是手机号码。", en="Not a mobile number.")
        for field, phone in (("youth_phone", row.youth_phone), ("mentor_phone", row.mentor_phone))
        if not is_mobile(phone)
    ]


async def _cadres(tx: Read, staff: StaffActor, ids: Sequence[UUID]) -> dict[UUID, Mentor]:
    """Mentors in reach who are these members of staff."""
    statement = MENTORS.select().where(
        col(MentorRow.staff_id).in_(ids),
        col(MentorRow.retired_at).is_(None),
        in_reach(staff, col(MentorRow.unit_id)),
    )
    return {found.staff_id: found for found in await MENTORS.all(tx, statement) if found.staff_id is not None}


async def pair(tx: Write, sealer: Sealer, workbook: bytes) -> list[RowResult]:
    """Pair row by row; what became of each, in order."""
    staff = require_staff(tx.actor, Action.MANAGE_MENTORS)
    rows = rows_of(workbook)
    youths = await owners(tx, sealer, PHONE_INDEX, {row.youth_phone for row in rows})
    members = await owners(tx, sealer, STAFF_PHONE_INDEX, {row.mentor_phone for row in rows})
    cadres = await _cadres(tx, staff, list(members.values()))
    await record_looks(tx, [Look(key, ("phone",), PAIRED) for key in sorted(set(youths.values()))])
    results = []
    for row in rows:
        reasons = _phone_faults(row)
        youth_id = youths.get(row.youth_phone)
        mentor = cadres.get(members.get(row.mentor_phone, columns.new_id()))
        if not reasons:
            reasons = await _paired(tx, staff, youth_id, mentor)
        results.append(RowResult(row.number, tuple(reasons)))
    return results


async def _paired(
    tx: Write, staff: StaffActor, youth_id: UUID | None, mentor: Mentor | None
) -> list[Refusal]:
    reasons: list[Refusal] = []
    if mentor is None:
        reasons.append(MentorUnknown("mentor_phone"))
    who = None if youth_id is None else await standing(tx, youth_id)
    if who is None:
        return [YouthUnknown("youth_phone"), *reasons]
    if ConsentPurpose.MENTORSHIP not in who.consents:
        reasons.append(ConsentNeeded("youth_phone", purpose=ConsentPurpose.MENTORSHIP.value))
    if who.minor(tx) and ConsentPurpose.GUARDIAN not in who.consents:
        reasons.append(GuardianNeeded("youth_phone", age=ADULT_AGE))
    if reasons or mentor is None:
        return reasons
    identity = columns.new_id()
    row = {
        "id": identity,
        "youth_id": who.youth.id,
        "mentor_id": mentor.id,
        "unit_id": mentor.unit_id,
        "paired_by": staff.id,
        "paired_at": tx.now,
    }
    if await tx.execute(pg_insert(PairingRow).values(row).on_conflict_do_nothing()):
        await emit(tx, MentorshipPaired(identity, mentor.id, who.youth.id))
        return []
    same = sa.select(col(PairingRow.id)).where(
        col(PairingRow.youth_id) == who.youth.id,
        col(PairingRow.mentor_id) == mentor.id,
        col(PairingRow.ended_at).is_(None),
    )
    return [] if await tx.exists(same) else [PairedAlready("youth_phone")]


async def paired_mentor(db: Read, youth_id: UUID) -> Mentor | None:
    """The cadre whom the youth has as mentor."""
    statement = MENTORS.select().join(PairingRow, col(PairingRow.mentor_id) == col(MentorRow.id))
    return await MENTORS.first(
        db, statement.where(col(PairingRow.youth_id) == youth_id, col(PairingRow.ended_at).is_(None))
    )
