"""Who is told what about stays. Handlers write inbox rows; the worker calls them."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col

from domain.core.clock import SHANGHAI
from domain.core.db import Write
from domain.core.inbox import NOTICES, Notice, Recipient, Told, Words, tell
from domain.core.outbox import Delivery, Handlers
from domain.hostels.events import BedFreed, BookingMoved, GuestMoved, HoldOffered
from domain.hostels.interviews import FOR_INTERVIEW, INTERVIEW_TOPIC, offer_nights
from domain.hostels.models import HostelRow
from domain.hostels.states import BookingStatus

_BOOKING = "HostelBooking"


def _notice(kind: str, zh: tuple[str, str], en: tuple[str, str]) -> Notice:
    return Notice(f"HOSTEL_{kind}", Words(*zh), Words(*en), _BOOKING)


BOOKED_FOR_YOU = _notice(
    "BOOKED_FOR_YOU",
    ("已为您预订床位", "前台已为您预订“{hostel}”{check_in} 至 {check_out} 的床位。"),
    ("A bed was booked for you", "The desk booked a bed at “{hostel}” for you, {check_in} to {check_out}."),
)
CANCELLED_FOR_YOU = _notice(
    "CANCELLED_FOR_YOU",
    ("预订已取消", "“{hostel}”{check_in} 至 {check_out} 的预订已取消：{note}"),
    ("Booking cancelled", "Your booking at “{hostel}”, {check_in} to {check_out}, was cancelled: {note}"),
)
BACK_IN_LINE = _notice(
    "BACK_IN_LINE",
    ("保留的床位已收回", "为您保留的“{hostel}”床位已收回，候补顺序不变：{note}"),
    (
        "Back on the waiting list",
        "The bed held for you at “{hostel}” was withdrawn; you keep your place: {note}",
    ),
)
STAY_SHORTENED = _notice(
    "STAY_SHORTENED",
    ("退房日期提前", "您在“{hostel}”的退房日期改为 {check_out}：{note}"),
    ("Your stay ends earlier", "You check out of “{hostel}” on {check_out}: {note}"),
)
MARKED_NO_SHOW = _notice(
    "MARKED_NO_SHOW",
    ("未按时入住", "您未入住“{hostel}”{check_in} 的预订，已记录为未入住。"),
    (
        "Marked as a no-show",
        "You did not arrive at “{hostel}” on {check_in}; this was recorded as a no-show.",
    ),
)
BED_HELD = _notice(
    "BED_HELD",
    (
        "候补成功，请尽快确认",
        "“{hostel}”{check_in} 至 {check_out} 的床位为您保留至 {until}，请在此之前预订确认。",
    ),
    (
        "A bed is held for you",
        "A bed at “{hostel}”, {check_in} to {check_out}, is held for you until {until}; book it by then.",
    ),
)
BED_CHANGED = _notice(
    "BED_CHANGED",
    ("床位有调整", "您在“{hostel}”的床位已调整：{note}"),
    ("Your bed has changed", "Your bed at “{hostel}” has changed: {note}"),
)

NOTICES.add(
    BOOKED_FOR_YOU,
    CANCELLED_FOR_YOU,
    BACK_IN_LINE,
    STAY_SHORTENED,
    MARKED_NO_SHOW,
    BED_HELD,
    BED_CHANGED,
    FOR_INTERVIEW,
)

_TO_GUEST = {
    BookingStatus.CONFIRMED: BOOKED_FOR_YOU,
    BookingStatus.CANCELLED: CANCELLED_FOR_YOU,
    BookingStatus.WAITLISTED: BACK_IN_LINE,
    BookingStatus.NO_SHOW: MARKED_NO_SHOW,
}
_ENDS_EARLIER = (BookingStatus.CHECKED_IN, BookingStatus.CHECKED_OUT)


async def _tell_guest(tx: Write, event: Delivery, notice: Notice, **values: object) -> None:
    name = sa.select(col(HostelRow.name)).where(col(HostelRow.id) == event.uuid("hostel_id"))
    told = [Told(Recipient.YOUTH, event.uuid("guest_id"))]
    subject = event.uuid("booking_id")
    await tell(tx, event.id, notice, told, subject_id=subject, hostel=await tx.scalar(name), **values)


async def booking_moved(tx: Write, event: Delivery) -> None:
    """The guest is told of moves that are not their own."""
    if event.payload["by_guest"]:
        return
    status, note = BookingStatus(event.payload["status"]), event.payload["note"]
    notice = STAY_SHORTENED if status in _ENDS_EARLIER and note else _TO_GUEST.get(status)
    if notice is not None:
        days = {name: event.payload[name] for name in ("check_in", "check_out")}
        await _tell_guest(tx, event, notice, note=note, **days)


async def hold_offered(tx: Write, event: Delivery) -> None:
    until = datetime.fromisoformat(event.payload["expires_at"]).astimezone(SHANGHAI)
    days = {name: event.payload[name] for name in ("check_in", "check_out")}
    await _tell_guest(tx, event, BED_HELD, until=f"{until:%Y-%m-%d %H:%M}", **days)


async def guest_moved(tx: Write, event: Delivery) -> None:
    await _tell_guest(tx, event, BED_CHANGED, note=event.payload["note"])


async def bed_freed(tx: Write, event: Delivery) -> None:
    """Those in line were offered it when it came free; nobody else is told by a notice."""


def register(handlers: Handlers) -> None:
    handlers.on(BookingMoved.topic)(booking_moved)
    handlers.on(HoldOffered.topic)(hold_offered)
    handlers.on(GuestMoved.topic)(guest_moved)
    handlers.on(BedFreed.topic)(bed_freed)
    handlers.on(INTERVIEW_TOPIC)(offer_nights)
