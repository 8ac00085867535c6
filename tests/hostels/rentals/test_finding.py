"""Finding flats: by words, place, distance, price and discount, in four orders."""

from typing import Any

import pytest
from support.client import Client
from support.house import House, Partner
from support.rentals import a_flat, found, posted

CANTON_TOWER = {"latitude": 23.1064, "longitude": 113.3245}
DOCUMENT = """
query ($filter: RentalFilter, $first: Int, $after: String, $last: Int, $before: String) {
  rentals(filter: $filter, first: $first, after: $after, last: $last, before: $before) {
    totalCount nodes { id title } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""


def at(north_meters: float) -> dict[str, float]:
    """So many metres north of the tower."""
    return {**CANTON_TOWER, "latitude": CANTON_TOWER["latitude"] + north_meters / 111_195.08}


# By age; each differs from the others in what one filter or order looks at.
FLATS: dict[str, dict[str, Any]] = {
    "near": a_flat(
        title="江畔青年公寓", location=at(500), monthlyRentFen=2_000_00, discountPercent=10, bedrooms=1
    ),
    "nowhere": a_flat(title="人才房", monthlyRentFen=900_00, discountPercent=50, bedrooms=2),
    "far": a_flat(
        title="南山科技园公寓",
        divisionCode="440305",
        address="南山区示例路",
        location={"latitude": 22.54, "longitude": 113.95},
        monthlyRentFen=1_500_00,
        discountPercent=30,
        bedrooms=1,
    ),
    "walk": a_flat(
        title="赤岗 Loft", location=at(-1_500), monthlyRentFen=1_500_00, discountPercent=30, bedrooms=0
    ),
}


@pytest.fixture(scope="module")
async def names(house: House) -> dict[str, str]:
    """Names of the flats by their ids."""
    partner = await house.partner(division_code="440300")
    made: dict[str, str] = {}
    for name, flat in FLATS.items():
        house.clock.move(minutes=1)
        [identity] = await posted(partner, flat)
        made[identity] = name
    return made


async def named(house: House, names: dict[str, str], **asked: Any) -> list[str]:
    return [names[identity] for identity in await found(house.anyone, **asked)]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, ["walk", "far", "nowhere", "near"]),
        ({"orderBy": "NEWEST", "near": CANTON_TOWER}, ["walk", "far", "nowhere", "near"]),
        ({"near": CANTON_TOWER}, ["near", "walk", "far", "nowhere"]),
        ({"near": CANTON_TOWER, "orderBy": "DISTANCE"}, ["near", "walk", "far", "nowhere"]),
        ({"orderBy": "RENT"}, ["nowhere", "far", "walk", "near"]),
        ({"orderBy": "DISCOUNT"}, ["nowhere", "walk", "far", "near"]),
        ({"near": CANTON_TOWER, "withinMeters": 1_500}, ["near", "walk"]),
        ({"near": CANTON_TOWER, "withinMeters": 1_499}, ["near"]),
        ({"near": CANTON_TOWER, "withinMeters": 1_000_000, "orderBy": "RENT"}, ["far", "walk", "near"]),
        ({"divisionCodes": ["440100"]}, ["walk", "nowhere", "near"]),
        ({"divisionCodes": ["440305"]}, ["far"]),
        ({"divisionCodes": ["440300", "440106"]}, ["walk", "far", "nowhere", "near"]),
        ({"divisionCodes": ["%", "4401_6", "nonsense"]}, []),
        ({"divisionCodes": []}, []),
        ({"maxMonthlyRentFen": 1_500_00}, ["walk", "far", "nowhere"]),
        ({"maxMonthlyRentFen": -1}, []),
        ({"minDiscountPercent": 30}, ["walk", "far", "nowhere"]),
        ({"bedrooms": 1}, ["far", "near"]),
        ({"bedrooms": 0}, ["walk"]),
        ({"text": "公寓"}, ["far", "near"]),
        ({"text": "公寓 南山"}, ["far"]),
        ({"text": "南山公寓"}, ["far"]),  # words side by side here need not be so there
        ({"text": "深圳 公寓"}, ["far"]),
        ({"text": "天河区"}, ["walk", "nowhere", "near"]),
        ({"text": "loft"}, ["walk"]),
        ({"text": "ＬＯＦＴ"}, ["walk"]),
        ({"text": "畔"}, ["near"]),
        ({"text": "公寓 珠海"}, []),
        ({"text": "' OR 1=1 --"}, []),
        ({"text": "%"}, []),
        ({"text": " "}, ["walk", "far", "nowhere", "near"]),
        (
            {"text": "公寓", "divisionCodes": ["440100"], "maxMonthlyRentFen": 2_000_00, "bedrooms": 1},
            ["near"],
        ),
    ],
)
async def test_what_a_filter_finds(
    house: House, names: dict[str, str], asked: dict[str, Any], expected: list[str]
) -> None:
    assert await named(house, names, **asked) == expected
    data = await house.anyone.run(DOCUMENT, filter=asked)
    assert data["rentals"]["totalCount"] == len(expected)


async def test_the_distance_is_said_where_a_point_is_named(house: House, names: dict[str, str]) -> None:
    rows = await found(house.anyone, "id distanceMeters", near=CANTON_TOWER, orderBy="NEWEST")
    distances = {names[row["id"]]: row["distanceMeters"] for row in rows}
    assert distances["near"] == 500
    assert distances["walk"] == 1_500
    assert 85_000 < distances["far"] < 95_000
    assert distances["nowhere"] is None

    rows = await found(house.anyone, "id distanceMeters")
    assert {row["distanceMeters"] for row in rows} == {None}


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"orderBy": "DISTANCE"}, "filter.orderBy"),
        ({"withinMeters": 100}, "filter.withinMeters"),
        ({"near": CANTON_TOWER, "withinMeters": 0}, "filter.withinMeters"),
        ({"near": CANTON_TOWER, "withinMeters": 1_000_001}, "filter.withinMeters"),
        ({"near": {"latitude": -90.5, "longitude": 0}}, "filter.near.latitude"),
        ({"near": {"latitude": 0, "longitude": 180.0001}}, "filter.near.longitude"),
        ({"text": "长" * 1_001}, "filter.text"),
    ],
)
async def test_a_filter_that_makes_no_sense_is_refused(
    house: House, names: dict[str, str], asked: dict[str, Any], field: str
) -> None:
    [error] = await house.anyone.errors(DOCUMENT, filter=asked)
    assert error["extensions"]["code"] == "INVALID_INPUT"
    assert error["extensions"]["field"] == field.split(".")


async def test_infinity_is_no_place(house: House, names: dict[str, str]) -> None:
    document = "{ rentals(filter: { near: { latitude: 1e999, longitude: 0 } }) { totalCount } }"
    for error in await house.anyone.errors(document):
        assert error.get("extensions", {}).get("code", "INVALID_INPUT") == "INVALID_INPUT"


async def pages(client: Client, asked: dict[str, Any], *, backward: bool) -> list[str]:
    """Titles of a whole walk, a flat at a time, in the list's order."""
    titles: list[str] = []
    cursor = None
    while True:
        where = {"last": 1, "before": cursor} if backward else {"first": 1, "after": cursor}
        page = (await client.run(DOCUMENT, filter=asked, **where))["rentals"]
        here = [node["title"] for node in page["nodes"]]
        titles = here + titles if backward else titles + here
        info = page["pageInfo"]
        if not info["hasPreviousPage" if backward else "hasNextPage"]:
            return titles
        cursor = info["startCursor" if backward else "endCursor"]


@pytest.mark.parametrize("order", ["NEWEST", "DISTANCE", "RENT", "DISCOUNT"])
async def test_a_walk_either_way_is_the_list(house: House, names: dict[str, str], order: str) -> None:
    asked = {"near": CANTON_TOWER, "orderBy": order}
    listed = [FLATS[name]["title"] for name in await named(house, names, **asked)]
    assert len(listed) == 4
    assert await pages(house.anyone, asked, backward=False) == listed
    assert await pages(house.anyone, asked, backward=True) == listed


async def test_a_cursor_of_another_order_or_point_is_refused(house: House, names: dict[str, str]) -> None:
    near = {"near": CANTON_TOWER}
    cursor = (await house.anyone.run(DOCUMENT, filter=near, first=1))["rentals"]["pageInfo"]["endCursor"]
    for asked in (None, {"orderBy": "RENT"}, {"near": at(1)}):
        for where in ({"first": 1, "after": cursor}, {"last": 1, "before": cursor}):
            [error] = await house.anyone.errors(DOCUMENT, filter=asked, **where)
            assert error["extensions"]["code"] == "INVALID_INPUT"


async def test_a_flat_is_found_by_its_landlords_daily_name_not_by_its_seat(house: House) -> None:
    partner = await house.partner(name="深圳市木棉公寓管理有限公司", division_code="440300")
    flat = a_flat(title="单间", address="示例路 2 号")
    [made] = await posted(partner, flat)

    assert await found(house.anyone, text="木棉 天河") == [made]
    assert await found(house.anyone, text="木棉 深圳") == []
    await partner.done("withdrawRentals", "results { outcome }", externalRefs=[flat["externalRef"]])


async def test_a_withdrawn_flat_that_comes_back_is_the_newest(house: House, names: dict[str, str]) -> None:
    partner: Partner = await house.partner()
    old, new = a_flat(title="归来一号"), a_flat(title="归来二号")
    house.clock.move(minutes=1)
    [first] = await posted(partner, old)
    house.clock.move(minutes=1)
    [second] = await posted(partner, new)
    assert await found(house.anyone, text="归来") == [second, first]
    house.clock.move(minutes=1)

    await partner.done("withdrawRentals", "results { outcome }", externalRefs=[old["externalRef"]])
    await partner.done("upsertRentals", "results { outcome }", rentals=[old])
    assert await found(house.anyone, text="归来") == [first, second]
    await partner.done(
        "withdrawRentals", "results { outcome }", externalRefs=[old["externalRef"], new["externalRef"]]
    )
