"""Public keys as others read them: JWKs (RFC 7517) of Ed25519 (RFC 8037)."""

from base64 import urlsafe_b64encode
from collections.abc import Mapping

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ALGORITHM = "EdDSA"


def public_jwks(keys: Mapping[str, Ed25519PublicKey]) -> list[dict[str, str]]:
    """Keys by the id of their root, in the same order."""
    return [
        {
            "kty": "OKP",
            "crv": "Ed25519",
            "x": urlsafe_b64encode(key.public_bytes_raw()).rstrip(b"=").decode(),
            "kid": key_id,
            "use": "sig",
            "alg": ALGORITHM,
        }
        for key_id, key in keys.items()
    ]
