"""What a result looks like on the wire: errors put into words and codes, faults of the server without detail."""

import re
from collections.abc import Sequence
from typing import Any

import structlog
from graphql import GraphQLError
from sqlalchemy.exc import DBAPIError
from strawberry.utils.str_converters import to_camel_case

from domain.core.refusals import ErrorCode, Language, Refusal, Refused

log = structlog.get_logger()

# What was sent is not said back: it may be somebody's number.
_FOUND = re.compile(r""",? found:? (?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^;.]*)""")
_SUGGESTION = re.compile(r"\s*Did you mean .*$", re.DOTALL)
_FAULT = {
    Language.ZH: "服务器内部错误，请稍后再试。",
    Language.EN: "Something went wrong on our side; please try again later.",
}
_UNSTORABLE = {Language.ZH: "提交的内容无法保存。", Language.EN: "Something in the input cannot be stored."}


def error(message: str, code: ErrorCode) -> dict[str, Any]:
    return {"message": message, "extensions": {"code": code.value}}


def fault(language: Language, request_id: str) -> dict[str, Any]:
    """A fault of the server: without detail, with what finds it in the log."""
    return {"message": _FAULT[language], "extensions": {"requestId": request_id}}


def _refusal(raised: BaseException | None) -> Refusal | None:
    if isinstance(raised, Refused):
        return raised.reasons[0]
    return raised if isinstance(raised, Refusal) else None


def _unstorable(raised: BaseException | None) -> bool:
    """A value that its column cannot hold (SQLSTATE class 22): SQLAlchemy has no class of errors for it with asyncpg."""
    return isinstance(raised, DBAPIError) and (getattr(raised.orig, "sqlstate", None) or "").startswith("22")


class Errors:
    """Formats the errors of one request."""

    def __init__(self, language: Language, request_id: str, *, suggestions: bool) -> None:
        self._language = language
        self._request_id = request_id
        self._suggestions = suggestions

    def format(self, errors: Sequence[GraphQLError]) -> list[dict[str, Any]]:
        return [self._one(found) for found in errors]

    def _one(self, found: GraphQLError) -> dict[str, Any]:
        shown: dict[str, Any] = {"message": found.message}
        if found.locations:
            shown["locations"] = [{"line": place.line, "column": place.column} for place in found.locations]
        if found.path is None:
            # Before execution: the document or its variables are at fault, the message is about what was sent.
            message = _FOUND.sub("", found.message)
            shown["message"] = message if self._suggestions else _SUGGESTION.sub("", message)
            return shown | {"extensions": {"code": ErrorCode.INVALID_INPUT.value}}
        shown["path"] = found.path
        refusal = _refusal(found.original_error)
        if refusal is not None:
            extensions: dict[str, Any] = {"code": refusal.code.value}
            if refusal.field:
                extensions["field"] = [to_camel_case(part) for part in refusal.field]
            return shown | {"message": refusal.message(self._language), "extensions": extensions}
        if _unstorable(found.original_error):
            extensions = {"code": ErrorCode.INVALID_INPUT.value}
            return shown | {"message": _UNSTORABLE[self._language], "extensions": extensions}
        if found.original_error is None or isinstance(found.original_error, GraphQLError):
            # Raised by the executor itself, e.g. an argument that does not fit: about what was sent.
            return shown | {"extensions": {"code": ErrorCode.INVALID_INPUT.value}}
        log.error(
            "graphql.fault", request_id=self._request_id, path=found.path, exc_info=found.original_error
        )
        return shown | fault(self._language, self._request_id)
