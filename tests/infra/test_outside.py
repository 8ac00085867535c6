"""The way out: what is asked again and what never is, and what is kept of the answers."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
import stamina
from support.oidc import Hands
from support.outside import Asked, Played, Server, open_to_all, said

from infra.kept import REST_SECONDS, Kept
from infra.outside import BYTES_MOST, TRIES, NoAnswer, NotAsked, ask, outgoing_client


class Service(Server):
    """Gives its answers in turn, the last again and again; keeps what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: list[Played] = [said({"good": True})]
        self.asked: list[Asked] = []

    def answer(self, asked: Asked) -> Played:
        self.asked.append(asked)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture(autouse=True)
def hurried() -> Iterator[None]:
    with stamina.set_testing(True, attempts=TRIES, cap=True):
        yield


@pytest.fixture
def service() -> Iterator[Service]:
    with open_to_all(Service()) as made:
        yield made


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with outgoing_client() as made:
        yield made


UNREADABLE = {
    "a fault": said({}, status=503),
    "hung up": Played(cut=True),
    "no JSON": Played(body=b"<html>"),
    "no object": said([1]),
    "late": said({}, after_seconds=0.6),
    "trickling": Played(body=b'{"a": "0123456789"}', trickling_seconds=0.05),
    "endless": Played(body=b'"' + b"x" * BYTES_MOST + b'"'),
}


@pytest.mark.parametrize("name", UNREADABLE)
async def test_what_may_have_been_done_is_not_asked_again(
    service: Service, client: httpx.AsyncClient, name: str
) -> None:
    service.answers = [UNREADABLE[name], said({"good": True})]
    with pytest.raises(NoAnswer) as failure:
        await ask(client, "POST", service.address, seconds=0.3)
    assert not isinstance(failure.value, NotAsked)
    assert len(service.asked) == 1


async def test_what_is_repeatable_is(service: Service, client: httpx.AsyncClient) -> None:
    service.answers = [said({}, status=503), Played(cut=True), said({"good": True})]
    assert (await ask(client, "GET", service.address, repeatable=True)).said == {"good": True}
    assert len(service.asked) == TRIES


async def test_an_answer_is_given_with_its_status_and_a_redirect_is_not_followed(
    service: Service, client: httpx.AsyncClient
) -> None:
    service.answers = [said({"error": "x"}, status=400), said({}, status=302, location=service.address)]
    assert (await ask(client, "GET", service.address)).status == 400
    assert (await ask(client, "GET", service.address)).status == 302
    assert len(service.asked) == 2


async def test_no_address_and_no_answer_stands_in_a_failure(client: httpx.AsyncClient) -> None:
    for url in ("http://127.0.0.1:1/canary", "http://canary.invalid:99999/", "canary://x"):
        with pytest.raises(NoAnswer) as failure:
            await ask(client, "GET", url, params={"secret": "canary"}, seconds=0.5)
        assert "canary" not in str(failure.value)
        assert failure.value.__cause__ is None


class Source:
    """Gives numbers that rise, good for ten seconds; or nothing."""

    def __init__(self) -> None:
        self.asked = 0
        self.away = False

    async def __call__(self) -> tuple[int, float]:
        self.asked += 1
        await asyncio.sleep(0)
        if self.away:
            raise NoAnswer
        return self.asked, 10.0


async def test_a_value_is_kept_while_it_is_good_and_asked_for_by_one() -> None:
    source, clock = Source(), Hands()
    kept = Kept(source, clock)
    assert await asyncio.gather(*(kept.get() for _ in range(5))) == [1] * 5
    clock.now = 9.9
    assert await kept.get() == 1
    clock.now = 10.0
    assert await kept.get() == 2


async def test_a_value_found_wanting_is_asked_for_once_by_all_who_had_it() -> None:
    source, clock = Source(), Hands()
    kept = Kept(source, clock, anew_after_seconds=5)
    first = await kept.get()
    assert await asyncio.gather(*(kept.get(wanting=first) for _ in range(5))) == [2] * 5
    # and not again at once
    assert await kept.get(wanting=2) == 2
    clock.now = 5
    assert await kept.get(wanting=2) == 3


async def test_after_a_failure_nobody_asks_for_a_moment() -> None:
    source, clock = Source(), Hands()
    kept, source.away = Kept(source, clock), True
    answers = await asyncio.gather(*(kept.get() for _ in range(5)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [NoAnswer] * 5
    assert source.asked == 1
    clock.now, source.away = REST_SECONDS, False
    assert await kept.get() == 2
