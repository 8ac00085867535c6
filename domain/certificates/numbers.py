"""
The number on a certificate: whoever has it may look the certificate up, and nobody guesses one.

It has 24 characters, 120 bits. Kept is its plain hash, which outlives a change of keys; the number itself stands in the signed
statement, which is sealed.
"""

from hashlib import sha256

from domain.core import spoken_codes

LENGTH = 24
_GROUP = 6


def new_number() -> str:
    return spoken_codes.new_code(LENGTH)


def spelled(number: str) -> str:
    """As it is printed: in four groups."""
    return spoken_codes.spelled(number, _GROUP)


def hash_of(typed: str) -> bytes:
    """
    By which the certificate of a number as it was typed is found. What is no number has a hash too, of no certificate, so that
    both are looked for in the same way.
    """
    return sha256((spoken_codes.read(typed, LENGTH) or "").encode()).digest()
