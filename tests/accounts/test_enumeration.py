"""Whether a number has an account is told by no answer: not by what it says, and not by how long it takes."""

import math
import sys
import time
from collections.abc import Sequence
from typing import Any

import httpx
import pytest
from support.client import Client
from support.house import House
from support.texts import Texts, other, played

from infra.codes import CodeLimits, Limit

ASK = (
    "mutation ($input: RequestPhoneCodeInput!) { requestPhoneCode(input: $input)"
    " { expiresAt resendAfterSeconds userErrors { code message field } } }"
)
SIGN_IN = (
    "mutation ($input: SignInWithPhoneInput!) { signInWithPhone(input: $input)"
    " { accessToken refreshToken viewer { youth { id } } userErrors { code message field } } }"
)
TRIES = 1_000
_numbers = iter(range(10_000))


@pytest.fixture
async def texts(house: House, monkeypatch: pytest.MonkeyPatch) -> Texts:
    await house.runtime.redis.flushdb()
    return played(house, monkeypatch)


@pytest.fixture
def unlimited(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """One address asks for thousands of numbers."""
    much = (Limit(10**9, 60),)
    monkeypatch.setattr(house.runtime.ports.codes, "_limits", CodeLimits(much, much, much, much))


def unknown() -> str:
    """A number that nobody has; 170 is none that `grant` makes."""
    return f"+86170{next(_numbers):08d}"


async def answer(client: Client, document: str, **given: Any) -> httpx.Response:
    return await client.post(document, input=given)


def told(response: httpx.Response) -> tuple[int, dict[str, Any], dict[str, str]]:
    """All that an answer tells, but for its times and its own name."""
    body = response.json()
    for payload in body.get("data", {}).values():
        if payload.get("expiresAt"):
            payload["expiresAt"] = "a time"
        elif (
            "resendAfterSeconds" in payload
        ):  # what is left of the minute goes on falling between two requests
            assert 0 < payload["resendAfterSeconds"] <= 60
            left = str(payload["resendAfterSeconds"])
            payload["resendAfterSeconds"] = "a time"
            for reason in payload["userErrors"]:
                reason["message"] = reason["message"].replace(left, "a time")
    headers = {name: value for name, value in response.headers.items() if name != "x-request-id"}
    return response.status_code, body, headers


async def test_asking_for_a_code_is_answered_alike(house: House, texts: Texts) -> None:
    known, stranger = (await house.youth()).phone, unknown()
    for purpose in ("SIGN_IN", "STAFF_SIGN_IN", "CHANGE_PHONE", "GUARDIAN_CONSENT", "DELETE_ACCOUNT"):
        await house.runtime.redis.flushdb()
        first = [
            told(await answer(house.anyone, ASK, phone=phone, purpose=purpose)) for phone in (known, stranger)
        ]
        assert first[0] == first[1]
        assert first[0][1]["data"]["requestPhoneCode"]["userErrors"] == []
        # and so is asking too often
        again = [
            told(await answer(house.anyone, ASK, phone=phone, purpose=purpose)) for phone in (known, stranger)
        ]
        assert again[0] == again[1]
        assert again[0][1]["data"]["requestPhoneCode"]["userErrors"] != []
    # and a message goes to both
    assert [phone for phone, _ in texts.sent] == [known, stranger] * 5


async def test_a_wrong_code_is_answered_alike(house: House, texts: Texts) -> None:
    known, stranger = (await house.youth()).phone, unknown()
    # without a code asked for; with one, until its tries are used up; and after that
    nothing = [
        told(await answer(house.anyone, SIGN_IN, phone=phone, code="123456")) for phone in (known, stranger)
    ]
    assert nothing[0] == nothing[1]
    codes = {phone: await texts.code(phone, "SIGN_IN") for phone in (known, stranger)}
    for _ in range(7):
        tried = [
            told(await answer(house.anyone, SIGN_IN, phone=phone, code=other(code)))
            for phone, code in codes.items()
        ]
        assert tried[0] == tried[1] == nothing[0]
    right = [
        told(await answer(house.anyone, SIGN_IN, phone=phone, code=code)) for phone, code in codes.items()
    ]
    assert right[0] == right[1] == nothing[0]


@pytest.mark.parametrize(
    "code", ["", "1", "12345", "1234567", "abcdef", "１２３４５６", "0" * 1_000, "12345\n"]
)
async def test_what_is_no_code_is_a_wrong_one(house: House, texts: Texts, code: str) -> None:
    known, stranger = (await house.youth()).phone, unknown()
    tried = [told(await answer(house.anyone, SIGN_IN, phone=phone, code=code)) for phone in (known, stranger)]
    assert tried[0] == tried[1]
    assert tried[0][1]["data"]["signInWithPhone"]["userErrors"][0]["code"] == "INVALID_INPUT"


async def test_a_thousand_numbers_are_answered_alike(house: House, texts: Texts, unlimited: None) -> None:
    known = [youth.phone for youth in await house.youths(TRIES // 2)]
    seen = set()
    for phone in known:
        for asked in (phone, unknown()):
            for document, given in ((ASK, {}), (SIGN_IN, {"code": "000000"})):
                seen.add(str(told(await answer(house.anyone, document, phone=asked, **given))))
    # one in a million codes may be right
    assert len(seen) == 2


# ── in time ──────────────────────────────────────────────────────────────────


def distance(one: Sequence[float], two: Sequence[float]) -> float:
    """Between two samples (Kolmogorov-Smirnov): the most by which their distributions differ anywhere."""
    ordered = sorted([(value, 1 / len(one)) for value in one] + [(value, -1 / len(two)) for value in two])
    most = height = 0.0
    for at, (value, step) in enumerate(ordered):
        height += step
        if at + 1 == len(ordered) or ordered[at + 1][0] != value:
            most = max(most, abs(height))
    return most


def likelihood(one: Sequence[float], two: Sequence[float]) -> float:
    """How likely two samples of one distribution are at least so far apart (Kolmogorov's limit, with Stephens' term)."""
    root = math.sqrt(len(one) * len(two) / (len(one) + len(two)))
    x = (root + 0.12 + 0.11 / root) * distance(one, two)
    if x < 0.2:  # where it is 1 but for the thirteenth digit, and the series needs many terms
        return 1.0
    return min(1.0, 2 * sum((-1) ** (k - 1) * math.exp(-2 * (k * x) ** 2) for k in range(1, 101)))


def test_the_statistic_tells_what_differs_from_what_does_not() -> None:
    same = [math.sin(number) for number in range(1_000)]
    assert distance(same, same) == 0
    assert distance([1, 2, 3], [4, 5, 6]) == 1
    assert distance([1, 2, 3, 4], [3, 4, 5, 6]) == 0.5
    assert likelihood(same, same) == 1
    assert likelihood(same, [value + 0.2 for value in same]) < 1e-4
    # 5 % are further apart than 1.358 / sqrt(n/2), as every table of it says
    assert abs(likelihood(range(1_000), range(61, 1_061)) - 0.05) < 0.01


async def took(client: Client, document: str, given: dict[str, Any]) -> float:
    begun = time.perf_counter()
    await answer(client, document, **given)
    return time.perf_counter() - begun


@pytest.mark.soak
@pytest.mark.parametrize(
    ("document", "given"), [(ASK, {}), (SIGN_IN, {"code": "000000"})], ids=["ask", "try"]
)
async def test_times_do_not_tell_who_has_an_account(
    house: House,
    texts: Texts,
    unlimited: None,
    capsys: pytest.CaptureFixture[str],
    document: str,
    given: dict[str, Any],
) -> None:
    """A thousand of each, in turn, each number once; a chance of one in a hundred to be wrong, so it may try twice."""
    for attempt in range(2):
        known = [youth.phone for youth in await house.youths(TRIES)]
        for phone in known[:50]:
            await took(house.anyone, document, {"phone": phone, **given})
        times: tuple[list[float], list[float]] = ([], [])
        for number, phone in enumerate(known):
            pair = [(0, phone), (1, unknown())]
            for which, asked in pair if number % 2 else reversed(pair):
                times[which].append(await took(house.anyone, document, {"phone": asked, **given}))
        p = likelihood(*times)
        medians = [sorted(each)[TRIES // 2] * 1_000 for each in times]
        with capsys.disabled():
            sys.stdout.write(
                f"\ntry {attempt + 1}: D = {distance(*times):.4f}, p = {p:.3f},"
                f" medians {medians[0]:.3f} ms known, {medians[1]:.3f} ms unknown\n"
            )
        if p > 0.01:
            return
    raise AssertionError(p)
