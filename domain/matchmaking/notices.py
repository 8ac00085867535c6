"""Who is told what about matchmaking. No notice depends on a choice: that choosing has closed is told to every guest alike."""

import sqlalchemy as sa
from sqlmodel import col

from domain.accounts.events import ConsentWithdrawn
from domain.accounts.models import ConsentPurpose
from domain.core.db import Write
from domain.core.inbox import NOTICES, Notice, Recipient, Told, Words, tell
from domain.core.outbox import Delivery, Handlers, emit
from domain.matchmaking.erasing import erase_youth
from domain.matchmaking.events import GuestsTold, SeatGiven
from domain.matchmaking.jobs import CHOOSING_CLOSED
from domain.matchmaking.lottery import LOTTERY_DRAWN
from domain.matchmaking.models import EventRow, SignupRow
from domain.matchmaking.saving import EVENT_CANCELLED, EVENT_CHANGED
from domain.matchmaking.states import SignupStatus

AT_ONCE = 2_000
_SIGNUP, _EVENT = "MatchmakingSignup", "MatchmakingEvent"


def _notice(kind: str, zh: tuple[str, str], en: tuple[str, str], tag: str = _EVENT) -> Notice:
    return Notice(f"MATCHMAKING_{kind}", Words(*zh), Words(*en), tag)


SEAT_GIVEN = _notice(
    "SEAT_GIVEN",
    ("候补成功", "“{title}”有席位空出，您已获得席位。"),
    ("You have a seat", "A seat at “{title}” came free, and it is yours."),
    _SIGNUP,
)
DRAWN_CONFIRMED = _notice(
    "DRAWN_CONFIRMED",
    ("抽签结果：中签", "您已获得“{title}”的席位。"),
    ("Drawn: you have a seat", "You have a seat at “{title}”."),
)
DRAWN_WAITLISTED = _notice(
    "DRAWN_WAITLISTED",
    ("抽签结果：候补", "“{title}”抽签未中，您已按抽签顺序进入候补名单。"),
    ("Drawn: you are in line", "You were not drawn for “{title}” and wait in drawn order."),
)
CHANGED = _notice(
    "EVENT_CHANGED",
    ("活动信息变更", "“{title}”的时间或地点有变，请重新查看。"),
    ("The event has changed", "Time or place of “{title}” has changed; please look again."),
)
CANCELLED = _notice(
    "EVENT_CANCELLED",
    ("活动已取消", "很抱歉，“{title}”已取消。"),
    ("The event was cancelled", "We are sorry: “{title}” was cancelled."),
)
CLOSED = _notice(
    "CHOOSING_CLOSED",
    ("选择已截止", "“{title}”的选择已截止，可在报名记录中查看结果。"),
    ("Choosing has closed", "Choosing at “{title}” has closed; see your sign-up for the outcome."),
)
NOTICES.add(SEAT_GIVEN, DRAWN_CONFIRMED, DRAWN_WAITLISTED, CHANGED, CANCELLED, CLOSED)

_S = SignupStatus
# The notice for each state of a guest's sign-up; those in other states are not told.
TO_ALL: dict[str, dict[SignupStatus, Notice]] = {
    LOTTERY_DRAWN: {_S.CONFIRMED: DRAWN_CONFIRMED, _S.WAITLISTED: DRAWN_WAITLISTED},
    EVENT_CHANGED: dict.fromkeys((_S.ENTERED, _S.CONFIRMED, _S.WAITLISTED, _S.CHECKED_IN), CHANGED),
    EVENT_CANCELLED: dict.fromkeys((_S.CANCELLED, _S.CHECKED_IN), CANCELLED),
    CHOOSING_CLOSED: {_S.CHECKED_IN: CLOSED},
}


async def _title(tx: Write, event: Delivery) -> str:
    asked = sa.select(col(EventRow.title)).where(col(EventRow.id) == event.uuid("event_id"))
    return str(await tx.scalar(asked))


async def seat_given(tx: Write, event: Delivery) -> None:
    told = [Told(Recipient.YOUTH, event.uuid("youth_id"))]
    await tell(
        tx, event.id, SEAT_GIVEN, told, subject_id=event.uuid("signup_id"), title=await _title(tx, event)
    )


async def guests_told(tx: Write, event: Delivery) -> None:
    """Tell so many guests, then leave the rest to an event of their own."""
    by_status = TO_ALL[event.payload["kind"]]
    cancelled_with_it = sa.or_(
        col(SignupRow.status) != SignupStatus.CANCELLED,
        col(SignupRow.updated_at)
        == sa.select(col(EventRow.cancelled_at))
        .where(col(EventRow.id) == col(SignupRow.event_id))
        .correlate(SignupRow)
        .scalar_subquery(),
    )
    rows = await tx.rows(
        sa.select(col(SignupRow.id), col(SignupRow.youth_id), col(SignupRow.status))
        .where(
            col(SignupRow.event_id) == event.uuid("event_id"),
            col(SignupRow.id) > event.uuid("after"),
            col(SignupRow.status).in_(by_status),
            cancelled_with_it,
        )
        .order_by(col(SignupRow.id))
        .limit(AT_ONCE)
    )
    title, subject = await _title(tx, event), event.uuid("event_id")
    for status, notice in by_status.items():
        told = [Told(Recipient.YOUTH, row.youth_id) for row in rows if row.status is status]
        await tell(tx, event.id, notice, told, subject_id=subject, title=title)
    if len(rows) == AT_ONCE:
        await emit(tx, GuestsTold(event.uuid("event_id"), event.payload["kind"], rows[-1].id))


def register(handlers: Handlers) -> None:
    """Tell guests; stop where a consent is withdrawn."""
    handlers.on(SeatGiven.topic)(seat_given)
    handlers.on(GuestsTold.topic)(guests_told)

    @handlers.on(ConsentWithdrawn.topic)
    async def consent_withdrawn(tx: Write, event: Delivery) -> None:
        if event.payload["purpose"] == ConsentPurpose.MATCHMAKING.value:
            await erase_youth(tx, event.uuid("youth_id"))
