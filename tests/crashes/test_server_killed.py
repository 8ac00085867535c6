"""`kill -9` of the server while youths apply: what was acknowledged is there once, and nothing is half done."""

import asyncio
import signal
from dataclasses import dataclass, field, replace

import httpx
import pytest
from races.processes import a_free_port, server
from races.racing import apply, assert_lawful, outside, rows
from support.house import House, Person
from support.listings import a_listing, upserted

from infra.embedded.services import Services

YOUTHS, LISTINGS, SENDERS = 15, 15, 12

HALF_DONE = """
SELECT a.id FROM internship_application a
WHERE (SELECT count(*) FROM core_state_event WHERE subject_id = a.id) <> 1
   OR (SELECT count(*) FROM core_outbox_event WHERE payload ->> 'application_id' = a.id::text) <> 1
   OR (SELECT count(*) FROM core_idempotency_key WHERE record_id = a.id) <> 1
UNION ALL
SELECT record_id FROM core_idempotency_key
WHERE record_id NOT IN (SELECT id FROM internship_application) OR (record_id IS NULL AND refusals IS NULL)
UNION ALL
SELECT subject_id FROM core_state_event
WHERE status = 'SUBMITTED' AND subject_id NOT IN (SELECT id FROM internship_application)
UNION ALL
SELECT id FROM core_outbox_event
WHERE (payload ->> 'application_id')::uuid NOT IN (SELECT id FROM internship_application)
"""


@dataclass(slots=True)
class Request:
    """One application that somebody wants, under a key of its own."""

    youth: Person
    listing: str
    key: str
    acknowledged: set[str] = field(default_factory=set)


async def _send(http: httpx.AsyncClient, request: Request) -> bool:
    """False when no answer came."""
    try:
        payload = await apply(replace(request.youth, http=http), request.listing, request.key)
    except httpx.TransportError:
        return False
    assert payload["userErrors"] == []
    request.acknowledged.add(payload["application"]["id"])
    return True


async def _fire(address: str, requests: list[Request]) -> int:
    """All of them, so many at a time; how many were answered."""
    waiting, answered = iter(requests), 0

    async def sender(http: httpx.AsyncClient) -> None:
        nonlocal answered
        for request in waiting:
            got = await _send(http, request)
            answered += got

    async with (
        httpx.AsyncClient(base_url=address, timeout=20) as http,
        asyncio.TaskGroup() as sending,
    ):
        for _ in range(SENDERS):
            sending.create_task(sender(http))
    return answered


async def _backends_gone(database_url: str, before: set[int]) -> None:
    """The dead server's transactions are over."""
    async with outside(database_url) as watcher, asyncio.timeout(15):
        while await watcher.fetch(  # noqa: ASYNC110 - of the database
            "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND xact_start IS NOT NULL"
            " AND pid <> pg_backend_pid() AND pid <> ALL($1)",
            list(before),
        ):
            await asyncio.sleep(0.02)


async def _crash(
    house: House, database_url: str, servers: Services, port: int, requests: list[Request], after: int
) -> None:
    """Fire until so many are acknowledged, kill the server, and look at what it left."""
    with server(database_url, servers, port) as (running, address):
        firing = asyncio.create_task(_fire(address, requests))
        async with asyncio.timeout(40):
            while sum(bool(request.acknowledged) for request in requests) < after:  # noqa: ASYNC110  # another process changes it: there is no event to wait for
                await asyncio.sleep(0.001)
        running.send_signal(signal.SIGKILL)
        await asyncio.to_thread(running.wait, 10)
        await firing
    await _backends_gone(database_url, set())
    assert await rows(house, HALF_DONE) == []


async def _check(house: House, requests: list[Request]) -> None:
    assert all(len(request.acknowledged) == 1 for request in requests), "one key, two applications"
    ids = {identity for request in requests for identity in request.acknowledged}
    assert len(ids) == len(requests)
    [(count,)] = await rows(house, "SELECT count(*) FROM internship_application")
    assert count == len(requests)
    assert await rows(house, HALF_DONE) == []
    await assert_lawful(house)


async def _requests(house: House) -> list[Request]:
    partner, youths = await house.partner(), await house.youths(YOUTHS)
    results = await upserted(partner, *(a_listing(headcount=20) for _ in range(LISTINGS)))
    listings = [result["internship"]["id"] for result in results]
    pairs = [(youth, listing) for listing in listings for youth in youths]
    return [Request(youth, listing, f"key-{number}") for number, (youth, listing) in enumerate(pairs)]


async def test_acknowledged_applications_survive(house: House, database_url: str, servers: Services) -> None:
    requests, port = await _requests(house), a_free_port()
    for acknowledged in (40, 120):
        await _crash(house, database_url, servers, port, requests, acknowledged)
        left = [request for request in requests if not request.acknowledged]
        assert left, "the kill came too late"
    with server(database_url, servers, port) as (_, address):
        # The same keys, all of them, also those that were acknowledged, and each twice at once.
        assert await _fire(address, [request for request in requests for _ in range(2)]) == 2 * len(requests)
    await _check(house, requests)


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", range(20))
async def test_many_crashes(house: House, database_url: str, servers: Services, seed: int) -> None:
    async with house.database.engine.begin() as connection:
        for table in (
            "core_idempotency_key",
            "core_outbox_event",
            "core_state_event",
            "internship_application",
            "internship_listing",
        ):
            await connection.exec_driver_sql(f"DELETE FROM {table}")
    requests, port = await _requests(house), a_free_port()
    for acknowledged in range(10 + seed, 210, 40):
        await _crash(house, database_url, servers, port, requests, acknowledged)
    with server(database_url, servers, port) as (_, address):
        assert await _fire(address, requests) == len(requests)
    await _check(house, requests)
