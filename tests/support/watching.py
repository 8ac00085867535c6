"""Watching the house from outside: what it logs, which statements it sends."""

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
