"""
The registry of persons: over HTTP where an address is set, else simulated outside production and absent in it.

The HTTP one is asked in short tries. When it fails again and again it is left alone for a while (a circuit breaker, of each
process); then one question tries whether it is back.
"""

import asyncio
from typing import Any

import httpx
import structlog
from purgatory import AsyncCircuitBreakerFactory
from purgatory.domain.model import HALF_OPENED, OpenedState

from domain.accounts.registry import IdentityRegistry, RegistryAnswer
from infra.outside import bearer, tries
from infra.settings import Settings

MISMATCHED_ENDING = "假"
UNAVAILABLE_ENDING = "断"

TRY_SECONDS = 4.0
FAILURES_MOST = 5
"""Questions in a row without an answer, after which it is left alone."""
REST_SECONDS = 30.0
_BREAKER = "registry"
_OF_THE_QUESTION = frozenset({400, 404, 409, 413, 422})
"""The registry works, but has no answer to this question: the next one may have one."""

log = structlog.get_logger()


class NoRegistry:
    """A deployment that has no registry to ask: names wait (PENDING), none is believed."""

    async def check(self, name: str, number: str) -> RegistryAnswer:  # noqa: ARG002  # the port's signature
        return RegistryAnswer.UNAVAILABLE


class SimulatedRegistry:
    """
    Says by the name's last character what a real one might: 假 (false) belongs to no number, 断 (cut off) stands for an
    outage, every other name belongs to its number.
    """

    async def check(self, name: str, number: str) -> RegistryAnswer:  # noqa: ARG002  # the port's signature
        if name.endswith(MISMATCHED_ENDING):
            return RegistryAnswer.MISMATCH
        if name.endswith(UNAVAILABLE_ENDING):
            return RegistryAnswer.UNAVAILABLE
        return RegistryAnswer.MATCH


class _Unreadable(Exception):
    """The registry answered something that is no answer."""


def _read(answer: httpx.Response) -> RegistryAnswer:
    try:
        said: Any = answer.json()
    except ValueError:
        raise _Unreadable from None
    match said:
        case {"result": "match"}:
            return RegistryAnswer.MATCH
        case {"result": "mismatch"}:
            return RegistryAnswer.MISMATCH
        case _:
            raise _Unreadable


class HttpRegistry:
    """Posts `{"name", "number"}` as JSON with a bearer token; is told `{"result": "match"}` or `"mismatch"`."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        url: str,
        token: str,
        *,
        try_seconds: float = TRY_SECONDS,
        rest_seconds: float = REST_SECONDS,
    ) -> None:
        self._client = client
        self._url = url
        self._token = token
        self._try_seconds = try_seconds
        self._breakers = AsyncCircuitBreakerFactory(FAILURES_MOST, rest_seconds)

    async def check(self, name: str, number: str) -> RegistryAnswer:
        """Whatever is no clear answer is UNAVAILABLE, at once while the registry is left alone."""
        try:
            breaker = await self._breakers.get_breaker(_BREAKER)
            if breaker.context.state == HALF_OPENED:
                return RegistryAnswer.UNAVAILABLE  # somebody else's question tries whether it is back
            async with breaker:
                return await self._answer(name, number)
        except OpenedState as resting:
            # The breaker raises one and the same exception each time: it must not gather the frames of every question.
            resting.__traceback__ = None
        except Exception as fault:  # noqa: BLE001  # the port never raises, whatever the outside does
            log.warning("registry.unavailable", fault=type(fault).__name__)
        return RegistryAnswer.UNAVAILABLE

    async def _answer(self, name: str, number: str) -> RegistryAnswer:
        """What it says; raises what counts against the registry."""
        try:
            async for attempt in tries():
                # Around the whole try: an answer that trickles in keeps within httpx's own limits for ever.
                with attempt:
                    async with asyncio.timeout(self._try_seconds):
                        answer = await self._client.post(
                            self._url,
                            json={"name": name, "number": number},
                            headers=bearer(self._token),
                        )
                    answer.raise_for_status()
        except httpx.HTTPStatusError as fault:
            if fault.response.status_code in _OF_THE_QUESTION:
                log.warning("registry.question_refused", status=fault.response.status_code)
                return RegistryAnswer.UNAVAILABLE
            raise
        return _read(answer)


def registry_of(config: Settings, client: httpx.AsyncClient) -> IdentityRegistry:
    """
    Over HTTP where an address is set. Else the simulated one, but in production none: whoever is believed there must have
    been checked.
    """
    if config.registry_url is not None:
        return HttpRegistry(client, config.registry_url, config.registry_token.get_secret_value())
    return NoRegistry() if config.production else SimulatedRegistry()
