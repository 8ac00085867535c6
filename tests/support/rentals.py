"""Rentals as tests make and find them."""

from itertools import count
from typing import Any

from support.client import Client
from support.house import Partner

_numbers = count(1)
RESULTS = "results { externalRef outcome rental { id status } userErrors { code message field } }"


def a_flat(**others: Any) -> dict[str, Any]:
    """A valid RentalInput; anything may be said otherwise."""
    number = next(_numbers)
    return {
        "externalRef": f"flat-{number}",
        "title": f"青年公寓{number}号",
        "divisionCode": "440106",
        "address": "示例路 1 号",
        "monthlyRentFen": 1_500_00,
        "discountPercent": 20,
        **others,
    }


async def upserted(partner: Partner, *flats: dict[str, Any]) -> list[dict[str, Any]]:
    """The results of one call."""
    return (await partner.done("upsertRentals", RESULTS, rentals=list(flats)))["results"]


async def posted(partner: Partner, *flats: dict[str, Any]) -> list[str]:
    """The ids of flats that must be created."""
    results = await upserted(partner, *flats)
    assert {result["outcome"] for result in results} == {"CREATED"}, results
    return [result["rental"]["id"] for result in results]


async def withdrawn(partner: Partner, *refs: str) -> list[dict[str, Any]]:
    return (await partner.done("withdrawRentals", RESULTS, externalRefs=list(refs)))["results"]


async def found(client: Client, selection: str = "id", **asked: Any) -> list[Any]:
    """What a filter finds, in the order given: ids, or rows with a selection."""
    rows = (
        await client.run(
            f"query ($filter: RentalFilter) {{ rentals(filter: $filter, first: 100) {{ nodes {{ {selection} }} }} }}",
            filter=asked,
        )
    )["rentals"]["nodes"]
    return [row["id"] for row in rows] if selection == "id" else rows
