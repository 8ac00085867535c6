"""
Access tokens of people: JWTs (RFC 9068) signed with Ed25519, each root key of the ring giving one signing key.

Everything that could be chosen by whoever writes a token is pinned: one algorithm, our own key ids, type, issuer and
audience. A token that fails in any way fails in the same way.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from uuid_utils.compat import uuid7

from domain.accounts.sessions import Bearer
from infra.jwks import ALGORITHM, public_jwks
from infra.keys import KeyRing

AUDIENCE = "qingyi-api"
TYPE = "at+jwt"
LIFE = timedelta(minutes=15)
LEEWAY = timedelta(seconds=30)
LENGTH_MOST = 2_000
_CLAIMS = ["iss", "aud", "sub", "jti", "iat", "exp", "act"]


@dataclass(frozen=True, slots=True)
class Claims:
    """Whom a token speaks for; `session` is None for one that was granted, which no sign-out ends."""

    bearer: Bearer
    subject: UUID
    session: UUID | None = None


class TokenRefused(Exception):
    """Not a token of ours, or no longer one."""


class AccessTokens:
    """Makes and reads access tokens."""

    def __init__(self, ring: KeyRing, issuer: str) -> None:
        self._newest = ring.newest.id
        self._issuer = issuer
        self._keys = {
            key_id: Ed25519PrivateKey.from_private_bytes(secret)
            for key_id, secret in ring.derive_all("access-tokens").items()
        }
        self._public = {key_id: key.public_key() for key_id, key in self._keys.items()}

    def issue(
        self,
        bearer: Bearer,
        subject: UUID,
        now: datetime,
        life: timedelta = LIFE,
        *,
        session: UUID | None = None,
    ) -> str:
        """A token for so long; with its session where there is one."""
        claims: dict[str, Any] = {
            "iss": self._issuer,
            "aud": AUDIENCE,
            "sub": str(subject),
            "act": bearer.value,
            "jti": str(uuid7()),
            "iat": now,
            "exp": now + life,
        }
        if session is not None:
            claims["sid"] = str(session)
        headers = {"kid": self._newest, "typ": TYPE}
        return jwt.encode(claims, self._keys[self._newest], algorithm=ALGORITHM, headers=headers)

    def issue_for_session(
        self, bearer: Bearer, subject: UUID, session: UUID, now: datetime
    ) -> tuple[str, datetime]:
        """A token of a session, and when it ends."""
        return self.issue(bearer, subject, now, session=session), now + LIFE

    def public_jwks(self) -> list[dict[str, str]]:
        """The public keys of every root, the newest first, as JWKs (RFC 8037)."""
        return public_jwks(self._public)

    def read(self, token: str) -> Claims:
        """Whom the token speaks for; TokenRefused for any fault in it."""
        if len(token) > LENGTH_MOST:
            raise TokenRefused
        try:
            header = jwt.get_unverified_header(token)
            key = self._public.get(header.get("kid", ""))
            if key is None or header.get("typ") != TYPE or not header.keys() <= {"alg", "kid", "typ"}:
                raise TokenRefused
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                issuer=self._issuer,
                leeway=LEEWAY,
                options={"require": _CLAIMS},
            )
            if type(claims["exp"]) is not int or type(claims["iat"]) is not int:
                raise TokenRefused
            session = claims.get("sid")
            return Claims(
                Bearer(claims["act"]), UUID(claims["sub"]), None if session is None else UUID(session)
            )
        except (jwt.InvalidTokenError, ValueError, TypeError):
            raise TokenRefused from None
