"""Two posts of one organization at the same moment."""

import asyncio
from collections import Counter

from races.racing import assert_lawful, deadlocks, rows
from support.house import House
from support.listings import a_listing, upserted


async def test_together_past_the_share_of_employees(house: House) -> None:
    """30 posts are allowed; two calls of 20 each pass alone, not together."""
    for _ in range(4):
        partner = await house.partner(employees=100)
        calls = await asyncio.gather(
            *(upserted(partner, *(a_listing(headcount=5) for _ in range(4))) for _ in range(2))
        )
        outcomes = Counter(result["outcome"] for results in calls for result in results)
        assert outcomes == {"CREATED": 6, "REJECTED": 2}
        taken = [{result["outcome"] for result in results} for results in calls]
        assert {"CREATED"} in taken
        codes = {reason["code"] for results in calls for result in results for reason in result["userErrors"]}
        assert codes == {"NOT_ELIGIBLE"} or len(codes) == 1
        [(total,)] = await rows(
            house,
            "SELECT sum(headcount) FROM internship_listing WHERE organization_id = :id AND status = 'PUBLISHED'",
            id=partner.key,
        )
        assert total == 30


async def test_one_call_of_two_takes_it_all(house: House) -> None:
    """A single listing each: only one's is taken."""
    partner = await house.partner(employees=100)
    calls = await asyncio.gather(*(upserted(partner, a_listing(headcount=20)) for _ in range(2)))
    assert Counter(result["outcome"] for [result] in calls) == {"CREATED": 1, "REJECTED": 1}


async def test_the_same_refs_of_two_calls(house: House) -> None:
    partner = await house.partner()
    for _ in range(4):
        listings = [a_listing() for _ in range(20)]
        calls = await asyncio.gather(upserted(partner, *listings), upserted(partner, *reversed(listings)))
        outcomes = sorted(tuple(sorted({result["outcome"] for result in results})) for results in calls)
        assert outcomes == [("CREATED",), ("UNCHANGED",)]
        one, other = (
            {result["externalRef"]: result["internship"]["id"] for result in found} for found in calls
        )
        assert one == other
    await assert_lawful(house)


async def test_two_contents_of_the_same_refs(house: House) -> None:
    """The last one stands, whole."""
    partner = await house.partner()
    refs = [a_listing()["externalRef"] for _ in range(10)]
    contents = [[a_listing(externalRef=ref, title=f"版本{version}") for ref in refs] for version in range(4)]
    for _ in range(3):
        calls = await asyncio.gather(*(upserted(partner, *content) for content in contents))
        assert not [result for results in calls for result in results if result["userErrors"]]
        titles = await rows(
            house,
            "SELECT DISTINCT title FROM internship_listing WHERE organization_id = :id",
            id=partner.key,
        )
        assert len(titles) == 1
    await assert_lawful(house)
    assert await deadlocks(house) == 0
