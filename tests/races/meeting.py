"""What the races of matchmaking have in common: what must hold of seats and lines whatever was done at the same time."""

from races.racing import rows
from support.house import House

UNLAWFUL = {
    "the counters of seats and lines are the numbers of their rows": """
        SELECT t.event_id FROM matchmaking_seats t
        LEFT JOIN matchmaking_signup s ON s.event_id = t.event_id AND s.gender = t.gender
        GROUP BY t.event_id, t.gender
        HAVING t.taken <> count(s.id) FILTER (WHERE s.status IN ('CONFIRMED', 'CHECKED_IN', 'NO_SHOW'))
            OR t.waitlisted <> count(s.id) FILTER (WHERE s.status = 'WAITLISTED') OR t.taken > t.total""",
    "nobody waits while a seat is free": """
        SELECT event_id FROM matchmaking_seats WHERE waitlisted > 0 AND taken < total""",
    "who waits first is seated first": """
        SELECT s.id FROM matchmaking_signup s JOIN matchmaking_signup later
            ON later.event_id = s.event_id AND later.gender = s.gender AND later.queue_number > s.queue_number
        WHERE s.status = 'WAITLISTED' AND later.status = 'CONFIRMED'""",
    "a place in line is one person's": """
        SELECT event_id FROM matchmaking_signup WHERE queue_number IS NOT NULL
        GROUP BY event_id, gender, queue_number HAVING count(*) > 1""",
    "a youth has one sign-up for an event, and three open ones": """
        SELECT youth_id FROM matchmaking_signup WHERE status <> 'CANCELLED'
        GROUP BY youth_id HAVING count(*) > count(DISTINCT event_id) OR count(open_slot) > 3""",
    "the last move of a sign-up is its state": """
        SELECT s.id FROM matchmaking_signup s WHERE s.status IS DISTINCT FROM (
            SELECT status FROM core_state_event WHERE subject_id = s.id ORDER BY id DESC LIMIT 1)""",
    "a sign-up has one key, and a key its sign-up": """
        SELECT s.id FROM matchmaking_signup s
        WHERE (SELECT count(*) FROM core_idempotency_key WHERE record_id = s.id) <> 1""",
    "who was given a seat from the line has one message": """
        SELECT s.id FROM matchmaking_signup s JOIN core_state_event e ON e.subject_id = s.id
        WHERE s.queue_number IS NOT NULL AND s.drawn_position IS NULL AND e.status = 'CONFIRMED'
          AND (SELECT count(*) FROM core_outbox_event
               WHERE topic = 'matchmaking.seat_given' AND payload ->> 'signup_id' = s.id::text) <> 1""",
}


async def assert_lawful_seats(house: House) -> None:
    """Nothing that was done at the same time may be seen in what is left."""
    for rule, statement in UNLAWFUL.items():
        assert await rows(house, statement) == [], rule
