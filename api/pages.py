"""Pages for people, each whole in itself: the explorer, and what anybody sees of a certificate."""

import base64
import hashlib
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from string import Template

from api.responding import Header

_HERE = Path(__file__).parent
_EXPLORER = _HERE / "explorer.html"
_CERTIFICATE = _HERE / "certificate.html"
_INLINE = re.compile(rb"<(script|style)>(.*?)</\1>", re.DOTALL)


def _policy(content: bytes, *others: str) -> bytes:
    """
    What the browser may do on a page: run its own scripts and styles (known by their hashes, so nothing injected runs), and
    these others. No other page may frame it.
    """
    allowed: dict[str, list[str]] = {"script": [], "style": []}
    for kind, inline in _INLINE.findall(content):
        digest = base64.b64encode(hashlib.sha256(inline).digest()).decode()
        allowed[kind.decode()].append(f"'sha256-{digest}'")
    own = [f"{kind}-src {' '.join(hashes)}" for kind, hashes in allowed.items() if hashes]
    fixed = ["base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"]
    return "; ".join(["default-src 'none'", *own, *others, *fixed]).encode()


@lru_cache(maxsize=1)
def explorer_page() -> bytes:
    """The explorer, one page without anything from elsewhere."""
    return _EXPLORER.read_bytes()


@lru_cache(maxsize=1)
def explorer_headers() -> tuple[Header, ...]:
    """It may talk to this server. It holds an access token, so no other page may learn its address."""
    return (
        (b"content-security-policy", _policy(explorer_page(), "connect-src 'self'", "img-src data:")),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"referrer-policy", b"no-referrer"),
        (b"vary", b"accept"),
    )


@lru_cache(maxsize=1)
def _certificate() -> Template:
    return Template(_CERTIFICATE.read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def certificate_policy() -> str:
    """It runs nothing and loads nothing."""
    return _policy(_CERTIFICATE.read_bytes()).decode()


def certificate_page(parts: Mapping[str, str]) -> str:
    """The page with these parts, which are HTML already."""
    return _certificate().substitute(parts)
