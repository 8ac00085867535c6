"""Whatever is sought, of whatever is searched: an answer, never a fault."""

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from support.house import House
from support.raw import code_of, sent

LISTS = ("hostels", "rentals", "mentors", "perks", "organizations")
SEARCHES = {
    "internships": "internships(filter: {text: $text}) { totalCount didYouMean facets { kinds { count } } edges { highlights } }",
    "internships, the newest": "internships(filter: {text: $text}, orderBy: NEWEST) { totalCount nodes { id } }",
    "suggestSearch": "suggestSearch(text: $text)",
    "hostels near a point": "hostels(filter: {text: $text, near: {latitude: 23, longitude: 113}}) { totalCount nodes { id } }",
    **{name: f"{name}(filter: {{text: $text}}) {{ totalCount nodes {{ id }} }}" for name in LISTS},
}
PIECES = st.one_of(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00"),
    st.sampled_from(
        [
            *"\u0009\u0020\u00a0\u1680\u2003\u2009\u200a\u2028\u2029\u202f\u205f\u3000",
            *(
                "\u0001",
                "\u001b[31m",
                "\u007f",
                "\u200b",
                "\u202e",
                "\ufeff",
                "\ufffe",
                "\U0010ffff",
                "\u0301",
            ),
            *("😀", "👨\u200d👩\u200d👧", "🇨🇳", "1\ufe0f\u20e3", "ﷺ", "①", "Ａ", "會", "𠮷"),
            *("' OR 1=1 --", "'; DROP TABLE internship_listing; --", "\\'", "$1", "%s", ":text", "{0}"),
            *("(a|b)*", "[^", "\\d+$", "a{1,", "&", "|", "!", "<->", ":*", "%", "_", "\\", '"', "'"),
            *(
                "会计",
                "深圳",
                "实习",
                "双休",
                "c++",
                ".net",
                "c#",
                "qianduan",
                "前段",
                "产品经理",
                "^会计",
                "@d44",
            ),
        ]
    ),
)
TEXTS = st.lists(PIECES, max_size=60).map(lambda pieces: "".join(pieces)[:200])
# Two halves of a pair, as JSON writes them: nothing that UTF-8 could carry.
HALVES = {
    "the first half": b"\\ud83d",
    "the second half": b"\\ude00",
    "both, turned round": b"\\ude00\\ud83d",
}


@pytest.mark.parametrize("name", SEARCHES)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=TEXTS)
@example(text="产品经理运营数据分析前端后端测试" * 12)
@example(text=" ".join(["会计", "工程师", "java", "深圳", "双休"] * 20))
@example(text="\u0301" * 200)
async def test_any_text_is_answered(house: House, name: str, text: str) -> None:
    await house.anyone.run(f"query ($text: String!) {{ {SEARCHES[name]} }}", text=text[:200])


@pytest.mark.parametrize("half", HALVES)
@pytest.mark.parametrize("name", SEARCHES)
async def test_half_a_character_is_refused(house: House, name: str, half: str) -> None:
    document = f"query ($text: String!) {{ {SEARCHES[name]} }}".encode()
    answer = await sent(house, b'{"query": "%s", "variables": {"text": "%s"}}' % (document, HALVES[half]))

    assert answer.status_code == 400
    assert code_of(answer)
