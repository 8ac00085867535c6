"""What is read of a request's headers."""

from collections.abc import Mapping
from typing import Literal, get_args

from starlette.types import Scope

Name = Literal[
    "accept",
    "accept-language",
    "authorization",
    "content-length",
    "content-type",
    "host",
    "if-none-match",
    "user-agent",
]
"""All that anybody looks at; whoever asks for another is told by the type checker."""

Headers = Mapping[Name, str]

_READ: dict[bytes, Name] = {name.encode(): name for name in get_args(Name)}


def headers_of(scope: Scope) -> Headers:
    """By their names; of one that is sent twice the first counts."""
    return {
        _READ[name]: value.decode("latin-1") for name, value in reversed(scope["headers"]) if name in _READ
    }
