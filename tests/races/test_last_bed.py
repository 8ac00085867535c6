"""The last bed over HTTP, across two server processes, with retries, clients that hang up, and `kill -9` of one server."""

import asyncio
import os
import signal
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import date

import httpx
import pytest
from races.processes import a_free_port, server
from races.racing import deadlocks, rows
from races.staying import assert_lawful_stays, book, verdict
from support.asking import day
from support.hostels import Inn, a_room, guests, opened
from support.house import House, Person

from infra.embedded.services import Services

CROWD = int(os.environ.get("QINGYI_CROWD", "120"))
PATIENCE_SECONDS = 60

HALF_DONE = """
SELECT b.id FROM hostel_booking b
WHERE (SELECT count(*) FROM core_state_event WHERE subject_id = b.id) <> 1
   OR (SELECT count(*) FROM core_outbox_event WHERE payload ->> 'booking_id' = b.id::text) <> 1
   OR (SELECT count(*) FROM core_idempotency_key WHERE record_id = b.id) <> 1
UNION ALL
SELECT record_id FROM core_idempotency_key
WHERE record_id NOT IN (SELECT id FROM hostel_booking UNION ALL SELECT id FROM hostel_hostel)
"""


@dataclass(slots=True)
class Wish:
    """A stay that somebody wants under a key of their own, and the answers that came."""

    who: Person
    inn: Inn
    check_in: date | str
    key: str
    answers: list[str] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)

    async def send(self, http: httpx.AsyncClient) -> bool:
        """False when no answer came."""
        try:
            payload = await book(replace(self.who, http=http), self.inn, self.check_in, 1, self.key)
        except (httpx.TransportError, ValueError) as fault:
            self.faults.append(repr(fault))
            return False
        self.answers.append(verdict(payload))
        if payload["booking"] is not None:
            self.ids.add(payload["booking"]["id"])
        else:
            assert "joinHostelWaitlist" in payload["userErrors"][0]["message"]
        return True


async def _ask(addresses: list[str], wishes: list[Wish], patience: float = PATIENCE_SECONDS) -> int:
    """All at once, by turns to each server; how many were answered."""
    async with AsyncExitStack() as stack:
        limits = httpx.Limits(max_connections=CROWD)
        clients = [
            await stack.enter_async_context(httpx.AsyncClient(base_url=url, timeout=patience, limits=limits))
            for url in addresses
        ]
        sent = (wish.send(clients[n % len(clients)]) for n, wish in enumerate(wishes))
        return sum(await asyncio.gather(*sent))


async def _check(house: House, wishes: list[Wish], beds: int) -> None:
    """Every acknowledged booking is there once, nobody has two answers, no bed is sold twice or left over."""
    for wish in wishes:
        assert len(set(wish.answers)) == 1, wish.answers
        assert len(wish.ids) <= 1
    assert len({found for wish in wishes for found in wish.ids}) == beds
    assert await rows(house, HALF_DONE) == []
    await assert_lawful_stays(house)


@pytest.mark.timeout(300)
async def test_a_crowd_for_the_last_bed(house: House, database_url: str, servers: Services) -> None:
    inn = await opened(house)
    crowd = [Wish(who, inn, day(house, 2), "midnight") for who in await guests(house, CROWD)]
    with server(database_url, servers) as (_, one), server(database_url, servers) as (_, two):
        assert await _ask([one, two], crowd) == CROWD
        assert Counter(wish.answers[0] for wish in crowd) == {"CONFIRMED": 1, "SOLD_OUT": CROWD - 1}
        # The same keys again, at the other server.
        assert await _ask([two, one], crowd) == CROWD
    await _check(house, crowd, 1)
    assert await deadlocks(house) == 0


@pytest.mark.timeout(300)
async def test_clients_that_hang_up_and_a_server_that_is_killed(
    house: House, database_url: str, servers: Services
) -> None:
    inn = await opened(house, a_room(beds=20))
    before = len(await rows(house, "SELECT id FROM hostel_booking"))
    crowd = [Wish(who, inn, day(house, 5), "crash") for who in await guests(house, CROWD)]
    port = a_free_port()
    with server(database_url, servers) as (_, one):
        with server(database_url, servers, port) as (running, two):
            await _ask([one, two], crowd[::3], patience=0.05)  # these do not wait for an answer
            firing = asyncio.create_task(_ask([one, two], crowd, patience=20))
            async with asyncio.timeout(60):
                while sum(bool(wish.ids) for wish in crowd) < 5:  # noqa: ASYNC110 - of other tasks
                    await asyncio.sleep(0.001)
            running.send_signal(signal.SIGKILL)
            await asyncio.to_thread(running.wait, 10)
            await firing
        with server(database_url, servers, port) as (_, two):
            for _ in range(2):
                assert await _ask([two, one], crowd) == CROWD
    await _check(house, crowd, 20)
    assert len(await rows(house, "SELECT id FROM hostel_booking")) == before + 20
    assert Counter(wish.answers[-1] for wish in crowd) == {"CONFIRMED": 20, "SOLD_OUT": CROWD - 20}


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("round_", range(10))
async def test_five_hundred(house: House, database_url: str, servers: Services, round_: int) -> None:
    inn = await opened(house)
    crowd = [Wish(who, inn, day(house, 2), "midnight") for who in await guests(house, 500)]
    with server(database_url, servers) as (_, one), server(database_url, servers) as (_, two):
        assert await _ask([one, two], crowd) == 500, [wish.faults for wish in crowd if wish.faults]
        assert Counter(wish.answers[0] for wish in crowd) == {"CONFIRMED": 1, "SOLD_OUT": 499}
        assert await _ask([two, one], crowd) == 500, [wish.faults for wish in crowd if wish.faults]
    for wish in crowd:
        assert len(set(wish.answers)) == 1
    await assert_lawful_stays(house)
    assert await deadlocks(house) == 0
