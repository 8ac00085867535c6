"""Indexes that a migration or a rebuilding left not valid: told by the checks, mended by the next run, never served by."""

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import asyncpg
import pytest
from alembic import command
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from support.databases import empty_database, fetch, older_transaction, shape
from support.house import settings_for

from api.running.state import state_of
from domain.internships.models import SEARCH
from infra.checks import Check, checks
from infra.database import _SERVER_SETTINGS, make_engine
from infra.embedded.services import Services
from infra.indexes import left_invalid, rebuild
from infra.migrate import InvalidIndexes, check, configuration, upgrade

INDEX, TABLE = SEARCH.index_name, SEARCH.table
BEFORE = "0019"
"""The revision before the index of words is replaced."""

PATIENCE_SECONDS = 6
"""Longer than a migration waits for a lock."""

NO_REFERENCES = "SET session_replication_role = replica"
ROWS = f"""
    INSERT INTO {TABLE} (id, organization_id, external_ref, title, kind, track, description, division_code, headcount, stipend_month_fen,
        education, education_rank, majors, skills, housing_provided, status, published_at, created_at, updated_at, content_hash,
        search_terms)
    SELECT gen_random_uuid(), gen_random_uuid(), number, '会计', 'INTERNSHIP', 'GENERAL', '会计', '440100', 1, 0, 'COLLEGE', 0, '{{}}', '{{}}',
        false, 'PUBLISHED', now(), now(), now(), '', array_to_tsvector(ARRAY[number::text])
    FROM generate_series(1, 1000) AS number
"""


@pytest.fixture
def older_url(servers: Services) -> Iterator[str]:
    """A database whose index of words is the one before."""
    with empty_database(servers.database_url, "indexes") as url:
        command.upgrade(configuration(url), BEFORE)
        yield url


@pytest.fixture
def url(servers: Services) -> Iterator[str]:
    with empty_database(servers.database_url, "indexes") as made:
        upgrade(made)
        yield made


def _indexes(url: str) -> dict[str, bool]:
    """Of words, by name: are they valid?"""
    found = fetch(
        url,
        "SELECT relname, indisvalid FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid"
        f" WHERE indrelid = '{TABLE}'::regclass AND relname LIKE '{INDEX}%'",
    )
    return {row["relname"]: row["indisvalid"] for row in found}


def _vector(url: str) -> str:
    """The expression of the index of words."""
    return str(fetch(url, f"SELECT pg_get_indexdef('{INDEX}'::regclass, 1, false)")[0][0])


def _plan(url: str, vector: str) -> str:
    asked = f"EXPLAIN SELECT id FROM {TABLE} WHERE status = 'PUBLISHED' AND ({vector}) @@ '7'::tsquery"
    return "\n".join(
        row[0] for row in fetch(url, "SET enable_seqscan = off", "SET enable_indexscan = off", asked)
    )


def _cut_off(url: str, statement: str) -> None:
    """It is given up while it waits for an older transaction."""
    with older_transaction(url), pytest.raises(asyncpg.LockNotAvailableError):
        fetch(url, "SET lock_timeout = '50ms'", statement)


def _left_by_a_migration(url: str, name: str, vector: str) -> None:
    _cut_off(
        url, f"CREATE INDEX CONCURRENTLY {name} ON {TABLE} USING gin (({vector})) WHERE status = 'PUBLISHED'"
    )


def _left_by_rebuilding(url: str) -> None:
    _cut_off(url, f"REINDEX INDEX CONCURRENTLY {INDEX}")


def _checked(url: str, servers: Services) -> Check:
    found = asyncio.run(checks(settings_for(url, servers.redis_url)))
    assert [each.name for each in found if not each.good and each.name != "indexes"] == []
    return next(each for each in found if each.name == "indexes")


def _wait_until_waited(url: str, words: str, running: "Future[None]") -> None:
    asked = f"SELECT now() - query_start > interval '{PATIENCE_SECONDS} s' FROM pg_stat_activity WHERE query LIKE '{words}%' AND wait_event_type = 'Lock'"
    while [tuple(row) for row in fetch(url, asked)] != [(True,)]:
        assert not running.done(), running.result()
        time.sleep(0.1)


# ── migrations ───────────────────────────────────────────────────────────────
def test_what_a_migration_that_was_cut_off_left_is_built_anew(older_url: str) -> None:
    fetch(older_url, NO_REFERENCES, ROWS)
    _left_by_a_migration(older_url, f"{INDEX}_new", _vector(older_url))
    assert _indexes(older_url) == {INDEX: True, f"{INDEX}_new": False}

    command.upgrade(configuration(older_url), "head")

    assert _indexes(older_url) == {INDEX: True, f"{INDEX}_before_0025": True}
    assert f"on {INDEX} " in _plan(older_url, SEARCH.vector)
    check(older_url)


def test_a_migration_waits_for_older_transactions(older_url: str) -> None:
    with ThreadPoolExecutor(1) as pool:
        with older_transaction(older_url):
            migrating = pool.submit(upgrade, older_url)
            _wait_until_waited(older_url, "CREATE %INDEX CONCURRENTLY", migrating)
        migrating.result()

    assert _indexes(older_url) == {INDEX: True}
    check(older_url)


def test_servers_of_the_version_before_go_on_searching_by_their_index(older_url: str) -> None:
    fetch(older_url, NO_REFERENCES, ROWS)
    before = _vector(older_url)

    upgrade(older_url)

    assert _vector(older_url) != before
    assert f"on {INDEX}_before_0025 " in _plan(older_url, before)
    assert f"on {INDEX} " in _plan(older_url, SEARCH.vector)


def test_down_and_up_again_makes_the_same_database(older_url: str) -> None:
    fetch(older_url, NO_REFERENCES, ROWS)
    before = shape(older_url)
    upgrade(older_url)
    after = shape(older_url)

    command.downgrade(configuration(older_url), BEFORE)
    assert shape(older_url) == before

    upgrade(older_url)
    assert shape(older_url) == after


# ── the checks, and `migrate` ────────────────────────────────────────────────
def test_an_index_that_is_not_valid_is_refused_by_name_and_mended(url: str, servers: Services) -> None:
    assert _checked(url, servers) == Check("indexes", good=True, text="all valid")
    fetch(url, NO_REFERENCES, ROWS, f"DROP INDEX {INDEX}")
    _left_by_a_migration(url, INDEX, SEARCH.vector)
    assert INDEX not in _plan(url, SEARCH.vector)

    refused = _checked(url, servers)

    assert not refused.good
    assert INDEX in refused.text
    assert "qingyi migrate" in refused.text
    assert not state_of(url).current
    with pytest.raises(InvalidIndexes, match=INDEX):
        check(url)

    upgrade(url)

    assert _checked(url, servers).text == "all valid"
    assert state_of(url).current
    assert _indexes(url) == {INDEX: True}
    assert f"on {INDEX} " in _plan(url, SEARCH.vector)


def test_what_stands_beside_a_good_index_is_named_and_goes(url: str, servers: Services) -> None:
    _left_by_rebuilding(url)
    assert _indexes(url) == {INDEX: True, f"{INDEX}_ccnew": False}

    told = _checked(url, servers)

    assert told.good
    assert f"{INDEX}_ccnew" in told.text
    with pytest.raises(InvalidIndexes, match=f"{INDEX}_ccnew"):
        check(url)

    upgrade(url)

    assert _indexes(url) == {INDEX: True}
    assert _checked(url, servers).text == "all valid"


def _rebuild(url: str) -> None:
    async def run() -> None:
        engine = make_engine(url, pool=1)
        async with engine.connect() as connection:
            alone = await connection.execution_options(isolation_level="AUTOCOMMIT")
            await alone.run_sync(rebuild, INDEX)
            assert await alone.scalar(text("SHOW lock_timeout")) == "50ms"
        await engine.dispose()

    asyncio.run(run())


def _left(url: str) -> tuple[str, ...]:
    async def run() -> tuple[str, ...]:
        engine = create_async_engine(url)
        async with engine.connect() as connection:
            found = await connection.run_sync(left_invalid)
        await engine.dispose()
        return found

    return asyncio.run(run())


def test_what_is_being_built_is_not_left(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rebuilding, too, waits for longer than requests may."""
    monkeypatch.setitem(_SERVER_SETTINGS, "lock_timeout", "50ms")
    monkeypatch.setitem(_SERVER_SETTINGS, "statement_timeout", "3s")
    with ThreadPoolExecutor(1) as pool:
        with older_transaction(url):
            rebuilding = pool.submit(_rebuild, url)
            _wait_until_waited(url, "REINDEX INDEX CONCURRENTLY", rebuilding)
            assert _indexes(url) == {INDEX: True, f"{INDEX}_ccnew": False}

            assert _left(url) == ()
        rebuilding.result()

    assert _indexes(url) == {INDEX: True}
