"""
A perk of limited stock over HTTP, across two server processes: redeemed, used at two tills at once, given back, with keys repeated
and `kill -9` of one server in the middle.
"""

import asyncio
import os
import signal
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import pytest
from races.processes import a_free_port, server
from races.racing import deadlocks, rows
from support.client import Client
from support.house import House, Partner, Person
from support.volunteering import REDEMPTION, a_perk, a_record, account, perk, recorded

from api.commands.ledger import verified
from domain.core.actors import StaffRole
from infra.embedded.services import Services

CROWD = int(os.environ.get("QINGYI_CROWD", "60"))
COST, HOURS, LIMIT = 2, 6, 2
PATIENCE_SECONDS = 60

UNLAWFUL = {
    "the stock is what is issued or used, and no more": """
        SELECT p.id FROM volunteering_perk p LEFT JOIN volunteering_redemption r
            ON r.perk_id = p.id AND r.status IN ('ISSUED', 'USED')
        GROUP BY p.id HAVING p.taken <> count(r.id) OR p.taken > p.stock""",
    "no balance is below nothing": "SELECT volunteer_id FROM volunteering_account WHERE points < 0",
    "nobody has more than the limit": f"""
        SELECT volunteer_id FROM volunteering_redemption WHERE status IN ('ISSUED', 'USED')
        GROUP BY volunteer_id, perk_id HAVING count(*) > {LIMIT}""",
    "a redemption begins once and ends once, and each move has its event": """
        SELECT r.id FROM volunteering_redemption r
        WHERE (SELECT count(*) FROM core_state_event WHERE subject_id = r.id AND status = 'ISSUED') <> 1
           OR (SELECT count(*) FROM core_state_event WHERE subject_id = r.id AND status <> 'ISSUED')
              <> (r.status <> 'ISSUED')::int
           OR (SELECT count(*) FROM core_outbox_event WHERE payload ->> 'redemption_id' = r.id::text)
              <> 1 + (r.status <> 'ISSUED')::int""",
    "a redemption has one key that made it": """
        SELECT r.id FROM volunteering_redemption r
        WHERE (SELECT count(*) FROM core_idempotency_key k
               WHERE k.record_id = r.id AND k.caller LIKE 'youth:%') <> 1""",
}


@dataclass(slots=True)
class Servers:
    """Both, by turns; whoever gets no answer asks the other, under the same key."""

    clients: list[httpx.AsyncClient]
    faults: int = 0
    answered: int = 0

    async def ask(self, who: Client, turn: int, mutation: str, selection: str, **given: Any) -> Any:
        """The payload that came, however often it had to be asked for."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                client = replace(who, http=self.clients[turn % len(self.clients)])
                try:
                    payload = await client.mutate(mutation, selection, **given)
                except (httpx.TransportError, ValueError):
                    self.faults += 1
                    turn += 1
                    await asyncio.sleep(0.02)
                    continue
                self.answered += 1
                return payload


@dataclass(slots=True)
class Wish:
    """Somebody who wants the perk, what they do with the code, and what came of it under each key."""

    number: int
    who: Person
    till: Partner
    perk: str
    code: str | None = None
    answers: dict[str, Any] = field(default_factory=dict)

    async def redeem(self, servers: Servers, key: str, turn: int) -> Any:
        given = {"perkId": self.perk, "idempotencyKey": key}
        payload = await servers.ask(self.who, turn, "redeemPerk", REDEMPTION, **given)
        verdict = _verdict(payload)
        # The record is told in its present state: what stays is which one it is, or why there is none.
        assert self.answers.setdefault(key, verdict) == verdict
        return payload["redemption"]

    async def use(self, servers: Servers, turn: int) -> None:
        """At two tills at once, each under a key of its own."""
        given = [{"code": self.code, "idempotencyKey": f"till-{till}-{self.number}"} for till in (0, 1)]
        payloads = await asyncio.gather(
            *(
                servers.ask(self.till, turn + n, "consumePerkCode", REDEMPTION, **one)
                for n, one in enumerate(given)
            )
        )
        verdicts = sorted(_verdict(payload)[0] for payload in payloads)
        assert verdicts == ["INVALID_STATE", "made"], verdicts
        for one, payload in zip(given, payloads, strict=True):
            verdict = _verdict(payload)
            assert self.answers.setdefault(one["idempotencyKey"], verdict) == verdict

    async def live(self, servers: Servers) -> None:
        """Three kinds of people: who uses the code, who gives it back and asks again, who keeps it."""
        made = await self.redeem(servers, "first", self.number)
        if made is None:
            return
        if self.number % 3 == 0:
            self.code = made["code"]
            await self.use(servers, self.number)
        elif self.number % 3 == 1:
            given = {"redemptionId": made["id"]}
            for turn in (self.number, self.number + 1):
                payload = await servers.ask(
                    self.who, turn, "cancelPerkRedemption", "redemption { status }", **given
                )
                assert payload["redemption"] == {"status": "CANCELLED"}, payload
            await self.redeem(servers, "second", self.number + 1)

    async def repeat(self, servers: Servers, turn: int) -> None:
        """Every key again: the same answer, whichever server it comes to."""
        for key in list(self.answers):
            if not key.startswith("till"):
                await self.redeem(servers, key, turn)
        if self.code is not None:
            await self.use(servers, turn)


def _verdict(payload: dict[str, Any]) -> tuple[str, str | None]:
    if payload["redemption"] is None:
        return payload["userErrors"][0]["code"], None
    return "made", payload["redemption"]["id"]


async def _crowd(house: House, count: int, stock: int) -> tuple[list[Wish], str, Partner]:
    shop, staff = await house.partner(), await house.staff(StaffRole.PROGRAMME_MANAGER)
    people = await house.youths(count)
    for begin in range(0, count, 500):
        hours = [a_record(house, who, hours=HOURS) for who in people[begin : begin + 500]]
        assert all(not result["userErrors"] for result in await recorded(shop, *hours))
    offered = await a_perk(staff, shop, pointsCost=COST, stock=stock, perPersonLimit=LIMIT)
    return [Wish(n, who, shop, offered) for n, who in enumerate(people)], offered, shop


async def _check(house: House, crowd: list[Wish], offered: str, shop: Partner, stock: int) -> None:
    for rule, statement in UNLAWFUL.items():
        assert await rows(house, statement) == [], rule
    told = [
        key for wish in crowd for name, (verdict, key) in wish.answers.items() if name[:4] != "till" and key
    ]
    assert len(told) == len(set(told))
    made = await rows(
        house,
        "SELECT status, volunteer_id FROM volunteering_redemption r JOIN volunteering_perk p ON p.id = r.perk_id"
        " WHERE p.merchant_id = :shop",
        shop=shop.key,
    )
    # Every redemption that somebody was told of is there once, and none that nobody was told of.
    assert len(made) == len(told)
    states = Counter(row.status for row in made)
    taken = states["ISSUED"] + states["USED"]
    assert await perk(shop, offered) == {"stock": stock, "remaining": stock - taken}
    used = [
        verdict for wish in crowd for name, (verdict, _) in wish.answers.items() if name.startswith("till")
    ]
    assert states["USED"] == used.count("made") == len(used) // 2
    holds = Counter(row.volunteer_id for row in made if row.status in ("ISSUED", "USED"))
    for wish in crowd[:: max(len(crowd) // 20, 1)]:
        balance = (await account(wish.who))["pointsBalance"]
        assert balance == HOURS - COST * holds[wish.who.key]
    assert await verified(house.database, None) == []
    assert await deadlocks(house) == 0


async def _race(house: House, database_url: str, servers: Services, count: int, kills: int) -> None:
    stock = count // 2
    crowd, offered, shop = await _crowd(house, count, stock)
    port = a_free_port()
    async with AsyncExitStack() as stack:
        _, one = stack.enter_context(server(database_url, servers))
        limits = httpx.Limits(max_connections=count * 2)
        clients = [
            await stack.enter_async_context(
                httpx.AsyncClient(base_url=url, timeout=PATIENCE_SECONDS, limits=limits)
            )
            for url in (one, f"http://127.0.0.1:{port}")
        ]
        both = Servers(clients)
        parts = [crowd[n::kills] for n in range(kills)]
        for part in parts:
            with server(database_url, servers, port) as (running, _):
                firing = asyncio.gather(*(wish.live(both) for wish in part))
                goal = both.answered + len(part) // 3
                async with asyncio.timeout(PATIENCE_SECONDS):
                    while both.answered < goal and not firing.done():  # noqa: ASYNC110 - of other tasks
                        await asyncio.sleep(0.001)
                running.send_signal(signal.SIGKILL)
                await asyncio.to_thread(running.wait, 10)
                await firing
        assert both.faults > 0, "nobody was cut off"
        with server(database_url, servers, port):
            await asyncio.gather(*(wish.repeat(both, wish.number + 1) for wish in crowd))
    await _check(house, crowd, offered, shop, stock)
    assert any(verdict == "SOLD_OUT" for wish in crowd for verdict, _ in wish.answers.values())


@pytest.mark.timeout(300)
async def test_a_server_is_killed_while_a_perk_is_redeemed_used_and_given_back(
    house: House, database_url: str, servers: Services
) -> None:
    await _race(house, database_url, servers, CROWD, 1)


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("round_", range(10))
async def test_six_hundred_and_three_kills(
    house: House, database_url: str, servers: Services, round_: int
) -> None:
    await _race(house, database_url, servers, 600, 3)
