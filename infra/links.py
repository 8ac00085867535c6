"""Links that whoever has them may follow for a time: path and end are signed with HMAC-SHA-256; any key of the ring opens."""

import base64
import hmac
import re
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from infra.keys import KeyRing

_SECONDS = re.compile(r"[0-9]{1,11}", re.ASCII)
_NUMBER = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)
_FOR_EVER = "for-ever"


class RingLinks:
    """`graph.core.context.LinkSigner`, and its other half."""

    def __init__(self, ring: KeyRing) -> None:
        self._keys = tuple(ring.derive_all("links").values())

    def to_export(self, export_id: UUID, ends: datetime) -> str:
        path, seconds = export_path(export_id), str(int(ends.timestamp()))
        return f"{path}?expires={seconds}&signature={_signature(self._keys[0], path, seconds)}"

    def to_calendar(self, side: str, key: UUID, number: int) -> str:
        path = calendar_path(side, key)
        # The first has no number: links that an older release gave stay good.
        which = f"number={number}&" if number else ""
        return f"{path}?{which}signature={_signature(self._keys[0], path, _numbered(number))}"

    def calendar_number(self, path: str, number: str, signature: str) -> int | None:
        """The number of this link; None when we did not make it. Whether it is the newest knows the database."""
        if number and not _NUMBER.fullmatch(number):
            return None
        found, given = int(number or 0), signature.encode()
        right = [
            hmac.compare_digest(given, _signature(key, path, _numbered(found)).encode()) for key in self._keys
        ]
        return found if any(right) else None

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


def _numbered(number: int) -> str:
    return f"{_FOR_EVER}-{number}" if number else _FOR_EVER


def _signature(key: bytes, path: str, seconds: str) -> str:
    digest = hmac.digest(key, f"{path}\n{seconds}".encode(), sha256)
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
