"""Identity numbers and names as they are written (GB 11643)."""

from datetime import date
from string import digits

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.accounts.identity import CHECK_CHARACTERS, check_character, faults, identity_of
from domain.accounts.models import Gender
from domain.core.refusals import ErrorCode

TODAY = date(2026, 5, 4)
# The example of the standard itself: a woman born on the last day of 1949.
EXAMPLE = "11010519491231002X"


def numbered(first17: str) -> str:
    return first17 + check_character(first17)


def fields(name: str, number: str) -> list[str]:
    found = faults(name, number, TODAY)
    assert {reason.code for reason in found} <= {ErrorCode.INVALID_INPUT}
    return [reason.field[0] for reason in found]


seventeen = st.builds(
    lambda place, born, order: f"{place}{born:%Y%m%d}{order:03d}",
    st.sampled_from(["110105", "440106", "659001", "710000", "810000", "820000", "830000"]),
    st.dates(date(1900, 1, 1), TODAY),
    st.integers(0, 999),
)


def test_the_standards_example() -> None:
    assert fields("李梅", EXAMPLE) == []
    read = identity_of("李梅", EXAMPLE.lower())
    assert (read.number, read.born, read.gender) == (EXAMPLE, date(1949, 12, 31), Gender.FEMALE)


@settings(deadline=None)
@given(seventeen)
def test_the_check_character_is_that_of_iso_7064(first17: str) -> None:
    number = numbered(first17)
    assert fields("李梅", number) == []
    values = [10 if character == "X" else int(character) for character in number]
    assert sum(value * pow(2, 17 - place, 11) for place, value in enumerate(values)) % 11 == 1
    assert identity_of("李梅", number).gender is (Gender.MALE if int(number[16]) % 2 else Gender.FEMALE)
    assert f"{identity_of('李梅', number).born:%Y%m%d}" == number[6:14]


@settings(deadline=None)
@given(seventeen, st.integers(0, 17), st.sampled_from(digits + "X"))
def test_one_wrong_character_is_always_noticed(first17: str, where: int, character: str) -> None:
    number = numbered(first17)
    changed = number[:where] + character + number[where + 1 :]
    assert (fields("李梅", changed) == []) == (changed == number)


@settings(deadline=None)
@given(seventeen, st.integers(0, 15))
def test_two_neighbours_exchanged_are_always_noticed(first17: str, where: int) -> None:
    number = numbered(first17)
    changed = number[:where] + number[where + 1] + number[where] + number[where + 2 :]
    assert (fields("李梅", changed) == []) == (changed == number)


@settings(deadline=None)
@given(st.text(max_size=24))
def test_nothing_that_is_typed_breaks_it(text: str) -> None:
    # Two Chinese characters may be a name; no text of chance is a number.
    assert set(fields(text, text)) - {"name"} == {"id_number"}


@settings(deadline=None)
@given(seventeen)
def test_no_message_and_no_repr_repeats_the_number(first17: str) -> None:
    wrong = first17 + CHECK_CHARACTERS[(CHECK_CHARACTERS.index(check_character(first17)) + 1) % 11]
    for reason in faults("李梅", wrong, TODAY):
        assert first17 not in str(reason.words)
    assert first17 not in repr(identity_of("李梅", numbered(first17)))


@pytest.mark.parametrize(
    "first17",
    [
        "44010620230229001",  # no such day
        "44010620001301001",
        "44010620000001001",
        "44010620260505001",  # tomorrow
        "44010618991231001",
        "00010620000101001",  # no such province
        "81010120000101001",  # a permit's place ends in zeros
        "84000020000101001",
    ],
)
def test_dates_and_places_that_cannot_be(first17: str) -> None:
    assert fields("李梅", numbered(first17)) == ["id_number"]


@pytest.mark.parametrize(
    "number", ["", "440106900101001", "４４０１０６200001010018", EXAMPLE + "0", "X" * 18]
)
def test_other_forms_are_refused(number: str) -> None:
    assert fields("李梅", number) == ["id_number"]


@pytest.mark.parametrize(
    "name", ["李梅", "欧阳若曦", "阿卜杜拉·买买提", "阿卜杜拉•买买提", " 李梅 ", "㛃㛄", "龘" * 30]
)
def test_names_that_are_taken(name: str) -> None:
    assert fields(name, EXAMPLE) == []


@pytest.mark.parametrize(
    "name", ["", "李", "Li Mei", "李Mei", "李 梅", "·李梅", "李梅·", "李··梅", "李梅1", "龘" * 31, "李\n梅"]
)
def test_names_that_are_refused(name: str) -> None:
    assert fields(name, EXAMPLE) == ["name"]


def test_the_dot_is_written_in_one_way() -> None:
    assert identity_of("阿卜杜拉•买买提", EXAMPLE).name == identity_of("阿卜杜拉·买买提", EXAMPLE).name
