"""
The province's unified identity, an OpenID Connect provider: authorization code with PKCE (RFC 7636), server to server.

What is believed is the ID token alone, and of it the subject and a phone number that the provider has verified. Real names
are not: VERIFIED is what the registry of persons says. A nonce is not asked for: the contract has no place for one, and the
code comes straight from the provider for a verifier that only its client knows.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
import jwt
import structlog

from domain.accounts.codes import Asker
from domain.accounts.doors import DoorClosed, ProofRefused, Proven, ProviderAway, Subject, UnifiedIdentity
from domain.accounts.models import Provider
from domain.core.phones import is_mobile
from domain.core.refusals import Invalid, Refusal, refuse_all
from infra.door_limits import DoorKeeper
from infra.oidc_provider import IdTokenRefused, OidcProvider
from infra.outside import SECONDS, NoAnswer, ask
from infra.settings import Settings

log = structlog.get_logger()

_CODE = re.compile(r"[\x20-\x7e]{1,2048}", re.ASCII)
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}", re.ASCII)
_SUBJECT = re.compile(r"[\x21-\x7e]{1,255}", re.ASCII)


@dataclass(frozen=True, slots=True)
class OidcClient:
    """How the provider knows us. Without a secret we are a public client."""

    id: str
    secret: str | None
    redirect_uris: frozenset[str]


class OidcDoor:
    """`domain.accounts.doors.UnifiedIdentity`."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        keeper: DoorKeeper,
        provider: OidcProvider,
        known_as: OidcClient,
        *,
        seconds: float = SECONDS,
    ) -> None:
        self._client = client
        self._keeper = keeper
        self._provider = provider
        self._known_as = known_as
        self._seconds = seconds

    async def prove(self, code: str, code_verifier: str, redirect_uri: str, asker: Asker) -> Proven:
        refuse_all(self._faults(code, code_verifier, redirect_uri))
        await self._keeper.let_in(asker)
        try:
            claims = await self._claims(code, code_verifier, redirect_uri)
        except NoAnswer as fault:
            log.warning("oidc.away", fault=type(fault).__name__)
            raise ProviderAway from None
        except (jwt.InvalidTokenError, IdTokenRefused) as fault:
            log.error("oidc.token_refused", fault=type(fault).__name__)  # noqa: TRY400  # its message may quote the token
            raise ProofRefused("code") from None
        subject = Subject(Provider.OIDC, self._provider.issuer, claims["sub"])
        return Proven((subject,), _verified_phone(claims))

    def _faults(self, code: str, code_verifier: str, redirect_uri: str) -> list[Refusal]:
        found: list[Refusal] = []
        if not _CODE.fullmatch(code):
            found.append(ProofRefused("code"))
        if not _VERIFIER.fullmatch(code_verifier):
            zh, en = "需为 43 至 128 个非保留字符。", "Must have 43 to 128 unreserved characters (RFC 7636)."
            found.append(Invalid("code_verifier", zh=zh, en=en))
        if redirect_uri not in self._known_as.redirect_uris:
            zh, en = "回调地址不在允许范围内。", "This redirect URI is not one of those allowed here."
            found.append(Invalid("redirect_uri", zh=zh, en=en))
        return found

    async def _claims(self, code: str, code_verifier: str, redirect_uri: str) -> Mapping[str, Any]:
        """The claims of the ID token that the code is exchanged for; the code is used up by asking."""
        document = await self._provider.document()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": code_verifier,
        }
        request: dict[str, Any] = {}
        known_as = self._known_as
        if known_as.secret is None:
            form["client_id"] = known_as.id
        elif document.secret_in_body:
            form |= {"client_id": known_as.id, "client_secret": known_as.secret}
        else:
            # Both are encoded as in a form before they are joined (RFC 6749, 2.3.1).
            request["auth"] = httpx.BasicAuth(quote(known_as.id, safe=""), quote(known_as.secret, safe=""))
        answer = await ask(
            self._client, "POST", document.token_endpoint, data=form, seconds=self._seconds, **request
        )
        match answer.said:
            case {"id_token": str() as token} if answer.status == httpx.codes.OK:
                claims = await self._provider.claims(token, audience=known_as.id)
            case {"error": "invalid_grant"}:
                raise ProofRefused("code")
            case _:
                log.error("oidc.refused", status=answer.status)
                raise NoAnswer
        if not isinstance(claims["sub"], str) or not _SUBJECT.fullmatch(claims["sub"]):
            raise IdTokenRefused
        return claims


def _verified_phone(claims: Mapping[str, Any]) -> str | None:
    """The number that the provider itself has verified, where it is one that we serve."""
    number = claims.get("phone_number")
    if claims.get("phone_number_verified") is not True or not isinstance(number, str):
        return None
    return number if is_mobile(number) else None


class NoUnifiedIdentity:
    """A deployment without a provider."""

    async def prove(self, code: str, code_verifier: str, redirect_uri: str, asker: Asker) -> Proven:  # noqa: ARG002  # the port's
        raise DoorClosed


def unified_identity_of(config: Settings, client: httpx.AsyncClient, keeper: DoorKeeper) -> UnifiedIdentity:
    """The provider where an issuer is set; settings see to it that the rest is."""
    if config.oidc_issuer is None or config.oidc_client_id is None:
        return NoUnifiedIdentity()
    secret = config.oidc_client_secret
    known_as = OidcClient(
        config.oidc_client_id,
        None if secret is None else secret.get_secret_value(),
        frozenset(config.oidc_redirect_uris),
    )
    provider = OidcProvider(client, config.oidc_issuer, encrypted=config.production)
    return OidcDoor(client, keeper, provider, known_as)
