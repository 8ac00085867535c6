"""Text messages: a console for development, an HTTP gateway for everything else."""

import sys

import httpx

from domain.accounts.codes import TextMessages
from infra.outside import bearer, tries
from infra.settings import Settings

TIMEOUT_SECONDS = 5.0


class TextsFailed(Exception):
    """The gateway did not take the message, however often it was asked."""


class NoTexts:
    """A deployment without a gateway: no code can be sent."""

    async def send_code(self, phone: str, code: str) -> None:  # noqa: ARG002  # the port's signature
        raise TextsFailed("QINGYI_SMS_URL is not set")


class ConsoleTexts:
    """Prints one line to standard output: for people at a terminal, never a log record, never in production."""

    async def send_code(self, phone: str, code: str) -> None:
        sys.stdout.write(f"SMS {phone} code {code}\n")
        sys.stdout.flush()


class GatewayTexts:
    """Posts `{"to", "template", "code"}` as JSON with a bearer token; any 2xx is success."""

    def __init__(self, client: httpx.AsyncClient, url: str, token: str) -> None:
        self._client = client
        self._url = url
        self._token = token

    async def send_code(self, phone: str, code: str) -> None:
        """TextsFailed after three tries, or at once when the gateway refuses the message."""
        try:
            async for attempt in tries():
                with attempt:
                    answer = await self._client.post(
                        self._url,
                        json={"to": phone, "template": "code", "code": code},
                        headers=bearer(self._token),
                        timeout=TIMEOUT_SECONDS,
                    )
                    answer.raise_for_status()
        except httpx.HTTPError as fault:
            raise TextsFailed(type(fault).__name__) from None


def texts_of(config: Settings, client: httpx.AsyncClient) -> TextMessages:
    """The gateway where one is set; else the console, and in production nothing."""
    if config.sms_url is not None:
        return GatewayTexts(client, config.sms_url, config.sms_token.get_secret_value())
    return NoTexts() if config.production else ConsoleTexts()
