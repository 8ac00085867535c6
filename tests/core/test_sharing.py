"""For how long an operation is executed for each, after an execution for all was in vain."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from graph.core import sharing
from graph.core.sharing import IN_VAIN_MOST, PERSONAL_SECONDS, QUESTIONS_MOST, SHARED_SECONDS, Sharing

Pass = Callable[[float], None]


@pytest.fixture
def pass_(monkeypatch: pytest.MonkeyPatch) -> Pass:
    """Lets seconds pass."""
    now = 1_000.0
    monkeypatch.setattr(sharing, "time", SimpleNamespace(monotonic=lambda: now))

    def on(seconds: float) -> None:
        nonlocal now
        now += seconds

    return on


def tried_in_vain(of: Sharing, questions: range) -> int:
    """How many of these questions were executed for all, each in vain."""
    tried = 0
    for question in questions:
        if of.may_be(question):
            tried += 1
            of.was_not(question, again=False)
    return tried


def test_a_personal_question_is_let_be_for_a_moment_and_the_others_are_not(pass_: Pass) -> None:
    one = Sharing()
    one.was_not(1, again=False)
    assert not one.may_be(1)
    assert one.may_be(2)
    pass_(PERSONAL_SECONDS)
    assert one.may_be(1)


def test_what_may_be_another_time_is_tried_again_at_once(pass_: Pass) -> None:
    one = Sharing()
    one.was_not(1, again=True)
    assert one.may_be(1)
    for _ in range(IN_VAIN_MOST):
        one.was_not(1, again=True)
    assert not one.may_be(1)
    pass_(PERSONAL_SECONDS)
    assert one.may_be(1)


def test_an_operation_that_is_always_personal_is_tried_ever_more_seldom(pass_: Pass) -> None:
    one = Sharing()
    tried = []
    for minute in range(10):
        before = minute * 6_000
        found = 0
        for second in range(60):
            found += tried_in_vain(one, range(before + 100 * second, before + 100 * second + 100))
            pass_(1)
        tried.append(found)
    assert tried[0] <= 4 * IN_VAIN_MOST
    assert all(found <= 2 * IN_VAIN_MOST for found in tried[2:])
    assert sum(tried[2:]) >= IN_VAIN_MOST  # it may not have been so always


def test_odd_questions_do_not_take_an_operation_from_a_crowd(pass_: Pass) -> None:
    one = Sharing()
    one.was()
    pass_(SHARED_SECONDS / 2)
    assert tried_in_vain(one, range(100)) == 100
    assert one.may_be(1_000)


def test_after_one_that_was_for_all_an_operation_is_let_be_but_shortly(pass_: Pass) -> None:
    one = Sharing()
    for _ in range(5):
        tried_in_vain(one, range(100))
        pass_(100)
    one.was()
    pass_(SHARED_SECONDS)
    tried_in_vain(one, range(100, 200))
    assert not one.may_be(1_000)
    pass_(PERSONAL_SECONDS)
    assert one.may_be(1_000)


def test_no_more_questions_are_known_than_may_be(pass_: Pass) -> None:
    one = Sharing()
    one.was()
    tried_in_vain(one, range(3 * QUESTIONS_MOST))
    assert len(one._personal) == QUESTIONS_MOST
    assert one.may_be(0)
    assert not one.may_be(3 * QUESTIONS_MOST - 1)
    pass_(0)
