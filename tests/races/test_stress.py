"""Youths and an organization doing everything at random on a few small listings; nobody may see the others."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from random import Random
from typing import Any

import pytest
from races.racing import (
    accept,
    advance,
    apply,
    assert_lawful,
    deadlocks,
    offers,
    rows,
    verdict,
    withdraw,
)
from support.house import House, Partner, Person, open_house, settings_for
from support.listings import a_listing, posted, upserted

from infra.embedded.services import Services

AT_ONCE = 24
POSSIBLE = {
    "SUBMITTED",
    "SHORTLISTED",
    "INTERVIEW",
    "OFFERED",
    "ACCEPTED",
    "ONBOARDED",
    "COMPLETED",
    "REJECTED",
    "DECLINED",
    "WITHDRAWN",
    "SOLD_OUT",
    "INVALID_STATE",
    "ALREADY_EXISTS",
    "QUOTA_EXCEEDED",
    "CONFLICT",
}
STEPS = ("SHORTLISTED", "INTERVIEW", "OFFERED")


@pytest.fixture(scope="module")
async def wide(database_url: str, servers: Services) -> AsyncIterator[House]:
    """A house with a connection for each of those who act at once."""
    async with open_house(settings_for(database_url, servers.redis_url, database_pool=AT_ONCE)) as opened:
        yield opened


class Fair:
    """What everybody acts on. Clients fail on any masked fault, so that a deadlock fails the test."""

    def __init__(self, partner: Partner, youths: list[Person], listings: dict[str, dict[str, Any]]) -> None:
        self.partner = partner
        self.youths = youths
        self.listings = listings
        self.applications: list[tuple[Person, str]] = []
        self.seen = Counter[tuple[str, str]]()
        self.keys = 0

    async def act(self, chance: Random) -> None:
        act = chance.choices(
            (self.applies, self.answers, self.withdraws, self.moves_on, self.rejects, self.changes),
            (30, 30, 20, 40, 3, 4),
        )[0]
        name, answer = act.__name__, await act(chance)
        assert answer in POSSIBLE, (name, answer)
        self.seen[name, answer] += 1

    def any_application(self, chance: Random) -> tuple[Person, str]:
        """Of the latest, mostly: the old ones are over."""
        recent = self.applications[-80:]
        return chance.choice(recent)

    async def applies(self, chance: Random) -> str:
        youth, self.keys = chance.choice(self.youths), self.keys + 1
        payload = await apply(youth, chance.choice(list(self.listings)), f"key-{self.keys}")
        if payload["application"] is not None:
            self.applications.append((youth, payload["application"]["id"]))
            return verdict(payload)
        codes = {
            reason["code"] for reason in payload["userErrors"]
        }  # every reason is given, e.g. full and applied
        assert codes <= POSSIBLE, codes
        return min(codes)

    async def answers(self, chance: Random) -> str:
        return await accept(*self.any_application(chance), yes=chance.random() < 0.9)

    async def withdraws(self, chance: Random) -> str:
        return await withdraw(*self.any_application(chance))

    async def moves_on(self, chance: Random) -> str:
        _, application = self.any_application(chance)
        answer = ""
        for step in STEPS:
            answer = await advance(self.partner, application, step)
        return answer

    async def rejects(self, chance: Random) -> str:
        return await advance(self.partner, self.any_application(chance)[1], "REJECTED")

    async def changes(self, chance: Random) -> str:
        """Another headcount for one listing; below those accepted it is refused."""
        listing = chance.choice(list(self.listings.values()))
        [result] = await upserted(self.partner, {**listing, "headcount": chance.randint(1, 4)})
        if result["userErrors"]:
            assert {reason["code"] for reason in result["userErrors"]} == {"INVALID_INPUT"}
        return "INVALID_STATE"


async def _stress(house: House, seed: int, *, seconds: float, youths: int, listings: int) -> Fair:
    chance = Random(seed)
    partner = await house.partner()
    contents = [
        a_listing(
            headcount=chance.randint(1, 3),
            startsOn=chance.choice((None, "2031-03-01", "2031-09-01")),
            durationWeeks=8,
        )
        for _ in range(listings)
    ]
    ids = [await posted(partner, content) for content in contents]
    fair = Fair(partner, await house.youths(youths), dict(zip(ids, contents, strict=True)))
    for listing in ids[:2]:
        some = chance.sample(fair.youths, k=6)
        fair.applications += zip(some, await offers(partner, listing, some), strict=True)
    until = time.monotonic() + seconds

    async def actor(number: int) -> None:
        own = Random(f"{seed}-{number}")
        while time.monotonic() < until:
            await fair.act(own)

    async with asyncio.TaskGroup() as acting:
        for number in range(AT_ONCE):
            acting.create_task(actor(number))
    return fair


async def test_no_deadlock_and_nothing_oversold(wide: House) -> None:
    fair = await _stress(wide, 2026, seconds=6, youths=30, listings=6)
    await assert_lawful(wide)
    assert await deadlocks(wide) == 0
    # It was a stress: places were taken, given back, and found gone.
    for met in (("answers", "ACCEPTED"), ("withdraws", "WITHDRAWN"), ("applies", "SUBMITTED")):
        assert fair.seen[met], fair.seen
    reopened = await rows(wide, "SELECT count(*) FROM core_state_event WHERE status = 'CLOSED'")
    assert reopened[0][0] > 0


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(10))
async def test_for_long(wide: House, seed: int) -> None:
    await _stress(wide, seed, seconds=60, youths=60, listings=3 + seed)
    await assert_lawful(wide)
    assert await deadlocks(wide) == 0
