"""Listings that a youth keeps."""

from support.asking import listing
from support.house import House, Person
from support.listings import a_listing, posted

KEPT = "internship { id viewerHasBookmarked }"


async def bookmark(youth: Person, identity: str, **given: bool) -> bool:
    payload = await youth.done("bookmarkInternship", KEPT, internshipId=identity, **given)
    assert payload["internship"]["id"] == identity
    return payload["internship"]["viewerHasBookmarked"]


async def kept(youth: Person) -> list[str]:
    """Ids of what the youth keeps, the latest kept first."""
    data = await youth.run(
        "{ viewer { youth { bookmarkedInternships { totalCount nodes { id viewerHasBookmarked } } } } }"
    )
    found = data["viewer"]["youth"]["bookmarkedInternships"]
    assert found["totalCount"] == len(found["nodes"])
    assert all(node["viewerHasBookmarked"] for node in found["nodes"])
    return [node["id"] for node in found["nodes"]]


async def test_a_listing_is_kept_until_let_go(house: House) -> None:
    partner, youth, other = await house.partner(), await house.youth(), await house.youth()
    first, second = [await posted(partner, a_listing()) for _ in range(2)]

    assert await bookmark(youth, first)  # kept when nothing is said
    assert await bookmark(youth, second, bookmarked=True)
    assert await kept(youth) == [second, first]
    assert await kept(other) == []
    assert (await listing(other, first, "viewerHasBookmarked"))["viewerHasBookmarked"] is False

    assert not await bookmark(youth, second, bookmarked=False)
    assert await kept(youth) == [first]


async def test_saying_the_same_again_changes_nothing(house: House) -> None:
    partner, youth = await house.partner(), await house.youth()
    first, second = [await posted(partner, a_listing()) for _ in range(2)]
    for identity in (first, second, first):
        assert await bookmark(youth, identity)
    assert await kept(youth) == [second, first]
    for _ in range(2):
        assert not await bookmark(youth, first, bookmarked=False)
    assert await kept(youth) == [second]


async def test_only_youths_keep_listings_that_they_may_read(house: House) -> None:
    partner, youth = await house.partner(), await house.youth()
    made = await posted(partner, a_listing())
    unseen = await posted(await house.partner(verified=False), a_listing(), status="IN_REVIEW")

    for client, code in (
        (house.anyone, "UNAUTHENTICATED"),
        (partner, "FORBIDDEN"),
        (await house.staff(), "FORBIDDEN"),
    ):
        assert await client.refused("bookmarkInternship", KEPT, internshipId=made) == [(code, None)]
    for identity in (unseen, youth.id):
        assert await youth.refused("bookmarkInternship", KEPT, internshipId=identity) == [
            ("NOT_FOUND", ["input", "internshipId"])
        ]
