"""Which tables a statement reads, and which it writes."""

from typing import Any

from sqlalchemy import TableClause, TextClause
from sqlalchemy.sql import visitors
from sqlalchemy.sql.dml import UpdateBase


def tables_read(statement: Any) -> frozenset[str]:
    """The tables that a statement reads; none for one that writes, locks, or has words of its own in it."""
    found: set[str] = set()
    for part in visitors.iterate(statement):
        if isinstance(part, TextClause | UpdateBase) or getattr(part, "_for_update_arg", None) is not None:
            return frozenset()
        if isinstance(part, TableClause):
            found.add(part.name)
    return frozenset(found)


def tables_written(statement: Any) -> frozenset[str]:
    """The tables that a statement itself writes; what it deletes below them by a foreign key is not among them."""
    written = (part.table for part in visitors.iterate(statement) if isinstance(part, UpdateBase))
    return frozenset(table.name for table in written if isinstance(table, TableClause))
