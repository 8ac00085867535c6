"""
The form of an API token's secret: `qyp_`, 30 random base62 characters (178 bits), 6 of CRC-32.

A scanner can recognise it, and a mistyped one is refused without asking the database.
"""

import hmac
import secrets
import string
import zlib
from hashlib import sha256

PREFIX = "qyp_"
RANDOM_LENGTH = 30
CHECK_LENGTH = 6
SHOWN_LENGTH = len(PREFIX) + 6
"""How much of a secret is shown for recognition afterwards."""

_ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
_DIGITS = {character: value for value, character in enumerate(_ALPHABET)}


def _base62(number: int, length: int) -> str:
    digits = []
    for _ in range(length):
        number, digit = divmod(number, len(_ALPHABET))
        digits.append(_ALPHABET[digit])
    return "".join(reversed(digits))


def _check(body: str) -> str:
    return _base62(zlib.crc32(body.encode()), CHECK_LENGTH)


def new_secret() -> str:
    body = PREFIX + "".join(secrets.choice(_ALPHABET) for _ in range(RANDOM_LENGTH))
    return body + _check(body)


def derived_secret(key: bytes, seed: str) -> str:
    """
    The secret that this key and seed always give. The seed holds the caller's idempotency key, which is kept as a hash
    only: a caller who lost the answer gets the same secret again, and nobody can make it from the database.
    """
    number = int.from_bytes(hmac.digest(key, seed.encode(), sha256))
    body = PREFIX + _base62(number, RANDOM_LENGTH)
    return body + _check(body)


def well_formed(secret: str) -> bool:
    """Has it the form and the right checksum?"""
    if len(secret) != len(PREFIX) + RANDOM_LENGTH + CHECK_LENGTH or not secret.startswith(PREFIX):
        return False
    body = secret[:-CHECK_LENGTH]
    return (
        all(character in _DIGITS for character in body[len(PREFIX) :])
        and _check(body) == secret[-CHECK_LENGTH:]
    )
