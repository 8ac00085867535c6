"""What the races have in common: offers by the dozen, verdicts, looking at locks, and what must hold afterwards."""

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any
from uuid import UUID

import asyncpg
import sqlalchemy as sa
from support.house import House, Partner, Person
from support.listings import advanced, applied

from domain.internships.states import APPLICATION_STATES, OPEN, PLACED, ApplicationStatus

_OPEN = ", ".join(f"'{status}'" for status in OPEN)
_PLACED = ", ".join(f"'{status}'" for status in PLACED)

UNLAWFUL = {
    "accepted_count is the number of those placed, and never above the headcount": f"""
        SELECT listing.id FROM internship_listing listing
        LEFT JOIN internship_application a ON a.internship_id = listing.id AND a.status IN ({_PLACED})
        GROUP BY listing.id
        HAVING count(a.id) <> listing.accepted_count OR listing.accepted_count > listing.headcount""",
    "a full listing is not published": """
        SELECT id FROM internship_listing WHERE status = 'PUBLISHED' AND accepted_count >= headcount""",
    "a listing closed for want of places has none": """
        SELECT id FROM internship_listing
        WHERE closed_because = 'NO_HEADCOUNT_LEFT' AND accepted_count < headcount AND open_until >= current_date""",
    "nobody waits for a place that is gone": f"""
        SELECT a.id FROM internship_application a JOIN internship_listing listing ON listing.id = a.internship_id
        WHERE a.status IN ({_OPEN}) AND listing.closed_because = 'NO_HEADCOUNT_LEFT'""",
    "an open application holds a slot of its own, 1 to 20": f"""
        SELECT youth_id FROM internship_application WHERE status IN ({_OPEN}) OR open_slot IS NOT NULL
        GROUP BY youth_id
        HAVING count(*) > 20 OR count(DISTINCT open_slot) <> count(*) OR min(open_slot) < 1 OR max(open_slot) > 20""",
    "one application for each youth and listing, but for those that may apply again": """
        SELECT youth_id FROM internship_application WHERE NOT may_apply_again
        GROUP BY youth_id, internship_id HAVING count(*) > 1""",
    "the last move of a listing is its state": """
        SELECT listing.id FROM internship_listing listing
        WHERE listing.status IS DISTINCT FROM (
            SELECT status FROM core_state_event WHERE subject_id = listing.id ORDER BY id DESC LIMIT 1)""",
    "the last move of an application is its state": """
        SELECT a.id FROM internship_application a
        WHERE a.status IS DISTINCT FROM (
            SELECT status FROM core_state_event WHERE subject_id = a.id ORDER BY id DESC LIMIT 1)""",
    "each move of an application has its event, but those of the erased": """
        SELECT a.id FROM internship_application a JOIN accounts_youth y ON y.id = a.youth_id
        WHERE y.erased_at IS NULL AND (SELECT count(*) FROM core_state_event WHERE subject_id = a.id) <>
            (SELECT count(*) FROM core_outbox_event
             WHERE topic = 'internships.application_moved' AND payload ->> 'application_id' = a.id::text)""",
}


async def rows(house: House, statement: str, **values: Any) -> list[Any]:
    async with house.looking() as db:
        return list(await db.rows(sa.text(statement).bindparams(**values)))


async def assert_lawful(house: House) -> None:
    """Nothing that was done at the same time may be seen in what is left."""
    for rule, statement in UNLAWFUL.items():
        assert await rows(house, statement) == [], rule
    moves: defaultdict[UUID, list[ApplicationStatus]] = defaultdict(list)
    for subject, status in await rows(
        house,
        "SELECT subject_id, e.status FROM core_state_event e"
        " JOIN internship_application a ON a.id = e.subject_id ORDER BY e.id",
    ):
        moves[subject].append(ApplicationStatus(status))
    for states in moves.values():
        assert states[0] is ApplicationStatus.SUBMITTED, states
        assert all(APPLICATION_STATES.may(before, after) for before, after in pairwise(states)), states


async def deadlocks(house: House) -> int:
    """How many deadlocks this database has seen; a backend tells within a second of when it happened."""
    await asyncio.sleep(1.2)
    [row] = await rows(house, "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
    return int(row[0])


def verdict(payload: dict[str, Any]) -> str:
    """The state that the application came to, or the code of why not."""
    if payload["userErrors"]:
        [code] = {reason["code"] for reason in payload["userErrors"]}
        return str(code)
    return str(payload["application"]["status"])


async def accept(youth: Person, application: str, *, yes: bool = True) -> str:
    return verdict(
        await youth.mutate(
            "respondToInternshipOffer", "application { status }", applicationId=application, accept=yes
        )
    )


async def withdraw(youth: Person, application: str) -> str:
    return verdict(
        await youth.mutate(
            "withdrawInternshipApplication", "application { status }", applicationId=application
        )
    )


async def apply(youth: Person, listing: str, key: str) -> dict[str, Any]:
    return await youth.mutate(
        "applyToInternship", "application { id status }", internshipId=listing, idempotencyKey=key
    )


async def advance(partner: Partner, application: str, to: str) -> str:
    return verdict(
        await partner.mutate(
            "advanceInternshipApplication", "application { status }", applicationId=application, to=to
        )
    )


async def offers(partner: Partner, listing: str, youths: Iterable[Person]) -> list[str]:
    """An offer of the listing for each, in turn."""

    async def one(youth: Person) -> str:
        application = await applied(youth, listing, key=f"offer-{listing}")
        await advanced(partner, application, "SHORTLISTED", "INTERVIEW", "OFFERED")
        return application

    return list(await asyncio.gather(*(one(youth) for youth in youths)))


@asynccontextmanager
async def outside(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection of its own, to hold locks with."""
    connection = await asyncpg.connect(database_url.replace("postgresql+asyncpg://", "postgresql://"))
    try:
        yield connection
    finally:
        await connection.close()


async def waiting(connection: asyncpg.Connection, count: int, seconds: float = 10) -> list[int]:
    """The backends of this database that wait for a lock, once there are so many."""
    deadline = time.monotonic() + seconds
    while True:
        # Of each transaction anew: the view is read without a snapshot of its own inside one.
        await connection.execute("SELECT pg_stat_clear_snapshot()")
        found = await connection.fetch(
            "SELECT pid FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock' ORDER BY query_start"
        )
        if len(found) >= count:
            return [row["pid"] for row in found]
        assert time.monotonic() < deadline, f"{len(found)} wait for a lock, not {count}"
        await asyncio.sleep(0.02)
