"""One youth, many applications at once."""

import asyncio
from collections import Counter

from races.racing import apply, assert_lawful, rows, verdict
from support.house import House
from support.listings import a_listing, posted, upserted


async def test_forty_applications_at_once_are_twenty(house: House) -> None:
    partner, youth = await house.partner(), await house.youth()
    results = await upserted(partner, *(a_listing() for _ in range(40)))
    listings = [result["internship"]["id"] for result in results]
    answers = await asyncio.gather(
        *(apply(youth, listing, f"key-{number}") for number, listing in enumerate(listings))
    )
    assert Counter(map(verdict, answers)) == {"SUBMITTED": 20, "QUOTA_EXCEEDED": 20}
    slots = await rows(
        house, "SELECT open_slot FROM internship_application WHERE youth_id = :youth", youth=youth.key
    )
    assert sorted(slot for (slot,) in slots) == list(range(1, 21))
    # Both outcomes are what the same keys give again.
    again = await asyncio.gather(
        *(apply(youth, listing, f"key-{number}") for number, listing in enumerate(listings))
    )
    assert again == answers
    await assert_lawful(house)


async def test_ten_applications_to_one_listing_are_one(house: House) -> None:
    partner, youth = await house.partner(), await house.youth()
    listing = await posted(partner, a_listing(headcount=5))
    answers = await asyncio.gather(*(apply(youth, listing, f"key-{number}") for number in range(10)))
    assert Counter(map(verdict, answers)) == {"SUBMITTED": 1, "ALREADY_EXISTS": 9}
    await assert_lawful(house)


async def test_one_key_ten_times_is_one_application(house: House) -> None:
    partner, youth = await house.partner(), await house.youth()
    listing = await posted(partner, a_listing())
    answers = await asyncio.gather(*(apply(youth, listing, "one") for _ in range(10)))
    assert set(map(verdict, answers)) == {"SUBMITTED"}
    assert len({answer["application"]["id"] for answer in answers}) == 1
    await assert_lawful(house)


async def test_one_key_for_two_listings_at_once(house: House) -> None:
    partner, youth = await house.partner(), await house.youth()
    listings = [await posted(partner, a_listing()) for _ in range(5)]
    answers = await asyncio.gather(*(apply(youth, listing, "shared") for listing in listings))
    assert Counter(map(verdict, answers)) == {"SUBMITTED": 1, "IDEMPOTENCY_KEY_REUSED": 4}
    await assert_lawful(house)
