"""Formulas and when rows were published: what a search asks of the index, against plain evaluation."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.core.search import SearchQuery, parse, place_names
from domain.core.search.declared import understood_otherwise
from domain.core.search.formula import (
    All,
    But,
    Formula,
    Lexeme,
    Some,
    conjuncts,
    every,
    exclusive,
    implies,
    some,
)
from domain.core.search.ladder import among
from domain.core.search.statistics import Timeline

PLACES = place_names([("440100", "广州市"), ("440300", "深圳市")])
TEXTS = (
    "会计",
    "前端开发",
    "深圳 前端",
    "深圳 实习 产品经理",
    "qianduan",
    "java 工程师",
    "周末 会计",
    "数据 标注 工作",
)
DAY = timedelta(days=1)
START = datetime(2026, 1, 1, tzinfo=UTC)

words: st.SearchStrategy[Formula] = st.sampled_from(["a", "b", "^a", "^b", "~a", "@d4401"]).map(Lexeme)
formulas: st.SearchStrategy[Formula] = st.recursive(
    words,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(every), st.lists(inner, min_size=1, max_size=3).map(some)
    ),
    max_leaves=8,
)


def held(formula: Formula, row: set[str]) -> bool:
    match formula:
        case Lexeme(name):
            return name in row
        case All(parts):
            return all(held(part, row) for part in parts)
        case Some(parts):
            return any(held(part, row) for part in parts)
        case But(wanted, others):
            return held(wanted, row) and not any(held(other, row) for other in others)
    raise AssertionError(formula)


def stored(chosen: set[str]) -> set[str]:
    """A word with a mark is stored without it too."""
    return chosen | {name[1:] for name in chosen if name[0] in "^=~"}


@given(formulas, formulas, st.sets(st.sampled_from(["a", "b", "^a", "^b", "~a", "@d4401"])))
def test_what_implies_another_is_never_without_it(one: Formula, other: Formula, chosen: set[str]) -> None:
    row = stored(chosen)
    if implies(one, other) and held(one, row):
        assert held(other, row)


@given(formulas, st.lists(formulas, max_size=4), st.sets(st.sampled_from(["a", "b", "^a", "^b", "~a"])))
def test_what_is_left_without_others(wanted: Formula, others: list[Formula], chosen: set[str]) -> None:
    row, left = stored(chosen), list(exclusive([*others, wanted]))[-1]
    expected = held(wanted, row) and not any(held(other, row) for other in others)

    assert (left is not None and held(left, row)) is expected
    assert left is None or all(held(part, row) for part in conjuncts(left)) is expected


@pytest.mark.parametrize("text", TEXTS)
@given(data=st.data())
def test_each_row_stands_in_one_tier(text: str, data: st.DataObject) -> None:
    wanted = parse(text, places=PLACES, kinds={"实习": "INTERNSHIP"})
    tiers = SearchQuery.weighed(wanted, {}, understood_otherwise(wanted)).tiers
    known = sorted(set[str]().union(*(tier.lexemes() for tier in tiers)))
    row = stored(data.draw(st.sets(st.sampled_from(known))))

    standing = [number for number, own in enumerate(exclusive(tiers)) if own and held(own, row)]
    expected = [number for number, tier in enumerate(tiers) if held(tier, row)][:1]
    assert standing == expected


def test_earlier_tiers_are_told_in_few_words() -> None:
    tiers = SearchQuery.weighed(parse("数据 标注 工作"), {}).tiers
    assert max(len(own.text()) for own in exclusive(tiers) if own) < 400


def test_a_word_within_another_makes_it_no_rarer() -> None:
    shares = {"^产品经理": 0.005, "^产品": 0.02, "=产品": 0.01, "^经理": 0.05, "@d4403": 0.25, "产品": 0.1}
    phrase, inner = Lexeme("^产品经理"), some([Lexeme("^产品"), Lexeme("=产品")])

    assert every([every([inner, Lexeme("^经理")]), phrase]).share(shares) == pytest.approx(0.005)
    assert every([phrase, Lexeme("@d4403")]).share(shares) == pytest.approx(0.005 * 0.25**0.5)
    assert every([phrase, Lexeme("产品")]).share(shares) == pytest.approx(0.005)
    assert every([Lexeme("javascript"), Lexeme("java")]).share({"javascript": 0.01, "java": 0.01}) < 0.01


def test_a_mark_of_a_place_is_no_word() -> None:
    assert implies(Lexeme("^会计"), Lexeme("会计"))
    assert not implies(Lexeme("会计"), Lexeme("^会计"))
    assert not implies(Lexeme("@d4401"), Lexeme("d4401"))


def test_a_tier_of_another_place_is_empty() -> None:
    accounting = Lexeme("^会计")
    in_shenzhen = every([accounting, Lexeme("@d4403")])

    assert among(in_shenzhen, [Lexeme("@d4401")]) is None
    for narrowed in (
        Lexeme("@d440305"),
        some([Lexeme("@d4401"), Lexeme("@d4403")]),
        Lexeme("@kINTERNSHIP"),
        Lexeme("@e3"),
    ):
        assert among(in_shenzhen, [narrowed]) == in_shenzhen
    assert among(some([in_shenzhen, Lexeme("会计")]), [Lexeme("@d4401")]) == Lexeme("会计")
    either = some([Lexeme("@d4403"), Lexeme("深圳")])
    assert among(every([accounting, either]), [Lexeme("@d4401")]) == every([accounting, Lexeme("深圳")])


@given(formulas, st.sets(st.sampled_from(["a", "b", "^a", "^b", "~a"])))
def test_of_rows_of_a_place_the_rest_of_a_tier_is_asked_for(tier: Formula, chosen: set[str]) -> None:
    elsewhere = among(tier, [Lexeme("@d4403")])
    assert (elsewhere is not None and held(elsewhere, chosen)) is held(tier, chosen)


def test_how_far_back_a_share_of_the_rows_goes() -> None:
    timeline = Timeline([START + day * DAY for day in range(101)], START, START + 100 * DAY)

    assert timeline.beyond(None, 0.1, backward=False) == START + 90 * DAY
    assert timeline.beyond(START + 50 * DAY, 0.1, backward=False) == START + 40 * DAY
    assert timeline.beyond(START + 50.5 * DAY, 0.1, backward=True) == START + 60.5 * DAY
    assert timeline.beyond(START + 5 * DAY, 0.1, backward=False) is None
    assert timeline.beyond(START + 95 * DAY, 0.1, backward=True) is None
    assert timeline.share(START + 25 * DAY, START + 75 * DAY) == pytest.approx(0.5)
    assert timeline.share(START - DAY, START + 200 * DAY) == pytest.approx(1)
    assert Timeline(()).share(START, START + DAY) == 1


def test_rows_newer_than_the_histogram_came_as_fast_as_the_last_ones() -> None:
    timeline = Timeline([START + day * DAY for day in range(101)], START, START + 105 * DAY)
    assert timeline.beyond(None, 0.05, backward=False) == START + 100 * DAY

    # However long ago the last ANALYZE was, a tenth more at most.
    timeline = Timeline([START + day * DAY for day in range(101)], START, START + 900 * DAY)
    assert timeline.beyond(None, 0.1, backward=False) == START + 100 * DAY


@pytest.mark.parametrize("bounds", [[], [START], [START, START]])
def test_nothing_is_known_of_a_table_never_looked_at(bounds: list[datetime]) -> None:
    assert Timeline(bounds, START, START).beyond(None, 0.1, backward=False) is None


@given(
    formula=formulas | st.builds(But, formulas, st.lists(formulas, min_size=1, max_size=2).map(tuple)),
    rows=st.lists(st.sets(st.sampled_from(["a", "b", "^a", "^b", "~a", "@d4401"])), min_size=1, max_size=12),
)
def test_no_fewer_rows_hold_a_formula_than_is_sure(formula: Formula, rows: list[set[str]]) -> None:
    shares = {name: sum(name in row for row in rows) / len(rows) for name in set().union(*rows)}
    found = sum(held(formula, row) for row in rows) / len(rows)
    assert 0 <= formula.least(shares) <= found + 1e-9
