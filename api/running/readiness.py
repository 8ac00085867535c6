"""Asking a server on this machine whether it is ready."""

from http.client import HTTPException
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, build_opener

# A proxy of the environment is not meant for our own machine.
_OPENER = build_opener(ProxyHandler({}))


def ready(url: str, timeout_seconds: float = 5.0) -> str | None:
    """None when `url`/readyz answers 200, else what is in the way, in one line."""
    try:
        with _OPENER.open(f"{url}/readyz", timeout=timeout_seconds):
            return None
    except HTTPError as error:
        with error:
            return error.read(2000).decode(errors="replace").strip() or f"status {error.code}"
    except (URLError, OSError, HTTPException) as error:
        return str(error)
