"""One row of a listings file as an `InternshipInput`, or the reason why it cannot be one.

The mapping says what the row says. What merely breaks a rule (a headcount of 0, a negative stipend, an
apprenticeship without a length) is sent all the same: the server refuses it and names the field. Refused here is
only what no `InternshipInput` can express: no id, no title, no division code, a number beyond GraphQL's `Int`.

- `kind`: INTERNSHIP, for 全职 and 兼职 too, which the description then names; APPRENTICESHIP where the row says 见习.
- `divisionCode`: the district's code, else the city's. A district without a code (towns of 东莞 and 中山) opens the
  address. A row that names a place without any code lies outside the province.
- `skills`: the tags, then the kind of work, then the benefits, up to 20: the short words by which a post is sought
  and for which the input has no other field.
- `description`: rows without one get theirs composed of their own fields, and it says so; nothing is made up. The
  company and the kind of job, which have no field in the input, close every description.
- `applyBy`: only a deadline still to come. Files are historic, and the server rightly refuses a day that is past.
- `requirements`: the experience asked for, and the education where the row's words say more than the level.
- `posted` is dropped: the day of publication is the day it is published here.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Final

from infra.listings.figures import headcount, weeks, whole
from infra.listings.inputs import INT_MAX, INT_MIN, Education, InternshipInput, Kind, numbers_of
from infra.listings.refusal import Refusal, RefusalReason
from infra.listings.stipend import stipend
from infra.listings.text import clean, clean_line, cut

Row = Mapping[str, object]

REFERENCE_LIMIT: Final = 200
TITLE_LIMIT: Final = 80
DESCRIPTION_LIMIT: Final = 4_000
FACTS_LIMIT: Final = 1_000
ADDRESS_LIMIT: Final = 200
REQUIREMENTS_LIMIT: Final = 1_000
SKILLS_LIMIT: Final = 20
SKILL_LIMIT: Final = 40

# Lowest first: "大专/本科" asks for 大专. What is not said, or 不限, is the contract's default.
_EDUCATION: Final[tuple[tuple[Education, tuple[str, ...]], ...]] = (
    ("SECONDARY", ("初中", "高中")),
    ("VOCATIONAL", ("中专", "中技", "中职", "技工", "职高")),
    ("COLLEGE", ("大专", "专科", "高职")),
    ("BACHELOR", ("本科", "学士")),
    ("MASTER", ("硕士", "研究生")),
    ("DOCTOR", ("博士",)),
)
_EDUCATION_WORDS: Final = frozenset(
    {word for _, words in _EDUCATION for word in words} | {"不限", "学历不限", "中专/技工"}
)
_NO_EXPERIENCE: Final = frozenset({"0", "不限", "无", "经验不限", "无经验", "无工作经验", "无需经验"})

_APPRENTICESHIP: Final = re.compile(r"(?<![免无非])见习")
_HOUSING: Final = re.compile(
    r"包.{0,3}[住宿]|管.?住|(?:提供|安排|免费).{0,4}[住宿]|(?:员工|有)宿舍|食宿全包|^(?:住宿|食宿|宿舍)$"
)
# 住房补贴 is money and 自费 is no gift; 公积金 and 购房 are about other houses.
_NO_HOUSING: Final = re.compile(r"补贴|补助|自费|不[包提含]|公积金|购房")

_COMPOSED: Final = "（原信息没有职位描述，以上由其各栏目整理。）"
_FACTS: Final = (
    ("用人单位", "company"),
    ("工作性质", "job_type"),
)
_MORE_FACTS: Final = (
    ("职位类别", "category"),
    ("福利待遇", "benefits"),
    ("所属行业", "industry"),
    ("关键词", "tags"),
    ("学历要求", "education"),
    ("经验要求", "experience"),
)


def map_row(row: Row, today: date) -> InternshipInput | Refusal:
    """The listing of a row, read on `today` (Asia/Shanghai). Never raises, whatever JSON the row is made of."""
    reference = _reference(row)
    if reference is None:
        return Refusal(RefusalReason.NO_REFERENCE)
    title = _line(row, "title")
    if not title:
        return Refusal(RefusalReason.NO_TITLE, external_ref=reference)
    division = _line(row, "district_code") or _line(row, "city_code")
    if not division:
        place = _line(row, "city") or _line(row, "district")
        reason = RefusalReason.UNKNOWN_DIVISION if place else RefusalReason.NO_DIVISION
        return Refusal(reason, detail=place, external_ref=reference)
    listing: InternshipInput = {
        "externalRef": reference,
        "title": cut(title, TITLE_LIMIT),
        "kind": _kind(row, title),
        "description": _description(row, title),
        "divisionCode": division,
        "headcount": headcount(row.get("headcount")),
        "education": _education(_line(row, "education")),
        "skills": _skills(row),
        "housingProvided": _housing(row),
    }
    _add_what_is_stated(listing, row, today)
    for path, value in numbers_of(listing):
        if not INT_MIN <= value <= INT_MAX:
            return Refusal(RefusalReason.NUMBER_TOO_LARGE, detail=path, external_ref=reference)
    return listing


def _add_what_is_stated(listing: InternshipInput, row: Row, today: date) -> None:
    if requirements := _requirements(row):
        listing["requirements"] = requirements
    if address := _address(row):
        listing["address"] = address
    if (pay := stipend(row)) is not None:
        listing["stipend"] = pay
    if (days := whole(row.get("days_per_week"))) is not None:
        listing["daysPerWeek"] = days
    if (length := weeks(row.get("duration_months"))) is not None:
        listing["durationWeeks"] = length
    if (deadline := _day(row.get("deadline"))) is not None and deadline >= today:
        listing["applyBy"] = deadline.isoformat()


def _lines(row: Row, key: str) -> list[str]:
    """The texts of a field, one or many, without blanks; anything that is no text or whole number is left out."""
    value = row.get(key)
    texts = value if isinstance(value, list) else [value]
    cleaned = (
        clean_line(str(text))
        for text in texts
        if isinstance(text, str) or (type(text) is int and INT_MIN <= text <= INT_MAX)
    )
    return [text for text in cleaned if text]


def _line(row: Row, key: str) -> str:
    return "、".join(_lines(row, key))


def _reference(row: Row) -> str | None:
    """The id exactly as it is: a changed one would be another listing the next time."""
    reference = row.get("id")
    if type(reference) is int and abs(reference) <= 10**18:
        return str(reference)
    if not isinstance(reference, str) or not 0 < len(reference) <= REFERENCE_LIMIT:
        return None
    return reference if reference.isprintable() and reference.strip() == reference else None


def _kind(row: Row, title: str) -> Kind:
    says_so = _APPRENTICESHIP.search(title) or _APPRENTICESHIP.search(_line(row, "job_type"))
    return "APPRENTICESHIP" if says_so else "INTERNSHIP"


def _education(words: str) -> Education:
    return next((level for level, names in _EDUCATION if any(name in words for name in names)), "SECONDARY")


def _skills(row: Row) -> list[str]:
    """The row's short words, each once whatever its case; one of more than 40 characters is a sentence."""
    unique: dict[str, str] = {}
    for key in ("tags", "category", "benefits"):
        for word in _lines(row, key):
            if len(word) <= SKILL_LIMIT:
                unique.setdefault(word.casefold(), word)
    return list(unique.values())[:SKILLS_LIMIT]


def _housing(row: Row) -> bool:
    return any(_HOUSING.search(gift) and not _NO_HOUSING.search(gift) for gift in _lines(row, "benefits"))


def _requirements(row: Row) -> str:
    experience, education = _line(row, "experience"), _line(row, "education")
    stated = [
        f"经验要求：{experience}" if experience and experience not in _NO_EXPERIENCE else "",
        f"学历要求：{education}" if education and education not in _EDUCATION_WORDS else "",
    ]
    return cut("；".join(part for part in stated if part), REQUIREMENTS_LIMIT)


def _address(row: Row) -> str:
    address, district = _line(row, "address"), _line(row, "district")
    if district and not _line(row, "district_code") and district not in address:
        address = f"{district} {address}".strip()
    return cut(address, ADDRESS_LIMIT)


def _facts(row: Row, fields: tuple[tuple[str, str], ...]) -> str:
    return "\n".join(f"{label}：{text}" for label, key in fields if (text := _line(row, key)))


def _description(row: Row, title: str) -> str:
    raw = row.get("description")
    own = clean(raw) if isinstance(raw, str) else ""
    facts = cut(_facts(row, _FACTS if own else _FACTS + _MORE_FACTS), FACTS_LIMIT)
    if not own:
        return "\n".join(part for part in (f"招聘{cut(title, TITLE_LIMIT)}。", facts, _COMPOSED) if part)
    return f"{cut(own, DESCRIPTION_LIMIT - len(facts) - 2)}\n\n{facts}".strip()


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(value.strip()[:10]) if isinstance(value, str) else None
    except ValueError:
        return None
