"""
Crisis words in what a youth writes open a case at once, whatever becomes of the request (programmes.md, 5).

The case is opened in the transaction of the request, but outside of what a refusal undoes. What a youth says again while
their case is under way is said in that case.
"""

from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.accounts.models import YouthRow
from domain.accounts.units import province_unit, unit_of_division
from domain.cases.case import latest_of
from domain.cases.opening import NewCase, open_case
from domain.cases.policies import HOTLINE
from domain.cases.states import CaseCategory, CaseUrgency
from domain.core.actors import Actor, YouthActor
from domain.core.crisis import in_crisis
from domain.core.db import Read, Write
from domain.core.policy import policy_value
from domain.core.refusals import Language
from domain.core.sealing import Sealer

ORIGIN = "mentorship.crisis_words"
BODY_MOST = 4_000


async def _division(db: Read, youth_id: UUID) -> str | None:
    found: str | None = await db.scalar(
        sa.select(col(YouthRow.division_code)).where(col(YouthRow.id) == youth_id)
    )
    return found


async def look_for_danger(tx: Write, sealer: Sealer, texts: Iterable[str], about: UUID | None) -> None:
    """Open a case when the youth who acts writes crisis words; `about` is the mentor or the request."""
    written = list(texts)
    if not isinstance(tx.actor, YouthActor):
        return
    youth_id = tx.actor.id
    code = await _division(tx, youth_id)
    if not await in_crisis(tx, written, code):
        return
    unit_id = await province_unit(tx) if code is None else await unit_of_division(tx, code)
    new = NewCase(
        youth_id=youth_id,
        unit_id=unit_id,
        category=CaseCategory.SAFETY,
        urgency=CaseUrgency.CRISIS,
        body="\n\n".join(written)[:BODY_MOST],
        origin=ORIGIN,
        origin_id=about,
        one_of_kind=f"{ORIGIN}:{youth_id}",
    )
    await open_case(tx, sealer, new)


async def case_of(db: Read, actor: Actor, texts: Iterable[str]) -> UUID | None:
    """The case that these words of the youth opened, also when the same request comes again."""
    if not isinstance(actor, YouthActor):
        return None
    if not await in_crisis(db, texts, await _division(db, actor.id)):
        return None
    return await latest_of(db, actor.id, CaseUrgency.CRISIS, ORIGIN)


async def hotline_words(db: Read, actor: Actor, language: Language) -> str:
    """What somebody in a crisis is told at once, with the number of where they live."""
    code = await _division(db, actor.id) if isinstance(actor, YouthActor) else None
    number = await policy_value(db, HOTLINE, code)
    if language is Language.EN:
        return (
            f"You are not alone. Call {number} now, at any hour; in danger call 110 or 120."
            " A case worker has been told and will turn to you."
        )
    return (
        f"你并不孤单。请现在就拨打 {number} 青少年服务热线（24 小时）；如有危险请拨打 110 或 120。"
        "我们已通知工作人员尽快与你联系。"
    )
