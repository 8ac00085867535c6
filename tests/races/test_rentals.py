"""Rentals while others write: pages stay whole, keys stay single, what staff took down stays down."""

import asyncio
from collections import Counter
from random import Random
from typing import Any

from support.asking import node
from support.house import House, Partner
from support.rentals import a_flat, posted, upserted, withdrawn

from domain.core.actors import StaffRole

ROWS, MORE, BATCH = 1_200, 300, 50
PAGE = 50
NEAR = {"latitude": 23.13, "longitude": 113.26}
FORWARD = """
query ($filter: RentalFilter, $cursor: String) {
  rentals(filter: $filter, first: 50, after: $cursor) {
    nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""
BACKWARD = FORWARD.replace("first: 50, after:", "last: 50, before:")
ORDERS = ("NEWEST", "DISTANCE", "RENT", "DISCOUNT")


def _flats(chance: Random, count: int) -> list[dict[str, Any]]:
    """Many ties: a few places, rents and discounts, and some without a place."""
    return [
        a_flat(
            location=chance.choice(
                (None, NEAR, {"latitude": 23.0 + chance.randrange(5) / 100, "longitude": 113.3})
            ),
            monthlyRentFen=chance.choice((1_000_00, 1_500_00, 2_000_00)),
            discountPercent=chance.choice((10, 20, 30)),
        )
        for _ in range(count)
    ]


async def _walk(house: House, order: str, *, backward: bool) -> list[str]:
    """Ids as they come, page after page."""
    ids: list[str] = []
    cursor = None
    while True:
        data = await house.anyone.run(
            BACKWARD if backward else FORWARD, filter={"near": NEAR, "orderBy": order}, cursor=cursor
        )
        page = data["rentals"]
        nodes = [row["id"] for row in page["nodes"]]
        ids += nodes[::-1] if backward else nodes
        assert len(ids) <= ROWS + MORE, f"{order} never ends"
        info = page["pageInfo"]
        if not info["hasPreviousPage" if backward else "hasNextPage"]:
            return ids
        cursor = info["startCursor" if backward else "endCursor"]


async def test_nothing_is_skipped_or_repeated_while_flats_are_added(house: House) -> None:
    chance = Random(11)
    partner = await house.partner()
    originals: set[str] = set()
    for _ in range(ROWS // 400):
        originals |= set(await posted(partner, *_flats(chance, 400)))
    walks = [(order, backward) for order in ORDERS for backward in (False, True)]

    async def post() -> set[str]:
        added: set[str] = set()
        for _ in range(MORE // BATCH):
            added |= set(await posted(partner, *_flats(chance, BATCH)))
            await asyncio.sleep(0.05)
        return added

    *found_ids, added = await asyncio.gather(
        *(_walk(house, order, backward=backward) for order, backward in walks), post()
    )

    for (order, backward), ids in zip(walks, found_ids, strict=True):
        twice = [identity for identity, count in Counter(ids).items() if count > 1]
        assert twice == [], (order, backward)
        assert originals <= set(ids) <= originals | added, (order, backward)
    # Without writers both directions are the same list.
    for order in ORDERS:
        there, back = await asyncio.gather(
            _walk(house, order, backward=False), _walk(house, order, backward=True)
        )
        assert there == back[::-1], order
        assert set(there) == originals | added


async def test_the_same_refs_of_two_calls(house: House) -> None:
    partner = await house.partner()
    for _ in range(4):
        flats = [a_flat() for _ in range(20)]
        one, other = await asyncio.gather(upserted(partner, *flats), upserted(partner, *reversed(flats)))
        assert {tuple({result["outcome"] for result in results}) for results in (one, other)} == {
            ("CREATED",),
            ("UNCHANGED",),
        }
        assert _ids(one) == _ids(other)


def _ids(results: list[dict[str, Any]]) -> dict[str, str]:
    return {result["externalRef"]: result["rental"]["id"] for result in results}


async def _posting(partner: Partner, flats: list[dict[str, Any]], rounds: int) -> None:
    for number in range(rounds):
        changed = [{**flat, "monthlyRentFen": 1_000_00 + number} for flat in flats]
        results = await upserted(partner, *changed)
        assert not [result for result in results if result["userErrors"]], results


async def _withdrawing(partner: Partner, flats: list[dict[str, Any]], rounds: int) -> None:
    for _ in range(rounds):
        results = await withdrawn(partner, *(flat["externalRef"] for flat in reversed(flats)))
        assert not [result for result in results if result["userErrors"]], results


async def test_what_is_taken_down_among_posts_and_withdrawals_stays_down(house: House) -> None:
    partner, manager = await house.partner(), await house.staff(StaffRole.PROGRAMME_MANAGER)
    flats = [a_flat() for _ in range(10)]
    ids = await posted(partner, *flats)

    await asyncio.gather(
        _posting(partner, flats, 8),
        _posting(partner, flats[::-1], 8),
        _withdrawing(partner, flats, 8),
        *(
            manager.done("takeDownRental", "rental { status }", rentalId=identity, reason="核查中")
            for identity in ids
        ),
    )
    await upserted(partner, *flats)

    listed = await node(house.anyone, "Organization", partner.id, "rentals { totalCount }")
    assert listed == {"rentals": {"totalCount": 0}}
    for identity in ids:
        assert await node(house.anyone, "Rental", identity, "id") is None
        seen = await node(manager, "Rental", identity, "status history { status }")
        assert seen["status"] == "TAKEN_DOWN"
        assert [move["status"] for move in seen["history"]].count("TAKEN_DOWN") == 1
        assert seen["history"][-1]["status"] == "TAKEN_DOWN"
