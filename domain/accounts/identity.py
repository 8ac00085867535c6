"""
Identity numbers and legal names, as they are written: pure, without asking anybody.

A resident number (GB 11643) has 18 characters: six of the place, eight of the date of birth, three of order (odd for men,
even for women) and a check character. Residence permits of Hong Kong, Macao and Taiwan have the same form, with 810000,
820000 and 830000 for the place. No message repeats a number.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from domain.accounts.models import Gender
from domain.core.refusals import ErrorCode, Refusal

NAME_LEAST, NAME_MOST = 2, 30
CHECK_CHARACTERS = "10X98765432"
PERMIT_PLACES = frozenset({"810000", "820000", "830000"})
_WEIGHTS = tuple(2 ** (17 - place) % 11 for place in range(17))
_PROVINCE = re.compile("1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71")
_FORM = re.compile(r"[0-9]{17}[0-9X]")
_YEAR_LEAST = 1900
_HAN = "[\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
_NAME = re.compile(rf"{_HAN}+(?:·{_HAN}+)*")
_DOTS = str.maketrans(dict.fromkeys("•‧∙・･．", "·"))  # what keyboards give for the dot


class NameWrong(Refusal):
    code = ErrorCode.INVALID_INPUT
    zh = "请填写证件上的中文姓名（{least} 至 {most} 个字，可含“·”）。"
    en = "Give the Chinese name on the document, {least} to {most} characters, with the middle dot where it has one."


class NumberMalformed(Refusal):
    code = ErrorCode.INVALID_INPUT
    zh = "请填写 18 位居民身份证号码或港澳台居民居住证号码。"
    en = "Give the 18 characters of a resident identity card or of a Hong Kong, Macao or Taiwan residence permit."


class NumberMistyped(Refusal):
    code = ErrorCode.INVALID_INPUT
    zh = "证件号码有误，请核对（出生日期或校验码不符）。"
    en = "The number is mistyped: its date of birth or its check character is wrong."


@dataclass(frozen=True, slots=True)
class Identity:
    """What a number and a name say; neither stands in a repr."""

    name: str = field(repr=False)
    number: str = field(repr=False)
    born: date = field(repr=False)
    gender: Gender


def check_character(first17: str) -> str:
    """The eighteenth character (ISO 7064, MOD 11-2)."""
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, first17, strict=True))
    return CHECK_CHARACTERS[total % 11]


def written_name(name: str) -> str:
    """One dot for all that keyboards give; no spaces at the ends."""
    return name.strip().translate(_DOTS)


def written_number(number: str) -> str:
    return number.strip().upper()


def _name_faults(name: str) -> Iterable[Refusal]:
    if not (NAME_LEAST <= len(name) <= NAME_MOST and _NAME.fullmatch(name)):
        yield NameWrong("name", least=NAME_LEAST, most=NAME_MOST)


def _born(number: str) -> date | None:
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def _known_place(number: str) -> bool:
    return _PROVINCE.fullmatch(number[:2]) is not None or number[:6] in PERMIT_PLACES


def _number_faults(number: str, today: date) -> Iterable[Refusal]:
    if not (_FORM.fullmatch(number) and _known_place(number)):
        yield NumberMalformed("id_number")
        return
    born = _born(number)
    is_day = born is not None and born.year >= _YEAR_LEAST and born <= today
    if not is_day or check_character(number[:17]) != number[17]:
        yield NumberMistyped("id_number")


def faults(name: str, number: str, today: date) -> list[Refusal]:
    """Everything that is wrong with a name and a number as they were typed."""
    return [*_name_faults(written_name(name)), *_number_faults(written_number(number), today)]


def identity_of(name: str, number: str) -> Identity:
    """Of a name and a number without faults."""
    whole = written_number(number)
    born = _born(whole)
    assert born is not None
    gender = Gender.MALE if int(whole[16]) % 2 else Gender.FEMALE
    return Identity(written_name(name), whole, born, gender)
