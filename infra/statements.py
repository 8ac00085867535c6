"""
What the house signs for others to check: compact JWS (RFC 7515) with Ed25519, each root key of the ring giving one signing
key for each kind of statement.

The public halves are published under `/.well-known/`. A key signs one kind alone: a receipt is no token, a list for a desk
no receipt.
"""

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.utils import base64url_decode

from infra.jwks import ALGORITHM, public_jwks
from infra.keys import KeyRing


class RingStatements:
    """Signs statements of one kind. `purpose` derives their keys, `kind` is the `typ` in their head."""

    def __init__(self, ring: KeyRing, purpose: str, kind: str) -> None:
        self._newest = ring.newest.id
        self._kind = kind
        self._keys = {
            key_id: Ed25519PrivateKey.from_private_bytes(secret)
            for key_id, secret in ring.derive_all(purpose).items()
        }

    def sign(self, facts: bytes) -> str:
        headers = {"kid": self._newest, "typ": self._kind}
        return jwt.api_jws.encode(facts, self._keys[self._newest], ALGORITHM, headers)

    def read(self, statement: str) -> bytes:
        return base64url_decode(statement.split(".")[1])

    def public_jwks(self) -> list[dict[str, str]]:
        """The public keys of every root, the newest first."""
        return public_jwks({key_id: key.public_key() for key_id, key in self._keys.items()})


class RingReceipts(RingStatements):
    """`domain.core.statements.StatementSigner` for receipts of erasures."""

    def __init__(self, ring: KeyRing) -> None:
        super().__init__(ring, "erasure-receipts", "erasure-receipt+jws")


class RingDeskLists(RingStatements):
    """The same for the lists of desks without a network."""

    def __init__(self, ring: KeyRing) -> None:
        super().__init__(ring, "desk-lists", "desk-list+jws")


class RingCertificates(RingStatements):
    """The same for certificates."""

    def __init__(self, ring: KeyRing) -> None:
        super().__init__(ring, "certificates", "certificate+jws")
