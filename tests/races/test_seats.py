"""A crowd for few seats: exact, one answer for each, the line in the order in which places in it were acknowledged."""

import asyncio
import os
import signal
import ssl
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

import httpx
import pytest
from races.meeting import assert_lawful_seats
from races.processes import a_free_port, server
from races.racing import deadlocks, rows
from support.house import House, Person
from support.matchmaking import SIGNUP, a_signup, event, held, singles

from domain.accounts.models import Gender
from domain.core.actors import StaffRole
from graph.core.ids import Tag, decode
from infra.embedded.services import Services

CROWD = int(os.environ.get("QINGYI_CROWD", "400"))
MULTITUDE = int(os.environ.get("QINGYI_MULTITUDE", "5000"))
AT_ONCE = 200
PATIENCE_SECONDS = 300
CERTIFICATES = ssl.create_default_context()
"""Not used, and read once: for each of a thousand clients anew it would take longer than what they ask for."""


@dataclass(slots=True)
class Guest:
    """Signs up under a key of their own, and knows what was acknowledged and when."""

    who: Person
    at: str
    key: str
    sent: float = 0.0
    answered: float = 0.0
    ids: set[str] = field(default_factory=set)
    first_status: str | None = None
    cancelled: bool = False

    async def sign_up(self, http: httpx.AsyncClient | None = None) -> bool:
        """False when no answer came."""
        client = self.who if http is None else replace(self.who, http=http)
        self.sent = self.sent or time.monotonic()  # an answer that was lost may be of the first
        try:
            payload = await client.mutate(
                "signUpForMatchmaking", SIGNUP, **a_signup(self.at, idempotencyKey=self.key)
            )
        except (httpx.TransportError, ValueError):
            return False
        assert payload["userErrors"] == [], payload["userErrors"]
        if not self.ids:
            self.answered = time.monotonic()
            self.first_status = payload["signup"]["status"]
        self.ids.add(payload["signup"]["id"])
        return True

    async def cancel(self, http: httpx.AsyncClient | None = None) -> bool:
        client = self.who if http is None else replace(self.who, http=http)
        [own] = self.ids
        try:
            payload = await client.mutate("cancelMatchmakingSignup", "signup { status }", signupId=own)
        except (httpx.TransportError, ValueError):
            return False
        assert payload["signup"]["status"] == "CANCELLED", payload
        self.cancelled = True
        return True


async def a_crowd(house: House, at: str, count: int) -> list[Guest]:
    people = [*await singles(house, count // 2), *await singles(house, count - count // 2, Gender.MALE)]
    return [Guest(who, at, f"seat-{number}") for number, who in enumerate(people)]


async def small_event(house: House, seats: int) -> str:
    host = await house.staff(StaffRole.EVENT_HOST)
    return await held(host, house, maleSeats=seats, femaleSeats=seats)


async def assert_fair(house: House, crowd: Iterable[Guest], at: str) -> None:
    """
    Each acknowledged sign-up is there once. Who was told of their place before another asked stands before that one.
    """
    guests = [guest for guest in crowd if guest.ids]
    assert all(len(guest.ids) == 1 for guest in guests)
    key = decode(Tag.MatchmakingEvent, at)
    known: dict[Any, Any] = {
        row.id: row
        for row in await rows(
            house,
            "SELECT id, status, gender, queue_number, youth_id FROM matchmaking_signup WHERE event_id = :at",
            at=key,
        )
    }
    numbers: dict[str, list[tuple[float, float, int]]] = {}
    for guest in guests:
        row = known[decode(Tag.MatchmakingSignup, next(iter(guest.ids)))]
        assert row.youth_id == guest.who.key
        assert (row.status == "CANCELLED") == guest.cancelled
        if row.queue_number is not None:
            numbers.setdefault(row.gender, []).append((guest.sent, guest.answered, row.queue_number))
    for told in numbers.values():
        by_answer, last, place = sorted(told, key=lambda one: one[1]), 0, 0
        for sent, _, number in sorted(told):
            while place < len(by_answer) and by_answer[place][1] < sent:
                last, place = max(last, by_answer[place][2]), place + 1
            assert number > last


@pytest.mark.timeout(300)
async def test_a_crowd_for_a_small_event(house: House) -> None:
    at = await small_event(house, 10)
    crowd = await a_crowd(house, at, CROWD)

    # all at once, and half of them twice
    assert all(await asyncio.gather(*(guest.sign_up() for guest in [*crowd, *crowd[::2]])))

    assert Counter(guest.first_status for guest in crowd) == {"CONFIRMED": 20, "WAITLISTED": CROWD - 20}
    await assert_lawful_seats(house)
    await assert_fair(house, crowd, at)
    # when those with seats cancel while the line moves up
    seated = [guest for guest in crowd if guest.first_status == "CONFIRMED"]
    waiting = [guest for guest in crowd if guest.first_status == "WAITLISTED"][::7]
    assert all(await asyncio.gather(*(guest.cancel() for guest in [*seated, *waiting])))
    await assert_lawful_seats(house)
    seats = (await event(house.anyone, at, "seats { taken }"))["seats"]
    assert seats == [{"taken": 10}, {"taken": 10}]
    assert await deadlocks(house) == 0


@pytest.mark.timeout(120)
async def test_a_youth_with_ten_wishes_at_once_has_three(house: House) -> None:
    events = [await small_event(house, 5) for _ in range(10)]
    [youth] = await singles(house, 1)
    found = await asyncio.gather(
        *(youth.mutate("signUpForMatchmaking", SIGNUP, **a_signup(at)) for at in events)
    )
    codes = Counter(error["code"] for payload in found for error in payload["userErrors"])
    assert codes == {"QUOTA_EXCEEDED": 7}
    await assert_lawful_seats(house)


async def _random_life(
    guest: Guest, https: list[httpx.AsyncClient], chance: Random, gate: asyncio.Semaphore
) -> None:
    """Signs up, perhaps hanging up, retries until answered, perhaps cancels; always at some server or another."""
    async with gate:
        if chance.random() < 0.2:  # does not wait for the answer
            url = chance.choice(https).base_url
            patience = 0.001 + chance.random() / 20
            async with httpx.AsyncClient(base_url=url, timeout=patience, verify=CERTIFICATES) as impatient:
                await guest.sign_up(impatient)
        while not await guest.sign_up(chance.choice(https)):  # noqa: ASYNC110 - it asks each time
            await asyncio.sleep(0.05)
        if chance.random() < 0.3:
            await guest.sign_up(chance.choice(https))
        if chance.random() < 0.25:
            while not await guest.cancel(chance.choice(https)):  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.05)


async def _storm(house: House, database_url: str, servers: Services, count: int, seats: int) -> None:
    at, chance, port = await small_event(house, seats), Random(count), a_free_port()
    crowd = await a_crowd(house, at, count)
    gate = asyncio.Semaphore(AT_ONCE)
    with server(database_url, servers) as (_, one):
        async with AsyncExitStack() as stack:
            limits = httpx.Limits(max_connections=AT_ONCE)
            with server(database_url, servers, port) as (running, two):
                https = [
                    await stack.enter_async_context(
                        httpx.AsyncClient(base_url=url, timeout=PATIENCE_SECONDS, limits=limits)
                    )
                    for url in (one, two)
                ]
                lives = asyncio.gather(*(_random_life(guest, https, chance, gate) for guest in crowd))
                async with asyncio.timeout(PATIENCE_SECONDS):
                    while sum(bool(guest.ids) for guest in crowd) < count // 4:  # noqa: ASYNC110 - of others
                        await asyncio.sleep(0.01)
                running.send_signal(signal.SIGKILL)
                await asyncio.to_thread(running.wait, 10)
            with server(database_url, servers, port):
                await lives
    assert all(guest.ids for guest in crowd)
    await assert_lawful_seats(house)
    await assert_fair(house, crowd, at)
    stays = sum(not guest.cancelled for guest in crowd)
    found = (await event(house.anyone, at, "seats { taken waitlisted }"))["seats"]
    assert sum(one["taken"] for one in found) == min(2 * seats, stays)
    assert sum(one["taken"] + one["waitlisted"] for one in found) == stays
    assert await deadlocks(house) == 0


@pytest.mark.timeout(300)
async def test_youths_that_hang_up_and_a_server_that_is_killed(
    house: House, database_url: str, servers: Services
) -> None:
    await _storm(house, database_url, servers, 200, 20)


@pytest.mark.soak
@pytest.mark.timeout(1800)
async def test_five_thousand(house: House, database_url: str, servers: Services) -> None:
    """Some six minutes on two cores that are busy with other things too; QINGYI_MULTITUDE asks for fewer."""
    await _storm(house, database_url, servers, MULTITUDE, 100)
