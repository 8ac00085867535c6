"""
Receipts of erasures: compact JWS (RFC 7515) with Ed25519, each root key of the ring giving one signing key.

The public halves are published (`/.well-known/erasure-receipt-keys.json`). They are keys of their own: a receipt is no
token, and a token's key signs no receipt.
"""

from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import OKPAlgorithm
from jwt.utils import base64url_decode

from infra.keys import KeyRing

ALGORITHM = "EdDSA"
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

    def published(self) -> dict[str, Any]:
        """The public keys as a JWK Set (RFC 7517, RFC 8037)."""
        return {
            "keys": [
                OKPAlgorithm.to_jwk(key.public_key(), as_dict=True)
                | {"kid": key_id, "alg": ALGORITHM, "use": "sig"}
                for key_id, key in self._keys.items()
            ]
        }
