"""Text as words: what a person would expect to find, and that nothing fails."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.core import text

ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=()), max_size=400)


def query_terms(written: str) -> set[str]:
    return {term.text for term in text.terms_for_query(written)}


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Ｐｙｔｈｏｎ　开发", "python 开发"),
        ("  C＋＋\t\n工程师 ", "c++ 工程师"),
        ("数\u200b据\ufeff标注", "数据标注"),
        ("会\x00计", "会 计"),
        ("会计\ud83d", "会计"),
        ("", ""),
        ("\u2003\u00a0", ""),
    ],
)
def test_what_reads_the_same_is_spelled_the_same(written: str, read: str) -> None:
    assert text.normalise(written) == read


@given(ANY_TEXT)
def test_no_text_fails_and_all_that_comes_out_is_bounded_and_storable(written: str) -> None:
    for term in [*text.terms_for_index(written, single_characters=True), *query_terms(written)]:
        assert 0 < len(term) <= text.MAX_TERM_CHARACTERS
        assert not set(term) & set("'\\\x00 :|&!()")
        term.encode()
    assert len(text.terms_for_query(written)) <= text.MAX_QUERY_TERMS
    text.normalise(written).encode()
    text.brand(written)


@given(ANY_TEXT, ANY_TEXT)
def test_spans_lie_in_the_text_in_order_and_apart(written: str, sought: str) -> None:
    end = 0
    for start, stop in text.spans(written, text.phrases(text.normalise_query(sought))):
        assert end <= start < stop <= len(written)
        end = stop


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("c++", "C/C++软件工程师"),
        ("C#", "c# 开发"),
        (".net", "ASP.NET 程序员"),
        (".NET", ".net开发"),
        ("nodejs", "Node.js工程师"),
        ("node.js", "NodeJS工程师"),
        ("vue", "Vue3前端"),
        ("前端", "web前端开发"),
        ("包吃", "包吃住"),
        ("税", "税务会计"),
        ("新媒体运营", "新媒体运营专员"),
        ("2026", "2026届校招"),
    ],
)
def test_a_title_is_found(query: str, title: str) -> None:
    assert query_terms(query) & set(text.terms_for_index(title, single_characters=True))


@pytest.mark.parametrize(
    ("query", "title"),
    [("ios", "BIOS工程师"), ("java", "JavaScript开发"), ("c", "C++开发"), ("c++", "C语言"), ("c#", "C开发")],
)
def test_a_latin_word_is_not_found_in_another(query: str, title: str) -> None:
    assert not query_terms(query) & set(text.terms_for_index(title))


def test_pairs_across_words_count_less_and_single_characters_only_when_alone() -> None:
    shares = dict(text.terms_for_query("音乐老师"))

    assert shares == {"音乐": 1, "老师": 1, "乐老": 0.5}
    assert query_terms("税") == {"税"}


def test_a_long_query_is_cut() -> None:
    assert len(text.terms_for_query("前端 开发 会计 " * 3_000)) == 3
    assert len(text.terms_for_query(" ".join(f"word{n}" for n in range(90)))) == text.MAX_QUERY_TERMS


@pytest.mark.parametrize("nothing", ["", "   ", "😀", "!!! ……", "'\"\\%_()"])
def test_a_query_without_letters_has_no_terms(nothing: str) -> None:
    assert text.terms_for_query(nothing) == ()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("深圳市华为技术有限公司", "华为"),
        ("华为", "华为"),
        ("广东省广州市索菲亚家居股份有限公司", "索菲亚"),
        ("深圳市颐安物业服务有限公司", "颐安"),
        ("NIO蔚来", "nio"),
        ("", ""),
        ("有限公司", ""),
    ],
)
def test_an_organization_is_called_by_its_own_word(name: str, said: str) -> None:
    assert text.brand(name) == said
