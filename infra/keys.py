"""
The server's secrets: one ring of root keys, from which each purpose derives its own.

`QINGYI_KEYS` is `id:base64,id:base64…`, 32 bytes each, the newest first. New data use the newest; older ones still
open what they sealed. Outside production a ring is made at the first start and kept in the data folder (mode 0600).
"""

import base64
import binascii
import os
import re
import secrets
import sys
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from infra.settings import Settings

KEY_BYTES = 32
_KEY_ID = re.compile(r"[a-z0-9]{1,12}")


class BadKeys(ValueError):
    """`QINGYI_KEYS` is missing in production or is not of the form it must have."""


@dataclass(frozen=True, slots=True)
class RootKey:
    id: str
    secret: bytes = field(repr=False)

    def derive(self, purpose: str) -> bytes:
        """32 bytes for this purpose alone (HKDF-SHA256, RFC 5869)."""
        return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose.encode()).derive(
            self.secret
        )


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Root keys, the newest first."""

    roots: tuple[RootKey, ...]

    @property
    def newest(self) -> RootKey:
        return self.roots[0]

    def derive_all(self, purpose: str) -> dict[str, bytes]:
        """The key of every root for this purpose, by root id, the newest first."""
        return {root.id: root.derive(purpose) for root in self.roots}


def parse_keys(text: str) -> KeyRing:
    """Read `id:base64,…`; BadKeys says what is wrong without repeating any secret."""
    roots = []
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        key_id, _, encoded = part.partition(":")
        if not is_key_id(key_id):
            raise BadKeys("each key is id:base64, the id 1 to 12 lower-case letters or digits")
        try:
            secret = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            raise BadKeys(f"key {key_id} is not base64") from None
        if len(secret) != KEY_BYTES:
            raise BadKeys(f"key {key_id} has {len(secret)} bytes, not {KEY_BYTES}")
        roots.append(RootKey(key_id, secret))
    if not roots or len({root.id for root in roots}) != len(roots):
        raise BadKeys("at least one key, each id once")
    return KeyRing(tuple(roots))


def is_key_id(text: str) -> bool:
    return _KEY_ID.fullmatch(text) is not None


def new_key(key_id: str) -> str:
    """A new key as the ring holds it, `id:base64`."""
    return f"{key_id}:{base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()}"


def _kept_keys(path: Path) -> str:
    """The development ring; two processes starting at once agree on one file (O_EXCL)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(new_key("dev1") + "\n")
    try:
        os.link(fresh, path)
    except FileExistsError:
        pass  # made before, or by another process just now: that one holds
    finally:
        fresh.unlink()
    return path.read_text()


@lru_cache(maxsize=4)
def _ring(text: str) -> KeyRing:
    return parse_keys(text)


def key_ring(config: Settings) -> KeyRing:
    """The ring of this deployment; ends the process with one clear line when it cannot be had."""
    try:
        if config.keys is not None:
            return _ring(config.keys.get_secret_value())
        if not config.production:
            return _ring(_kept_keys(config.data_dir / "keys"))
        complaint = "must be set in production"
    except BadKeys as error:
        complaint = str(error)
    sys.stderr.write(f"qingyi: wrong setting QINGYI_KEYS: {complaint}\n")
    raise SystemExit(2)
