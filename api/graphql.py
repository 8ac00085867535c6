"""
The /graphql endpoint: plain ASGI inside the FastAPI application, whose machinery would cost more than a query.

In turn: who asks and whether too often, the body read strictly, the document found, run, the answer written (GraphQL over
HTTP). A trusted document that says that it is public may be asked for by GET, see `api.publishing`.
"""

import time

import orjson
import structlog
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send
from uuid_utils import uuid7

from api.answers import error, fault
from api.auth import CredentialsRefused
from api.headers import Headers, headers_of
from api.language import language_of
from api.limits import counted_address
from api.operations import Request, TooSlow
from api.origin import origin_of
from api.pages import explorer_headers, explorer_page
from api.publishing import published
from api.responding import GRAPHQL_JSON, JSON, Answer, respond
from api.runtime import Runtime
from api.strict import (
    Asked,
    BadRequest,
    names_document,
    parse_address,
    parse_request,
    read_body,
    require_json,
)
from domain.accounts.codes import Asker
from domain.core.actors import Actor, PartnerActor
from domain.core.limits import AskedTooOften
from domain.core.refusals import ErrorCode, Language, SignInNeeded
from graph.core.documents import Prepared, UnknownDocument, UnknownOperation
from graph.schema import documents
from infra.tallies import Timings

log = structlog.get_logger()

SECONDS = Timings(
    "qingyi_request_seconds",
    "From the first byte of a request for GraphQL to the last of its answer.",
    (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
_GETTING = {"GET", "HEAD"}
_OPERATION_UNKNOWN = "operationName names no operation of the document"
# Apollo's words: its clients know by them that they must send the whole text.
_NOT_FOUND = orjson.dumps(
    {"errors": [{"message": "PersistedQueryNotFound", "extensions": {"code": "PERSISTED_QUERY_NOT_FOUND"}}]}
)


def _errors_body(message: str, code: ErrorCode) -> bytes:
    return orjson.dumps({"errors": [error(message, code)]})


class GraphQLEndpoint:
    """An ASGI application; `runtime` is there once the server has started."""

    def __init__(self) -> None:
        self.runtime: Runtime | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        began = time.perf_counter()
        assert self.runtime is not None
        headers = headers_of(scope)
        if scope["method"] != "POST" and not (
            scope["method"] in _GETTING and names_document(scope["query_string"])
        ):
            await self._not_post(scope["method"], headers, send)
            return
        language = language_of(headers.get("accept-language"))
        request_id = str(uuid7())
        known_as = (b"x-request-id", request_id.encode())
        try:
            answer = await self._answer(self.runtime, scope, headers, receive, language, request_id)
            await respond(send, answer.status, answer.body, answer.media, known_as, *answer.headers)
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
        finally:
            SECONDS.observe(time.perf_counter() - began)

    async def _not_post(self, method: str, headers: Headers, send: Send) -> None:
        assert self.runtime is not None
        explores = self.runtime.config.introspection_allowed and "text/html" in headers.get("accept", "")
        if method in {"GET", "HEAD"} and explores:
            await respond(send, 200, explorer_page(), "text/html", *explorer_headers())
            return
        body = _errors_body("send a POST with application/json", ErrorCode.INVALID_INPUT)
        await respond(send, 405, body, JSON, (b"allow", b"POST"))

    async def _answer(
        self,
        runtime: Runtime,
        scope: Scope,
        headers: Headers,
        receive: Receive,
        language: Language,
        request_id: str,
    ) -> Answer:
        """The answer of a POST, or of a GET that names a document in its address."""
        by_address = scope["method"] != "POST"
        if not by_address:
            require_json(headers.get("content-type"))
        client = scope.get("client")
        asker = Asker(counted_address(client[0] if client else ""), headers.get("user-agent", ""))
        config = runtime.config
        actor = await runtime.door.enter(asker.address, headers.get("authorization"))
        if by_address:
            raw: bytes = scope["query_string"]
            asked = parse_address(raw)
        else:
            limit = config.partner_body_limit if isinstance(actor, PartnerActor) else config.body_limit
            raw = await read_body(headers, receive, limit)
            asked = parse_request(raw)
        strict = GRAPHQL_JSON in headers.get("accept", "")
        media = GRAPHQL_JSON if strict else JSON
        try:
            prepared = self._prepared(asked, actor, introspection=config.introspection_allowed)
            if by_address and not _may_be_got(prepared, asked):
                body = _errors_body("send a POST with application/json", ErrorCode.INVALID_INPUT)
                return Answer(405, JSON, body, ((b"allow", b"POST"),))
            origin = origin_of(scope, headers.get("host"), config)
            request = Request(raw, asked, prepared, actor, language, asker, origin, request_id)
            outcome = await runtime.operations.outcome(request)
        except UnknownDocument:
            return Answer(404 if by_address else 200, media, _NOT_FOUND)
        except UnknownOperation:
            raise BadRequest(400, _OPERATION_UNKNOWN) from None
        answer = Answer(200 if outcome.begun or not strict else 400, media, outcome.body)
        if not by_address:
            return answer
        good = outcome.good and headers.get("authorization") is None
        return published(answer, headers, prepared.public_seconds if good else None)

    def _prepared(self, asked: Asked, actor: Actor, *, introspection: bool) -> Prepared:
        """The document, by its text where that was sent. UnknownDocument for a hash of nothing that is known."""
        partner = isinstance(actor, PartnerActor)
        if asked.query is not None:
            return documents.prepared(asked.query, partner=partner, introspection=introspection)
        assert asked.digest is not None
        return documents.known(asked.digest, partner=partner, introspection=introspection)


def _may_be_got(prepared: Prepared, asked: Asked) -> bool:
    """By GET: what is trusted, public and only reads. Any page may make a browser send one."""
    return prepared.public_seconds is not None and prepared.reads(asked.operation_name)
