"""The gateway of text messages, against a real HTTP server that plays its answers."""

from collections.abc import Iterator

import httpx
import pytest
from support.outside import Outside, Played, outside

from infra.settings import Environment, Settings
from infra.texts import ConsoleTexts, GatewayTexts, NoTexts, TextsFailed, texts_of


@pytest.fixture
def gateway() -> Iterator[Outside]:
    with outside(Played(202)) as made:
        yield made


async def sent(gateway: Outside) -> None:
    async with httpx.AsyncClient() as client:
        await GatewayTexts(client, gateway.url, "secret").send_code("+8614000000000", "123456")


async def test_a_code_is_posted_with_the_gateways_token(gateway: Outside) -> None:
    await sent(gateway)
    assert gateway.sent == [("Bearer secret", {"to": "+8614000000000", "template": "code", "code": "123456"})]


async def test_a_busy_gateway_is_asked_again(gateway: Outside) -> None:
    gateway.plays(Played(503), Played(429), Played(200))
    await sent(gateway)
    assert len(gateway.sent) == 3


async def test_a_gateway_that_wants_no_token_gets_none(gateway: Outside) -> None:
    async with httpx.AsyncClient() as client:
        await GatewayTexts(client, gateway.url, "").send_code("+8614000000000", "123456")
    assert [authorization for authorization, _ in gateway.sent] == [None]


@pytest.mark.parametrize(("status", "tries"), [(500, 3), (400, 1), (401, 1)])
async def test_what_it_will_not_take_fails_in_the_end(gateway: Outside, status: int, tries: int) -> None:
    gateway.plays(Played(status))
    with pytest.raises(TextsFailed):
        await sent(gateway)
    assert len(gateway.sent) == tries


async def test_no_gateway_there_fails_without_naming_number_or_code(gateway: Outside) -> None:
    gateway.server.shutdown()
    gateway.server.server_close()
    with pytest.raises(TextsFailed) as failure:
        await sent(gateway)
    assert "123456" not in str(failure.value)
    assert "+86" not in str(failure.value)


async def test_the_console_is_for_development_alone() -> None:
    keys = "test1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    async with httpx.AsyncClient() as client:
        assert isinstance(texts_of(Settings(), client), ConsoleTexts)
        production = Settings(env=Environment.PRODUCTION, keys=keys)
        assert isinstance(texts_of(production, client), NoTexts)
        with_gateway = Settings(env=Environment.PRODUCTION, keys=keys, sms_url="https://texts.example/send")
        assert isinstance(texts_of(with_gateway, client), GatewayTexts)
