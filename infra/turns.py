"""Whoever changes the shape of a database does so alone."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text

# Any number will do, as long as nobody else takes it.
LOCK = 7_302_241_018
LOCK_WAIT_SECONDS = 300


@contextmanager
def turn(connection: Connection) -> Iterator[None]:
    """
    Hold the session's advisory lock, taken by trying; where the block fails, it is let go by the session's end.

    Waiting inside Postgres would hold a snapshot, for which the other process's CREATE INDEX CONCURRENTLY would wait in
    turn: a deadlock. Raises TimeoutError.
    """
    deadline = time.monotonic() + LOCK_WAIT_SECONDS
    while not connection.scalar(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": LOCK}):
        connection.rollback()
        if time.monotonic() > deadline:
            raise TimeoutError("another process has been migrating this database for five minutes")
        time.sleep(0.1)
    connection.commit()
    yield
    connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": LOCK})
    connection.commit()
