"""A mutation costs a fixed number of statements, and one that takes many things as many as for one of them."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest
from matrix.samples import SAMPLES
from matrix.world import World, a_world
from support.client import Client
from support.house import House
from support.listings import a_listing
from support.mentorship import between, guide, mentees, sheet
from support.rentals import a_flat
from support.volunteering import a_record
from support.watching import wire

FEW, MANY = 2, 30
TRIES = 3
CHANCE = 2
"""Of a crowd's work the database decides some anew; loaders that miss each other cost a statement more, once in a while."""
STATEMENTS_MOST = 40
"""Of one mutation about one thing, BEGIN and COMMIT and what is read for the answer among them."""


async def cost(house: House, client: Client, name: str, given: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    kind = name[0].upper() + name[1:] + "Input"
    document = f"mutation ($i: {kind}!) {{ {name}(input: $i) {{ __typename userErrors {{ code field }} }} }}"
    with wire(house) as sent:
        data = await client.run(document, i=given)
    return len(sent), data[name]


@pytest.fixture(scope="module")
async def world(house: House) -> World:
    async def unnoted(*_: object) -> None:
        """The last use of tokens and sessions: once a minute."""

    house.runtime.authenticator._note_use = unnoted
    return await a_world(house)


@pytest.mark.parametrize("name", SAMPLES)
async def test_a_mutation_costs_a_number_of_statements(world: World, name: str) -> None:
    costs = {}
    for principal in world.principals:
        costs[principal.name], _ = await cost(world.house, principal.client, name, SAMPLES[name].given(world))

    assert max(costs.values()) <= STATEMENTS_MOST, costs


Batch = Callable[[World, int], Awaitable[tuple[Client, dict[str, Any]]]]


async def _listings(world: World, number: int) -> tuple[Client, dict[str, Any]]:
    return await world.house.partner(), {"internships": [a_listing() for _ in range(number)]}


async def _flats(world: World, number: int) -> tuple[Client, dict[str, Any]]:
    return await world.house.partner(), {"rentals": [a_flat() for _ in range(number)]}


async def _withdrawn(world: World, number: int) -> tuple[Client, dict[str, Any]]:
    flats, partner = [a_flat() for _ in range(number)], await world.house.partner()
    await partner.done("upsertRentals", "__typename", rentals=flats)
    return partner, {"externalRefs": [flat["externalRef"] for flat in flats]}


async def _hours(world: World, number: int) -> tuple[Client, dict[str, Any]]:
    youths = await world.house.youths(number, verified=True)
    return await world.house.partner(), {"records": [a_record(world.house, youth) for youth in youths]}


async def _slots(world: World, number: int) -> tuple[Client, dict[str, Any]]:
    mentor = await guide(world.house)
    slots = [between(world.house, 100 + 2 * hour) for hour in range(number)]
    return mentor.person, {"mentorId": mentor.id, "slots": slots}


async def _pairs(world: World, number: int) -> tuple[Client, dict[str, Any]]:
    mentor = await guide(world.house, capacity=50)
    youths: Sequence[Any] = await mentees(world.house, number)
    return mentor.manager, {"workbook": sheet(*((youth.phone, mentor.person.phone) for youth in youths))}


BATCHES: dict[str, Batch] = {
    "upsertInternships": _listings,
    "upsertRentals": _flats,
    "withdrawRentals": _withdrawn,
    "recordServiceHours": _hours,
    "openMentorSlots": _slots,
    "pairMentees": _pairs,
}

FOR_EACH = {"pairMentees": 2}
"""Statements for each of the things, where there are some: a workbook is read row by row, 500 at most, by staff a few times a year."""


@pytest.mark.parametrize("name", BATCHES)
async def test_many_things_cost_the_statements_of_a_few(world: World, name: str) -> None:
    async def costs(number: int) -> int:
        client, given = await BATCHES[name](world, number)
        return (await cost(world.house, client, name, given))[0]

    few = [await costs(FEW) for _ in range(2)][-1]
    many = []
    while len(many) < TRIES:
        many.append(await costs(MANY))
        if many[-1] <= few + CHANCE + FOR_EACH.get(name, 0) * (MANY - FEW):
            return

    pytest.fail(f"{few} for a few, {many} for many")
