"""Many accept few places at the same moment."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace

import asyncpg
import httpx
import pytest
from races.processes import server
from races.racing import (
    accept,
    apply,
    assert_lawful,
    deadlocks,
    offers,
    outside,
    rows,
    verdict,
    waiting,
    withdraw,
)
from support.house import House, Partner, Person
from support.listings import a_listing, posted, status_of

from infra.embedded.services import Services

YOUTHS, PLACES = 50, 5
LISTING = """
query ($id: ID!) { node(id: $id) { ... on Internship {
  status headcount remainingHeadcount applications(first: 100) { nodes { id status } }
} } }
"""


async def _assert_sold(house: House, partner: Partner, listing: str, answers: list[str]) -> None:
    assert Counter(answers) == {"ACCEPTED": PLACES, "SOLD_OUT": YOUTHS - PLACES}
    seen = (await partner.run(LISTING, id=listing))["node"]
    assert (seen["status"], seen["headcount"], seen["remainingHeadcount"]) == ("CLOSED", PLACES, 0)
    states = Counter(application["status"] for application in seen["applications"]["nodes"])
    assert states == {"ACCEPTED": PLACES, "REJECTED": YOUTHS - PLACES}
    await assert_lawful(house)
    assert await deadlocks(house) == 0


async def test_fifty_accept_five_places(house: House, record_property: Callable[[str, object], None]) -> None:
    partner, youths = await house.partner(), await house.youths(YOUTHS)
    listing = await posted(partner, a_listing(headcount=PLACES))
    applications = await offers(partner, listing, youths)

    begun = time.perf_counter()
    answers = await asyncio.gather(*map(accept, youths, applications))
    record_property("fifty_accepts_in_process_seconds", round(time.perf_counter() - begun, 3))

    await _assert_sold(house, partner, listing, answers)
    # Each of the others is told once, by the system, that the places are gone.
    await house.work()
    told = await rows(
        house,
        "SELECT recipient_id, count(*) FROM core_notification"
        " WHERE kind = 'INTERNSHIP_APPLICATION_REJECTED' GROUP BY recipient_id",
    )
    assert len(told) == YOUTHS - PLACES
    assert {count for _, count in told} == {1}
    # Both answers again: the same.
    again = await asyncio.gather(*map(accept, youths, applications))
    assert again == answers


async def test_fifty_accept_five_places_of_two_servers(
    house: House, database_url: str, servers: Services, record_property: Callable[[str, object], None]
) -> None:
    partner, youths = await house.partner(), await house.youths(YOUTHS)
    listing = await posted(partner, a_listing(headcount=PLACES))
    applications = await offers(partner, listing, youths)
    with ExitStack() as running:
        # Both start at the same time.
        starting = [asyncio.to_thread(running.enter_context, server(database_url, servers)) for _ in range(2)]
        addresses = [address for _, address in await asyncio.gather(*starting)]
        async with (
            httpx.AsyncClient(base_url=addresses[0], timeout=30) as one,
            httpx.AsyncClient(base_url=addresses[1], timeout=30) as other,
        ):
            there = [
                replace(youth, http=(one, other)[number % 2], phone=youth.phone)
                for number, youth in enumerate(youths)
            ]
            # Connections and the servers' first look at each youth are not what is measured.
            await asyncio.gather(*(youth.run("{ viewer { youth { id } } }") for youth in there))
            begun = time.perf_counter()
            answers = await asyncio.gather(*map(accept, there, applications))
            record_property("fifty_accepts_two_servers_seconds", round(time.perf_counter() - begun, 3))
    await _assert_sold(house, partner, listing, answers)


async def test_the_database_itself_forbids_overselling(house: House, database_url: str) -> None:
    partner, youth = await house.partner(), await house.youth()
    listing = await posted(partner, a_listing(headcount=1))
    [application] = await offers(partner, listing, [youth])
    assert await accept(youth, application) == "ACCEPTED"
    async with outside(database_url) as connection:
        for change in (
            "accepted_count = accepted_count + 1",
            "headcount = headcount - 1",
            "accepted_count = -1",
        ):
            with pytest.raises(asyncpg.CheckViolationError):
                await connection.execute(f"UPDATE internship_listing SET {change} WHERE status = 'CLOSED'")


async def test_the_last_place_and_new_applications(house: House) -> None:
    """Who applies while the last place goes is turned down too, or told that it is gone; nobody is left waiting."""
    partner = await house.partner()
    for _ in range(5):
        youth, *others = await house.youths(12)
        listing = await posted(partner, a_listing(headcount=1))
        [application] = await offers(partner, listing, [youth])

        async def late(other: Person, order: int, listing: str = listing) -> str:
            await asyncio.sleep(order * 0.003)
            return verdict(await apply(other, listing, "late"))

        accepted, *answers = await asyncio.gather(
            accept(youth, application), *(late(other, order) for order, other in enumerate(others))
        )
        assert accepted == "ACCEPTED"
        assert set(answers) <= {"SUBMITTED", "REJECTED", "SOLD_OUT"}
    await assert_lawful(house)


async def test_an_application_under_way_when_the_last_place_goes(house: House, database_url: str) -> None:
    """As above, by hand: the application has looked at the listing and waits; meanwhile the last place goes."""
    partner, (youth, late) = await house.partner(), await house.youths(2)
    listing = await posted(partner, a_listing(headcount=1))
    [application] = await offers(partner, listing, [youth])
    async with outside(database_url) as holder, outside(database_url) as watcher:
        async with holder.transaction():
            await holder.execute("SELECT id FROM accounts_youth WHERE id = $1 FOR UPDATE", late.key)
            applying = asyncio.create_task(apply(late, listing, "late"))
            await waiting(watcher, 1)
            accepting = asyncio.create_task(accept(youth, application))
            await asyncio.sleep(0.3)
        assert await accepting == "ACCEPTED"
        assert verdict(await applying) in {"SUBMITTED", "REJECTED", "SOLD_OUT"}
    await assert_lawful(house)


async def test_a_place_given_back_goes_to_one(house: House) -> None:
    """Accepted, withdrawn, applied to anew: the place is taken once at a time, whoever comes."""
    partner, youths = await house.partner(), await house.youths(6)
    listing = await posted(partner, a_listing(headcount=1))
    first, *others = youths
    [application] = await offers(partner, listing, [first])
    assert await accept(first, application) == "ACCEPTED"
    # The same withdrawal many times at once gives one place back.
    assert set(await asyncio.gather(*(withdraw(first, application) for _ in range(6)))) == {"WITHDRAWN"}
    await assert_lawful(house)
    applications = await offers(partner, listing, others)
    answers = await asyncio.gather(*map(accept, others, applications))
    assert Counter(answers) == {"ACCEPTED": 1, "SOLD_OUT": len(others) - 1}
    winner = answers.index("ACCEPTED")
    assert await status_of(house, others[winner], applications[winner]) == "ACCEPTED"
    await assert_lawful(house)
