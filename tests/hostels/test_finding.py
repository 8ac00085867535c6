"""Finding hostels: by words, place, distance, and a bed for these nights."""

from typing import Any

import pytest
from support.asking import day
from support.hostels import Inn, a_room, booked, guest, opened
from support.house import House


@pytest.fixture(scope="module")
async def inns(house: House) -> dict[str, Inn]:
    """Along a meridian, some 11 km from one to the next; one has no place on the map."""
    there = {
        "天河": ("440106", 23.10),
        "越秀": ("440104", 23.20),
        "南山": ("440305", 23.30),
        "横琴": ("440402", None),
    }
    made = {}
    for name, (code, latitude) in there.items():
        location = None if latitude is None else {"latitude": latitude, "longitude": 113.3}
        made[name] = await opened(
            house,
            a_room("男", beds=1, gender="MALE"),
            name=f"{name}青年驿站",
            divisionCode=code,
            location=location,
            amenities=["自习室"] if name == "越秀" else [],
        )
    await booked(house, await guest(house), made["天河"], after=5, nights=2)
    return made


async def found(house: House, inns: dict[str, Inn], **asked: Any) -> list[str]:
    data = await house.anyone.run(
        "query ($f: HostelFilter) { hostels(filter: $f, first: 100) { totalCount nodes { id distanceMeters } } }",
        f=asked,
    )
    names = {inn.id: name for name, inn in inns.items()}
    assert data["hostels"]["totalCount"] == len(data["hostels"]["nodes"])
    return [names[row["id"]] for row in data["hostels"]["nodes"]]


async def test_by_distance(house: House, inns: dict[str, Inn]) -> None:
    near = {"latitude": 23.31, "longitude": 113.3}

    assert await found(house, inns, near=near) == ["南山", "越秀", "天河", "横琴"]
    assert await found(house, inns, near=near, withinMeters=15_000) == ["南山", "越秀"]
    data = await house.anyone.run(
        "query ($f: HostelFilter) { hostels(filter: $f) { nodes { distanceMeters } } }", f={"near": near}
    )
    meters = [row["distanceMeters"] for row in data["hostels"]["nodes"]]
    assert meters[:2] == [1112, 12231]
    assert meters[3] is None


async def test_by_words_and_division(house: House, inns: dict[str, Inn]) -> None:
    assert await found(house, inns, text="越秀") == ["越秀"]
    assert await found(house, inns, text="自习室") == ["越秀"]
    assert await found(house, inns, divisionCodes=["440100"]) == ["天河", "越秀"]
    assert await found(house, inns, text="驿站", divisionCodes=["440305"]) == ["南山"]
    assert await found(house, inns, text="%_'\\") == []


async def test_with_a_bed_for_these_nights(house: House, inns: dict[str, Inn]) -> None:
    near = {"latitude": 23.0, "longitude": 113.3}

    full = await found(house, inns, near=near, availableFrom=day(house, 4), availableNights=2)
    assert full == ["越秀", "南山", "横琴"]
    assert (await found(house, inns, near=near, availableFrom=day(house, 3), availableNights=2))[0] == "天河"
    assert await found(house, inns, availableFrom=day(house, 3), gender="FEMALE") == []


async def test_pages_by_distance_lose_nobody(house: House, inns: dict[str, Inn]) -> None:
    document = (
        "query ($f: HostelFilter, $after: String) { hostels(filter: $f, first: 1, after: $after)"
        " { nodes { id } pageInfo { endCursor hasNextPage } } }"
    )
    asked = {"near": {"latitude": 23.31, "longitude": 113.3}}
    seen, after = [], None
    while True:
        page = (await house.anyone.run(document, f=asked, after=after))["hostels"]
        seen += [row["id"] for row in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert seen == [inns[name].id for name in ("南山", "越秀", "天河", "横琴")]
    errors = await house.anyone.errors(document, f={}, after=after)
    assert errors[0]["extensions"]["code"] == "INVALID_INPUT"


@pytest.mark.parametrize(
    "asked",
    [
        {"near": {"latitude": 91.0, "longitude": 0.0}},
        {"withinMeters": 5},
        {"near": {"latitude": 1.0, "longitude": 0.0}, "withinMeters": -1},
        {"availableNights": 2},
        {"availableFrom": "2030-01-01", "availableNights": 0},
        {"availableFrom": "2030-01-01", "availableNights": 91},
        {"text": "x" * 1001},
    ],
)
async def test_a_filter_that_is_none(house: House, asked: dict[str, Any]) -> None:
    errors = await house.anyone.errors(
        "query ($f: HostelFilter) { hostels(filter: $f) { nodes { id } } }", f=asked
    )
    assert errors[0]["extensions"]["code"] == "INVALID_INPUT"
