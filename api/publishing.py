"""
What anybody may keep: answers of public trusted documents to strangers, with a validator (RFC 9110, RFC 9111).

Answers differ by the language and by the form that was asked for, and whoever has credentials is answered for themselves.
"""

from hashlib import sha256

from api.headers import Headers
from api.responding import Answer, Header

_VARY: Header = (b"vary", b"accept, accept-language, authorization")


def _tag(body: bytes) -> str:
    return f'"{sha256(body).hexdigest()[:32]}"'


def _holds(asked: str, tag: str) -> bool:
    """If-None-Match, compared weakly as it must be."""
    return asked.strip() == "*" or tag in {part.strip().removeprefix("W/") for part in asked.split(",")}


def published(answer: Answer, headers: Headers, seconds: int | None) -> Answer:
    """The answer of a GET, to be kept for so long (None: by nobody); 304 without a body for one that has it already."""
    if seconds is None:
        return answer._replace(headers=(*answer.headers, _VARY))
    tag = _tag(answer.body)
    kept: tuple[Header, ...] = (
        *answer.headers,
        (b"cache-control", f"public, max-age={seconds}".encode()),
        (b"etag", tag.encode()),
        _VARY,
    )
    if _holds(headers.get("if-none-match", ""), tag):
        return Answer(304, answer.media, b"", kept)
    return answer._replace(headers=kept)
