"""
Receipts of erasures: compact JWS (RFC 7515) with Ed25519, each root key of the ring giving one signing key.

The public halves are published (`/.well-known/erasure-receipt-keys.json`). They are keys of their own: a receipt is no
token, and a token's key signs no receipt.
"""

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.utils import base64url_decode

from infra.jwks import ALGORITHM, public_jwks
from infra.keys import KeyRing

TYPE = "erasure-receipt+jws"


class RingReceipts:
    """`domain.accounts.erasing.ReceiptSigner`."""

    def __init__(self, ring: KeyRing) -> None:
        self._newest = ring.newest.id
        self._keys = {
            key_id: Ed25519PrivateKey.from_private_bytes(secret)
            for key_id, secret in ring.derive_all("erasure-receipts").items()
        }

    def sign(self, facts: bytes) -> str:
        headers = {"kid": self._newest, "typ": TYPE}
        return jwt.api_jws.encode(facts, self._keys[self._newest], ALGORITHM, headers)

    def read(self, receipt: str) -> bytes:
        return base64url_decode(receipt.split(".")[1])

    def public_jwks(self) -> list[dict[str, str]]:
        """The public keys of every root, the newest first."""
        return public_jwks({key_id: key.public_key() for key_id, key in self._keys.items()})
