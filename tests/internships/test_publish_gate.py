"""The publish gate: what is published at once, what staff look at first, what is refused, and by which rule."""

from typing import Any

import pytest
from support.asking import day, decided, listing
from support.house import House, Partner
from support.listings import a_listing, posted, upserted

from domain.internships.policies import (
    APPRENTICE_SHARE_OF_WAGE,
    BANNED_INDUSTRIES,
    MINIMUM_WAGE_MONTH_FEN,
    PUBLISH_AT_ONCE,
    SHARE_OF_EMPLOYEES,
    TRUST_UNKNOWN_EMPLOYEES,
)


def an_apprenticeship(**others: Any) -> dict[str, Any]:
    """One that passes under the default minimum wage."""
    return a_listing(
        kind="APPRENTICESHIP",
        **{
            "durationWeeks": 13,
            "stipend": {"minFen": 137_600, "maxFen": 200_000, "per": "MONTH"},
            **others,
        },
    )


async def refused(partner: Partner, given: dict[str, Any]) -> list[tuple[str, list[str] | None]]:
    """The code and the field, below the listing, of each reason."""
    [result] = await upserted(partner, given)
    assert result["outcome"] == "REJECTED", result
    return [(reason["code"], (reason["field"] or [])[3:]) for reason in result["userErrors"]]


OVER_SHARE = [("QUOTA_EXCEEDED", ["headcount"])]


# ── thirty per cent of the employees ──


async def test_published_headcount_reaches_thirty_percent_and_no_more(house: House) -> None:
    partner = await house.partner(employees=13)  # 3.9: three

    await posted(partner, a_listing(headcount=2))
    assert await refused(partner, a_listing(headcount=2)) == OVER_SHARE
    await posted(partner, a_listing(headcount=1))
    assert await refused(partner, a_listing(headcount=1)) == OVER_SHARE


async def test_the_listings_of_one_call_count_together(house: House) -> None:
    partner = await house.partner(employees=10)

    results = await upserted(partner, *(a_listing(headcount=2) for _ in range(2)), a_listing(headcount=1))

    assert [result["outcome"] for result in results] == ["CREATED", "REJECTED", "CREATED"]


async def test_an_update_counts_with_what_it_adds(house: House) -> None:
    partner = await house.partner(employees=10)
    said = a_listing(headcount=2)
    made = await posted(partner, said)

    assert await refused(partner, {**said, "headcount": 4}) == OVER_SHARE
    [raised] = await upserted(partner, {**said, "headcount": 3})
    assert raised["outcome"] == "UPDATED"
    assert await refused(partner, a_listing()) == OVER_SHARE

    [lowered] = await upserted(partner, {**said, "headcount": 1})
    assert lowered["outcome"] == "UPDATED"
    await posted(partner, a_listing(headcount=2))
    assert await listing(house.anyone, made, "headcount") == {"headcount": 1}


async def test_a_closed_listing_gives_its_room_back(house: House) -> None:
    partner = await house.partner(employees=10)
    made = await posted(partner, a_listing(headcount=3))
    assert await refused(partner, a_listing()) == OVER_SHARE

    await partner.done("closeInternship", "internship { status }", internshipId=made)

    await posted(partner, a_listing(headcount=3))


async def test_a_listing_past_its_last_day_gives_its_room_back_before_the_worker_comes(house: House) -> None:
    partner = await house.partner(employees=10)
    await posted(partner, a_listing(headcount=3, applyBy=day(house)))

    house.clock.move(days=1)

    await posted(partner, a_listing(headcount=3))


async def test_offered_posts_are_those_published(house: House) -> None:
    partner = await house.partner(employees=95)
    closed = await posted(partner, a_listing(headcount=4))
    await posted(partner, a_listing(headcount=3))
    await partner.done("closeInternship", "internship { status }", internshipId=closed)

    data = await partner.run("{ viewer { organization { offeredPosts recommendedPosts employeeCount } } }")

    assert data["viewer"]["organization"] == {
        "offeredPosts": 3,
        "recommendedPosts": 10,
        "employeeCount": 95,
    }


async def test_the_share_is_what_the_organizations_division_decided(house: House) -> None:
    partner = await house.partner(employees=10, division_code="440300")
    async with decided(house, SHARE_OF_EMPLOYEES, 0.5, "440300"):
        await posted(partner, a_listing(headcount=5))
    assert await refused(partner, a_listing()) == OVER_SHARE


# ── review first ──


async def test_an_unverified_organization_is_reviewed_first(house: House) -> None:
    partner = await house.partner(verified=False)

    made = await posted(partner, a_listing(), status="IN_REVIEW")

    assert await listing(house.anyone, made) is None
    assert await listing(partner, made, "status publishedAt history { status }") == {
        "status": "IN_REVIEW",
        "publishedAt": None,
        "history": [{"status": "IN_REVIEW"}],
    }


async def test_an_organization_of_unknown_size_is_reviewed_first_unless_policy_trusts_it(
    house: House,
) -> None:
    partner = await house.partner(employees=None, division_code="440300")

    await posted(partner, a_listing(headcount=500), status="IN_REVIEW")
    async with decided(house, TRUST_UNKNOWN_EMPLOYEES, True, "440300"):
        await posted(partner, a_listing(headcount=500), status="PUBLISHED")


async def test_a_division_may_review_everything_first(house: House) -> None:
    here, there = await house.partner(division_code="440304"), await house.partner(division_code="440100")
    async with decided(house, PUBLISH_AT_ONCE, False, "440300"):
        await posted(here, a_listing(), status="IN_REVIEW")
        await posted(there, a_listing(), status="PUBLISHED")
    await posted(here, a_listing(), status="PUBLISHED")


async def test_the_nearest_division_decides(house: House) -> None:
    partner = await house.partner(division_code="440304", employees=10)
    async with decided(house, SHARE_OF_EMPLOYEES, 0.9), decided(house, SHARE_OF_EMPLOYEES, 0.2, "440304"):
        assert await refused(partner, a_listing(headcount=3)) == OVER_SHARE
        await posted(partner, a_listing(headcount=2))


# ── apprenticeships ──


@pytest.mark.parametrize("weeks", [13, 52])
async def test_an_apprenticeship_lasts_13_to_52_weeks(house: House, weeks: int) -> None:
    await posted(await house.partner(), an_apprenticeship(durationWeeks=weeks))


@pytest.mark.parametrize("weeks", [12, 53, None])
async def test_an_apprenticeship_of_another_length_is_refused(house: House, weeks: int | None) -> None:
    partner = await house.partner()

    assert await refused(partner, an_apprenticeship(durationWeeks=weeks)) == [
        ("INVALID_INPUT", ["durationWeeks"])
    ]


@pytest.mark.parametrize(
    ("stipend", "enough"),
    [
        (None, False),
        ({"minFen": 137_599, "maxFen": 500_000, "per": "MONTH"}, False),
        ({"minFen": 137_600, "maxFen": 137_600, "per": "MONTH"}, True),
        ({"minFen": 6_326, "maxFen": 9_000, "per": "DAY"}, False),  # 21.75 days: 137,590.5
        ({"minFen": 6_327, "maxFen": 9_000, "per": "DAY"}, True),
    ],
)
async def test_an_apprenticeship_pays_four_fifths_of_the_minimum_wage(
    house: House, stipend: dict[str, Any] | None, enough: bool
) -> None:
    partner, given = await house.partner(), an_apprenticeship(stipend=stipend)
    if enough:
        await posted(partner, given)
    else:
        assert await refused(partner, given) == [("INVALID_INPUT", ["stipend"])]


async def test_the_wage_is_that_of_the_listings_own_division(house: House) -> None:
    partner = await house.partner(division_code="440000")
    paid = {"minFen": 201_599, "maxFen": 201_599, "per": "MONTH"}
    async with decided(house, MINIMUM_WAGE_MONTH_FEN, 252_000, "440300"):  # a county of it: 201,600
        assert await refused(partner, an_apprenticeship(divisionCode="440304", stipend=paid)) == [
            ("INVALID_INPUT", ["stipend"])
        ]
        await posted(partner, an_apprenticeship(divisionCode="440106", stipend=paid))
        await posted(
            partner,
            an_apprenticeship(divisionCode="440304", stipend={**paid, "minFen": 201_600, "maxFen": 201_600}),
        )


async def test_the_share_of_the_wage_is_data(house: House) -> None:
    partner = await house.partner()
    async with decided(house, APPRENTICE_SHARE_OF_WAGE, 1.0):
        assert await refused(partner, an_apprenticeship()) == [("INVALID_INPUT", ["stipend"])]
    await posted(partner, an_apprenticeship())


async def test_an_internship_may_pay_nothing_and_last_any_time(house: House) -> None:
    await posted(await house.partner(), a_listing(durationWeeks=4))


# ── banned places ──


@pytest.mark.parametrize("industry", ["6233", "8051", "9011", "90110"])
async def test_organizations_of_banned_industries_post_nothing(house: House, industry: str) -> None:
    partner = await house.partner(industry_code=industry)

    assert await refused(partner, a_listing()) == [("NOT_ELIGIBLE", [])]


@pytest.mark.parametrize("industry", ["6510", "805", None])
async def test_other_industries_post(house: House, industry: str | None) -> None:
    await posted(await house.partner(industry_code=industry), a_listing())


async def test_the_list_of_banned_places_is_data(house: House) -> None:
    partner = await house.partner(industry_code="6510")
    async with decided(house, BANNED_INDUSTRIES, ["65"]):
        assert await refused(partner, a_listing()) == [("NOT_ELIGIBLE", [])]
    await posted(partner, a_listing())


async def test_every_rule_of_the_gate_that_is_broken_is_named(house: House) -> None:
    partner = await house.partner(industry_code="9011", employees=10)

    broken = await refused(partner, an_apprenticeship(headcount=4, stipend=None))

    assert sorted(code for code, _ in broken) == ["INVALID_INPUT", "NOT_ELIGIBLE", "QUOTA_EXCEEDED"]
