"""Searching by words, through the schema and a real index."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from support.house import House
from support.listings import a_listing, analysed, posted

from domain.core.clock import day_of
from domain.core.search import reading, sorting
from domain.internships import facets
from domain.searchable import REWRITINGS
from infra.grants import GRANTS
from infra.reindexing import reindex

PAGE = """query ($text: String!, $order: InternshipOrder, $codes: [String!], $first: Int, $last: Int, $after: String, $before: String) {
  internships(filter: {text: $text, divisionCodes: $codes}, orderBy: $order, first: $first, last: $last, after: $after, before: $before) {
    totalCount didYouMean edges { highlights } nodes { title }
    facets { kinds { count } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}"""
MANY = 40
STIPENDS = (None, 300_000, 300_000, 300_000, 299_999, 700_000, 650_000, 300_000)
ORDERS = ["RELEVANCE", "NEWEST", "STIPEND", "APPLY_BY"]

SHELF = (
    {"title": "出纳"},
    {"title": "行政专员", "description": "偶尔帮会计整理凭证。"},
    {"title": "财务助理", "skills": ["会计"]},
    {"title": "会计", "divisionCode": "440304"},
    {"title": "税务会计", "divisionCode": "440106"},
    {"title": "前端工程师"},
    {"title": "Java 工程师"},
    {"title": "JavaScript 工程师"},
    {"title": "C++ 工程师", "description": "周末双休。"},
    {"title": "C++ 研发工程师"},
    {"title": "iOS 工程师"},
    {"title": "BIOS 工程师"},
)


@pytest.fixture(scope="module")
async def shelf(house: House) -> None:
    partner = await house.partner(employees=1_000_000)
    for listing in SHELF:
        house.clock.move(seconds=1)
        await posted(partner, a_listing(**listing))
    for number in range(MANY):
        house.clock.move(seconds=1.3 + number * 400)  # parts of seconds are rounded, up or down
        place = {"divisionCode": "440304"} if number % 3 else {}
        skills = {"skills": ["木工"]} if number % 2 else {"description": "学木工。"}
        title = {"title": f"木工{number}号"} if number % 5 == 0 else {"title": f"学徒工{number}号"}
        pay = STIPENDS[number % len(STIPENDS)]
        stipend = {"stipend": {"minFen": pay, "maxFen": pay, "per": "MONTH"}} if pay else {}
        last = (day_of(house.clock()) + timedelta(days=20 + number % 3)).isoformat()
        until = {"applyBy": last} if number % 4 == 0 else {}
        await posted(partner, a_listing(**{**place, **skills, **title, **stipend, **until}))
    await analysed(house)


async def searched(house: House, text: str, **others: Any) -> dict[str, Any]:
    return (await house.anyone.run(PAGE, text=text, **others))["internships"]


async def titles(house: House, text: str, **others: Any) -> list[str]:
    return [node["title"] for node in (await searched(house, text, **others))["nodes"]]


async def test_the_title_comes_first_then_tags_then_the_description(house: House, shelf: None) -> None:
    assert (await titles(house, "会计"))[:5] == ["税务会计", "会计", "财务助理", "出纳", "行政专员"]


async def test_a_place_is_preferred_and_excludes_nobody(house: House, shelf: None) -> None:
    found = await titles(house, "深圳 会计")

    assert found[:2] == ["会计", "税务会计"]
    assert "出纳" in found


async def test_a_kind_of_week_is_preferred(house: House, shelf: None) -> None:
    assert (await titles(house, "c++"))[:2] == ["C++ 研发工程师", "C++ 工程师"]
    assert (await titles(house, "c++ 双休"))[:2] == ["C++ 工程师", "C++ 研发工程师"]


async def test_latin_words_stay_whole(house: House, shelf: None) -> None:
    assert await titles(house, "java") == ["Java 工程师"]
    assert await titles(house, "ｉｏｓ") == ["iOS 工程师"]


@pytest.mark.parametrize("text", ["會計", "会计", "  会计\u3000"])
async def test_spellings_that_read_the_same_find_the_same(house: House, shelf: None, text: str) -> None:
    assert (await titles(house, text))[:2] == ["税务会计", "会计"]


async def test_what_sounds_alike_is_found_and_named(house: House, shelf: None) -> None:
    for text in ("qianduan", "前段"):
        found = await searched(house, text)
        assert found["nodes"][0]["title"] == "前端工程师"
        assert found["didYouMean"] == "前端"
        assert found["edges"][0]["highlights"] == ["前端"]
    assert (await searched(house, "前端"))["didYouMean"] is None
    assert (await searched(house, "zhizhuxia"))["didYouMean"] is None


async def walked(house: House, text: str, *, backward: bool, **others: Any) -> list[str]:
    found: list[str] = []
    cursor: str | None = None
    while True:
        at = {"last": 7, "before": cursor} if backward else {"first": 7, "after": cursor}
        page = await searched(house, text, **at, **others)
        names = [node["title"] for node in page["nodes"]]
        found = names + found if backward else found + names
        info = page["pageInfo"]
        if not info["hasPreviousPage" if backward else "hasNextPage"]:
            return found
        cursor = info["startCursor" if backward else "endCursor"]
        assert len(found) < 200


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("codes", [None, ["440300"]])
@pytest.mark.parametrize(("text", "further"), [("木工", 1.2), ("木工 学徒工", 4), ("深圳 木工", 1.2)])
async def test_a_stretch_of_time_at_a_time_gives_the_same_list(
    house: House,
    shelf: None,
    monkeypatch: pytest.MonkeyPatch,
    text: str,
    further: float,
    codes: list[str] | None,
    order: str,
) -> None:
    whole = await titles(house, text, codes=codes, order=order, first=100)
    assert len(whole) >= 10

    monkeypatch.setattr(reading, "WHOLE", 1)
    monkeypatch.setattr(reading, "_SPARE", 0.2)
    monkeypatch.setattr(reading, "_FURTHER", further)
    monkeypatch.setattr(sorting, "_FURTHER", further)
    monkeypatch.setattr(sorting, "LEAST_LOOKED_AT", 0)

    assert await walked(house, text, backward=False, codes=codes, order=order) == whole
    assert await walked(house, text, backward=True, codes=codes, order=order) == whole


@pytest.mark.parametrize("order", ORDERS)
async def test_what_lies_between_two_places(house: House, shelf: None, order: str) -> None:
    ends = [(await searched(house, "木工", order=order, first=at))["pageInfo"]["endCursor"] for at in (5, 16)]
    whole = await titles(house, "木工", order=order, first=100)

    for count, among in (
        ({"first": 4}, whole[5:9]),
        ({"last": 4}, whole[11:15]),
        ({"first": 30}, whole[5:15]),
    ):
        found = await searched(house, "木工", order=order, after=ends[0], before=ends[1], **count)
        assert [node["title"] for node in found["nodes"]] == among


async def test_beyond_the_cap_counts_end_and_facets_are_estimates(
    house: House, shelf: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    exact = await searched(house, "木工")
    assert exact["totalCount"] == sum(row["count"] for row in exact["facets"]["kinds"]) == MANY

    monkeypatch.setattr(reading, "SAMPLE", 10)
    monkeypatch.setattr(facets, "COUNT_MOST", 10)  # more than that are found, against expectation
    estimated = await searched(house, "木工")
    monkeypatch.setattr(reading, "PLENTY", 10)
    capped = await searched(house, "木工")

    assert estimated["totalCount"] == MANY
    assert capped["totalCount"] == 10_000
    for found in (estimated, capped):
        assert sum(row["count"] for row in found["facets"]["kinds"]) == pytest.approx(MANY, rel=0.7)
    # What the statistics do not know of is counted.
    assert (await searched(house, "会计"))["totalCount"] == 5


async def test_words_are_made_anew_while_people_search(house: House, shelf: None) -> None:
    before = await titles(house, "会计")
    engine = house.runtime.database.engine
    async with engine.begin() as connection:
        await connection.execute(sa.text("UPDATE internship_listing SET search_terms = ''"))
    assert await titles(house, "会计") == []
    told: list[tuple[str, int, int]] = []

    done = await reindex(house.runtime.database, GRANTS, REWRITINGS, lambda *step: told.append(step))

    assert done == len(SHELF) + MANY
    assert told[-1] == ("internship_listing", done, done)
    assert await titles(house, "会计") == before


@pytest.mark.parametrize(
    "text",
    [
        "😀" * 200,
        "' OR 1=1; DROP TABLE internship_listing; --",
        "(.*)+[^a]{1,}$|\\\\",
        "\u0001\u001b[31m\u007f",
        "\u0020\u00a0\u1680\u2003\u2009\u200a\u2028\u2029\u202f\u205f\u3000",
        "&|!<->():*'\"\\",
        "@d4403 ^会计 ~会计 =会计",
        "会" * 200,
        " ".join(["会计", "工程师", "java", "深圳", "双休"] * 20)[:200],
        "产品经理运营数据分析前端后端测试" * 12,
        "a" * 200,
        "\u0301" * 200,
        "ﷺ" * 200,
    ],
)
async def test_whatever_is_asked_is_answered(house: House, shelf: None, text: str) -> None:
    for order in ORDERS:
        found = await searched(house, text[:200], order=order)
        assert found["totalCount"] >= len(found["nodes"])
