"""
What this code wants a database to be: its newest revision, and the reference data that belong in it.

Read from the files themselves, in about a millisecond: what asks at each start and at each `/readyz` needs no Alembic. A
test holds the answer against Alembic's own.
"""

import ast
import re
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
MIGRATIONS = PROJECT / "migrations"
LOADER = PROJECT / "infra" / "reference.py"

_LINE = re.compile(r"^(revision|down_revision)\b[^=\n]*=\s*(.+)$", re.MULTILINE)


class NoSingleHead(RuntimeError):
    """The revisions do not form one line; the message names the ends."""


@lru_cache(maxsize=1)
def head() -> str:
    """The newest revision that this code knows: the one that no other follows. Raises NoSingleHead."""
    followed: dict[str, str | None] = {}
    for path in sorted((MIGRATIONS / "versions").glob("*.py")):
        values = {name: ast.literal_eval(value) for name, value in _LINE.findall(path.read_text("utf-8"))}
        followed[values["revision"]] = values["down_revision"]
    ends = followed.keys() - set(followed.values())
    if len(ends) != 1:
        raise NoSingleHead(f"one newest revision is expected in {MIGRATIONS}, found {sorted(ends)}")
    return ends.pop()


@lru_cache(maxsize=1)
def reference_data() -> str:
    """A hash of the reference data's files and of their loader; `qingyi migrate` leaves it in the database."""
    found = sha256()
    for path in (LOADER, *sorted((PROJECT / "domain").glob("*/data/*"))):
        found.update(path.relative_to(PROJECT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()
