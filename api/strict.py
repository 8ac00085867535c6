"""
One strict reading of a request's body: size, UTF-8, JSON, form. Whatever is wrong is a 4xx with one clear line.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import orjson
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive

from api.headers import Headers

DEPTH_MOST = 32
NODES_MOST = 200_000
LIST_MOST = 1_000
"""No list of the contract takes more than 500; work in proportion to a longer one is not begun."""
NUMBER_MOST = 2**63
_LENGTH_DIGITS = 15
_NUL = re.compile(r"\x00|\\u(?:0000|\{0+\})")
"""The character, and how a literal may spell it."""
_KEYS = frozenset({"query", "variables", "operationName", "extensions", "documentId"})
_DIGEST = re.compile(r"(?:sha256:)?([0-9a-f]{64})")
_APOLLO_KEYS = frozenset({"version", "sha256Hash"})


class BadRequest(Exception):
    """A request that is not served, with its HTTP status and the reason in words."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class Asked(NamedTuple):
    """What a GraphQL request over HTTP asks for: a document by its text, by the SHA-256 of it in hex, or by both."""

    query: str | None
    digest: str | None
    variables: Mapping[str, Any]
    operation_name: str | None


def _declared_length(headers: Headers) -> int | None:
    text = headers.get("content-length")
    if text is None:
        return None
    if not (text.isascii() and text.isdigit()):
        raise BadRequest(400, "Content-Length must be a number")
    return int(text) if len(text) <= _LENGTH_DIGITS else 10**_LENGTH_DIGITS


def _too_large(limit: int) -> BadRequest:
    return BadRequest(413, f"the body may have {limit:,} bytes at most")


async def read_body(headers: Headers, receive: Receive, limit: int) -> bytes:
    """The body; BadRequest 413 as soon as it is known to be longer than `limit` bytes."""
    declared = _declared_length(headers)
    if declared is not None and declared > limit:
        raise _too_large(limit)
    chunks, size = [], 0
    while True:
        message: Message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)


def require_json(content_type: str | None) -> None:
    """JSON alone is read: forms and plain text could be sent from any page without asking."""
    if not _is_json(content_type or ""):
        raise BadRequest(415, "send application/json in UTF-8")


@lru_cache(maxsize=64)
def _is_json(content_type: str) -> bool:
    media, _, parameters = content_type.partition(";")
    charset = parameters.strip().lower().replace(" ", "")
    return media.strip().lower() == "application/json" and charset in {"", "charset=utf-8", 'charset="utf-8"'}


def _check_length(items: list[Any]) -> None:
    if len(items) > LIST_MOST:
        raise BadRequest(400, f"a list may have {LIST_MOST:,} items at most")


def _check_value(value: Any) -> None:
    """Bounds on depth, number of values, length of lists and size of numbers; no NUL, which Postgres cannot keep."""
    stack = [(value, 0)]
    seen = 0
    while stack:
        item, depth = stack.pop()
        seen += 1
        if depth > DEPTH_MOST or seen > NODES_MOST:
            raise BadRequest(400, "the JSON is nested too deeply or holds too many values")
        match item:
            case str():
                if "\x00" in item:
                    raise BadRequest(400, "a text holds the character NUL")
            case bool() | None:
                pass
            case int() | float():
                if not -NUMBER_MOST <= item < NUMBER_MOST:
                    raise BadRequest(400, "a number is too large")
            case dict():
                stack.extend((part, depth + 1) for part in item.values())
                stack.extend((key, depth + 1) for key in item)
            case list():
                _check_length(item)
                stack.extend((part, depth + 1) for part in item)


def parse_request(body: bytes) -> Asked:
    """The GraphQL request in a body; BadRequest 400 for anything else."""
    try:
        value = orjson.loads(body)
    except (orjson.JSONDecodeError, RecursionError):
        raise BadRequest(400, "the body is not JSON in UTF-8") from None
    if not isinstance(value, dict):
        raise BadRequest(400, "the body must be a JSON object")
    if not value.keys() <= _KEYS:
        raise BadRequest(400, "the body may hold query, variables, operationName and extensions")
    return _asked(value)


def _asked(value: Mapping[str, Any]) -> Asked:
    """The parts of a request, each of its kind."""
    variables, name = value.get("variables"), value.get("operationName")
    if not isinstance(value.get("extensions"), dict | None):
        raise BadRequest(400, "extensions must be an object")
    digest = _digest(value)
    query = _query(value, digest)
    if variables is not None and not isinstance(variables, dict):
        raise BadRequest(400, "variables must be an object")
    if name is not None and not isinstance(name, str):
        raise BadRequest(400, "operationName must be a text")
    if variables:
        _check_value(variables)
    return Asked(query, digest, variables or {}, name)


def _query(value: Mapping[str, Any], digest: str | None) -> str | None:
    """The text; None where the hash stands for it."""
    query = value.get("query")
    if query is None and digest is not None:
        return None
    if not isinstance(query, str) or not query.strip():
        raise BadRequest(400, "query must be a text")
    if _NUL.search(query):
        raise BadRequest(400, "a text holds the character NUL")
    if digest is not None and sha256(query.encode()).hexdigest() != digest:
        raise BadRequest(400, "the document's hash is not that of query")
    return query


def names_document(query_string: bytes) -> bool:
    """Does an address ask for a document by its hash?"""
    return any(name in {"documentId", "extensions"} for name, _ in parse_qsl(query_string.decode("latin-1")))


def parse_address(query_string: bytes) -> Asked:
    """The GraphQL request in an address, where a document is named by its hash alone; BadRequest 400 for anything else."""
    fields = parse_qsl(query_string.decode("latin-1"), keep_blank_values=True)
    value: dict[str, Any] = dict(fields)
    if len(value) < len(fields) or not value.keys() <= _KEYS - {"query"}:
        raise BadRequest(400, "the address may hold documentId, variables, operationName and extensions")
    for name in value.keys() & {"variables", "extensions"}:
        try:
            value[name] = orjson.loads(value[name])
        except orjson.JSONDecodeError:
            raise BadRequest(400, f"{name} is not JSON") from None
    return _asked(value)


def _digest(value: Mapping[str, Any]) -> str | None:
    """
    `documentId` (GraphQL over HTTP, persisted documents) or Apollo's `extensions.persistedQuery`; other extensions are not
    looked at.
    """
    named = value.get("documentId")
    apollo = (value.get("extensions") or {}).get("persistedQuery")
    if apollo is not None:
        version = apollo.get("version") if isinstance(apollo, dict) else None
        if named is not None or version != 1 or apollo.keys() != _APOLLO_KEYS:
            raise BadRequest(400, "persistedQuery must hold version 1 and sha256Hash")
        named = apollo["sha256Hash"]
    if named is None:
        return None
    found = _DIGEST.fullmatch(named) if isinstance(named, str) else None
    if found is None:
        raise BadRequest(400, "a document is named by its SHA-256 in hex")
    return found[1]
