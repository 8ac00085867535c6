"""
Indexes as revisions make, drop and replace them where a table holds rows: CONCURRENTLY, so that people go on writing.

Each call ends the revision's transaction and begins another, but for `set_aside`: what comes before must bear being run again, as the
revision begins anew where it was cut off. Postgres waits meanwhile for transactions that are older, for as long as they last. Nobody
waits behind it, so the limit on waiting for locks (`migrations/env.py`) does not hold then: it would leave an index that is not valid.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from alembic import op

SET_ASIDE = re.compile(r"_before_\d{4}$")

_INVALID = sa.text(
    "SELECT EXISTS (SELECT FROM pg_index WHERE indexrelid = to_regclass(:name) AND NOT indisvalid)"
)


@contextmanager
def _apart() -> Iterator[None]:
    """Outside of a transaction, and waiting for as long as it takes."""
    with op.get_context().autocommit_block():
        if op.get_context().as_sql:
            yield
            return
        waits = op.get_bind().scalar(sa.text("SHOW lock_timeout"))
        op.execute("SET lock_timeout = 0")
        yield
        op.execute(f"SET lock_timeout = '{waits}'")  # where the block failed, the session ends


def build(name: str, table: str, columns: Sequence[str | sa.TextClause], **options: Any) -> None:
    """Where it is there and valid, nothing is done; what a run that was cut off has left is dropped first. `options` are Alembic's."""
    with _apart():
        # SQL that is only written down knows no database: it begins anew each time.
        if op.get_context().as_sql or op.get_bind().scalar(_INVALID, {"name": name}):
            op.drop_index(name, table_name=table, postgresql_concurrently=True, if_exists=True)
        op.create_index(
            name, table, list(columns), postgresql_concurrently=True, if_not_exists=True, **options
        )


def drop(name: str, table: str) -> None:
    with _apart():
        op.drop_index(name, table_name=table, postgresql_concurrently=True, if_exists=True)


def set_aside(name: str, table: str, revision: str) -> None:
    """
    Take the name from an index that `revision` replaces. Servers of the version before search by it until they are replaced themselves, so it
    stays, as `<name>_before_<revision>`, until a revision of the next release drops it. Nobody searches a table without rows.
    """
    has_rows = sa.select(sa.exists().select_from(sa.table(table)))
    if not op.get_context().as_sql and not op.get_bind().scalar(has_rows):
        op.drop_index(name, table_name=table, if_exists=True)
    else:
        op.execute(
            f"-- squawk-ignore renaming-object\nALTER INDEX IF EXISTS {name} RENAME TO {name}_before_{revision}"
        )
