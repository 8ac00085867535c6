"""
What an OpenID Connect provider publishes of itself, its addresses and its keys, and whether an ID token is one of its.

Algorithms are pinned here, and a key serves the one that it is for: what a token's header says chooses among our keys and
nothing else. The `kid` of a key that we do not know has the keys fetched anew, at most every half minute.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import jwt
from jwt import PyJWK, PyJWKSet

from infra.kept import Kept
from infra.outside import SECONDS, Answer, NoAnswer, ask

ALGORITHMS = ("RS256", "ES256", "EdDSA")
LEEWAY = timedelta(seconds=30)
TOKEN_LENGTH_MOST = 16_384
DOCUMENT_SECONDS = KEYS_SECONDS = 3_600.0
KEYS_ANEW_SECONDS = 30.0
KEYS_MOST = 50
_CLAIMS = ["iss", "aud", "sub", "exp", "iat"]


class IdTokenRefused(Exception):
    """Signed or not, the token is not one for us."""


@dataclass(frozen=True, slots=True)
class Document:
    """Of the provider's discovery document what is used here."""

    token_endpoint: str
    jwks_uri: str
    secret_in_body: bool
    """The provider takes a client's secret in the form, and not by HTTP Basic."""


Keys = Mapping[str | None, PyJWK]


def _usable(jwks: Mapping[str, Any]) -> dict[str | None, PyJWK]:
    """The keys that sign ID tokens by an algorithm of ours, by their ids."""
    listed = jwks.get("keys")
    if not isinstance(listed, list):
        raise NoAnswer
    signing = [key for key in listed[:KEYS_MOST] if isinstance(key, dict) and key.get("use", "sig") == "sig"]
    try:
        usable = [key for key in PyJWKSet(signing) if key.algorithm_name in ALGORITHMS]
    except jwt.PyJWTError:
        raise NoAnswer from None
    return {key.key_id: key for key in usable}


class OidcProvider:
    """One issuer. `encrypted` refuses addresses that are not https."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        issuer: str,
        *,
        encrypted: bool,
        seconds: float = SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.issuer = issuer
        self._client = client
        self._schemes = ("https://",) if encrypted else ("https://", "http://")
        self._seconds = seconds
        self._document = Kept(self._ask_document, clock)
        self._keys = Kept(self._ask_keys, clock, KEYS_ANEW_SECONDS)

    async def document(self) -> Document:
        """NoAnswer when the provider does not say who it is."""
        return await self._document.get()

    async def claims(self, token: str, audience: str) -> Mapping[str, Any]:
        """
        The claims of an ID token for this audience. IdTokenRefused or jwt.InvalidTokenError when it is not to be believed.
        """
        if len(token) > TOKEN_LENGTH_MOST:
            raise IdTokenRefused
        header = jwt.get_unverified_header(token)
        if header.get("alg") not in ALGORITHMS:
            raise IdTokenRefused
        key = await self._key(header.get("kid"))
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[key.algorithm_name],
                audience=audience,
                issuer=self.issuer,
                leeway=LEEWAY,
                options={"require": _CLAIMS, "enforce_minimum_key_length": True},
            )
        except (ValueError, TypeError, OverflowError):  # an instant beyond all numbers
            raise IdTokenRefused from None
        authorized = claims.get("azp")
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if authorized != audience and (several or authorized is not None):
            raise IdTokenRefused
        return claims

    async def _key(self, kid: str | None) -> PyJWK:
        """The key of this id, after a look at newer ones; without an id the only key there is."""
        keys = await self._keys.get()
        if kid is None and len(keys) == 1:
            return next(iter(keys.values()))
        if kid not in keys:
            keys = await self._keys.get(wanting=keys)
        if kid is None or kid not in keys:
            raise IdTokenRefused
        return keys[kid]

    async def _said(self, url: str) -> Mapping[str, Any]:
        answer: Answer = await ask(self._client, "GET", url, seconds=self._seconds, repeatable=True)
        if answer.status != httpx.codes.OK:
            raise NoAnswer
        return answer.said

    async def _ask_document(self) -> tuple[Document, float]:
        said = await self._said(self.issuer.rstrip("/") + "/.well-known/openid-configuration")
        match said:
            case {"issuer": self.issuer, "token_endpoint": str() as token, "jwks_uri": str() as keys}:
                pass
            case _:
                raise NoAnswer
        if not (token.startswith(self._schemes) and keys.startswith(self._schemes)):
            raise NoAnswer
        methods = said.get("token_endpoint_auth_methods_supported")
        in_body = (
            isinstance(methods, list)
            and "client_secret_post" in methods
            and "client_secret_basic" not in methods
        )
        return Document(token, keys, in_body), DOCUMENT_SECONDS

    async def _ask_keys(self) -> tuple[Keys, float]:
        document = await self._document.get()
        return _usable(await self._said(document.jwks_uri)), KEYS_SECONDS
