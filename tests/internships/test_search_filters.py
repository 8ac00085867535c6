"""A filter, with words or without, finds by the index of words what it finds by its WHERE."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from support.house import House
from support.listings import a_listing, analysed, posted

from domain.core.actors import StaffRole
from domain.core.clock import day_of
from domain.core.search import reading, sorting
from domain.internships import facets, filtering, finding
from domain.partners.models import OrganizationKind
from domain.searchable import REWRITINGS
from infra.grants import GRANTS
from infra.reindexing import reindex

EVERYTHING = """query ($filter: InternshipFilter, $order: InternshipOrder) {
  internships(filter: $filter, orderBy: $order, first: 100) { totalCount nodes { title } facets { kinds { count } } }
}"""
EDUCATIONS = ("SECONDARY", "COLLEGE", "BACHELOR", "MASTER")
STIPENDS = (None, 24_900, 99_900, 150_000, 200_000, 1_700_000, 90_000_000)
DAYS, WEEKS = (None, 1, 3, 7), (None, 1, 7, 8, 30, 260)
TRACKS = ("GENERAL", "RURAL", "TIBET_XINJIANG")
ODD = "O'Neil \\ & 护理"
MAJORS: tuple[list[str], ...] = ([], ["护理"], ["会计", ODD], [f"专业{number}" for number in range(20)])
DEADLINES = (None, 10, 10, 30)
ORDERS = ("NEWEST", "STIPEND", "APPLY_BY")
IDS = "{ internships(orderBy: NEWEST, first: 100) { nodes { id title } } }"
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
    *(
        {"major": major}
        for major in ("护理", "会计", ODD, "专业0", "专业19", "专业20", "", "护", "长" * 3_000)
    ),
    *({"organizationKinds": kinds} for kinds in (["GOVERNMENT"], ["PRIVATE", "GOVERNMENT"], ["SOCIAL"], [])),
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


def _listing(number: int, today: date) -> dict[str, Any]:
    def one(of: tuple[Any, ...], step: int = 1) -> Any:
        return of[number // step % len(of)]

    pay = one(STIPENDS) if number % 5 else 200_000
    deadline = one(DEADLINES)
    optional = {
        "majors": one(MAJORS, 3),
        "applyBy": deadline and (today + timedelta(days=deadline)).isoformat(),
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
    partners = [
        await house.partner(employees=1_000_000, kind=kind)
        for kind in (OrganizationKind.PRIVATE, OrganizationKind.GOVERNMENT)
    ]
    for number in range(COUNT):
        house.clock.move(hours=1)
        await posted(partners[number % 4 // 2], _listing(number, day_of(house.clock())))
    await analysed(house)
    return partners[0].id, partners[1].id


async def found(house: House, order: str | None = None, **asked: Any) -> list[str]:
    page = (await house.anyone.run(EVERYTHING, filter=asked, order=order))["internships"]
    names = [node["title"] for node in page["nodes"]]
    assert page["totalCount"] == len(names) == sum(row["count"] for row in page["facets"]["kinds"])
    return names


async def agrees(house: House, asked: dict[str, Any]) -> list[str]:
    """Titles of what was found, the newest first."""
    lists = []
    for order in ORDERS:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(finding, "_walked", lambda *_: True)
            alone = await found(house, order, **asked)  # by its WHERE
        lists.append([title for title in alone if title.startswith("木工")])
        # What most rows hold may be asked of the index or of the rows.
        for common in (0.3, 2.0):
            with pytest.MonkeyPatch.context() as patched:
                patched.setattr(filtering, "COMMON", common)
                patched.setattr(filtering, "COMMON_OF_FEW", common)
                assert await found(house, order, **asked) == alone
                assert await found(house, order, text="木工", **asked) == lists[-1]
    assert await found(house, "RELEVANCE", text="木工", **asked) == lists[0]
    return lists[0]


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
        monkeypatch.setattr(sorting, "_FURTHER", 1.2)
        monkeypatch.setattr(sorting, "LEAST_LOOKED_AT", 0)
    await agrees(house, asked)


async def test_of_one_organization_and_since_an_instant(house: House, shelves: tuple[str, str]) -> None:
    sinces = [
        at.isoformat() for at in (house.clock(), house.clock() + 9 * HOUR, datetime(1900, 1, 2, tzinfo=UTC))
    ]
    for owner in shelves:
        await agrees(house, {"organizationId": owner})
        assert len(await found(house, text="木工", organizationId=owner)) == COUNT / 4
    sinces += [(house.clock() - hours * HOUR).isoformat() for hours in (1, 30, 55)]
    for since in sinces:
        await agrees(house, {"publishedSince": since})


@pytest.mark.parametrize(
    "asked",
    [
        {"kinds": ["APPRENTICESHIP"], "minStipendFenPerMonth": 1_600_000},  # each fifth, and none of these
        {"housingProvided": True, "divisionCodes": ["440303"]},
        {"organizationKinds": ["SOCIAL"], "maxDaysPerWeek": 7},
        {"tracks": ["RURAL"], "kinds": ["INTERNSHIP"], "education": "MASTER", "maxDaysPerWeek": 7},
    ],
    ids=str,
)
async def test_many_are_expected_and_few_are_there(
    house: House, shelves: tuple[str, str], monkeypatch: pytest.MonkeyPatch, asked: dict[str, Any]
) -> None:
    """Filters that shut one another out: what is expected of them is looked for before it is believed."""
    for text in ({}, {"text": "木工"}):
        alone = await found(house, **text, **asked)
        monkeypatch.setattr(reading.Reading, "promising", True)
        monkeypatch.setattr(reading, "PLENTY", 2 * len(alone))
        monkeypatch.setattr(facets, "COUNT_MOST", COUNT)
        assert await found(house, **text, **asked) == alone


async def test_what_a_fair_shows(house: House, shelves: tuple[str, str]) -> None:
    staff = await house.staff(StaffRole.PROGRAMME_MANAGER, unit="440100")
    ids = (await house.anyone.run(IDS))["internships"]["nodes"]
    chosen = [ids[at] for at in range(0, COUNT, 3)]
    given = {
        "title": "双选会",
        "unitId": staff.unit_id,
        "online": True,
        "startsAt": house.clock().isoformat(),
        "endsAt": (house.clock() + HOUR).isoformat(),
    }

    async def shown(some: list[dict[str, str]], **of: Any) -> str:
        members = [row["id"] for row in some]
        return (await staff.done("upsertJobFair", "jobFair { id }", **given, **of, internshipIds=members))[
            "jobFair"
        ]["id"]

    async def titles(fair: str) -> set[str]:
        return set(await agrees(house, {"jobFairId": fair}))

    fair, other = await shown(chosen, idempotencyKey="fair"), await shown(ids[:5], idempotencyKey="other")

    assert await titles(fair) == {row["title"] for row in chosen if row["title"].startswith("木工")} != set()
    await shown(chosen[4:9] + ids[1:2], id=fair)
    expected = {row["title"] for row in chosen[4:9] + ids[1:2] if row["title"].startswith("木工")}
    assert await titles(fair) == expected != set()
    assert await titles(other) == {row["title"] for row in ids[:5] if row["title"].startswith("木工")}
    await shown([], id=fair)
    assert await titles(fair) == set()


async def test_of_a_kind_of_organization_that_is_changed_or_not_known_yet(house: House) -> None:
    partner = await house.partner(employees=1_000_000)
    staff = await house.staff(StaffRole.PROGRAMME_MANAGER)
    await posted(partner, a_listing(title="漆工甲"))
    asked = {"text": "漆工", "organizationKinds": ["SOCIAL"]}
    assert await found(house, **asked) == []

    given = {"id": partner.id, "name": "改名单位", "kind": "SOCIAL", "divisionCode": "440100"}
    await staff.done("upsertOrganization", "organization { kind }", **given)
    assert await found(house, **asked) == ["漆工甲"]

    # As rows are that were written before it was kept.
    engine = house.runtime.database.engine
    async with engine.begin() as connection:
        await connection.execute(sa.text("UPDATE internship_listing SET organization_kind = NULL"))
    await analysed(house)
    assert await found(house, **asked) == ["漆工甲"]
    assert await found(house, text="漆工", organizationKinds=["PRIVATE"]) == []

    await reindex(house.runtime.database, GRANTS, REWRITINGS, lambda *_: None)
    async with engine.connect() as connection:
        kinds = await connection.scalars(sa.text("SELECT DISTINCT organization_kind FROM internship_listing"))
    assert "SOCIAL" in (known := kinds.all())
    assert None not in known
