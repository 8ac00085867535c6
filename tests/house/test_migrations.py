"""The revisions: good SQL, the same database as the code's tables, and nothing twice."""

import ast
import asyncio
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import asyncpg
import pytest
from alembic import command
from alembic.script import Script, ScriptDirectory
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool
from sqlmodel import SQLModel
from support.databases import Shape, address, empty_database, shape

import domain.models  # noqa: F401 - fills the metadata with all tables
from infra.embedded.services import Services
from infra.migrate import check, configuration, current_and_head, head, upgrade, upgrade_sql

PROJECT = Path(__file__).resolve().parents[2]
SQUAWK = shutil.which("squawk", path=os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])))
REVISIONS = list(reversed(list(ScriptDirectory.from_config(configuration()).walk_revisions())))


def _of_kind(found: Shape, *kinds: str) -> Shape:
    return {key: words for key, words in found.items() if key[1] in kinds}


@pytest.fixture(scope="module")
def declared_url(servers: Services) -> Iterator[str]:
    """A database made of the tables in code, without any revision."""

    async def make(url: str) -> None:
        engine = create_async_engine(url, poolclass=NullPool)
        async with engine.begin() as connection:
            await connection.run_sync(SQLModel.metadata.create_all)
        await engine.dispose()

    with empty_database(servers.database_url, "declared") as url:
        asyncio.run(make(url))
        yield url


def _sql_of(revision: Script) -> str:
    output = StringIO()
    before = revision.down_revision or "base"
    command.upgrade(configuration(output=output), f"{before}:{revision.revision}", sql=True)
    return output.getvalue()


# Each by itself: what is harmless on a table made a moment ago (an index, a constraint) is not on one full of rows.
@pytest.mark.skipif(SQUAWK is None, reason="squawk is not installed")
@pytest.mark.parametrize("revision", REVISIONS, ids=lambda revision: revision.revision)
def test_squawk_finds_nothing_in_a_revision(revision: Script, tmp_path: Path) -> None:
    assert SQUAWK is not None
    file = tmp_path / f"{revision.revision}.sql"
    file.write_text(_sql_of(revision))

    found = subprocess.run(
        [SQUAWK, "--config", PROJECT / ".squawk.toml", "--reporter", "gcc", file],
        capture_output=True,
        text=True,
        check=False,
    )

    assert found.returncode == 0, found.stdout + found.stderr


def test_the_sql_of_all_revisions_can_be_read() -> None:
    sql = upgrade_sql()

    tables = set(re.findall(r"CREATE TABLE (?:IF NOT EXISTS )?(\w+)", sql))
    assert tables >= set(SQLModel.metadata.tables) | {"alembic_version"}
    # One transaction each: an interrupted upgrade stays at the last finished one.
    assert sql.count("BEGIN;") == sql.count("COMMIT;") >= len(REVISIONS)


def test_every_squawk_rule_left_out_has_a_reason() -> None:
    lines = (PROJECT / ".squawk.toml").read_text().splitlines()
    start = lines.index("excluded_rules = [")

    assert lines[start + 1].lstrip().startswith("#")
    assert [
        line
        for line in lines[start + 1 : lines.index("]")]
        if not re.match(r'    (# \S.*|"[a-z-]+",)$', line)
    ] == []


def test_alembic_finds_no_difference(database_url: str) -> None:
    check(database_url)


@pytest.mark.parametrize(
    "kinds",
    [("c",), ("f", "p", "u", "x"), ("n",), ("index",), ("column",), ("extension",)],
    ids=["checks", "keys", "not-null", "indexes", "columns", "extensions"],
)
def test_revisions_make_what_the_code_declares(
    database_url: str, declared_url: str, kinds: tuple[str, ...]
) -> None:
    """Alembic compares neither CHECK constraints nor exclusions, nor the words of an index."""
    migrated, declared = _of_kind(shape(database_url), *kinds), _of_kind(shape(declared_url), *kinds)

    assert migrated == declared
    assert declared


def test_upgrading_again_changes_nothing(database_url: str) -> None:
    counting = "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_user_tables"

    async def changes() -> int:
        connection = await asyncpg.connect(address(database_url))
        try:
            await connection.execute("SELECT pg_stat_force_next_flush(), pg_stat_clear_snapshot()")
            return int(await connection.fetchval(counting))
        finally:
            await connection.close()

    upgrade(database_url)
    before, made = asyncio.run(changes()), shape(database_url)

    upgrade(database_url)

    assert current_and_head(database_url) == (head(), head())
    assert shape(database_url) == made
    assert asyncio.run(changes()) == before


def test_revisions_form_one_line() -> None:
    assert len({revision.down_revision for revision in REVISIONS}) == len(REVISIONS)
    assert [revision.revision for revision in REVISIONS] == sorted(
        revision.revision for revision in REVISIONS
    )


@pytest.mark.parametrize(
    "path", sorted((PROJECT / "migrations" / "versions").glob("*.py")), ids=lambda path: path.name
)
def test_a_revision_can_be_read(path: Path) -> None:
    module = ast.parse(path.read_text())
    assigned = {
        node.targets[0].id: ast.literal_eval(node.value)
        for node in module.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }

    # The number says the order, the words what it is about.
    assert re.fullmatch(r"\d{4}(_[a-z0-9]+)+\.py", path.name)
    assert assigned["revision"] == path.name[:4]
    assert len(ast.get_docstring(module) or "") >= 20
