"""
Operations of requests that were let in: executed, once for all who ask the same or for one alone, and written as JSON.

What is the same whoever asks is executed in rounds (`domain.core.rounds`): of a crowd that asks for one list at one time, one
execution answers all who wait. Whether it is the same is seen, not declared: an execution that looks at who asks is
given up, and its operation is executed for each from then on.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, NoReturn

import orjson

from api.answers import Errors
from api.strict import Asked
from domain.accounts.codes import Asker
from domain.core.actors import Actor
from domain.core.clock import Clock
from domain.core.refusals import Language
from domain.core.rounds import Rounds
from graph.core.anybody import AnybodysContext
from graph.core.context import Context, Ports, kind_of
from graph.core.documents import Prepared
from graph.core.executing import executed, executed_for_all, may_be_shared
from graph.schema import core
from infra.settings import Settings
from infra.tallies import Counted

SHARED = Counted(
    "qingyi_operations_shared", "Operations that were answered by an execution for all who asked the same."
)


_TOO_SLOW = b"too slow"
"""No JSON: what has taken too long for one is not begun again by each who waited for it."""


class TooSlow(Exception):
    """The operation took longer than the deployment allows."""


@dataclass(slots=True, eq=False)
class Request:
    """What is asked, by whom; `raw` is what it was read from: who sends the same asks the same."""

    raw: bytes
    asked: Asked
    prepared: Prepared
    actor: Actor
    language: Language
    asker: Asker
    origin: str
    id: str


class Outcome(NamedTuple):
    """The result as JSON; `good`: without errors; `begun`: something was executed at all."""

    body: bytes
    good: bool = True
    begun: bool = True


class Operations:
    """Executes for one process."""

    def __init__(self, ports: Ports, config: Settings, clock: Clock) -> None:
        self._ports = ports
        self._clock = clock
        self._config = config
        self._rounds: Rounds[NoReturn, bytes] = Rounds()

    async def aclose(self) -> None:
        """Until nothing is under way any more."""
        await self._rounds.aclose()

    async def outcome(self, request: Request) -> Outcome:
        """
        What came of it. UnknownOperation for a name that the document does not have, TooSlow where an execution takes longer than
        it may, whoever else waited for it.
        """
        question = hash(request.raw)
        name = request.asked.operation_name
        if self._config.share_answers and may_be_shared(request.prepared, name, question):
            body = await self._of_round(request, question)
            if body == _TOO_SLOW:
                raise TooSlow
            if body:
                SHARED.inc()
                return Outcome(body)
        try:
            async with asyncio.timeout(self._config.request_timeout_seconds):
                return await self._for_one(request)
        except TimeoutError:
            raise TooSlow from None

    async def _of_round(self, request: Request, question: int) -> bytes:
        """The answer for all, or _TOO_SLOW; empty where it is not the same for all."""
        kind = kind_of(request.actor)

        async def answer(_keys: Sequence[NoReturn]) -> bytes:
            context = AnybodysContext(
                self._ports,
                request.language,
                self._clock(),
                request.asked.variables,
                kind=kind,
                introspection=self._config.introspection_allowed,
            )
            asked = request.asked
            try:
                async with asyncio.timeout(self._config.request_timeout_seconds):
                    data = await executed_for_all(
                        core, request.prepared, asked.operation_name, asked.variables, context, question
                    )
            except TimeoutError:
                return _TOO_SLOW
            return b"" if data is None else orjson.dumps({"data": data})

        # The document knows for whom it was validated, partners or others.
        return await self._rounds.ask((request.raw, request.prepared, request.language, kind), answer)

    async def _for_one(self, request: Request) -> Outcome:
        context = Context(
            ports=self._ports,
            actor=request.actor,
            language=request.language,
            now=self._clock(),
            asker=request.asker,
            origin=request.origin,
            raw_variables=request.asked.variables,
            introspection=self._config.introspection_allowed,
        )
        asked = request.asked
        result = await executed(core, request.prepared, asked.operation_name, asked.variables, context)
        if not result.errors:
            return Outcome(orjson.dumps({"data": result.data}))
        begun = any(found.path is not None for found in result.errors) or bool(result.data)
        answer: dict[str, Any] = {"data": result.data} if begun else {}
        errors = Errors(context.language, request.id, suggestions=self._config.introspection_allowed)
        answer["errors"] = errors.format(result.errors)
        return Outcome(orjson.dumps(answer), good=False, begun=begun)
