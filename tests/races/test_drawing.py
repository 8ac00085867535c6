"""A draw runs once: asked twice at once, by two processes, and after one of them was killed in the middle of it."""

import asyncio
import signal
from dataclasses import replace
from typing import Any

import httpx
import pytest
from races.meeting import assert_lawful_seats
from races.processes import server
from races.racing import outside, rows, waiting
from support.house import House
from support.matchmaking import event, held, signed_up, singles

from domain.core.actors import StaffRole, System
from domain.matchmaking.lottery import close_entries
from graph.core.ids import Tag, decode
from infra.embedded.services import Services

DRAW = "drawMatchmakingLottery", "event { lottery { seed entriesHash drawnAt } }"
OVER = """UPDATE matchmaking_event SET signup_opens_at = now() - interval '2 hours',
    signup_closes_at = now() - interval '1 hour' WHERE id = $1"""


@pytest.mark.timeout(300)
async def test_a_server_is_killed_in_the_middle_of_a_draw(
    house: House, database_url: str, servers: Services
) -> None:
    # given a lottery whose sign-up is over, and a hand on one of its entries
    host = await house.staff(StaffRole.EVENT_HOST)
    at = await held(host, house, admission="LOTTERY", femaleSeats=7)
    key = decode(Tag.MatchmakingEvent, at)
    for youth in await singles(house, 40):
        await signed_up(youth, at)
    async with outside(database_url) as other:
        await other.execute(OVER, key)
        async with house.database.write(System()) as tx:
            await close_entries(tx, key)
        before = await _kept(house, key)
        with server(database_url, servers) as (running, address):
            async with httpx.AsyncClient(base_url=address, timeout=60) as http, other.transaction():
                await other.execute("SELECT id FROM matchmaking_signup WHERE event_id = $1 FOR UPDATE", key)
                drawing = asyncio.create_task(replace(host, http=http).mutate(*DRAW, eventId=at))
                async with outside(database_url) as looking:
                    # when the server is killed while it draws
                    [backend] = await waiting(looking, 1)
                    running.send_signal(signal.SIGKILL)
                    await asyncio.to_thread(running.wait, 10)
                    await looking.execute("SELECT pg_terminate_backend($1)", backend)
                with pytest.raises(httpx.TransportError):
                    await drawing
        # then nothing of it is left
        assert await _kept(house, key) == before
        assert (await event(house.anyone, at, "lottery { seed drawnAt }"))["lottery"] == {
            "seed": None,
            "drawnAt": None,
        }

    # and when it is asked for again, by two processes and many times at once, it runs once
    with server(database_url, servers) as (_, address):
        async with httpx.AsyncClient(base_url=address, timeout=60) as http:
            hosts = [host, replace(host, http=http)] * 4
            answers = await asyncio.gather(*(one.done(*DRAW, eventId=at) for one in hosts))
    assert len({str(answer["event"]) for answer in answers}) == 1
    assert answers[0]["event"]["lottery"]["seed"] is not None
    moves = await rows(
        house,
        "SELECT count(*), count(DISTINCT subject_id) FROM core_state_event e JOIN matchmaking_signup s"
        " ON s.id = e.subject_id WHERE s.event_id = :at AND e.status IN ('CONFIRMED', 'WAITLISTED')",
        at=key,
    )
    assert moves == [(40, 40)]
    told = "SELECT count(*) FROM core_outbox_event WHERE payload ->> 'kind' = 'LOTTERY_DRAWN'"
    assert await rows(house, told) == [(1,)]
    await assert_lawful_seats(house)


async def _kept(house: House, key: Any) -> list[Any]:
    return [
        await rows(house, "SELECT e::text FROM matchmaking_event e WHERE id = :at", at=key),
        await rows(house, "SELECT s::text FROM matchmaking_seats s WHERE event_id = :at ORDER BY 1", at=key),
        await rows(house, "SELECT s::text FROM matchmaking_signup s WHERE event_id = :at ORDER BY 1", at=key),
    ]
