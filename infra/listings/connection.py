"""GraphQL over HTTP with a partner's token, patient with a network that breaks and a server that is busy.

Sending again is safe: reading changes nothing, and an upsert that was done already comes back UNCHANGED.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final, TypeVar

import httpx
import stamina

from infra.listings.answers import ImportStopped, read_envelope, shown, told

T = TypeVar("T")

_TIMEOUT = httpx.Timeout(60.0, connect=10.0)
_BUSY: Final = frozenset(
    {
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)
# A proxy of the environment is for the outside, never for the machine itself.
_DIRECT: Final = {"all://127.0.0.1": None, "all://localhost": None, "all://[::1]": None}


@dataclass(frozen=True, slots=True)
class Patience:
    """How often to ask, and how many seconds to wait in between; a Retry-After beyond the longest is not waited out."""

    attempts: int = 8
    first_wait: float = 0.5
    longest_wait: float = 120.0


class Busy(Exception):
    """The server asks to come back, after so many seconds if it said so."""

    def __init__(self, message: str, after: float | None = None) -> None:
        super().__init__(message)
        self.after = after


class BodyTooLarge(Exception):
    """HTTP 413: the server reads smaller bodies than we thought."""


@dataclass(frozen=True, slots=True)
class Connection:
    client: httpx.AsyncClient
    url: str
    patience: Patience

    async def ask(self, body: bytes, read: Callable[[object], T]) -> T:
        """What `read` makes of the answer's `data`; `read` may raise Busy too. Raises ImportStopped, BodyTooLarge."""
        try:
            async for attempt in stamina.retry_context(
                on=self._pause,
                attempts=self.patience.attempts,
                timeout=None,
                wait_initial=self.patience.first_wait,
                wait_max=self.patience.longest_wait,
                wait_jitter=self.patience.first_wait,
            ):
                with attempt:
                    return read(await self._once(body))
        except Busy as busy:
            wait = f"; it asks to wait {busy.after:.0f} s" if busy.after is not None else ""
            raise ImportStopped(
                f"the server is busy: {busy}{wait}. Run the same command again later."
            ) from busy
        except (httpx.HTTPError, httpx.InvalidURL) as fault:
            raise ImportStopped(f"cannot reach {self.url}: {str(fault) or type(fault).__name__}") from fault
        raise AssertionError("retry_context either returns or raises")

    def _pause(self, fault: Exception) -> bool | float:
        if isinstance(fault, Busy):
            return fault.after is None or (
                fault.after <= self.patience.longest_wait and max(fault.after, 0.01)
            )
        return isinstance(fault, httpx.TransportError) and not isinstance(fault, httpx.UnsupportedProtocol)

    async def _once(self, body: bytes) -> object:
        response = await self.client.post(self.url, content=body)
        status, content = response.status_code, response.content
        if status == HTTPStatus.UNAUTHORIZED:
            raise ImportStopped(f"the token is not accepted (HTTP 401): {shown(content)}")
        if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            raise BodyTooLarge(shown(content))
        if status in _BUSY:
            raise Busy(f"HTTP {status}", _retry_after(response))
        data, errors = read_envelope(status, content)
        if any(error.extensions.code == "RATE_LIMITED" for error in errors):
            raise Busy(told(errors), _retry_after(response))
        if errors:
            raise ImportStopped(f"the server refused the request (HTTP {status}): {told(errors)}")
        return data


def _retry_after(response: httpx.Response) -> float | None:
    """Seconds, from either form of the header."""
    value = response.headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


@asynccontextmanager
async def connect(url: str, token: str, patience: Patience | None = None) -> AsyncIterator[Connection]:
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "Accept": "application/graphql-response+json, application/json;q=0.9",
        "Accept-Language": "en",
    }
    async with httpx.AsyncClient(headers=headers, timeout=_TIMEOUT, mounts=_DIRECT) as client:
        yield Connection(client, url, patience or Patience())
