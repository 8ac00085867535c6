"""Links that whoever has them may follow for a time: path and end are signed with HMAC-SHA-256; any key of the ring opens."""

import base64
import hmac
import re
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from infra.keys import KeyRing

_SECONDS = re.compile(r"[0-9]{1,11}", re.ASCII)
_FOR_EVER = "for-ever"


class RingLinks:
    """`graph.core.context.LinkSigner`, and its other half."""

    def __init__(self, ring: KeyRing) -> None:
        self._keys = tuple(ring.derive_all("links").values())

    def to_export(self, export_id: UUID, ends: datetime) -> str:
        path, seconds = export_path(export_id), str(int(ends.timestamp()))
        return f"{path}?expires={seconds}&signature={_signature(self._keys[0], path, seconds)}"

    def to_calendar(self, side: str, key: UUID) -> str:
        path = calendar_path(side, key)
        return f"{path}?signature={_signature(self._keys[0], path, _FOR_EVER)}"

    def holds_for_ever(self, path: str, signature: str) -> bool:
        """Did we make this link without an end?"""
        given = signature.encode()
        right = [hmac.compare_digest(given, _signature(key, path, _FOR_EVER).encode()) for key in self._keys]
        return any(right)

    def holds(self, path: str, seconds: str, signature: str, now: datetime) -> bool:
        """Did we make this link, and has it not ended?"""
        if not _SECONDS.fullmatch(seconds):
            return False
        given = signature.encode()
        right = [hmac.compare_digest(given, _signature(key, path, seconds).encode()) for key in self._keys]
        return any(right) and now.timestamp() < int(seconds)


def export_path(export_id: UUID) -> str:
    """Served by `api.exports`."""
    return f"/exports/{export_id.hex}"


def calendar_path(side: str, key: UUID) -> str:
    """Served by `api.calendars`."""
    return f"/calendars/{side}/{key.hex}.ics"


def _signature(key: bytes, path: str, seconds: str) -> str:
    digest = hmac.digest(key, f"{path}\n{seconds}".encode(), sha256)
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
