"""
The door: who asks, and whether they may ask so often.

An address is counted before its credentials are looked up, so that a flood of bad ones costs no query; a principal
after, when it is known who it is. One who was known a moment ago is counted together with the address, in one step.
"""

from ipaddress import IPv6Address, ip_address

from starlette.responses import JSONResponse, Response

from api.auth import Authenticator
from domain.core.actors import Actor, Anonymous
from domain.core.limits import Allowance, AskedTooOften, Bucket, Buckets, CountedBy
from infra.settings import Settings

_NETWORK_BITS = 64


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
        self._address = Allowance(config.limit_address_burst, config.limit_address_rate)
        self._principal = Allowance(config.limit_principal_burst, config.limit_principal_rate)

    async def enter(self, address: str, authorization: str | None) -> Actor:
        """The actor of a request. AskedTooOften beyond the limits, CredentialsRefused for bad credentials."""
        if self._buckets is None:
            return await self._authenticator.actor(authorization)
        # A caller without an address comes through a local socket: a proxy's, which would be counted as one.
        place = [Bucket(CountedBy.ADDRESS, counted_address(address), self._address)] if address else []
        known = self._authenticator.known(authorization)
        who = self._whose(known)
        counted = await self._buckets.take([*place, *who]) if place or who else True
        actor = await self._authenticator.actor(authorization)
        late = self._whose(actor) if known is None else []
        if late and counted:
            await self._buckets.take(late)
        return actor

    def _whose(self, actor: Actor | None) -> list[Bucket]:
        if actor is None or isinstance(actor, Anonymous):
            return []
        return [Bucket(CountedBy.PRINCIPAL, actor.key, self._principal)]


def too_often(often: AskedTooOften) -> Response:
    """The answer of a plain page to one who asks too often."""
    headers = {"retry-after": str(often.retry_after_seconds), "cache-control": "no-store"}
    return JSONResponse({"error": "too many requests"}, status_code=429, headers=headers)
