"""
The port to field encryption: names, identity numbers and contact data are sealed before they reach the database.

`where` (table, column and row id) is authenticated with the text, so that a ciphertext moved to another row or column
does not open. A blind index is a keyed hash by which a sealed value can be looked up.
"""

from collections.abc import Mapping
from typing import Protocol
from uuid import UUID


class Sealer(Protocol):
    @property
    def key_id(self) -> str:
        """Of the newest key: what `seal` and `blind` make now is made by it."""

    def seal(self, text: str, where: str) -> bytes:
        """Encrypt with the newest key."""

    def open(self, sealed: bytes, where: str) -> str:
        """Decrypt with whichever key sealed it; SealBroken when it was changed or moved."""

    def blind(self, text: str, purpose: str) -> bytes:
        """32 bytes by which equal texts are found, and nothing else is learnt without the key. By the newest key."""

    def blinds(self, text: str, purpose: str) -> Mapping[str, bytes]:
        """The blind index by every key of the ring, by the key's id, the newest first: for look-ups across a rotation."""


class SealBroken(Exception):
    """The ciphertext was altered, moved, or its key is gone."""


def place(table: str, column: str, row: UUID) -> str:
    """The `where` of one field of one row."""
    return f"{table}.{column}:{row}"
