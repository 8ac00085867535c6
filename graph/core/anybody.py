"""A request that is executed for nobody in particular."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any

from domain.accounts.codes import Asker
from domain.core.actors import Actor
from domain.core.db import Read, Write
from domain.core.refusals import Language
from graph.core.context import Context, Ports, looking


class Personal(Exception):
    """What was asked for depends on who asks."""


class AnybodysContext(Context):
    """
    A request that is executed once for all who wait for the same answer: nobody in particular asks. Looking at who does raises
    Personal, and so does writing; `looked` and `wrote` tell so afterwards, whatever became of that. Then each must be answered
    for themselves.
    """

    looked = False
    wrote = False

    @property
    def is_personal(self) -> bool:
        return self.looked or self.wrote

    def __init__(
        self, ports: Ports, language: Language, now: datetime, raw_variables: Mapping[str, Any],
        *, kind: type[Actor] | None, introspection: bool,
    ) -> None:  # fmt: skip
        self.ports = ports
        self.language = language
        self.now = now
        self.raw_variables = raw_variables
        self.introspection = introspection
        self._loaders = {}
        self._kind = kind

    def read(self) -> AbstractAsyncContextManager[Read]:
        return looking(self.ports.database, self._kind)

    def write(self) -> AbstractAsyncContextManager[Write]:
        self.wrote = True
        raise Personal

    def _personal(self) -> Personal:
        self.looked = True
        return Personal()

    @property
    def actor(self) -> Actor:  # type: ignore[override]  # nobody sets it
        raise self._personal()

    @property
    def asker(self) -> Asker:  # type: ignore[override]  # as above
        raise self._personal()

    @property
    def origin(self) -> str:  # type: ignore[override]  # as above
        raise self._personal()
