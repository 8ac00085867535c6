"""A house whose unified identity is a provider of the tests, and people who come in by it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from support.doors import PAIR, reasons
from support.house import House, open_house, settings_for
from support.provider import CLIENT_ID, CLIENT_SECRET, REDIRECT_URI, Pkce, Provider
from support.raw import everything

from infra.kept import Kept
from infra.oidc_provider import KEYS_ANEW_SECONDS

BAD_CODE = [("INVALID_INPUT", ["input", "code"])]
AWAY = [("RATE_LIMITED", None)]


class Hands:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def house_of_provider(database_url: str, redis_url: str, provider: Provider) -> AsyncIterator[House]:
    settings = settings_for(
        database_url,
        redis_url,
        oidc_issuer=provider.issuer,
        oidc_client_id=CLIENT_ID,
        oidc_client_secret=CLIENT_SECRET,
        oidc_redirect_uris=(REDIRECT_URI,),
    )
    async with open_house(settings) as opened:
        yield opened


async def afresh(house: House, provider: Provider) -> Hands:
    """Nothing counted, nothing kept; what is kept from now on goes by this clock."""
    await house.runtime.redis.flushdb()
    provider.reset()
    hands, known = Hands(), house.runtime.ports.unified_identity._provider
    known._document = Kept(known._ask_document, hands)
    known._keys = Kept(known._ask_keys, hands, KEYS_ANEW_SECONDS)
    return hands


async def granted(provider: Provider, pkce: Pkce, **person: Any) -> str:
    """The code that somebody comes back with from the provider, as a client does it: by the discovery document."""
    provider.person = person
    async with httpx.AsyncClient() as client:
        document = (await client.get(f"{provider.issuer}/.well-known/openid-configuration")).json()
        asked = {
            "response_type": "code",
            "client_id": CLIENT_ID,
            "redirect_uri": REDIRECT_URI,
            "scope": "openid phone",
            "state": "s",
            "code_challenge": pkce.challenge,
            "code_challenge_method": "S256",
        }
        answer = await client.get(document["authorization_endpoint"], params=asked)
    provider.asked.clear()
    return parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]


async def signed_in(house: House, provider: Provider, **person: Any) -> dict[str, Any]:
    """The payload of a whole sign-in of a person with these claims."""
    pkce = Pkce()
    code = await granted(provider, pkce, **person)
    given = {"code": code, "codeVerifier": pkce.verifier, "redirectUri": REDIRECT_URI}
    return await house.anyone.mutate("signInWithOidc", PAIR, **given)


def youth(payload: dict[str, Any]) -> dict[str, Any]:
    assert payload["userErrors"] == [], payload
    return payload["viewer"]["youth"]


async def refused(house: House, provider: Provider, expected: list[tuple[str, list[str] | None]]) -> None:
    """A person who does all right is refused so, and nothing is changed."""
    before = await everything(house)
    assert reasons(await signed_in(house, provider, sub="refused")) == expected
    assert await everything(house) == before
