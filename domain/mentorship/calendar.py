"""The sessions of one side as an iCalendar feed (RFC 5545): what is to come, and the last three months."""

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from icalendar import Alarm, Calendar, Event
from sqlmodel import col

from domain.accounts.models import YouthRow
from domain.core.db import Read
from domain.core.sealing import Sealer
from domain.mentorship.calendar_links import numbers
from domain.mentorship.mentor import Mentor, listed, mentors
from domain.mentorship.models import RequestRow, SlotRow
from domain.mentorship.request import REQUESTS, Request
from domain.mentorship.slots import Slot, slots
from domain.mentorship.states import WITH_SLOT, Side

SHOWN_FROM = timedelta(days=92)
MOST = 500
_PRODUCT = "-//Qingyi//Mentorship//ZH"
_REMINDERS = (timedelta(hours=-24), timedelta(hours=-1))


async def _is_there(db: Read, side: Side, key: UUID) -> bool:
    if side is Side.MENTOR:
        return bool(await listed(db, [key]))
    return await db.exists(
        sa.select(col(YouthRow.id)).where(col(YouthRow.id) == key, col(YouthRow.erased_at).is_(None))
    )


async def feed(db: Read, sealer: Sealer, side: Side, key: UUID, number: int) -> bytes | None:
    """
    The calendar of a mentor, or of a youth as a mentee, by the link of this number. Mentees are not named.

    None when another link has taken its place, or there is no such person any more.
    """
    if (await numbers(db, side, [key]))[key] != number or not await _is_there(db, side, key):
        return None
    whose = col(RequestRow.mentor_id if side is Side.MENTOR else RequestRow.youth_id) == key
    found = await REQUESTS.all(
        db,
        REQUESTS.select()
        .join(SlotRow, col(SlotRow.id) == col(RequestRow.slot_id))
        .where(whose, col(RequestRow.status).in_(WITH_SLOT), col(SlotRow.ends_at) > db.now - SHOWN_FROM)
        .order_by(col(SlotRow.starts_at), col(RequestRow.id))
        .limit(MOST),
    )
    times = await slots(db, [request.slot_id for request in found if request.slot_id is not None])
    people = await mentors(db, {request.mentor_id for request in found})
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", "导师辅导")
    for request in found:
        if request.slot_id is not None:
            calendar.add_component(
                _event(db, sealer, side, request, times[request.slot_id], people[request.mentor_id])
            )
    written: bytes = calendar.to_ical()
    return written


def _event(db: Read, sealer: Sealer, side: Side, request: Request, slot: Slot, mentor: Mentor) -> Event:
    event = Event()
    event.add("uid", f"{request.id}@mentorship.qingyi")
    event.add("dtstamp", db.now)
    event.add("dtstart", slot.starts_at)
    event.add("dtend", slot.ends_at)
    event.add("sequence", request.reschedules)
    event.add("status", "CONFIRMED")
    event.add("summary", "导师辅导" if side is Side.MENTOR else f"导师辅导：{mentor.name}")
    url = request.text(sealer, "meeting_url")
    if url is not None:
        event.add("url", url)
    for before in _REMINDERS:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", "导师辅导")
        alarm.add("trigger", before)
        event.add_component(alarm)
    return event
