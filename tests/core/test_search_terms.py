"""Searching without a database: what is stored, what a query asks for, what a cursor carries, what is shown in bold."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import column
from sqlalchemy.dialects import postgresql

from domain.core import search

ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=()), max_size=300)
PLACES = search.place_names(
    [
        ("440000", "广东省"),
        ("440300", "深圳市"),
        ("440307", "龙岗区"),
        ("440705", "新会区"),
        ("441500", "汕尾市"),
        ("441502", "城区"),
        ("440232", "乳源瑶族自治县"),
    ]
)
KINDS = {"实习": "INTERNSHIP", "学徒": "APPRENTICESHIP"}
LISTINGS = search.Searchable(column("search_terms"), column("search_ranks"))


def parse(text: str) -> search.Wanted:
    return search.parse(text, places=PLACES, kinds=KINDS)


def finding(wanted: search.Wanted) -> set[str]:
    return {term.text for term in wanted.terms if term.finds}


def test_a_row_is_stored_with_its_words_by_where_they_stand() -> None:
    stored = search.document(
        title="会计实习",
        tags=["会计", "excel"],
        organization="深圳市华为技术有限公司",
        description="做账 做账 报税",
    )

    ranks = dict(item.rsplit(":", 1) for item in stored["search_ranks"].split(" "))
    assert ranks["'会计'"] == "1A,2B"
    assert ranks["'excel'"] == "1B"
    assert ranks["'华为'"] == "1C"
    assert ranks["'做账'"] == "1D,2D"
    assert "'报税'" not in ranks
    assert {"'会计'", "'excel'", "'华为'", "'报税'", "'深圳'"} <= set(stored["search_terms"].split(" "))


def test_places_and_kinds_prefer_and_do_not_find() -> None:
    wanted = parse("深圳龙岗区 会计 实习")

    assert wanted.preferred_divisions == ("440300", "440307")
    assert wanted.preferred_kinds == ("INTERNSHIP",)
    assert finding(wanted) == {"会计"}
    assert not wanted.only_prefers


def test_places_and_kinds_alone_are_what_is_sought() -> None:
    wanted = parse("深圳 实习")

    assert wanted.only_prefers
    assert finding(wanted) == {"深圳", "实习"}


def test_a_place_is_no_part_of_another_word() -> None:
    assert parse("深圳大学").preferred_divisions == ()
    assert parse("城区").preferred_divisions == ("441502",)
    assert parse("城 乳源 新会").preferred_divisions == ("440232", "440705")


def test_rare_words_weigh_more_and_the_weights_sum_to_the_scale() -> None:
    query = parse("数据标注").weigh([9_000, 50, 40])

    assert query.weights[0] < query.weights[1]
    assert abs(sum(query.weights) - search.SCALE) <= len(query.weights)


async def test_a_text_without_letters_asks_for_no_statistics_and_finds_nothing() -> None:
    async def never(statement: object) -> None:
        raise AssertionError(statement)

    query = await LISTINGS.weigh(never, parse("😀 !!"))

    assert query.to_state() == []
    assert str(LISTINGS.matches(query)) == "false"


def test_a_later_page_has_the_weights_of_the_first() -> None:
    wanted = parse("Python 开发")
    query = wanted.weigh([10, 1000])

    assert search.SearchQuery.from_state(wanted, json.loads(json.dumps(query.to_state()))) == query


@pytest.mark.parametrize(
    "state", [None, {}, [], [1], [1, 2, 3], [1, "2"], [True, 1], [0, 1000], [1, 10**9], [1.5, 1]]
)
def test_a_state_of_another_search_is_refused(state: object) -> None:
    with pytest.raises(ValueError, match="not the state"):
        search.SearchQuery.from_state(parse("Python 开发"), state)


@given(ANY_TEXT)
def test_no_query_fails(text: str) -> None:
    wanted = parse(text)
    query = wanted.weigh([1] * len(wanted.terms))
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    for expression in (LISTINGS.matches(query), LISTINGS.score(query)):
        assert expression.compile(dialect=dialect)
    assert len(wanted.terms) <= 12
    search.highlights(text, query)
    search.document(title=text, tags=[text], organization=text, description=text)


@pytest.mark.parametrize(
    ("title", "text", "bold"),
    [
        ("数据标注员（标注）", "数据标注", ["数据标注", "标注"]),
        ("客服/销售 Java、JavaScript", "java 销售客服", ["Java", "客服", "销售"]),
        ("ＪＡＶＡ工程师 java", "Java", ["ＪＡＶＡ"]),
        ("C/C++ 开发", "c++", ["C++"]),
        ("C++ 与 C", "c", ["C"]),
        ("NodeJS工程师", "node.js", ["NodeJS"]),
        ("新媒体运营专员", "新媒体 运营", ["新媒体", "运营"]),
        ("税务会计", "税", ["税"]),
        ("会计", "出纳", []),
        ("会计", "😀", []),
    ],
)
def test_highlights_are_the_words_of_the_search_as_the_title_spells_them(
    title: str, text: str, bold: list[str]
) -> None:
    found = search.highlights(title, parse(text))

    assert sorted(found) == sorted(bold)
    assert [len(word) for word in found] == sorted((len(word) for word in found), reverse=True)
