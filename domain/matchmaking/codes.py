"""
The code that a guest shows at the desk: sixteen characters, 80 bits, sealed; and its hash, by which it is found.

The hash is SHA-256 over the event's id and the code, without a key, so that a desk without a network can make it too. A
list of hashes gives no code away: there are 2^80 of them.
"""

import secrets
from hashlib import sha256
from uuid import UUID

# Crockford's: no letter that is taken for a figure, and none that makes a word of it.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 16
_GROUP = 4
_READ_AS = str.maketrans("OIL", "011", "- ")
HASH_BYTES = 32


def new_code() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))


def in_groups(code: str) -> str:
    """As it is shown: ABCD-EFGH-JKMN-PQRS."""
    return "-".join(code[at : at + _GROUP] for at in range(0, _LENGTH, _GROUP))


def read_code(typed: str) -> str | None:
    """The code as it was meant, however it was typed; None for what is no code."""
    code = typed.strip().upper().translate(_READ_AS)
    return code if len(code) == _LENGTH and set(code) <= set(_ALPHABET) else None


def code_hash(event_id: UUID, code: str) -> bytes:
    """32 bytes: SHA-256 of the event's UUID in lower case, a colon and the code."""
    return sha256(f"{event_id}:{code}".encode()).digest()


def read_hash(text: str) -> bytes | None:
    """A hash from its 64 hexadecimal figures; None for anything else."""
    try:
        found = bytes.fromhex(text)
    except ValueError:
        return None
    return found if len(found) == HASH_BYTES else None
