"""Watching the house from outside: what it logs, which statements it sends, what goes over its connections."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import structlog
from sqlalchemy import event
from support.house import House


@contextmanager
def log_of_house() -> Iterator[io.StringIO]:
    """The lines that would stand on standard error, as they would."""
    lines = io.StringIO()
    before = structlog.get_config()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(lines))
    try:
        yield lines
    finally:
        structlog.configure(**before)


@dataclass(slots=True)
class Statements:
    sent: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.sent)


@contextmanager
def statements(house: House) -> Iterator[Statements]:
    """What is sent to the database meanwhile, by whomever."""
    found = Statements()
    engine = house.database.engine.sync_engine

    def note(_connection: Any, _cursor: Any, statement: str, *_others: Any) -> None:
        found.sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)


class _Counting:
    """A connection's protocol, on which what is sent to be run is counted."""

    def __init__(self, protocol: Any, sent: list[str]) -> None:
        self._protocol = protocol
        self._sent = sent

    def __getattr__(self, name: str) -> Any:
        if name in {"query", "bind", "bind_execute", "bind_execute_many", "copy_in", "copy_out"}:
            self._sent.append(name)
        return getattr(self._protocol, name)


@contextmanager
def wire(house: House) -> Iterator[list[str]]:
    """Each message to Postgres that runs something meanwhile (BEGIN and COMMIT too), whoever composed it."""
    sent: list[str] = []
    watched: dict[int, tuple[Any, Any]] = {}
    pool = house.database.engine.sync_engine.pool

    def watch(adapted: Any, *_others: Any) -> None:
        connection = adapted.driver_connection
        if id(connection) not in watched:
            watched[id(connection)] = (connection, connection._protocol)
            connection._protocol = _Counting(connection._protocol, sent)

    event.listen(pool, "checkout", watch)
    try:
        yield sent
    finally:
        event.remove(pool, "checkout", watch)
        for connection, protocol in watched.values():
            connection._protocol = protocol
