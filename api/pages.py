"""Pages for people: the explorer."""

import base64
import hashlib
import re
from functools import lru_cache
from pathlib import Path

_EXPLORER = Path(__file__).parent / "explorer.html"
_INLINE = re.compile(rb"<(script|style)>(.*?)</\1>", re.DOTALL)


@lru_cache(maxsize=1)
def explorer_page() -> bytes:
    """The explorer, one page without anything from elsewhere."""
    return _EXPLORER.read_bytes()


@lru_cache(maxsize=1)
def explorer_headers() -> tuple[tuple[bytes, bytes], ...]:
    """
    What the browser may do on the page: run its own script (known by its hash, so nothing injected runs) and talk to
    this server. It holds an access token, so no other page may frame it or learn its address.
    """
    allowed: dict[str, list[str]] = {"script": [], "style": []}
    for kind, content in _INLINE.findall(explorer_page()):
        digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
        allowed[kind.decode()].append(f"'sha256-{digest}'")
    policy = "; ".join(
        [
            "default-src 'none'",
            f"script-src {' '.join(allowed['script'])}",
            f"style-src {' '.join(allowed['style'])}",
            "connect-src 'self'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        ]
    )
    return (
        (b"content-security-policy", policy.encode()),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"referrer-policy", b"no-referrer"),
        (b"vary", b"accept"),
    )
