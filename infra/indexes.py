"""
Indexes that are not valid: what an index built, built anew or dropped CONCURRENTLY leaves behind when it is cut off. Postgres writes to
them and reads none.
"""

import re

import structlog
from sqlalchemy import Connection, text

INVALID = """
    SELECT found.relname AS name
    FROM pg_index JOIN pg_class AS found ON found.oid = pg_index.indexrelid
    WHERE NOT pg_index.indisvalid AND found.relnamespace = to_regnamespace(current_schema()) AND NOT EXISTS (
        SELECT FROM pg_stat_progress_create_index AS building JOIN pg_locks AS held ON held.pid = building.pid
        WHERE held.database = building.datid AND held.relation = pg_index.indrelid
            AND held.mode = 'ShareUpdateExclusiveLock'
    )
    ORDER BY 1
"""
"""Their names, but for those of a table that an index is being built on. Who builds is seen by all; on which table, by its lock only."""

_BESIDE = re.compile(r"_(new(_\d{4})?|ccnew\d*|ccold\d*|before_\d{4})$")
"""Names of what stands, or was to stand, beside an index that goes on serving: by revisions, and by REINDEX."""

log = structlog.get_logger()


def left_invalid(connection: Connection) -> tuple[str, ...]:
    return tuple(connection.scalars(text(INVALID)))


def mend(connection: Connection) -> None:
    """Build anew what is not valid; drop it where it only stands beside another. The connection commits by itself."""
    for name in left_invalid(connection):
        if _BESIDE.search(name):
            _patiently(connection, f"DROP INDEX CONCURRENTLY IF EXISTS {_quoted(connection, name)}")
            log.warning("index_dropped", index=name)
        else:
            rebuild(connection, name)
            log.warning("index_built_anew", index=name)


def rebuild(connection: Connection, name: str) -> None:
    """Build an index anew while it serves; it is valid then, whatever it was. The connection commits by itself."""
    _patiently(connection, f"REINDEX INDEX CONCURRENTLY {_quoted(connection, name)}")


def _patiently(connection: Connection, statement: str) -> None:
    """Without the limits of time that requests have: it takes minutes and waits for older transactions, and nobody waits for it."""
    limits = ("statement_timeout", "lock_timeout")
    for each in (
        *(f"SET {limit} = 0" for limit in limits),
        statement,
        *(f"RESET {limit}" for limit in limits),
    ):
        connection.exec_driver_sql(each)


def _quoted(connection: Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote(name)
