"""What the host and its desk see of guests: masked names, states and codes. Never profiles, contacts or choices."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.accounts.access_log import Look, purpose, record_looks
from domain.accounts.models import Gender
from domain.accounts.reach import in_reach
from domain.accounts.youths import mask_name, youths
from domain.core.actors import Actor, StaffActor
from domain.core.clock import SHANGHAI
from domain.core.db import Read, Write
from domain.core.keyset import Key, Order, uuid_value
from domain.core.projection import projection
from domain.core.refusals import Language
from domain.core.rights import Action, may
from domain.core.sealing import Sealer
from domain.core.spreadsheet import workbook
from domain.matchmaking.codes import in_groups
from domain.matchmaking.event import Event
from domain.matchmaking.models import EventRow, SignupRow
from domain.matchmaking.signup import SIGNUPS, Signup, has_status
from domain.matchmaking.states import SEATED, SignupStatus

DESK_LOOK = purpose("matchmaking-desk", zh="交友活动签到", en="checking in at a matchmaking event")
LIST_LOOK = purpose(
    "matchmaking-attendance-list", zh="下载交友活动签到表", en="attendance list of a matchmaking event"
)
LOOKS_AT_ONCE = 1_000
DESK_FORMAT = "qingyi-desk-list/1"
SHEET_MOST = 40_000


async def attendees(db: Read, actor: Actor, ids: Iterable[UUID]) -> dict[UUID, Signup]:
    """Those of the sign-ups that are for events of which the actor is host."""
    if not isinstance(actor, StaffActor) or not may(actor, Action.MANAGE_EVENTS):
        return {}
    hosted = sa.select(col(EventRow.id)).where(in_reach(actor, col(EventRow.unit_id)))
    statement = SIGNUPS.select().where(col(SignupRow.id).in_(list(ids)), col(SignupRow.event_id).in_(hosted))
    return {found.id: found for found in await SIGNUPS.all(db, statement)}


def in_state(status: SignupStatus | None, now: datetime) -> sa.Select[Any]:
    """Sign-ups for whatever event; all where no state is named."""
    statement = SIGNUPS.select()
    return statement if status is None else statement.where(has_status(status, now))


@dataclass(frozen=True, slots=True)
class Expected:
    """A code that may be shown at the desk, as its hash."""

    id: UUID
    code_hash: bytes


EXPECTED = projection(Expected, SignupRow)
BY_ID = Order("matchmaking-offline-desk", (Key(col(SignupRow.id), uuid_value),))


def expected() -> sa.Select[Any]:
    """The codes of all who have a seat, at whatever event."""
    return EXPECTED.select().where(
        col(SignupRow.status).in_(SEATED),
        col(SignupRow.code_hash).is_not(None),
    )


def desk_page(event: Event, code_hashes: Sequence[str], now: datetime) -> bytes:
    """What a desk without a network keeps of a page, as JSON; it is signed, so that a list from elsewhere is known as such."""
    return json.dumps(
        {
            "format": DESK_FORMAT,
            "event": str(event.id),
            "title": event.title,
            "startsAt": event.starts_at.isoformat(),
            "endsAt": event.ends_at.isoformat(),
            "codeHashes": list(code_hashes),
            "madeAt": now.isoformat(),
        },
        ensure_ascii=False,
    ).encode()


_HEADINGS = {
    Language.ZH: ("序号", "姓名", "性别", "状态", "签到码", "签到时间"),
    Language.EN: ("No", "Name", "Sex", "Status", "Code", "Checked in"),
}
_SEXES = {
    Language.ZH: {Gender.FEMALE: "女", Gender.MALE: "男"},
    Language.EN: {Gender.FEMALE: "female", Gender.MALE: "male"},
}
_STATES = {
    SignupStatus.CONFIRMED: "已确认",
    SignupStatus.CHECKED_IN: "已签到",
    SignupStatus.NO_SHOW: "未到场",
}


async def attendance(tx: Write, sealer: Sealer, event: Event, language: Language) -> bytes:
    """
    The list of those who have seats, with masked names and codes, as a workbook (xlsx). The caller is the event's host.

    The look at each of them is written down first.
    """
    statement = SIGNUPS.select().where(col(SignupRow.event_id) == event.id, col(SignupRow.status).in_(SEATED))
    found = await SIGNUPS.all(tx, statement.order_by(col(SignupRow.id)).limit(SHEET_MOST))
    for start in range(0, len(found), LOOKS_AT_ONCE):
        batch = found[start : start + LOOKS_AT_ONCE]
        await record_looks(tx, [Look(one.youth_id, ("maskedName",), LIST_LOOK) for one in batch])
    return workbook(event.title, _HEADINGS[language], await _lines(tx, sealer, found, language))


async def _lines(
    tx: Write, sealer: Sealer, found: Sequence[Signup], language: Language
) -> list[Sequence[object]]:
    known = await youths(tx, {one.youth_id for one in found})
    lines: list[Sequence[object]] = []
    for number, one in enumerate(found, 1):
        name = known[one.youth_id].legal_name(sealer)
        code, status = one.code(sealer), one.status_at(tx.now)
        lines.append(
            (
                number,
                "" if name is None else mask_name(name),
                _SEXES[language][one.gender],
                _STATES[status] if language is Language.ZH else status.value,
                "" if code is None else in_groups(code),
                ""
                if one.checked_in_at is None
                else f"{one.checked_in_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}",
            )
        )
    return lines
