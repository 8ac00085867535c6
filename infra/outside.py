"""
Asking services of the outside over HTTP: one client, how often, after which faults, with which credentials.

Some services want secrets and codes in the address. The client's libraries would write addresses into logs, and their
errors carry them along: of what goes by `ask`, neither leaves this module.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import orjson
import stamina

TRIES = 3
SECONDS = 5.0
BYTES_MOST = 256 * 1024
_TALKATIVE = ("httpx", "httpcore")


def outgoing_client() -> httpx.AsyncClient:
    """A client that follows no redirect and logs no address."""
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    return httpx.AsyncClient(follow_redirects=False)


def _passing(fault: Exception) -> bool:
    """Worth another try: no connection, too slow, or the service is busy or broken."""
    if isinstance(fault, httpx.HTTPStatusError):
        return fault.response.status_code in {429, 500, 502, 503, 504}
    return isinstance(fault, httpx.TransportError | TimeoutError)


def tries() -> AsyncIterator[stamina.Attempt]:
    """Three, with short pauses; what is raised in them must not hold what was asked, as it is logged."""
    return stamina.retry_context(on=_passing, attempts=TRIES, wait_initial=0.1, wait_max=1.0)


def bearer(token: str) -> dict[str, str]:
    """The header of a bearer token; none for a service that wants none."""
    return {"authorization": f"Bearer {token}"} if token else {}


class NoAnswer(Exception):
    """Nothing came back in time that can be read; what was asked may have been done."""


class NotAsked(NoAnswer):
    """There was no connection: nothing was asked, so that asking again is safe."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, and the JSON object that came with it."""

    status: int
    said: dict[str, Any]


async def ask(
    client: httpx.AsyncClient,
    method: str,
    url: str,
    *,
    seconds: float = SECONDS,
    repeatable: bool = False,
    **request: Any,
) -> Answer:
    """
    Ask once; again while there was no connection or, what is `repeatable`, no answer. Whatever its type is said to be, the
    body must be a JSON object.

    NotAsked without a connection, NoAnswer after `seconds`, for a fault of theirs (5xx) and for what cannot be read.
    """
    async for attempt in stamina.retry_context(
        on=NoAnswer if repeatable else NotAsked,
        attempts=TRIES,
        timeout=seconds,
        wait_initial=0.1,
        wait_max=1.0,
    ):
        with attempt:
            return await _ask_once(client, method, url, seconds, request)
    raise AssertionError  # the last attempt returns or raises


async def _ask_once(
    client: httpx.AsyncClient, method: str, url: str, seconds: float, request: dict[str, Any]
) -> Answer:
    body = bytearray()
    # Not packed: a small body must not turn into a large one here.
    headers = {**request.pop("headers", {}), "accept": "application/json", "accept-encoding": "identity"}
    try:
        # Around it all: an answer that trickles in keeps within the client's own limits for ever.
        async with (
            asyncio.timeout(seconds),
            client.stream(method, url, headers=headers, timeout=seconds, **request) as response,
        ):
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) > BYTES_MOST:
                    raise NoAnswer
            status = response.status_code
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
        raise NotAsked from None
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, TimeoutError):
        raise NoAnswer from None
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise NoAnswer from None
    if not isinstance(said, dict) or status >= httpx.codes.INTERNAL_SERVER_ERROR:
        raise NoAnswer
    return Answer(status, said)
