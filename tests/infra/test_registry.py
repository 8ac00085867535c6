"""The registry of persons over HTTP, against a real server that plays its answers."""

import asyncio
import json
import logging
from collections import Counter
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
import stamina
from support.house import TEST_KEYS
from support.outside import Outside, Played, outside
from support.watching import log_of_house

from domain.accounts.registry import RegistryAnswer
from infra.outside import TRIES
from infra.registry import FAILURES_MOST, HttpRegistry, NoRegistry, SimulatedRegistry, registry_of
from infra.settings import Environment, Settings

MATCH, MISMATCH, UNAVAILABLE = RegistryAnswer.MATCH, RegistryAnswer.MISMATCH, RegistryAnswer.UNAVAILABLE
NAME, NUMBER = "欧阳若曦", "440106200402290117"
REST_SECONDS = 0.3


def says(result: object) -> Played:
    return Played(body=json.dumps({"result": result}).encode())


@pytest.fixture(autouse=True)
def hurried() -> Iterator[None]:
    """Tries follow one another without a pause."""
    with stamina.set_testing(True, attempts=TRIES, cap=True):
        yield


@pytest.fixture
def server() -> Iterator[Outside]:
    with outside(says("match")) as made:
        yield made


@pytest.fixture
async def registry(server: Outside) -> AsyncIterator[HttpRegistry]:
    async with httpx.AsyncClient() as client:
        yield HttpRegistry(client, server.url, "secret", try_seconds=0.3, rest_seconds=REST_SECONDS)


async def asked(registry: HttpRegistry) -> RegistryAnswer:
    return await registry.check(NAME, NUMBER)


async def resting(server: Outside, registry: HttpRegistry) -> None:
    """Failed so often that it is left alone; what the server was sent is forgotten."""
    server.plays(Played(500))
    for _ in range(FAILURES_MOST):
        assert await asked(registry) is UNAVAILABLE
    server.sent.clear()


@pytest.mark.parametrize(("said", "answer"), [("match", MATCH), ("mismatch", MISMATCH)])
async def test_a_clear_answer_is_believed(
    server: Outside, registry: HttpRegistry, said: str, answer: RegistryAnswer
) -> None:
    server.plays(says(said))
    assert await asked(registry) is answer
    assert server.sent == [("Bearer secret", {"name": NAME, "number": NUMBER})]


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
async def test_a_busy_registry_is_asked_again(server: Outside, registry: HttpRegistry, status: int) -> None:
    server.plays(Played(status), Played(status), says("mismatch"))
    assert await asked(registry) is MISMATCH
    assert len(server.sent) == TRIES


@pytest.mark.parametrize(
    "played",
    [
        says("MATCH"),
        says("maybe"),
        says(None),
        says(["match"]),
        Played(body=b""),
        Played(body=b"match"),
        Played(body=b'"match"'),
        Played(body=b'["match"]'),
        Played(body=b'{"result": "match"'),
        Played(body=b"\xff\xfe"),
        Played(body=b"[" * 100_000),
        Played(204),
        Played(302, location="/elsewhere"),
        Played(401),
        Played(403, b'{"result": "match"}'),
        Played(404, b'{"result": "match"}'),
        Played(422),
    ],
    ids=lambda played: f"{played.status} {played.body[:20]!r}",
)
async def test_whatever_is_no_clear_answer_is_none(
    server: Outside, registry: HttpRegistry, played: Played
) -> None:
    server.plays(played)
    assert await asked(registry) is UNAVAILABLE
    assert len(server.sent) == 1


async def test_one_that_always_fails_is_tried_three_times(server: Outside, registry: HttpRegistry) -> None:
    server.plays(Played(500))
    assert await asked(registry) is UNAVAILABLE
    assert len(server.sent) == TRIES


@pytest.mark.parametrize(
    "slow", [Played(after_seconds=1), Played(body=says("match").body, trickling_seconds=0.1)]
)
async def test_one_that_is_slow_is_not_waited_for(
    server: Outside, registry: HttpRegistry, slow: Played
) -> None:
    server.plays(slow, says("match"))
    assert await asked(registry) is MATCH
    assert len(server.sent) == 2


async def test_no_registry_there(server: Outside, registry: HttpRegistry) -> None:
    server.server.shutdown()
    server.server.server_close()
    assert await asked(registry) is UNAVAILABLE


async def test_an_address_that_is_none() -> None:
    async with httpx.AsyncClient() as client:
        for url in ("nowhere", "ftp://127.0.0.1/x", "http://", "http://[", "http://127.0.0.1:0/"):
            assert await HttpRegistry(client, url, "").check(NAME, NUMBER) is UNAVAILABLE


# ── the breaker ──────────────────────────────────────────────────────────────


async def test_one_that_fails_again_and_again_is_left_alone(server: Outside, registry: HttpRegistry) -> None:
    await resting(server, registry)
    server.plays(says("match"))
    assert Counter([await asked(registry) for _ in range(1_000)]) == {UNAVAILABLE: 1_000}
    assert server.sent == []


async def test_after_its_rest_one_question_tries_whether_it_is_back(
    server: Outside, registry: HttpRegistry
) -> None:
    # given one that is still away after its rest
    await resting(server, registry)
    await asyncio.sleep(REST_SECONDS + 0.05)
    # when many ask at once, one of them asks it, and it rests again
    answers = await asyncio.gather(*(asked(registry) for _ in range(50)))
    assert Counter(answers) == {UNAVAILABLE: 50}
    assert len(server.sent) == TRIES
    assert await asked(registry) is UNAVAILABLE
    assert len(server.sent) == TRIES

    # given one that is back
    await asyncio.sleep(REST_SECONDS + 0.05)
    server.plays(Played(body=says("match").body, after_seconds=0.1))
    server.sent.clear()
    # when many ask at once, one is answered, and from then on all
    answers = await asyncio.gather(*(asked(registry) for _ in range(50)))
    assert Counter(answers) == {MATCH: 1, UNAVAILABLE: 49}
    assert len(server.sent) == 1
    assert Counter(await asyncio.gather(*(asked(registry) for _ in range(10)))) == {MATCH: 10}


async def test_a_trial_that_is_cut_off_does_not_keep_it_closed_for_ever(
    server: Outside, registry: HttpRegistry
) -> None:
    await resting(server, registry)
    await asyncio.sleep(REST_SECONDS + 0.05)
    server.plays(Played(after_seconds=0.2, body=says("match").body))
    trial = asyncio.create_task(asked(registry))
    await asyncio.sleep(0.05)
    trial.cancel()
    with pytest.raises(asyncio.CancelledError):
        await trial
    await asyncio.sleep(REST_SECONDS + 0.05)
    assert await asked(registry) is MATCH


async def test_questions_that_it_will_not_take_do_not_close_it_for_others(
    server: Outside, registry: HttpRegistry
) -> None:
    server.plays(Played(422))
    for _ in range(2 * FAILURES_MOST):
        assert await asked(registry) is UNAVAILABLE
    server.plays(says("match"))
    assert await asked(registry) is MATCH


async def test_failures_between_answers_do_not_add_up(server: Outside, registry: HttpRegistry) -> None:
    for _ in range(FAILURES_MOST):
        server.plays(*[Played(500)] * TRIES, says("match"))
        assert await asked(registry) is UNAVAILABLE
        assert await asked(registry) is MATCH


# ── what it says to others ───────────────────────────────────────────────────


async def test_what_was_asked_is_logged_nowhere(
    server: Outside,
    registry: HttpRegistry,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    echo = json.dumps({"name": NAME, "number": NUMBER}, ensure_ascii=False).encode()
    with log_of_house() as lines:
        for played in (Played(500, echo), Played(422, echo), Played(200, echo), Played(after_seconds=0.5)):
            server.plays(played)
            assert await asked(registry) is UNAVAILABLE
    said = lines.getvalue() + "".join(capfd.readouterr()) + caplog.text
    assert "registry.unavailable" in said
    assert [
        part for part in (NAME, NAME.encode("unicode_escape").decode(), NUMBER, "secret") if part in said
    ] == []


async def test_which_registry_a_deployment_asks() -> None:
    production = {"env": Environment.PRODUCTION, "keys": TEST_KEYS}
    async with httpx.AsyncClient() as client:
        assert isinstance(registry_of(Settings(), client), SimulatedRegistry)
        assert isinstance(registry_of(Settings(**production), client), NoRegistry)
        for others in ({}, production):
            named = Settings(registry_url="https://registry.example/check", **others)
            assert isinstance(registry_of(named, client), HttpRegistry)
