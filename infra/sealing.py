"""
Field encryption: AES-256-GCM, the key's id in front, the place of the field authenticated with it.

    1 byte form | 1 byte length of the key's id | the id | 12 bytes nonce | ciphertext and tag
"""

import hmac
import os
from hashlib import sha256

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.core.sealing import SealBroken
from infra.keys import KeyRing

_FORM = 1
_NONCE = 12


def _front(key_id: str) -> bytes:
    return bytes((_FORM, len(key_id))) + key_id.encode()


def sealed_by(column: sa.ColumnElement[bytes]) -> sa.ColumnElement[str | None]:
    """In SQL: the id of the key that sealed; NULL of NULL, "?" of what no key has sealed."""
    known = sa.and_(sa.func.octet_length(column) > 1, sa.func.substr(column, 1, 1) == bytes((_FORM,)))
    named = sa.func.encode(sa.func.substr(column, 3, sa.func.get_byte(column, 1)), "escape")
    return sa.case((column.is_(None), None), (known, named), else_="?")


class RingSealer:
    """Seals with the newest key of the ring, opens with whichever key sealed."""

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring
        self.key_id = ring.newest.id
        self.key_ids = tuple(root.id for root in ring.roots)
        self._front = _front(self.key_id)
        self._ciphers = {key_id: AESGCM(key) for key_id, key in ring.derive_all("fields").items()}
        self._blind_keys: dict[str, dict[str, bytes]] = {}

    def seal(self, text: str, where: str) -> bytes:
        nonce = os.urandom(_NONCE)
        sealed = self._ciphers[self.key_id].encrypt(nonce, text.encode(), where.encode())
        return self._front + nonce + sealed

    def is_current(self, sealed: bytes) -> bool:
        """Was it sealed by the newest key?"""
        return sealed.startswith(self._front)

    def is_outdated(self, column: sa.ColumnElement[bytes]) -> sa.ColumnElement[bool]:
        """In SQL: sealed by another key than the newest; it reads the first bytes alone."""
        return sa.func.substr(column, 1, len(self._front)) != self._front

    def open(self, sealed: bytes, where: str) -> str:
        """SealBroken when it was altered or moved, or when its key is not in the ring."""
        try:
            form, length = sealed[0], sealed[1]
            key_id = sealed[2 : 2 + length].decode()
            nonce, body = sealed[2 + length : 2 + length + _NONCE], sealed[2 + length + _NONCE :]
            if form != _FORM:
                raise SealBroken
            return self._ciphers[key_id].decrypt(nonce, body, where.encode()).decode()
        except (IndexError, KeyError, UnicodeDecodeError, ValueError, InvalidTag):
            raise SealBroken from None

    def blind(self, text: str, purpose: str) -> bytes:
        return self.blinds(text, purpose)[self.key_id]

    def blinds(self, text: str, purpose: str) -> dict[str, bytes]:
        keys = self._blind_keys.get(purpose)
        if keys is None:
            keys = self._blind_keys[purpose] = self._ring.derive_all(f"blind:{purpose}")
        return {key_id: hmac.digest(key, text.encode(), sha256) for key_id, key in keys.items()}


class RingSigner:
    """Signs cursors: 16 bytes of HMAC-SHA-256 in front. Any key of the ring opens."""

    LENGTH = 16

    def __init__(self, ring: KeyRing) -> None:
        self._keys = tuple(ring.derive_all("cursors").values())

    def sign(self, payload: bytes) -> bytes:
        return hmac.digest(self._keys[0], payload, sha256)[: self.LENGTH] + payload

    def open(self, signed: bytes) -> bytes | None:
        signature, payload = signed[: self.LENGTH], signed[self.LENGTH :]
        for key in self._keys:
            if hmac.compare_digest(signature, hmac.digest(key, payload, sha256)[: self.LENGTH]):
                return payload
        return None
