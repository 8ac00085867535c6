"""Posting: up to 500 listings a call, keyed by externalRef, each standing or falling alone."""

from typing import Any

import pytest
from support.asking import accept, day, listing
from support.house import House, Partner
from support.listings import RESULTS, a_listing, offered, posted, upserted

RECORD = "updatedAt publishedAt status headcount title history { status at note }"


async def count_of(partner: Partner) -> int:
    data = await partner.run("{ viewer { organization { internships { totalCount } } } }")
    return data["viewer"]["organization"]["internships"]["totalCount"]


def faults(result: dict[str, Any]) -> list[tuple[str, list[str]]]:
    return [(reason["code"], reason["field"]) for reason in result["userErrors"]]


async def test_a_new_listing_is_created_and_published(house: House) -> None:
    partner = await house.partner()

    [result] = await upserted(partner, a_listing(externalRef="new"))

    assert result["outcome"] == "CREATED"
    assert result["externalRef"] == "new"
    record = await listing(partner, result["internship"]["id"], RECORD)
    assert record["status"] == "PUBLISHED"
    assert record["publishedAt"] == record["updatedAt"] == record["history"][0]["at"]
    assert [move["status"] for move in record["history"]] == ["PUBLISHED"]


async def test_all_that_was_said_is_read_again(house: House) -> None:
    partner = await house.partner()
    said = a_listing(
        requirements="细心",
        address="天河路 1 号",
        headcount=3,
        stipend={"minFen": 300_000, "maxFen": 400_000, "per": "MONTH"},
        education="BACHELOR",
        majors=["计算机"],
        skills=["Python", "SQL"],
        daysPerWeek=5,
        durationWeeks=12,
        housingProvided=True,
        startsOn=day(house, 30),
        applyBy=day(house, 20),
        track="RURAL",
    )

    made = await posted(partner, said)

    plain = [name for name in said if name not in {"stipend", "divisionCode"}]
    read = await listing(
        house.anyone, made, f"{' '.join(plain)} stipend {{ minFen maxFen per }} division {{ code }}"
    )
    assert read.pop("division") == {"code": said.pop("divisionCode")}
    assert read == said


async def test_the_same_content_again_is_unchanged_and_touches_nothing(house: House) -> None:
    # given a listing
    partner, said = await house.partner(), a_listing(skills=["Python"])
    made = await posted(partner, said)
    before = await listing(partner, made, RECORD)

    # when the same is said later, also with its defaults spelled out and with spaces at its ends
    house.clock.move(minutes=5)
    again = {**said, "education": "SECONDARY", "majors": [], "title": f" {said['title']} ", "address": ""}
    results = [(await upserted(partner, listing))[0] for listing in (said, again)]

    # then nothing was touched
    assert [result["outcome"] for result in results] == ["UNCHANGED", "UNCHANGED"]
    assert [result["internship"]["id"] for result in results] == [made, made]
    assert await listing(partner, made, RECORD) == before


async def test_other_content_updates_the_listing_and_keeps_it_published(house: House) -> None:
    partner, said = await house.partner(), a_listing(headcount=2)
    made = await posted(partner, said)
    before = await listing(partner, made, RECORD)
    house.clock.move(minutes=5)

    [result] = await upserted(partner, {**said, "title": "新名称"})

    after = await listing(partner, made, RECORD)
    assert (result["outcome"], result["internship"]["id"]) == ("UPDATED", made)
    assert after["title"] == "新名称"
    assert after["updatedAt"] > before["updatedAt"]
    assert after["publishedAt"] == before["publishedAt"]
    assert after["history"] == before["history"]


async def test_what_is_left_out_of_a_change_is_gone(house: House) -> None:
    partner, said = await house.partner(), a_listing()
    made = await posted(partner, {**said, "address": "旧址", "skills": ["SQL"]})

    await upserted(partner, said)

    assert await listing(partner, made, "address skills") == {"address": None, "skills": []}


async def test_one_bad_listing_does_not_hurt_the_rest(house: House) -> None:
    partner = await house.partner()

    results = await upserted(partner, a_listing(), a_listing(headcount=0), a_listing())

    assert [result["outcome"] for result in results] == ["CREATED", "REJECTED", "CREATED"]
    assert results[1]["internship"] is None
    assert [len(result["userErrors"]) for result in results] == [0, 1, 0]
    assert results[1]["userErrors"][0]["field"] == ["input", "internships", "1", "headcount"]
    assert await count_of(partner) == 2


async def test_every_fault_of_a_listing_is_named(house: House) -> None:
    partner = await house.partner()

    [result] = await upserted(partner, a_listing(title="", headcount=501, divisionCode="999999"))

    assert sorted(field[-1] for _, field in faults(result)) == ["divisionCode", "headcount", "title"]


async def test_a_refused_change_leaves_the_listing_as_it_was(house: House) -> None:
    partner, said = await house.partner(), a_listing()
    made = await posted(partner, said)
    before = await listing(partner, made, RECORD)

    [result] = await upserted(partner, {**said, "title": "长" * 81})

    assert result["outcome"] == "REJECTED"
    assert await listing(partner, made, RECORD) == before


async def test_a_ref_may_stand_once_in_a_call(house: House) -> None:
    partner = await house.partner()

    first, second = await upserted(
        partner, a_listing(externalRef="twice", title="甲"), a_listing(externalRef="twice", title="乙")
    )

    assert first["outcome"] == "CREATED"
    assert second["outcome"] == "REJECTED"
    assert faults(second) == [("INVALID_INPUT", ["input", "internships", "1", "externalRef"])]
    assert await count_of(partner) == 1


async def test_the_same_ref_of_two_organizations_is_two_listings(house: House) -> None:
    one, other = await house.partner(), await house.partner()

    made = [await posted(partner, a_listing(externalRef="shared")) for partner in (one, other)]

    assert made[0] != made[1]
    assert [await count_of(partner) for partner in (one, other)] == [1, 1]


async def test_501_listings_are_refused_as_a_whole(house: House) -> None:
    partner = await house.partner()

    payload = await partner.mutate(
        "upsertInternships", RESULTS, internships=[a_listing() for _ in range(501)]
    )

    assert payload["results"] == []
    assert [(reason["code"], reason["field"]) for reason in payload["userErrors"]] == [
        ("INVALID_INPUT", ["input", "internships"])
    ]
    assert await count_of(partner) == 0


async def test_500_listings_in_one_call_then_again(house: House) -> None:
    partner = await house.partner()
    listings = [a_listing() for _ in range(500)]

    first = await upserted(partner, *listings)
    second = await upserted(partner, *listings)

    assert {result["outcome"] for result in first} == {"CREATED"}
    assert {result["outcome"] for result in second} == {"UNCHANGED"}
    assert [result["externalRef"] for result in first] == [given["externalRef"] for given in listings]
    assert [result["internship"]["id"] for result in first] == [
        result["internship"]["id"] for result in second
    ]


async def test_no_listings_at_all_is_no_fault(house: House) -> None:
    assert await upserted(await house.partner()) == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"externalRef": ""}, ["externalRef"]),
        ({"externalRef": "   "}, ["externalRef"]),
        ({"externalRef": "x" * 101}, ["externalRef"]),
        ({"title": ""}, ["title"]),
        ({"title": " \t"}, ["title"]),
        ({"title": "岗" * 81}, ["title"]),
        ({"description": ""}, ["description"]),
        ({"description": "述" * 4_001}, ["description"]),
        ({"description": "x" * 10_000}, ["description"]),
        ({"requirements": "求" * 4_001}, ["requirements"]),
        ({"address": "址" * 201}, ["address"]),
        ({"headcount": 0}, ["headcount"]),
        ({"headcount": -1}, ["headcount"]),
        ({"headcount": 501}, ["headcount"]),
        ({"daysPerWeek": 0}, ["daysPerWeek"]),
        ({"daysPerWeek": 8}, ["daysPerWeek"]),
        ({"durationWeeks": 0}, ["durationWeeks"]),
        ({"durationWeeks": 261}, ["durationWeeks"]),
        ({"majors": [f"专业{number}" for number in range(21)]}, ["majors"]),
        ({"majors": ["专" * 41]}, ["majors"]),
        ({"skills": [f"技能{number}" for number in range(21)]}, ["skills"]),
        ({"skills": ["技" * 41]}, ["skills"]),
        ({"stipend": {"minFen": -1, "maxFen": 100, "per": "DAY"}}, ["stipend", "minFen"]),
        ({"stipend": {"minFen": 200, "maxFen": 100, "per": "DAY"}}, ["stipend", "maxFen"]),
        ({"stipend": {"minFen": 0, "maxFen": 100_000_001, "per": "MONTH"}}, ["stipend", "maxFen"]),
        ({"divisionCode": "999999"}, ["divisionCode"]),
        ({"divisionCode": "44"}, ["divisionCode"]),
        ({"divisionCode": "' OR 1=1"}, ["divisionCode"]),
        ({"applyBy": "2020-01-01"}, ["applyBy"]),
    ],
    ids=",".join,
)
async def test_a_listing_beyond_a_limit_is_refused_at_its_field(
    house: House, changes: dict[str, Any], field: list[str]
) -> None:
    partner = await house.partner()

    [result] = await upserted(partner, a_listing(**changes))

    assert result["outcome"] == "REJECTED"
    assert faults(result) == [("INVALID_INPUT", ["input", "internships", "0", *field])]
    assert await count_of(partner) == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "岗" * 80, "description": "述" * 4_000, "externalRef": "x" * 100},
        {"title": "😀" * 80},
        {"requirements": "求" * 4_000, "address": "址" * 200},
        {"headcount": 500},
        {"daysPerWeek": 7, "durationWeeks": 260},
        {"daysPerWeek": 1, "durationWeeks": 1},
        {"majors": [f"{number:02}" + "专" * 38 for number in range(20)]},
        {"skills": [f"{number:02}" + "技" * 38 for number in range(20)]},
        {"skills": ["SQL", "SQL", " SQL ", ""]},
        {"stipend": {"minFen": 0, "maxFen": 0, "per": "DAY"}},
        {"divisionCode": "440000"},
    ],
    ids=",".join,
)
async def test_a_listing_at_its_limits_is_taken(house: House, changes: dict[str, Any]) -> None:
    await posted(await house.partner(), a_listing(**changes))


async def test_apply_by_may_be_today_in_shanghai(house: House) -> None:
    partner = await house.partner()

    await posted(partner, a_listing(applyBy=day(house)))
    [result] = await upserted(partner, a_listing(applyBy=day(house, -1)))

    assert faults(result) == [("INVALID_INPUT", ["input", "internships", "0", "applyBy"])]


async def test_the_headcount_may_fall_to_those_accepted_but_not_below(house: House) -> None:
    # given a listing of three with two accepted
    partner, said = await house.partner(), a_listing(headcount=3)
    made = await posted(partner, said)
    for youth in await house.youths(2):
        await accept(youth, await offered(partner, youth, made))

    # when the headcount is to be one, then two
    [below] = await upserted(partner, {**said, "headcount": 1})
    [equal] = await upserted(partner, {**said, "headcount": 2})

    # then the first is refused, and the second leaves nothing to apply for
    assert faults(below) == [("INVALID_INPUT", ["input", "internships", "0", "headcount"])]
    assert equal["outcome"] == "UPDATED"
    assert await listing(house.anyone, made, "status headcount remainingHeadcount") == {
        "status": "CLOSED",
        "headcount": 2,
        "remainingHeadcount": 0,
    }


async def test_only_a_token_with_the_scope_posts(house: House) -> None:
    callers = {
        "FORBIDDEN": [
            await house.partner(scopes=("internships:read", "applications:write")),
            await house.youth(),
            await house.staff(),
        ],
        "UNAUTHENTICATED": [house.anyone],
    }
    for code, clients in callers.items():
        for client in clients:
            refused = await client.refused(
                "upsertInternships", "results { outcome }", internships=[a_listing()]
            )
            assert refused == [(code, None)]
