"""Pages that hang on the rows of a list: the same as if each were asked for alone."""

from typing import Any

import pytest
from support.house import House, Partner
from support.listings import a_listing, posted

PAGE = (
    "pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount nodes { id } edges { cursor }"
)


@pytest.fixture(scope="module")
async def partners(house: House) -> list[Partner]:
    """With five listings, two and none."""
    made = [await house.partner() for _ in range(3)]
    for partner, count in zip(made, (5, 2, 0), strict=True):
        for _ in range(count):
            await posted(partner, a_listing(headcount=1))
    return made


async def together(
    house: House, partners: list[Partner], arguments: str, **given: Any
) -> list[dict[str, Any]]:
    at = ", $at: String" if given else ""
    document = f"query ($ids: [ID!]!{at}) {{ nodes(ids: $ids) {{ ... on Organization {{ internships({arguments}) {{ {PAGE} }} }} }} }}"
    data = await house.anyone.run(document, ids=[partner.id for partner in partners], **given)
    return [node["internships"] for node in data["nodes"]]


async def alone(house: House, partners: list[Partner], arguments: str, **given: Any) -> list[dict[str, Any]]:
    return [(await together(house, [partner], arguments, **given))[0] for partner in partners]


@pytest.mark.parametrize(
    "arguments", ["first: 2", "first: 20", "last: 2", "last: 1, statuses: [PUBLISHED]", "statuses: []"]
)
async def test_pages_are_those_asked_for_alone(house: House, partners: list[Partner], arguments: str) -> None:
    assert await together(house, partners, arguments) == await alone(house, partners, arguments)


async def test_each_list_is_its_own(house: House, partners: list[Partner]) -> None:
    pages = await together(house, partners, "first: 2")
    assert [(len(page["nodes"]), page["totalCount"]) for page in pages] == [(2, 5), (2, 2), (0, 0)]
    assert [page["pageInfo"]["hasNextPage"] for page in pages] == [True, False, False]
    assert [len(page["edges"]) for page in pages] == [2, 2, 0]


async def test_a_list_is_walked_through_to_its_end_and_back(house: House, partners: list[Partner]) -> None:
    [whole, *_] = await together(house, partners, "first: 20")
    ids, cursor = [node["id"] for node in whole["nodes"]], None
    walked: list[str] = []
    while True:
        [page, *others] = await together(house, partners, "first: 2, after: $at", at=cursor)
        assert [page, *others] == await alone(house, partners, "first: 2, after: $at", at=cursor)
        walked += [node["id"] for node in page["nodes"]]
        cursor = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert walked == ids
    [back, *_] = await together(house, partners, "last: 2, before: $at", at=cursor)
    assert [node["id"] for node in back["nodes"]] == ids[-3:-1]
