"""Headers of a request by their names, read once."""

from collections.abc import Mapping

from starlette.types import Scope


def headers_of(scope: Scope) -> Mapping[str, str]:
    """By names in small letters, as ASGI gives them; of one that is sent twice the first counts."""
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in reversed(scope["headers"])}
