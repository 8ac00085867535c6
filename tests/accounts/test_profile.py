"""What a youth says of themselves."""

from datetime import date, timedelta
from typing import Any

import pytest
from support.house import House

from domain.accounts.models import Gender
from domain.core.clock import day_of

PROFILE = (
    "youth { displayName gender birthDate education school major graduationYear division { code } phone }"
)
FULL: dict[str, Any] = {
    "displayName": "小安",
    "gender": "FEMALE",
    "birthDate": "2004-02-29",
    "education": "BACHELOR",
    "school": "中山大学",
    "major": "软件工程",
    "graduationYear": 2027,
    "divisionCode": "440106",
}


def born(house: House, years: int, days: int = 0) -> str:
    """The date of birth of somebody who turns so many years old today; `days` later or earlier."""
    today = day_of(house.clock())
    return (date(today.year - years, today.month, min(today.day, 28)) + timedelta(days=days)).isoformat()


async def test_absent_keeps_and_null_clears(house: House) -> None:
    # given a youth who said everything
    youth = await house.youth()
    said = (await youth.done("updateProfile", PROFILE, **FULL))["youth"]
    expected = {key: value for key, value in FULL.items() if key != "divisionCode"}
    assert said == {**expected, "division": {"code": "440106"}, "phone": youth.phone}

    # when one field is given, one is null and the rest are absent
    now = (await youth.done("updateProfile", PROFILE, school=" 华南理工大学 ", major=None))["youth"]

    # then these two are different
    assert now == {**said, "school": "华南理工大学", "major": None}
    cleared = (await youth.done("updateProfile", PROFILE, **dict.fromkeys(FULL)))["youth"]
    assert {value for key, value in cleared.items() if key != "phone"} == {None}


async def test_fields_written_in_the_document_are_told_from_absent_ones(house: House) -> None:
    youth = await house.youth()
    await youth.done("updateProfile", PROFILE, **FULL)
    data = await youth.run(
        f"mutation {{ updateProfile(input: {{ school: null }}) {{ {PROFILE} userErrors {{ code }} }} }}"
    )
    assert data["updateProfile"]["userErrors"] == []
    assert data["updateProfile"]["youth"]["school"] is None
    assert data["updateProfile"]["youth"]["major"] == "软件工程"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("displayName", ""),
        ("displayName", "  "),
        ("displayName", "安" * 21),
        ("displayName", "安\n安"),
        ("school", "大" * 61),
        ("school", ""),
        ("major", "大" * 61),
        ("graduationYear", 1949),
        ("graduationYear", 2101),
        ("divisionCode", "990000"),
        ("divisionCode", ""),
    ],
)
async def test_limits_name_the_field_and_nothing_changes(house: House, name: str, value: object) -> None:
    youth = await house.youth()
    given = {"education": "MASTER", name: value}
    assert await youth.refused("updateProfile", PROFILE, **given) == [("INVALID_INPUT", ["input", name])]
    assert (await youth.run("{ viewer { youth { education } } }"))["viewer"]["youth"] == {"education": None}


async def test_the_longest_values_are_taken(house: House) -> None:
    youth = await house.youth()
    longest = {"displayName": "安" * 20, "school": "大" * 60, "major": "学" * 60, "graduationYear": 2100}
    said = (await youth.done("updateProfile", PROFILE, **longest))["youth"]
    assert {name: said[name] for name in longest} == longest


async def test_every_reason_is_told(house: House) -> None:
    youth = await house.youth()
    reasons = await youth.refused("updateProfile", PROFILE, displayName="", graduationYear=1)
    assert reasons == [
        ("INVALID_INPUT", ["input", "displayName"]),
        ("INVALID_INPUT", ["input", "graduationYear"]),
    ]


async def test_the_service_is_for_those_14_to_45_years_old(house: House) -> None:
    youth = await house.youth()
    for birth in (born(house, 14, days=30), born(house, 46, days=-30)):
        assert await youth.refused("updateProfile", PROFILE, birthDate=birth) == [
            ("NOT_ELIGIBLE", ["input", "birthDate"])
        ]
    for birth in (born(house, 14), born(house, 46, days=30)):
        assert (await youth.done("updateProfile", PROFILE, birthDate=birth))["youth"]["birthDate"] == birth


async def test_sex_and_birth_are_the_identitys_once_verified(house: House) -> None:
    youth = await house.youth(verified=True, gender=Gender.FEMALE, birth_date=date(2004, 2, 29))
    reasons = await youth.refused(
        "updateProfile", PROFILE, gender="MALE", birthDate="2003-01-01", school="大"
    )
    assert reasons == [("INVALID_STATE", ["input", "gender"]), ("INVALID_STATE", ["input", "birthDate"])]
    assert await youth.refused("updateProfile", PROFILE, gender=None) == [
        ("INVALID_STATE", ["input", "gender"])
    ]
    same = await youth.done(
        "updateProfile", PROFILE, gender="FEMALE", birthDate="2004-02-29", school="中山大学"
    )
    assert (same["youth"]["gender"], same["youth"]["birthDate"]) == ("FEMALE", "2004-02-29")
    assert same["youth"]["school"] == "中山大学"


async def test_only_a_youth_has_a_profile(house: House) -> None:
    assert await house.anyone.refused("updateProfile", PROFILE, school="大") == [("UNAUTHENTICATED", None)]
    for client in (await house.staff(), await house.partner()):
        assert await client.refused("updateProfile", PROFILE, school="大") == [("FORBIDDEN", None)]
