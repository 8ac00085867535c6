"""
The /graphql endpoint: plain ASGI inside the FastAPI application, whose machinery would cost more than a query.

In turn: who asks and whether too often, the body read strictly, the document run, the answer written (GraphQL over
HTTP).
"""

import asyncio
from typing import Any

import orjson
import structlog
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from uuid_utils.compat import uuid7

from api.answers import Errors, error, fault
from api.auth import CredentialsRefused
from api.language import language_of
from api.limits import counted_address
from api.origin import origin_of
from api.pages import explorer_headers, explorer_page
from api.runtime import Runtime
from api.strict import Asked, BadRequest, parse_request, read_body, require_json
from domain.accounts.codes import Asker
from domain.core.actors import PartnerActor
from domain.core.limits import AskedTooOften
from domain.core.refusals import ErrorCode, Language, SignInNeeded
from graph.core.context import Context
from graph.schema import schema

log = structlog.get_logger()

JSON = "application/json"
GRAPHQL_JSON = "application/graphql-response+json"


async def respond(send: Send, status: int, body: bytes, media: str, *headers: tuple[bytes, bytes]) -> None:
    """One whole answer."""
    fixed = [
        (b"content-type", f"{media}; charset=utf-8".encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": [*fixed, *headers]})
    await send({"type": "http.response.body", "body": body})


def _errors_body(message: str, code: ErrorCode) -> bytes:
    return orjson.dumps({"errors": [error(message, code)]})


class TooSlow(Exception):
    """The request took longer than the deployment allows."""


class GraphQLEndpoint:
    """An ASGI application; `runtime` is there once the server has started."""

    def __init__(self) -> None:
        self.runtime: Runtime | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        assert self.runtime is not None
        headers = Headers(scope=scope)
        if scope["method"] != "POST":
            await self._not_post(scope["method"], headers, send)
            return
        language = language_of(headers.get("accept-language"))
        request_id = str(uuid7())
        known_as = (b"x-request-id", request_id.encode())
        try:
            address = scope["client"][0] if scope.get("client") else ""
            asker = Asker(counted_address(address), headers.get("user-agent", ""))
            status, media, body = await self._post(self.runtime, scope, receive, asker, language, request_id)
            await respond(send, status, body, media, known_as)
        except BadRequest as bad:
            await respond(send, bad.status, _errors_body(bad.reason, ErrorCode.INVALID_INPUT), JSON, known_as)
        except CredentialsRefused:
            body = _errors_body(SignInNeeded().message(language), ErrorCode.UNAUTHENTICATED)
            challenge = (b"www-authenticate", b'Bearer error="invalid_token"')
            await respond(send, 401, body, JSON, challenge, known_as)
        except AskedTooOften as often:
            body = _errors_body(often.message(language), often.code)
            retry = (b"retry-after", str(often.retry_after_seconds).encode())
            await respond(send, 429, body, JSON, retry, known_as)
        except ClientDisconnect:
            return
        except TooSlow:
            body = orjson.dumps({"errors": [fault(language, request_id)]})
            await respond(send, 503, body, JSON, known_as)
        except Exception:
            log.exception("http.fault", request_id=request_id)
            body = orjson.dumps({"errors": [fault(language, request_id)]})
            await respond(send, 500, body, JSON, known_as)

    async def _not_post(self, method: str, headers: Headers, send: Send) -> None:
        assert self.runtime is not None
        explores = self.runtime.config.introspection_allowed and "text/html" in headers.get("accept", "")
        if method in {"GET", "HEAD"} and explores:
            await respond(send, 200, explorer_page(), "text/html", *explorer_headers())
            return
        body = _errors_body("send a POST with application/json", ErrorCode.INVALID_INPUT)
        await respond(send, 405, body, JSON, (b"allow", b"POST"))

    async def _post(
        self,
        runtime: Runtime,
        scope: Scope,
        receive: Receive,
        asker: Asker,
        language: Language,
        request_id: str,
    ) -> tuple[int, str, bytes]:
        """Status, media type and body of the answer."""
        headers = Headers(scope=scope)
        require_json(headers.get("content-type"))
        actor = await runtime.door.enter(asker.address, headers.get("authorization"))
        config = runtime.config
        limit = config.partner_body_limit if isinstance(actor, PartnerActor) else config.body_limit
        asked = parse_request(await read_body(headers, receive, limit))
        context = Context(
            ports=runtime.ports,
            actor=actor,
            language=language,
            now=runtime.database.clock(),
            asker=asker,
            origin=origin_of(scope, headers, config),
            raw_variables=asked.variables,
            introspection=config.introspection_allowed,
        )
        result, begun = await self._execute(runtime, asked, context, request_id)
        strict = GRAPHQL_JSON in headers.get("accept", "")
        status = 200 if begun or not strict else 400
        return status, GRAPHQL_JSON if strict else JSON, orjson.dumps(result)

    async def _execute(
        self, runtime: Runtime, asked: Asked, context: Context, request_id: str
    ) -> tuple[dict[str, Any], bool]:
        """The result, and whether execution was begun at all."""
        try:
            async with asyncio.timeout(runtime.config.request_timeout_seconds):
                result = await schema.execute(
                    asked.query,
                    variable_values=dict(asked.variables),
                    context_value=context,
                    operation_name=asked.operation_name,
                )
        except (CannotGetOperationTypeError, InvalidOperationTypeError):
            raise BadRequest(400, "operationName names no operation of the document") from None
        except TimeoutError:
            raise TooSlow from None
        answer: dict[str, Any] = {}
        begun = (
            not result.errors or any(found.path is not None for found in result.errors) or bool(result.data)
        )
        if begun:
            answer["data"] = result.data
        if result.errors:
            errors = Errors(context.language, request_id, suggestions=runtime.config.introspection_allowed)
            answer["errors"] = errors.format(result.errors)
        return answer, begun
