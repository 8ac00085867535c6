"""What asking services of the outside over HTTP has in common: how often, after which faults, with which credentials."""

from collections.abc import AsyncIterator

import httpx
import stamina

TRIES = 3


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
