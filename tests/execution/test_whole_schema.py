"""Random documents over the whole schema, on both executors, over one of everything and as different principals."""

import os
from collections.abc import Callable
from typing import Any

import pytest
from graphql import parse, validate
from matrix.world import World, a_world
from support.client import Client
from support.documents import a_document
from support.executors import both
from support.house import House

from domain.accounts.codes import Asker
from domain.core.refusals import Language
from graph.core.context import Context
from graph.schema import schema

WHOLE = schema._schema
ROUNDS = 100
ROUNDS_OF_A_SOAK = 10_000
NOTED = ("accessLog", "findYouth", "attendanceSheet")
"""
Each look at a youth is written down: the next one who reads the log sees it, and who looked too often today is refused. A
sheet's file says to the second when it was written.
"""
START = int.from_bytes(os.urandom(4), "big") if os.environ.get("HYPOTHESIS_PROFILE") == "random" else 0


@pytest.fixture(scope="module")
async def world(house: House) -> World:
    world = await a_world(house)
    await house.work()
    # A cursor may carry the instant of its page.
    now = house.clock()
    house.runtime.database.clock = lambda: now
    return world


def known(world: World) -> dict[str, list[Any]]:
    """What arguments may be, by name or type."""
    return {
        "ID": [*world.ids.values(), "nothing"],
        "String": ["前端", "广州", "440106", "", "a"],
        "Int": [0, 1, 2, 5, 20, 101, -1],
        "first": [1, 2, 20, 100, 0],
        "Float": [0.0, 1.5, 23.1, 113.3],
        "Boolean": [True, False, None],
        "Date": ["2026-05-04", "2027-01-01"],
        "DateTime": ["2026-05-04T09:00:00+08:00", "2027-01-01T00:00:00Z"],
        "PhoneNumber": ["+8613800138000"],
    }


async def contexts(world: World, client: Client) -> Callable[[], Context]:
    """Makes one context after the other, all at the same instant."""
    house = world.house
    credentials = None if client.token is None else f"Bearer {client.token}"
    actor = await house.runtime.door.enter("", credentials)
    now = house.clock()

    def made() -> Context:
        return Context(house.runtime.ports, actor, Language.EN, now, Asker("", ""), "http://house")

    return made


async def compare(world: World, seeds: range) -> None:
    made = [
        await contexts(world, who) for who in (world.youth, world.partner, world.admin, world.house.anyone)
    ]
    values, valid = known(world), 0
    differing: list[str] = []
    for seed in seeds:
        source, variables = a_document(WHOLE, seed, values)
        if any(field in source for field in NOTED) or validate(WHOLE, parse(source)):
            continue
        valid += 1
        pair = await both(WHOLE, source, context=made[seed % len(made)], variables=variables)
        try:
            pair.must_agree_but_for_races()
        except AssertionError as differs:
            differing.append(f"{seed}\n{source}\n{variables}\n{differs}")
            print(differing[-1], flush=True)  # noqa: T201  # of a soak one would know at once
    assert not differing, "\n".join(differing)
    assert valid >= len(seeds) * 0.5


@pytest.mark.parametrize("part", range(3))
async def test_random_documents(world: World, part: int) -> None:
    await compare(world, range(START + part * ROUNDS, START + (part + 1) * ROUNDS))


@pytest.mark.soak
@pytest.mark.timeout(7200)
async def test_many_random_documents(world: World) -> None:
    await compare(world, range(START, START + ROUNDS_OF_A_SOAK))
