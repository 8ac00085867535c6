"""
Codes that people show and read out: ten characters, 50 bits, easy to read and to say.

The programme seals a code for its holder, and finds what it stands for by a blind index of its own purpose.
"""

import secrets

from domain.core.sealing import Sealer

# Crockford's: no letter that is taken for a figure, and none that makes a word of it.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_BITS = 5
_LENGTH = 10
_HALF = 5
_READ_AS = str.maketrans("OIL", "011", "- ")


def new_code() -> str:
    drawn = secrets.randbits(_BITS * _LENGTH)
    return "".join(_ALPHABET[drawn >> _BITS * place & len(_ALPHABET) - 1] for place in range(_LENGTH))


def spelled(code: str) -> str:
    """As it is shown: in two halves."""
    return f"{code[:_HALF]}-{code[_HALF:]}"


def indexes(sealer: Sealer, typed: str, purpose: str) -> tuple[bytes, ...]:
    """By which a code as it was typed is found, by every key; none for what is no code."""
    code = typed.strip().upper().translate(_READ_AS)
    if len(code) != _LENGTH or not set(code) <= set(_ALPHABET):
        return ()
    return tuple(sealer.blinds(code, purpose).values())
