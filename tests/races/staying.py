"""What the races of hostels have in common: many who ask at once, and what must hold afterwards."""

from dataclasses import replace
from datetime import date
from typing import Any

import httpx
from races.racing import rows
from support.hostels import Inn
from support.house import House, Person

UNLAWFUL = {
    "a bed-night has one guest, a guest one bed on a night": """
        SELECT guest_id FROM hostel_bed_night WHERE guest_id IS NOT NULL
        GROUP BY guest_id, night HAVING count(*) > 1""",
    "every night of a stay has a bed, and no other night": """
        SELECT b.id FROM hostel_booking b
        LEFT JOIN hostel_bed_night n ON n.booking_id = b.id
        WHERE b.status IN ('HELD', 'CONFIRMED', 'CHECKED_IN')
        GROUP BY b.id
        HAVING count(n.night) FILTER (WHERE n.night >= b.check_in AND n.night < b.check_out)
            <> b.check_out - b.check_in OR count(n.night) <> b.check_out - b.check_in""",
    "a bed is the guest's whose booking it is": """
        SELECT n.booking_id FROM hostel_bed_night n JOIN hostel_booking b ON b.id = n.booking_id
        WHERE n.guest_id <> b.guest_id OR n.hostel_id <> b.hostel_id""",
    "who is not staying has no bed": """
        SELECT b.id FROM hostel_booking b JOIN hostel_bed_night n ON n.booking_id = b.id
        WHERE b.status IN ('WAITLISTED', 'CANCELLED')""",
    "an allowance is the number of the guest's nights of the year": """
        SELECT coalesce(a.guest_id, n.guest_id) FROM hostel_allowance a
        FULL JOIN (
            SELECT guest_id, extract(year FROM night)::int AS year, count(*) AS nights
            FROM hostel_bed_night WHERE guest_id IS NOT NULL GROUP BY 1, 2
        ) n ON n.guest_id = a.guest_id AND n.year = a.year
        WHERE coalesce(a.nights, 0) <> coalesce(n.nights, 0)""",
    "nobody is in a closed room": "SELECT 1 FROM hostel_bed_night WHERE closed AND guest_id IS NOT NULL",
    "nobody is in a room of the other sex": """
        SELECT 1 FROM hostel_bed_night n JOIN accounts_youth y ON y.id = n.guest_id
        WHERE n.room_gender IS NOT NULL AND n.room_gender <> y.gender OR n.guest_gender <> y.gender""",
    "the last move of a booking is its state": """
        SELECT b.id FROM hostel_booking b
        WHERE b.status IS DISTINCT FROM (
            SELECT status FROM core_state_event WHERE subject_id = b.id ORDER BY id DESC LIMIT 1)""",
    "a key's record is there": """
        SELECT record_id FROM core_idempotency_key k WHERE record_id IS NULL AND refusals IS NULL""",
    # Events that are done are removed after thirty days, and tests move the clock.
    "each move of a booking of late has its event": """
        SELECT b.id FROM hostel_booking b
        WHERE b.created_at > (SELECT max(at) FROM core_state_event) - interval '10 days'
          AND (SELECT count(*) FROM core_state_event WHERE subject_id = b.id) >
            (SELECT count(*) FROM core_outbox_event
             WHERE topic = 'hostels.booking_moved' AND payload ->> 'booking_id' = b.id::text)""",
    "who waits first is served first, of those who want the same nights": """
        SELECT b.id FROM hostel_booking b JOIN hostel_booking later
            ON later.hostel_id = b.hostel_id AND later.check_in = b.check_in AND later.check_out = b.check_out
            AND (later.created_at, later.id) > (b.created_at, b.id)
        JOIN accounts_youth y ON y.id = b.guest_id JOIN accounts_youth z ON z.id = later.guest_id
        WHERE b.status = 'WAITLISTED' AND later.status = 'HELD' AND y.gender = z.gender
            AND NOT EXISTS (SELECT 1 FROM hostel_bed_night n
                WHERE n.guest_id = b.guest_id AND n.night >= b.check_in AND n.night < b.check_out)
            AND NOT EXISTS (SELECT 1 FROM hostel_allowance a JOIN hostel_hostel h ON h.id = b.hostel_id
                WHERE a.guest_id = b.guest_id AND a.nights + (b.check_out - b.check_in) > h.free_nights_per_year)""",
}


async def assert_lawful_stays(house: House) -> None:
    """Nothing that was done at the same time may be seen in what is left."""
    for rule, statement in UNLAWFUL.items():
        assert await rows(house, statement) == [], rule


async def book(
    who: Person, inn: Inn, check_in: date | str, nights: int, key: str, http: httpx.AsyncClient | None = None
) -> dict[str, Any]:
    """The payload of one request, to the house or to another server."""
    client = who if http is None else replace(who, http=http)
    return await client.mutate(
        "bookHostelStay",
        "booking { id status }",
        hostelId=inn.id,
        checkIn=str(check_in),
        nights=nights,
        idempotencyKey=key,
    )


def verdict(payload: dict[str, Any]) -> str:
    """The state that the booking came to, or the code of why not."""
    if payload["userErrors"]:
        [code] = {reason["code"] for reason in payload["userErrors"]}
        return str(code)
    return str(payload["booking"]["status"])
