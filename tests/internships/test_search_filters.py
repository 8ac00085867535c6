"""A search with a filter, which the index of words knows of, finds what the filter alone and the search alone find."""

from datetime import timedelta
from typing import Any

import pytest
from support.house import House
from support.listings import a_listing, analysed, posted

from domain.core.search import reading

EVERYTHING = """query ($filter: InternshipFilter, $order: InternshipOrder) {
  internships(filter: $filter, orderBy: $order, first: 100) { totalCount nodes { title } facets { kinds { count } } }
}"""
EDUCATIONS = ("SECONDARY", "COLLEGE", "BACHELOR", "MASTER")
STIPENDS = (None, 24_900, 99_900, 150_000, 200_000, 1_700_000, 90_000_000)
DAYS, WEEKS = (None, 1, 3, 7), (None, 1, 7, 8, 30, 260)
TRACKS = ("GENERAL", "RURAL", "TIBET_XINJIANG")
COUNT = 60
HOUR = timedelta(hours=1)

FILTERS: tuple[dict[str, Any], ...] = (
    *({"education": level} for level in EDUCATIONS),
    *(
        {"minStipendFenPerMonth": sum_}
        for sum_ in (
            0,
            1,
            24_999,
            25_000,
            99_900,
            99_901,
            100_000,
            150_000,
            1_600_000,
            1_700_001,
            95_000_000,
            2_000_000_000,
        )
    ),
    *({"maxDaysPerWeek": days} for days in (0, 1, 2, 3, 7, 9)),
    *({"maxDurationWeeks": weeks} for weeks in (0, 1, 7, 8, 12, 29, 30, 300)),
    {"housingProvided": True},
    {"housingProvided": False},
    {"tracks": ["RURAL"]},
    {"tracks": ["RURAL", "GENERAL"]},
    {"tracks": []},
    {"kinds": ["APPRENTICESHIP"]},
    {
        "divisionCodes": ["440300"],
        "education": "COLLEGE",
        "minStipendFenPerMonth": 120_000,
        "housingProvided": True,
    },
    {
        "divisionCodes": ["440300", "440100"],
        "kinds": ["INTERNSHIP"],
        "tracks": ["GENERAL", "RURAL"],
        "education": "MASTER",
        "minStipendFenPerMonth": 100_000,
        "maxDaysPerWeek": 7,
        "maxDurationWeeks": 260,
        "housingProvided": False,
    },
)


def _listing(number: int) -> dict[str, Any]:
    def one(of: tuple[Any, ...], step: int = 1) -> Any:
        return of[number // step % len(of)]

    pay = one(STIPENDS) if number % 5 else 200_000
    optional = {
        "stipend": pay and {"minFen": pay, "maxFen": pay, "per": "MONTH"},
        "daysPerWeek": one(DAYS, 2),
        "durationWeeks": one(WEEKS, 3) if number % 5 else 13 + number % 40,
    }
    return a_listing(
        title=f"{'木工' if number % 2 else '瓦工'}{number}号",
        kind="APPRENTICESHIP" if number % 5 == 0 else "INTERNSHIP",
        education=one(EDUCATIONS, 5),
        track=one(TRACKS, 7),
        housingProvided=number % 3 == 0,
        divisionCode="440304" if number % 4 else "440106",
        **{name: value for name, value in optional.items() if value is not None},
    )


@pytest.fixture(scope="module")
async def shelves(house: House) -> tuple[str, str]:
    """The ids of two organizations."""
    partners = [await house.partner(employees=1_000_000) for _ in range(2)]
    for number in range(COUNT):
        house.clock.move(hours=1)
        await posted(partners[number % 4 // 2], _listing(number))
    await analysed(house)
    return partners[0].id, partners[1].id


async def found(house: House, order: str | None = None, **asked: Any) -> list[str]:
    page = (await house.anyone.run(EVERYTHING, filter=asked, order=order))["internships"]
    names = [node["title"] for node in page["nodes"]]
    assert page["totalCount"] == len(names) == sum(row["count"] for row in page["facets"]["kinds"])
    return names


async def agrees(house: House, asked: dict[str, Any]) -> None:
    alone = await found(house, "NEWEST", **asked)
    expected = [title for title in alone if title.startswith("木工")]
    assert await found(house, "NEWEST", text="木工", **asked) == expected
    assert await found(house, "RELEVANCE", text="木工", **asked) == expected


@pytest.mark.parametrize("stretches", [False, True])
@pytest.mark.parametrize("asked", FILTERS, ids=str)
async def test_what_fits_and_no_more(
    house: House,
    shelves: tuple[str, str],
    monkeypatch: pytest.MonkeyPatch,
    asked: dict[str, Any],
    stretches: bool,
) -> None:
    if stretches:
        monkeypatch.setattr(reading, "WHOLE", 1)
        monkeypatch.setattr(reading, "_SPARE", 0.2)
        monkeypatch.setattr(reading, "_FURTHER", 1.2)
    await agrees(house, asked)


async def test_of_one_organization_and_since_an_instant(house: House, shelves: tuple[str, str]) -> None:
    sinces = [house.clock().isoformat()]
    for owner in shelves:
        await agrees(house, {"organizationId": owner})
        assert len(await found(house, text="木工", organizationId=owner)) == COUNT / 4
    sinces += [(house.clock() - hours * HOUR).isoformat() for hours in (1, 30, 55)]
    for since in sinces:
        await agrees(house, {"publishedSince": since})
