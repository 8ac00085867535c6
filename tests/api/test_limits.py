"""How often one may ask: buckets in Valkey that all processes share, and an open door when Valkey is away."""

import asyncio
import json
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from asgi_lifespan import LifespanManager
from prometheus_client import REGISTRY
from redis.asyncio import Redis
from support.clock import MovableClock
from support.house import House, Person, settings_for
from support.raw import body, code_of
from support.watching import log_of_house, statements

from api.app import create_app
from api.limits import counted_address
from domain.core.limits import Allowance, AskedTooOften, Bucket, CountedBy
from infra.embedded.services import Services
from infra.limits import PATIENCE_SECONDS, PAUSE_SECONDS, ValkeyBuckets

SLOW = 0.01  # a second: in a test nothing comes back
AT_ONCE = 8
KEY = b"k" * 32
ASK = body("{ __typename }")


class Place:
    """One address from which requests come."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def ask(self, token: str | None = None, **headers: str) -> httpx.Response:
        sent = {"content-type": "application/json", **headers}
        if token is not None:
            sent["authorization"] = f"Bearer {token}"
        return await self.http.post("/graphql", content=ASK, headers=sent)

    async def statuses(self, count: int, token: str | None = None) -> Counter[int]:
        """What comes of so many at once."""
        answers = await asyncio.gather(*(self.ask(token) for _ in range(count)))
        return Counter(answer.status_code for answer in answers)


class Limited:
    """A server with limits, in this process."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.house = House(httpx.AsyncClient(), app.state.runtime, MovableClock())

    def place(self, address: str = "") -> Place:
        """An address; one that no other test has, unless it is named."""
        client = (address or f"test-{uuid4()}", 1)
        transport = httpx.ASGITransport(app=self.app, client=client)
        return Place(httpx.AsyncClient(transport=transport, base_url="http://house"))

    async def youth(self) -> Person:
        return await self.house.youth()


@asynccontextmanager
async def limited(
    database_url: str,
    redis_url: str,
    address: tuple[int, float] = (1_000, SLOW),
    principal: tuple[int, float] = (1_000, SLOW),
) -> AsyncIterator[Limited]:
    config = settings_for(
        database_url,
        redis_url,
        limits=True,
        limit_address_burst=address[0],
        limit_address_rate=address[1],
        limit_principal_burst=principal[0],
        limit_principal_rate=principal[1],
    )
    app = create_app(config, MovableClock())
    async with LifespanManager(app):
        yield Limited(app)


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that runs all tests at once is slow; those about patience have the real one."""
    monkeypatch.setattr("infra.limits.PATIENCE_SECONDS", 10)


def counted(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


# ── the bucket ───────────────────────────────────────────────────────────────


@pytest.fixture
async def buckets(servers: Services) -> AsyncIterator[ValkeyBuckets]:
    kept = ValkeyBuckets(servers.redis_url, KEY)
    yield kept
    await kept.aclose()


def bucket(at_once: int, a_second: float, by: CountedBy = CountedBy.ADDRESS, whose: str = "") -> Bucket:
    return Bucket(by, whose or str(uuid4()), Allowance(at_once, a_second))


async def taken(buckets: ValkeyBuckets, asked: Sequence[Bucket], cost: float = 1) -> int:
    """How many in turn are let in before one is not."""
    for number in range(1_000):
        try:
            await buckets.take(asked, cost)
        except AskedTooOften:
            return number
    raise AssertionError("no limit")


async def test_a_bucket_is_emptied_and_fills_again(buckets: ValkeyBuckets) -> None:
    one = bucket(5, 10)
    assert await taken(buckets, [one]) in {5, 6}  # one may come back meanwhile
    await asyncio.sleep(0.35)
    assert await taken(buckets, [one]) in {3, 4}


async def test_a_bucket_holds_no_more_than_its_burst(buckets: ValkeyBuckets) -> None:
    one = bucket(3, 5)
    await buckets.take([one])
    await asyncio.sleep(1)
    assert await taken(buckets, [one]) in {3, 4}


async def test_a_wait_is_what_it_says(buckets: ValkeyBuckets) -> None:
    one = bucket(1, 0.7)
    await buckets.take([one])
    with pytest.raises(AskedTooOften) as refused:
        await buckets.take([one])
    assert refused.value.retry_after_seconds == 2
    await asyncio.sleep(2)
    await buckets.take([one])


async def test_a_dear_request_takes_more_and_never_more_than_there_can_be(buckets: ValkeyBuckets) -> None:
    assert await taken(buckets, [bucket(10, SLOW)], cost=3) == 3
    assert await taken(buckets, [bucket(10, SLOW)], cost=50) == 1


async def test_a_busy_process_asks_seldom_and_gives_no_more_than_there_is(
    buckets: ValkeyBuckets, servers: Services
) -> None:
    one, asked = bucket(1_000, SLOW), 0
    other = ValkeyBuckets(servers.redis_url, KEY)
    script = buckets._script

    async def counting(*given: Any) -> Any:
        nonlocal asked
        asked += 1
        return await script(*given)

    buckets._script = counting
    try:
        for _ in range(400):
            await buckets.take([one])
        assert asked <= 40
        # what is set aside here is nobody else's, and is given away before anybody is refused
        there = await taken(other, [one])
        here = 0
        while there + here < 601:
            try:
                await buckets.take([one])
            except AskedTooOften:
                break
            here += 1
        assert 600 - 1_000 // 32 <= there + here <= 600
    finally:
        await other.aclose()


async def test_all_are_taken_from_or_none(buckets: ValkeyBuckets) -> None:
    small, large = bucket(1, SLOW, CountedBy.PRINCIPAL), bucket(5, SLOW)
    await buckets.take([large, small])
    with pytest.raises(AskedTooOften) as refused:
        await buckets.take([large, small])
    assert refused.value.by is CountedBy.PRINCIPAL
    assert await taken(buckets, [large]) == 4


async def test_the_longest_wait_is_told(buckets: ValkeyBuckets) -> None:
    soon, late = bucket(1, 0.5), bucket(1, 0.1, CountedBy.PRINCIPAL)
    await buckets.take([soon, late])
    for order in ([soon, late], [late, soon]):
        with pytest.raises(AskedTooOften) as refused:
            await buckets.take(order)
        assert refused.value.by is CountedBy.PRINCIPAL
        assert refused.value.retry_after_seconds == 10


async def test_a_key_tells_nobody_and_goes_when_the_bucket_is_full(
    buckets: ValkeyBuckets, servers: Services
) -> None:
    async with Redis.from_url(servers.redis_url) as redis:
        one = bucket(10, 2)
        key = buckets._name(one)
        assert re.fullmatch("limits:address:[0-9a-f]{32}", key)
        await buckets.take([one])
        assert 0 < await redis.pttl(key) <= 500
        await asyncio.sleep(0.6)
        assert not await redis.exists(key)
    other = ValkeyBuckets(servers.redis_url, b"another key".ljust(32))
    assert other._name(one) != key
    await other.aclose()


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "20010db800010002/64"),
        ("2001:db8:1:2::9", "20010db800010002/64"),
        ("fe80::1%eth0", "fe80000000000000/64"),
        ("testclient", "testclient"),
    ],
)
def test_what_an_address_is_counted_as(address: str, kept: str) -> None:
    assert counted_address(address) == kept


# ── the door ─────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
async def server(database_url: str, servers: Services) -> AsyncIterator[Limited]:
    """Twenty an address, eight a principal, and nothing comes back."""
    async with limited(database_url, servers.redis_url, (20, SLOW), (8, SLOW)) as opened:
        yield opened


async def test_an_address_is_limited(server: Limited) -> None:
    refused = counted("qingyi_rate_limited_total", by="address")
    assert await server.place().statuses(50) == {200: 20, 429: 30}
    assert counted("qingyi_rate_limited_total", by="address") == refused + 30
    assert await server.place().statuses(5) == {200: 5}


@pytest.mark.parametrize(
    ("language", "words"), [("zh-CN", "请求过于频繁，请在 "), ("en", "Too many requests; try again in ")]
)
async def test_the_answer_of_a_limit(server: Limited, language: str, words: str) -> None:
    place = server.place()
    await place.statuses(20)
    answer = await place.ask(**{"accept-language": language})
    assert answer.status_code == 429
    assert code_of(answer) == "RATE_LIMITED"
    assert 95 <= int(answer.headers["retry-after"]) <= 100
    message = answer.json()["errors"][0]["message"]
    assert message.startswith(words)
    assert answer.headers["retry-after"] in message
    assert answer.json().keys() == {"errors"}
    assert answer.headers["x-request-id"]


async def test_a_principal_is_limited_wherever_it_is(server: Limited) -> None:
    one, other = await server.youth(), await server.youth()
    refused = counted("qingyi_rate_limited_total", by="principal")
    assert await server.place().statuses(6, one.token) == {200: 6}
    assert await server.place().statuses(6, one.token) == {200: 2, 429: 4}
    assert counted("qingyi_rate_limited_total", by="principal") == refused + 4
    assert await server.place().statuses(8, other.token) == {200: 8}


async def test_an_organization_is_one_principal_whatever_its_tokens(server: Limited) -> None:
    partner = await server.house.partner()
    place = server.place()
    assert await place.statuses(9, partner.token) == {200: 8, 429: 1}


async def test_principals_of_one_address_share_its_bucket(server: Limited) -> None:
    place = server.place()
    came = Counter[int]()
    for youth in [await server.youth() for _ in range(5)]:
        came += await place.statuses(5, youth.token)
    assert came == {200: 20, 429: 5}


async def test_one_who_is_refused_does_not_use_up_the_address_of_others(
    server: Limited, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.auth.KEPT_SECONDS", 60)
    place, youth = server.place(), await server.youth()
    assert (await place.statuses(1, youth.token))[200] == 1  # from now on it is known
    assert (await place.statuses(40, youth.token))[200] == 7
    assert await place.statuses(20) == {200: 12, 429: 8}


async def test_a_flood_of_bad_tokens_asks_the_database_nothing(server: Limited) -> None:
    place = server.place()
    await place.statuses(20)
    youth = await server.youth()
    with statements(server.house) as sent:
        answers = await asyncio.gather(*(place.ask(youth.token) for _ in range(5)))
        answers += await asyncio.gather(*(place.ask(f"qyp_{number}") for number in range(20)))
    assert {answer.status_code for answer in answers} == {429}
    assert len(sent) == 0


async def test_bad_tokens_use_up_the_address(server: Limited) -> None:
    assert await server.place().statuses(30, "garbage") == {401: 20, 429: 10}


async def test_two_processes_share_one_bucket(server: Limited, database_url: str, servers: Services) -> None:
    youth = await server.youth()
    async with limited(database_url, servers.redis_url, (20, SLOW), (8, SLOW)) as second:
        came = await asyncio.gather(
            server.place().statuses(6, youth.token), second.place().statuses(6, youth.token)
        )
        assert came[0] + came[1] == {200: 8, 429: 4}
        address = f"test-{uuid4()}"
        addresses = await asyncio.gather(
            server.place(address).statuses(15), second.place(address).statuses(15)
        )
    assert addresses[0] + addresses[1] == {200: 20, 429: 10}


async def test_who_waits_as_told_is_let_in(database_url: str, servers: Services) -> None:
    async with limited(database_url, servers.redis_url, principal=(2, 1.5)) as server:
        place, youth = server.place(), await server.youth()
        assert (await place.statuses(6, youth.token))[200] in {2, 3}
        answer = await place.ask(youth.token)
        assert answer.status_code == 429
        assert answer.headers["retry-after"] == "1"
        await asyncio.sleep(1)
        assert (await place.ask(youth.token)).status_code == 200


async def test_nobody_is_limited_when_limits_are_off(house: House) -> None:
    answers = await asyncio.gather(*(house.anyone.post("{ __typename }") for _ in range(1_100)))
    assert {answer.status_code for answer in answers} == {200}


# ── without Valkey ───────────────────────────────────────────────────────────

UNAVAILABLE = "qingyi_rate_limiter_unavailable_total"


async def test_without_valkey_everybody_is_let_in(database_url: str, tmp_path: Path) -> None:
    async with limited(database_url, f"unix://{tmp_path}/none.sock", (1, SLOW), (1, SLOW)) as server:
        place, youth = server.place(), await server.youth()
        before = counted(UNAVAILABLE)
        with log_of_house() as log:
            assert await place.statuses(20, youth.token) == {200: 20}
            await asyncio.sleep(PAUSE_SECONDS + 0.05)
            assert await place.statuses(20) == {200: 20}
            assert await place.statuses(3, "garbage") == {401: 3}
    assert counted(UNAVAILABLE) == before + 43
    events = [json.loads(line)["event"] for line in log.getvalue().splitlines()]
    assert [event for event in events if event.startswith("limits.")] == ["limits.store_away"]


async def test_a_valkey_that_does_not_answer_is_not_waited_for(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.limits.PATIENCE_SECONDS", PATIENCE_SECONDS)

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    path = tmp_path / "silent.sock"
    async with (
        await asyncio.start_unix_server(silent, path),
        limited(database_url, f"unix://{path}", (1, SLOW)) as server,
    ):
        place = server.place()
        before = counted(UNAVAILABLE)
        began = time.monotonic()
        assert await place.statuses(20 * AT_ONCE) == {200: 20 * AT_ONCE}
        # All but the first wait for nothing, however many there are.
        assert time.monotonic() - began < 5 * PATIENCE_SECONDS + 1
        assert counted(UNAVAILABLE) == before + 20 * AT_ONCE


async def test_valkey_is_asked_again_when_it_is_back(
    database_url: str, servers: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with limited(database_url, servers.redis_url, (2, SLOW)) as server:
        place, buckets = server.place(), server.app.state.runtime.door._buckets

        async def away(*_: object, **__: object) -> None:
            raise ConnectionError

        with monkeypatch.context() as patch:
            patch.setattr(buckets, "_script", away)
            assert await place.statuses(5) == {200: 5}
        await asyncio.sleep(PAUSE_SECONDS + 0.05)
        assert await place.statuses(5) == {200: 2, 429: 3}


async def test_a_process_that_is_busy_itself_does_not_blame_valkey(
    buckets: ValkeyBuckets, monkeypatch: pytest.MonkeyPatch
) -> None:
    await asyncio.gather(*(buckets.take([bucket(1, SLOW)]) for _ in range(AT_ONCE)))  # it is connected
    monkeypatch.setattr("infra.limits.PATIENCE_SECONDS", PATIENCE_SECONDS)
    one, before = bucket(3, SLOW), counted(UNAVAILABLE)

    async def busy() -> None:
        for _ in range(4):
            time.sleep(PATIENCE_SECONDS * 2)  # noqa: ASYNC251  # this is what it is to be busy
            await asyncio.sleep(0)

    came = await asyncio.gather(*(buckets.take([one]) for _ in range(10)), busy(), return_exceptions=True)
    assert sum(isinstance(answer, AskedTooOften) for answer in came) == 7
    assert counted(UNAVAILABLE) == before
