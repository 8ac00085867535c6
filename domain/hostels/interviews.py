"""
Who is invited to an interview is offered nights at the nearest hostel, from the evening before it.

The invitation is an event of another programme, known here by its topic and its plain values alone.
"""

from datetime import datetime, timedelta

from domain.accounts.youths import youths
from domain.core.clock import day_of
from domain.core.db import Write
from domain.core.inbox import Notice, Recipient, Told, Words, tell
from domain.core.outbox import Delivery
from domain.hostels.eligibility import Stay, bar_of, faults, standings
from domain.hostels.finding import centre_of_division, nearest_with_bed

INTERVIEW_TOPIC = "internships.application_moved"
INVITED = "INTERVIEW"

FOR_INTERVIEW = Notice(
    "HOSTEL_FOR_INTERVIEW",
    Words(
        "面试期间可免费入住青年驿站",
        "离面试地最近的“{hostel}”{check_in} 起 {nights} 晚有空床，可在应用内预订。",
    ),
    Words(
        "A bed for your interview",
        "“{hostel}”, the hostel nearest to your interview, has a bed for {nights} nights from {check_in}.",
    ),
    "Hostel",
)


async def offer_nights(tx: Write, event: Delivery) -> None:
    """Tell an invited youth of the nearest hostel that has a bed, when nothing else stands against the stay."""
    when, code = event.payload.get("interview_at"), event.payload.get("division_code")
    if event.payload["status"] != INVITED or not when or not code:
        return
    day = day_of(datetime.fromisoformat(when))
    check_in = max(tx.today, day - timedelta(days=1))
    stay = Stay(check_in, (day - check_in).days + 1)
    youth_id = event.uuid("youth_id")
    youth = (await youths(tx, [youth_id])).get(youth_id)
    near = await centre_of_division(tx, code)
    if stay.nights < 1 or youth is None or near is None:
        return
    for hostel in await nearest_with_bed(tx, near, stay, youth.gender, most=1):
        known = await standings(tx, {youth_id: hostel.id}, stay.check_in, stay.check_out)
        if not faults(hostel, stay, known[youth_id], await bar_of(tx, hostel), tx.today):
            told = [Told(Recipient.YOUTH, youth_id)]
            values = {"hostel": hostel.name, "check_in": str(check_in), "nights": stay.nights}
            await tell(tx, event.id, FOR_INTERVIEW, told, subject_id=hostel.id, **values)
