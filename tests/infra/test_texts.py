"""The gateway of text messages, against a real HTTP server that plays its answers."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from infra.settings import Environment, Settings
from infra.texts import ConsoleTexts, GatewayTexts, NoTexts, TextsFailed, texts_of


class Gateway:
    """Answers with the statuses given, one a request, the last again and again; keeps what it was sent."""

    def __init__(self) -> None:
        self.statuses = [202]
        self.sent: list[tuple[str | None, dict[str, Any]]] = []
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                gateway.sent.append((self.headers["authorization"], json.loads(body)))
                waiting = len(gateway.statuses) > 1
                self.send_response(gateway.statuses.pop(0) if waiting else gateway.statuses[0])
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/texts"


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    made = Gateway()
    thread = threading.Thread(target=made.server.serve_forever, daemon=True)
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


async def sent(gateway: Gateway) -> None:
    async with httpx.AsyncClient() as client:
        await GatewayTexts(client, gateway.url, "secret").send_code("+8614000000000", "123456")


async def test_a_code_is_posted_with_the_gateways_token(gateway: Gateway) -> None:
    await sent(gateway)
    assert gateway.sent == [("Bearer secret", {"to": "+8614000000000", "template": "code", "code": "123456"})]


async def test_a_busy_gateway_is_asked_again(gateway: Gateway) -> None:
    gateway.statuses = [503, 429, 200]
    await sent(gateway)
    assert len(gateway.sent) == 3


@pytest.mark.parametrize(("status", "tries"), [(500, 3), (400, 1), (401, 1)])
async def test_what_it_will_not_take_fails_in_the_end(gateway: Gateway, status: int, tries: int) -> None:
    gateway.statuses = [status]
    with pytest.raises(TextsFailed):
        await sent(gateway)
    assert len(gateway.sent) == tries


async def test_no_gateway_there_fails_without_naming_number_or_code(gateway: Gateway) -> None:
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
