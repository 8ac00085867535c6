"""
By which address clients reach this deployment, for links in answers.

`QINGYI_PUBLIC_URL` says it. Without it the request tells, by its Host: whoever sends a false one gets a link that leads
nowhere, in an answer that only they read.
"""

import re
from functools import lru_cache

from starlette.types import Scope

from infra.settings import Settings

_HOST = re.compile(r"[A-Za-z0-9.:\[\]-]{1,255}", re.ASCII)
_SCHEMES = ("http", "https")


def origin_of(scope: Scope, host: str | None, config: Settings) -> str:
    """Scheme and host without a slash at the end; empty when nothing sensible is known: links are then relative."""
    return config.public_url or _named(scope.get("scheme", ""), host or "")


@lru_cache(maxsize=256)
def _named(scheme: str, host: str) -> str:
    return f"{scheme}://{host}" if scheme in _SCHEMES and _HOST.fullmatch(host) else ""
