"""
The door: who asks, and whether they may ask so often.

An address is counted before its credentials are looked up, so that a flood of bad ones costs no query; a principal
after, when it is known who it is. One who was known a moment ago is counted together with the address, in one step.
"""

from functools import lru_cache
from ipaddress import IPv6Address, ip_address

from starlette.responses import JSONResponse, Response

from api.auth import Authenticator
from domain.core.actors import Actor, Anonymous
from domain.core.limits import Allowance, AskedTooOften, Bucket, Buckets, CountedBy
from infra.settings import Settings

KEPT_MOST = 10_000
_NETWORK_BITS = 64


@lru_cache(maxsize=KEPT_MOST)
def counted_address(address: str) -> str:
    """What an address is counted as: IPv6 by its network of 64 bits, in which one host has as many as it likes."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return address
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return f"{int(parsed) >> _NETWORK_BITS:x}/{_NETWORK_BITS}"


class Door:
    """Lets requests in; without `buckets` nobody is counted."""

    def __init__(self, authenticator: Authenticator, buckets: Buckets | None, config: Settings) -> None:
        self._authenticator = authenticator
        self._buckets = buckets
        address = Allowance(config.limit_address_burst, config.limit_address_rate)
        principal = Allowance(config.limit_principal_burst, config.limit_principal_rate)
        self._of_address = lru_cache(KEPT_MOST)(lambda whose: Bucket(CountedBy.ADDRESS, whose, address))
        self._of_principal = lru_cache(KEPT_MOST)(lambda whose: Bucket(CountedBy.PRINCIPAL, whose, principal))

    async def enter(self, address: str, authorization: str | None) -> Actor:
        """The actor of a request. AskedTooOften beyond the limits, CredentialsRefused for bad credentials."""
        if self._buckets is None:
            return await self._authenticator.actor(authorization)
        # A caller without an address comes through a local socket: a proxy's, which would be counted as one.
        buckets = [self._of_address(counted_address(address))] if address else []
        known = None if authorization is None else self._authenticator.known(authorization)
        if known is not None:
            buckets.append(self._of_principal(known.key))
        counted = not buckets or self._buckets.taken_at_once(buckets)
        if not counted:
            counted = await self._buckets.take(buckets)
        elif known is not None:
            return known.actor
        actor = await self._authenticator.actor(authorization)
        if known is None and counted and not isinstance(actor, Anonymous):
            await self._buckets.take([self._of_principal(actor.key)])
        return actor


def too_often(often: AskedTooOften) -> Response:
    """The answer of a plain page to one who asks too often."""
    headers = {"retry-after": str(often.retry_after_seconds), "cache-control": "no-store"}
    return JSONResponse({"error": "too many requests"}, status_code=429, headers=headers)
