"""
Codes that people show and read out: ten characters, 50 bits, easy to read and to say; longer ones where a code alone opens.

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


def new_code(length: int = _LENGTH) -> str:
    drawn = secrets.randbits(_BITS * length)
    return "".join(_ALPHABET[drawn >> _BITS * place & len(_ALPHABET) - 1] for place in range(length))


def spelled(code: str, group: int = _HALF) -> str:
    """As it is shown: in groups of so many characters."""
    return "-".join(code[place : place + group] for place in range(0, len(code), group))


def read(typed: str, length: int = _LENGTH) -> str | None:
    """The code that somebody typed; None for what is no code."""
    code = typed.strip().upper().translate(_READ_AS)
    return code if len(code) == length and set(code) <= set(_ALPHABET) else None


def indexes(sealer: Sealer, typed: str, purpose: str) -> tuple[bytes, ...]:
    """By which a code as it was typed is found, by every key; none for what is no code."""
    code = read(typed)
    return () if code is None else tuple(sealer.blinds(code, purpose).values())
