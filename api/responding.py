"""Whole answers over ASGI."""

from typing import NamedTuple

from starlette.types import Send

JSON = "application/json"
GRAPHQL_JSON = "application/graphql-response+json"
_FIXED = {
    media: [
        (b"content-type", f"{media}; charset=utf-8".encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
    ]
    for media in (JSON, GRAPHQL_JSON, "text/html")
}
_KEPT = b"cache-control"

Header = tuple[bytes, bytes]


class Answer(NamedTuple):
    """Status, media type and body, and headers beside those that every answer has."""

    status: int
    media: str
    body: bytes
    headers: tuple[Header, ...] = ()


async def respond(send: Send, status: int, body: bytes, media: str, *headers: Header) -> None:
    """One whole answer. It is kept nowhere, unless its headers say for how long."""
    fixed = _FIXED[media]
    for name, _ in headers:
        if name == _KEPT:
            fixed = [header for header in fixed if header[0] != _KEPT]
    whole = [*fixed, (b"content-length", b"%d" % len(body)), *headers]
    await send({"type": "http.response.start", "status": status, "headers": whole})
    await send({"type": "http.response.body", "body": body})
