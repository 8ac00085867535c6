"""Odd rows, all made up, and what the mapping makes of them."""

import json
import os
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.listings.batches import batches
from infra.listings.inputs import INT_MAX, INT_MIN, InternshipInput, numbers_of
from infra.listings.mapping import map_row
from infra.listings.refusal import Refusal, RefusalReason
from infra.listings.source import read_listings

TODAY = date(2026, 11, 22)
ROW = {
    "id": "T1",
    "title": "茶艺实习生",
    "city": "广州",
    "city_code": "440100",
    "description": "泡茶，记录口感。",
}


def mapped(**fields: Any) -> InternshipInput:
    """The listing of the plain row with some fields changed; None takes one away."""
    row = {key: value for key, value in {**ROW, **fields}.items() if value is not None}
    listing = map_row(row, TODAY)
    assert not isinstance(listing, Refusal), listing
    return listing


def refused(**fields: Any) -> Refusal:
    row = {key: value for key, value in {**ROW, **fields}.items() if value is not None}
    refusal = map_row(row, TODAY)
    assert isinstance(refusal, Refusal), refusal
    return refusal


def test_a_plain_row() -> None:
    assert mapped() == {
        "externalRef": "T1",
        "title": "茶艺实习生",
        "kind": "INTERNSHIP",
        "description": "泡茶，记录口感。",
        "divisionCode": "440100",
        "headcount": 1,
        "education": "SECONDARY",
        "skills": [],
        "housingProvided": False,
    }


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"id": None}, RefusalReason.NO_REFERENCE),
        ({"id": ""}, RefusalReason.NO_REFERENCE),
        ({"id": "a" * 201}, RefusalReason.NO_REFERENCE),
        ({"id": "a\x00b"}, RefusalReason.NO_REFERENCE),
        ({"id": ["a"]}, RefusalReason.NO_REFERENCE),
        ({"title": None}, RefusalReason.NO_TITLE),
        ({"title": " <br/>\u200b "}, RefusalReason.NO_TITLE),
        ({"city_code": None, "city": None}, RefusalReason.NO_DIVISION),
        ({"city_code": None, "city": "长安"}, RefusalReason.UNKNOWN_DIVISION),
        ({"city_code": None, "city": None, "district": "朱雀区"}, RefusalReason.UNKNOWN_DIVISION),
        ({"headcount": 2**31}, RefusalReason.NUMBER_TOO_LARGE),
        ({"salary_unit": "month", "salary_max": 30_000_000}, RefusalReason.NUMBER_TOO_LARGE),
        ({"duration_months": 1e12}, RefusalReason.NUMBER_TOO_LARGE),
    ],
)
def test_what_no_input_can_express_is_refused(fields: dict[str, Any], reason: RefusalReason) -> None:
    assert refused(**fields).reason is reason


def test_every_refusal_is_explained() -> None:
    assert all(reason.explanation for reason in RefusalReason)


def test_a_refusal_names_the_place_and_the_listing() -> None:
    refusal = refused(city_code=None, city="长安")
    assert (refusal.external_ref, refusal.detail) == ("T1", "长安")


@pytest.mark.parametrize(
    ("stated", "headcount"),
    [
        (None, 1),
        ("若干", 1),
        ("数名", 1),
        ("", 1),
        (True, 1),
        ([3], 1),
        ("3", 3),
        (3, 3),
        ("招3人", 3),
        ("3-5人", 3),
        ("１２人", 12),
        ("1,200", 1200),
        ("三人", 3),
        ("两名", 2),
        ("十", 10),
        ("0", 0),
        (-2, -2),
    ],
)
def test_headcount(stated: object, headcount: int) -> None:
    assert mapped(headcount=stated)["headcount"] == headcount


@pytest.mark.parametrize(
    ("unit", "low", "high", "stipend"),
    [
        ("month", 3000, 4500, (300_000, 450_000, "MONTH")),
        ("month", 4500, 3000, (300_000, 450_000, "MONTH")),
        ("month", None, 3000, (0, 300_000, "MONTH")),
        ("month", 100_000, None, (10_000_000, 10_000_000, "MONTH")),
        ("month", "3,000", "4500.50", (300_000, 450_050, "MONTH")),
        ("day", 120.5, 150, (12_050, 15_000, "DAY")),
        ("day", 0, 50, (0, 5_000, "DAY")),
        ("day", -10, 50, (-1_000, 5_000, "DAY")),
        ("hour", 20, 20, (16_000, 16_000, "DAY")),
        ("year", 100_000, 150_000, (833_333, 1_250_000, "MONTH")),
    ],
)
def test_stipend(unit: str, low: object, high: object, stipend: tuple[int, int, str]) -> None:
    money = mapped(salary_unit=unit, salary_min=low, salary_max=high)["stipend"]
    assert (money["minFen"], money["maxFen"], money["per"]) == stipend


@pytest.mark.parametrize(
    ("unit", "amount"),
    [
        (None, 3000),
        ("week", 3000),
        (["month"], 3000),
        ("month", None),
        ("month", "面议"),
        ("month", float("nan")),
    ],
)
def test_no_stipend_where_none_can_be_read(unit: object, amount: object) -> None:
    assert "stipend" not in mapped(salary_unit=unit, salary_min=amount, salary_max=amount)


@pytest.mark.parametrize(
    ("words", "level"),
    [
        (None, "SECONDARY"),
        ("不限", "SECONDARY"),
        ("高中", "SECONDARY"),
        ("中专/技工", "VOCATIONAL"),
        ("大专及以上", "COLLEGE"),
        ("大专/本科", "COLLEGE"),
        ("统招本科", "BACHELOR"),
        ("本科，专业不限", "BACHELOR"),
        ("硕士研究生", "MASTER"),
        ("博士", "DOCTOR"),
        ("Bachelor", "SECONDARY"),
        (7, "SECONDARY"),
    ],
)
def test_education(words: object, level: str) -> None:
    assert mapped(education=words)["education"] == level


def test_requirements_hold_what_the_level_cannot_say() -> None:
    listing = mapped(education="统招本科", experience="2年经验")
    assert listing["requirements"] == "经验要求：2年经验；学历要求：统招本科"
    assert "requirements" not in mapped(education="本科", experience="无工作经验")


@pytest.mark.parametrize(
    ("title", "job_type", "kind"),
    [
        ("茶艺实习生", "实习", "INTERNSHIP"),
        ("茶艺师", "全职", "INTERNSHIP"),
        ("茶艺师（见习）", "全职", "APPRENTICESHIP"),
        ("茶艺师", "就业见习", "APPRENTICESHIP"),
        ("茶艺师/免见习入职", "全职", "INTERNSHIP"),
    ],
)
def test_kind(title: str, job_type: str, kind: str) -> None:
    assert mapped(title=title, job_type=job_type)["kind"] == kind


def test_the_district_is_the_division_or_opens_the_address() -> None:
    assert mapped(district="越秀区", district_code="440104", address="某路1号")["divisionCode"] == "440104"
    listing = mapped(city="东莞", city_code=441900, district="样例镇", address="某路1号")
    assert (listing["divisionCode"], listing["address"]) == ("441900", "样例镇 某路1号")
    assert mapped(district="样例镇", address="样例镇某路")["address"] == "样例镇某路"


@pytest.mark.parametrize(
    ("months", "weeks"), [(1, 4), (3, 13), (6, 26), (12, 52), (5, 22), ("6", 26), (0, 0)]
)
def test_months_are_weeks(months: object, weeks: int) -> None:
    assert mapped(duration_months=months)["durationWeeks"] == weeks


@pytest.mark.parametrize(("stated", "days"), [(5, 5), ("4", 4), ("5天/周", 5), (9, 9)])
def test_days_per_week(stated: object, days: int) -> None:
    assert mapped(days_per_week=stated)["daysPerWeek"] == days


@pytest.mark.parametrize(
    ("deadline", "apply_by"),
    [
        ("2022-12-31", None),
        ("2026-11-21", None),
        ("2026-11-22", "2026-11-22"),
        ("2027-04-09 00:00:00", "2027-04-09"),
        ("2027-02-30", None),
        ("招满为止", None),
        (20270409, None),
    ],
)
def test_only_a_deadline_to_come_is_kept(deadline: object, apply_by: str | None) -> None:
    assert mapped(deadline=deadline).get("applyBy") == apply_by


@pytest.mark.parametrize(
    ("benefit", "housing"),
    [
        ("包住", True),
        ("包吃包住", True),
        ("包吃住", True),
        ("包食宿", True),
        ("提供住宿", True),
        ("提供免费住宿", True),
        ("免费宿舍", True),
        ("员工宿舍", True),
        ("管吃住", True),
        ("住宿", True),
        ("住房补贴", False),
        ("包住或补贴", False),
        ("自费住宿", False),
        ("不包住", False),
        ("住房公积金", False),
        ("免费三餐健身房", False),
        ("五险一金", False),
    ],
)
def test_housing(benefit: str, housing: bool) -> None:
    assert mapped(benefits=["下午茶", benefit])["housingProvided"] is housing


def test_skills_are_trimmed_unique_and_bounded() -> None:
    tags = [" 泡茶 ", "Excel", "excel", "", "句" * 41, 7, None, *(f"技能{n}" for n in range(40))]
    skills = mapped(tags=tags)["skills"]
    assert skills[:3] == ["泡茶", "Excel", "7"]
    assert len(skills) == 20


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("<p>职责：</p><ul><li>泡茶&nbsp;</li><li>记录</li></ul>", "职责：\n\n泡茶\n\n记录"),
        ("泡茶<br style'/>记录", "泡茶\n记录"),
        ("泡茶<BR>记录&amp;nbsp;口感", "泡茶\n记录 口感"),
        ("<职位要求>细心<优秀者可放宽>", "<职位要求>细心<优秀者可放宽>"),
        ("会用 List<String> 与 vector<T>，a < b", "会用 List<String> 与 vector<T>，a < b"),
        ("A&region=1 R&D", "A&region=1 R&D"),
        ("&lt;b&gt;细心&lt;/b&gt;", "细心"),
        ('甲<?xml:namespace prefix = o ns = "urn:x" />乙<o:p></o:p>', "甲乙"),
        ("<style>p{color:red}</style>泡茶<!-- 旧 -->", "泡茶"),
        ("泡\x00茶\ufffd\u200b\ud800\r\n\t记录", "泡茶\n记录"),
        ("\uf06c 泡茶", "• 泡茶"),
        ("甲\n\n\n\n\n乙", "甲\n\n乙"),
    ],
)
def test_descriptions_are_plain_text(raw: str, clean: str) -> None:
    assert mapped(description=raw)["description"] == clean


def test_long_texts_are_cut() -> None:
    listing = mapped(title="茶" * 81, description="泡" * 5_000, company="样例茶馆", address="路" * 900)
    assert (len(listing["title"]), listing["title"][-1]) == (80, "…")
    assert len(listing["description"]) <= 4_000
    assert listing["description"].endswith("…\n\n用人单位：样例茶馆")
    assert len(listing["address"]) == 200


def test_facts_without_a_field_of_their_own_close_the_description() -> None:
    listing = mapped(company="样例茶馆", job_type="兼职", category=["茶艺师"], benefits=["下午茶", "双休"])
    assert listing["description"] == ("泡茶，记录口感。\n\n用人单位：样例茶馆\n工作性质：兼职")
    assert listing["skills"] == ["茶艺师", "下午茶", "双休"]


@pytest.mark.parametrize("description", [None, "", " <br/> ", 7])
def test_a_missing_description_is_composed_and_says_so(description: object) -> None:
    listing = mapped(description=description, tags=["泡茶", "普通话"], education="高中", industry=["餐饮"])
    assert listing["description"] == (
        "招聘茶艺实习生。\n所属行业：餐饮\n关键词：泡茶、普通话\n学历要求：高中\n（原信息没有职位描述，以上由其各栏目整理。）"
    )


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=30) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=40,
)
LIKELY = (
    JSON_VALUES
    | st.integers()
    | st.sampled_from(
        ["440100", "month", "hour", "year", "若干", "本科", "见习", "2027-01-01", "<p>", "&#0;", "&#xD800;"]
    )
    | st.text(alphabet="招3人-,.1天<>/b&#;p!?\x00\ud800 ", max_size=200)
    | st.text(min_size=1, max_size=9).map(lambda text: text * 900)
    | st.lists(st.text(max_size=60), max_size=60)
)
FIELDS = [
    "id",
    "title",
    "company",
    "city",
    "city_code",
    "district",
    "district_code",
    "address",
    "is_guangdong",
    "job_type",
    "salary_raw",
    "salary_min",
    "salary_max",
    "salary_unit",
    "education",
    "experience",
    "days_per_week",
    "duration_months",
    "headcount",
    "industry",
    "company_size",
    "category",
    "tags",
    "benefits",
    "description",
    "posted",
    "deadline",
    "period",
    "source_site",
    "source",
]
ROWS = st.dictionaries(st.sampled_from(FIELDS), LIKELY) | st.dictionaries(st.text(), JSON_VALUES)
WHOLE_ROWS = st.builds(
    lambda row, extra: {**ROW, **row, **extra}, ROWS, st.dictionaries(st.text(), JSON_VALUES, max_size=2)
)


def assert_valid(listing: InternshipInput) -> None:
    """What GraphQL and the contract's limits ask; rules of the programme are the server's to judge."""
    assert 1 <= len(listing["externalRef"]) <= 200
    assert 1 <= len(listing["title"]) <= 80
    assert 1 <= len(listing["description"]) <= 4_000
    assert listing["divisionCode"]
    assert listing["kind"] in {"INTERNSHIP", "APPRENTICESHIP"}
    assert listing["education"] in {"SECONDARY", "VOCATIONAL", "COLLEGE", "BACHELOR", "MASTER", "DOCTOR"}
    assert len(listing["skills"]) <= 20
    assert all(1 <= len(skill) <= 40 for skill in listing["skills"])
    assert all(type(number) is int and INT_MIN <= number <= INT_MAX for _, number in numbers_of(listing))
    if "stipend" in listing:
        assert listing["stipend"]["minFen"] <= listing["stipend"]["maxFen"]
    if "applyBy" in listing:
        assert date.fromisoformat(listing["applyBy"]) >= TODAY
    assert "\x00" not in json.dumps(listing, ensure_ascii=False)
    json.dumps(listing, ensure_ascii=False, allow_nan=False).encode("utf-8")


@settings(deadline=None)
@given(ROWS | WHOLE_ROWS)
def test_any_row_is_valid_or_refused_and_the_answer_is_always_the_same(row: dict[str, Any]) -> None:
    answer = map_row(row, TODAY)
    if isinstance(answer, Refusal):
        assert answer.reason in RefusalReason
    else:
        assert_valid(answer)
    assert map_row(row, TODAY) == answer


@settings(deadline=None)
@given(st.lists(st.binary(max_size=60) | WHOLE_ROWS.map(lambda row: json.dumps(row).encode())))
def test_any_file_is_read_to_its_end(lines: list[bytes]) -> None:
    for answer in read_listings(lines, TODAY):
        assert isinstance(answer, Refusal) or answer["externalRef"]


def test_bad_lines_are_refused_by_number_and_the_rest_is_read() -> None:
    lines = [
        b"\xef\xbb\xbf" + json.dumps(ROW).encode() + b"\r\n",
        b"\n",
        b'{"id": "T2", "title": \n',
        b"[1, 2]\n",
        b"\xff\xfe\n",
        json.dumps({**ROW, "title": "again"}).encode(),
        json.dumps({**ROW, "id": "T3"}).encode(),
    ]
    answers = list(read_listings(lines, TODAY))
    assert [a["externalRef"] for a in answers if not isinstance(a, Refusal)] == ["T1", "T3"]
    assert [(a.line, a.reason) for a in answers if isinstance(a, Refusal)] == [
        (3, RefusalReason.MALFORMED_LINE),
        (4, RefusalReason.NOT_AN_OBJECT),
        (5, RefusalReason.MALFORMED_LINE),
        (6, RefusalReason.DUPLICATE_REFERENCE),
    ]


SHARED = Path(os.environ.get("QINGYI_SHARED") or Path(__file__).parents[2] / ".." / "shared")
REAL = SHARED / "data" / "jobs.jsonl"


@pytest.mark.skipif(
    not REAL.is_file(), reason="the real listings are not in the project; QINGYI_SHARED names their folder"
)
def test_every_real_row_is_valid_or_refused_for_a_reason() -> None:
    with REAL.open("rb") as lines:
        answers = list(read_listings(lines, TODAY))
    accepted = [answer for answer in answers if not isinstance(answer, Refusal)]
    reasons = Counter(answer.reason for answer in answers if isinstance(answer, Refusal))

    assert len(answers) == 16_547
    assert reasons == {RefusalReason.UNKNOWN_DIVISION: 1_746, RefusalReason.NO_DIVISION: 204}
    assert all(listing["divisionCode"].startswith("44") for listing in accepted)
    for listing in accepted:
        assert_valid(listing)
    assert max(len(batch.body) for batch in batches(accepted)) < 2_000_000
