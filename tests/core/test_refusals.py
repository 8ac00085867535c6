"""Every refusal speaks both languages, and says the same in each."""

import importlib
import pkgutil
from string import Formatter

import pytest

import domain
import graph
import infra
from domain.core.refusals import (
    ErrorCode,
    Invalid,
    Language,
    MoveImpossible,
    NotFound,
    Refusal,
    Refused,
    RememberedRefusal,
    refuse_all,
)
from graph.core.errors import path, user_errors


def all_refusals() -> list[type[Refusal]]:
    for package in (domain, graph, infra):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    found: list[type[Refusal]] = []
    waiting = [Refusal]
    while waiting:
        for kind in waiting.pop().__subclasses__():
            waiting.append(kind)
            found.append(kind)
    # A test of another module in the same process may have a refusal of its own.
    return [
        kind for kind in found if kind is not RememberedRefusal and not kind.__module__.startswith("tests")
    ]


REFUSALS = all_refusals()


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


def test_there_are_refusals() -> None:
    assert len(REFUSALS) > 25
    assert len({kind.__name__ for kind in REFUSALS}) == len(REFUSALS), "two of one name"


@pytest.mark.parametrize("kind", REFUSALS, ids=lambda kind: kind.__name__)
def test_it_has_a_code_and_the_same_words_in_both_languages(kind: type[Refusal]) -> None:
    assert isinstance(kind.code, ErrorCode)
    zh, en = placeholders(kind.zh), placeholders(kind.en)
    if kind is Invalid:
        assert (zh, en) == ({"zh"}, {"en"})
        return
    assert zh == en
    values = dict.fromkeys(zh, "※")
    refusal = kind("field", **values)
    for language in Language:
        words = refusal.message(language)
        assert words
        assert "{" not in words
        assert words[-1] in ".。"
    assert any("\u4e00" <= letter <= "\u9fff" for letter in refusal.message(Language.ZH))
    assert refusal.message(Language.EN).replace("※", "").isascii()


def test_values_are_not_templates() -> None:
    refusal = Invalid("a", zh="{0}", en="{secret.__class__}")
    assert refusal.message(Language.EN) == "{secret.__class__}"


def test_a_refusal_is_put_below_a_field() -> None:
    refusal = NotFound("apply_by").at("internships", "3")
    assert refusal.field == ("internships", "3", "apply_by")
    assert path(refusal, "input") == ["input", "internships", "3", "applyBy"]
    assert path(NotFound(), "input") is None
    (shown,) = user_errors([refusal], Language.EN, "input")
    assert (shown.code, shown.message) == (ErrorCode.NOT_FOUND, "Not found.")


def test_a_remembered_refusal_says_the_same() -> None:
    first = MoveImpossible("to", status="ACCEPTED")
    again = RememberedRefusal(first.to_json())
    assert (again.code, again.field, again.words) == (first.code, first.field, first.words)


def test_all_reasons_are_given() -> None:
    refuse_all([])
    with pytest.raises(Refused) as refused:
        refuse_all([NotFound("a"), NotFound("b")])
    assert [reason.field for reason in refused.value.reasons] == [("a",), ("b",)]
