"""Who is told of a case: the case workers of its unit, or of the nearest unit above that has any."""

import sqlalchemy as sa
from sqlmodel import col

from domain.accounts.models import StaffRow, UnitRow
from domain.cases.events import CaseOpened
from domain.cases.models import CaseRow
from domain.cases.states import CaseUrgency
from domain.core.actors import StaffRole
from domain.core.db import Write
from domain.core.inbox import NOTICES, Notice, Recipient, Told, Words, tell
from domain.core.outbox import Delivery, Handlers

_CASE = "Case"

OPENED = Notice(
    "CASE_OPENED",
    Words("有新的求助个案", "个案 {number} 待接，请按时限处理。"),
    Words("A case waits", "Case {number} waits for somebody to take it."),
    _CASE,
)
CRISIS = Notice(
    "CASE_CRISIS",
    Words("危机个案，请立即处理", "个案 {number} 涉及危机，请立即接办。"),
    Words("A crisis: act at once", "Case {number} is a crisis; take it at once."),
    _CASE,
)
MORE_SAID = Notice(
    "CASE_MORE_SAID",
    Words("个案有新的求助内容", "个案 {number} 的当事人再次求助，请查看。"),
    Words("More was said in a case", "The person of case {number} asked for help again; look at it."),
    _CASE,
)
NOTICES.add(OPENED, CRISIS, MORE_SAID)


async def _workers(tx: Write, event: Delivery) -> list[Told]:
    path = await tx.scalar(sa.select(col(UnitRow.path)).where(col(UnitRow.id) == event.uuid("unit_id")))
    rows = await tx.rows(
        sa.select(col(StaffRow.id), col(StaffRow.unit_id)).where(
            col(StaffRow.unit_id).in_(path or ()),
            col(StaffRow.active),
            col(StaffRow.roles).contains([StaffRole.CASE_WORKER]),
        )
    )
    for unit in reversed(path or ()):
        if here := [row.id for row in rows if row.unit_id == unit]:
            return [Told(Recipient.STAFF, key) for key in here]
    return []


async def case_opened(tx: Write, event: Delivery) -> None:
    case_id = event.uuid("case_id")
    number = await tx.scalar(sa.select(col(CaseRow.number)).where(col(CaseRow.id) == case_id))
    urgent = event.payload["urgency"] == CaseUrgency.CRISIS
    notice = MORE_SAID if event.payload["again"] else CRISIS if urgent else OPENED
    await tell(tx, event.id, notice, await _workers(tx, event), subject_id=case_id, number=number)


def register(handlers: Handlers) -> None:
    handlers.on(CaseOpened.topic)(case_opened)
