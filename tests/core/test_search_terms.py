"""Searching without a database: what is stored, what a query asks for, what a cursor carries, what is shown in bold."""

import itertools
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import postgresql

from domain.core import search
from domain.core.lexicon import heard_as, known_words
from domain.core.search.declared import during, understood_otherwise
from domain.core.search.formula import All, Lexeme, Some
from domain.core.search.statistics import Shares

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
LISTINGS = search.Declared("listing", division="division_code", kind="kind", published="published_at")
TIERS_MOST = 60


def parse(text: str) -> search.Wanted:
    return search.parse(text, places=PLACES, kinds=KINDS)


def query(text: str) -> search.SearchQuery:
    return search.SearchQuery.weighed(parse(text), {}, understood_otherwise(parse(text)))


def finding(wanted: search.Wanted) -> set[str]:
    return {concept.word for concept in wanted.concepts}


def places_named(wanted: search.Wanted) -> list[str]:
    return [each.division for each in wanted.preferences if each.division]


def test_a_row_is_stored_with_its_words_by_where_they_stand() -> None:
    stored = search.document(
        title="会计实习",
        tags=["税务", "excel"],
        organization="深圳市华为技术有限公司",
        description="做账 做账 报税",
    )

    words = set(stored["search_terms"].split(" "))
    assert {"'会计'", "'^会计'", "'~excel'", "'=华为'", "'~做账'", "'报税'", "'深圳'"} <= words
    assert not {"'~报税'", "'^excel'", "'=会计'"} & words


def test_places_and_kinds_prefer_and_do_not_find() -> None:
    wanted = parse("深圳龙岗区 会计 实习")

    assert places_named(wanted) == ["440300", "440307"]
    assert [each.kind for each in wanted.preferences if each.kind] == ["INTERNSHIP"]
    assert finding(wanted) == {"会计"}
    assert not wanted.only_prefers


def test_a_kind_of_week_prefers() -> None:
    wanted = parse("会计 双休")

    assert finding(wanted) == {"会计"}
    assert [each.word for each in wanted.preferences] == ["双休"]


def test_places_and_kinds_alone_are_what_is_sought() -> None:
    assert parse("深圳 实习").only_prefers
    assert "'@d4403'" in query("深圳 实习").match.text()


def test_a_place_is_no_part_of_another_word() -> None:
    assert places_named(parse("深圳大学")) == []
    assert places_named(parse("城区")) == ["441502"]
    assert places_named(parse("城 乳源 新会")) == ["440232", "440705"]


def test_a_word_in_the_title_comes_before_another_word_for_it() -> None:
    tiers = [tier.text() for tier in query("法务").tiers]

    first = next(at for at, tier in enumerate(tiers) if "'^法务'" in tier)
    assert "'^法律'" not in tiers[first]
    assert any("'^法律'" in tier for tier in tiers[first + 1 :])


def test_whatever_holds_a_tier_holds_the_last() -> None:
    for text in ("会计", "数据标注", "深圳 产品经理 双休", "音乐老师", "qianduan", "前段开发"):
        asked = query(text)
        last = asked.match.lexemes()
        for tier in asked.tiers:
            bare = {name.lstrip("^=~") for name in tier.lexemes() if name[0] != "@"}
            assert bare & {name.lstrip("^=~") for name in last}, (text, tier.text())


def test_the_rarest_word_is_first() -> None:
    wanted = parse("数据 标注")
    found = search.SearchQuery.weighed(wanted, {"数据": 0.3, "标注": 0.01})

    assert [wanted.concepts[place].word for place in found.rarest] == ["标注", "数据"]


def test_a_text_without_letters_finds_nothing() -> None:
    asked = query("😀 !!")

    assert asked.tiers == ()
    assert asked.to_state() == [0]
    assert asked.match.text() == "'@nothing'"


def test_a_later_page_has_what_the_first_found_out() -> None:
    wanted, meant = parse("qianduan"), understood_otherwise(parse("qianduan"))
    asked = search.SearchQuery.weighed(wanted, {}, meant)

    assert meant is not None
    assert search.SearchQuery.from_state(wanted, json.loads(json.dumps(asked.to_state())), meant) == asked


@pytest.mark.parametrize(
    "state",
    [None, {}, [], [0], [0, 1], [0, 0, 1, 2], [0, 0, "1"], [True, 0, 1], [2, 0, 1], [0, 1, 1], [1, 0, 1]],
)
def test_a_state_of_another_search_is_refused(state: object) -> None:
    with pytest.raises(ValueError, match="not the state"):
        search.SearchQuery.from_state(parse("Python 开发"), state)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("qianduan", "前端"),
        ("kuaiji", "会计"),
        ("前段开发", "前端开发"),
        ("数据标住", "数据标注"),
        ("xin mei ti yun ying", "新媒体运营"),
        ("java", None),
        ("前端开发", None),
        ("😀", None),
    ],
)
def test_words_that_sound_alike_are_heard(written: str, meant: str | None) -> None:
    assert heard_as(written) == meant
    assert meant is None or heard_as(meant) is None


def test_traditional_and_simplified_are_one() -> None:
    assert parse("會計 實習") == parse("会计 实习")
    assert "会计" in known_words()


def test_stretches_of_time_cover_an_interval_and_little_more() -> None:
    start = datetime(2026, 1, 1, 0, 0, 1, tzinfo=UTC)
    lengths = {level: 4 * 16**level for level in range(6)}
    for seconds in (0, 3, 70, 5_000, 90_000, 3_000_000, 60_000_000):
        end = start + timedelta(seconds=seconds)
        covered = []
        stretch = during(start, end)
        for lexeme in stretch.lexemes:
            level, number = (int(part) for part in lexeme.name[1:].split("-"))
            covered.append((number * lengths[level], (number + 1) * lengths[level]))
        covered.sort()
        assert all(one[1] == other[0] for one, other in itertools.pairwise(covered))
        # The index rounds to whole seconds.
        told = (stretch.earliest.timestamp() + 0.5, stretch.end.timestamp() + 0.5)
        assert (covered[0][0], covered[-1][1]) == told
        assert stretch.earliest <= start <= end < stretch.end
        assert told[1] - told[0] <= 3 * seconds + 8
        assert len(covered) <= 32


def test_shares_of_words_that_are_not_common_are_below_all_others() -> None:
    shares = Shares({"数据": 0.3, "会计": 0.02})

    assert shares["数据"] == 0.3
    assert shares["标注"] == 0.005
    assert All((Lexeme("数据"), Lexeme("会计"))).share(shares) >= 0.3 * 0.02
    assert 0.3 <= Some((Lexeme("数据"), Lexeme("会计"))).share(shares) <= 0.32


@given(ANY_TEXT)
def test_no_query_fails_or_grows_without_bound(text: str) -> None:
    asked = query(text)
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy's dialects are not typed
    for expression in (LISTINGS.holds(asked.match), LISTINGS.tier(asked), LISTINGS.holds_all(asked.wanted)):
        assert expression.compile(dialect=dialect)
    assert len(asked.wanted.concepts) <= 12
    assert len(asked.tiers) <= TIERS_MOST
    assert all(len(tier.text()) < 20_000 for tier in asked.tiers)
    search.highlights(text, asked)
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
        ("税務會計", "税务", ["税務"]),
        ("前端工程师", "qianduan", ["前端"]),
        ("会计", "出纳", []),
        ("会计", "😀", []),
    ],
)
def test_highlights_are_the_words_of_the_search_as_the_title_spells_them(
    title: str, text: str, bold: list[str]
) -> None:
    found = search.highlights(title, query(text))

    assert sorted(found) == sorted(bold)
    assert [len(word) for word in found] == sorted((len(word) for word in found), reverse=True)
