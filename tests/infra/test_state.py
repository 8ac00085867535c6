"""What `qingyi run` asks a database at each start: is it up to date, and is anything in it?"""

import asyncio
from collections.abc import Iterator

import asyncpg
import pytest
from sqlalchemy import make_url
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg

from api.running.state import State, Unreachable, connect_arguments, state_of
from infra.embedded.services import Services, services
from infra.migrate import upgrade


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    with services(tmp_path_factory.mktemp("state")) as found:
        yield found


async def _execute(running: Services, statement: str) -> None:
    connection = await asyncpg.connect(**connect_arguments(running.database_url))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def test_a_new_database_is_neither_current_nor_filled_and_migrating_makes_it_current(
    running: Services,
) -> None:
    assert state_of(running.database_url) == State(current=False, empty=True)
    upgrade(running.database_url)
    assert state_of(running.database_url) == State(current=True, empty=True)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE alembic_version SET version_num = '0000'",
        "COMMENT ON TABLE alembic_version IS 'of other reference data'",
        "COMMENT ON TABLE alembic_version IS NULL",
    ],
)
def test_another_revision_or_other_reference_data_are_not_current(running: Services, change: str) -> None:
    upgrade(running.database_url)
    before = asyncio.run(_version(running))
    asyncio.run(_execute(running, change))
    assert not state_of(running.database_url).current
    asyncio.run(_execute(running, f"UPDATE alembic_version SET version_num = '{before}'"))
    upgrade(running.database_url)
    assert state_of(running.database_url).current


async def _version(running: Services) -> str:
    connection = await asyncpg.connect(**connect_arguments(running.database_url))
    try:
        return str(await connection.fetchval("SELECT version_num FROM alembic_version"))
    finally:
        await connection.close()


@pytest.mark.parametrize(
    "url",
    ["postgresql+asyncpg://127.0.0.1:1/x", "postgresql+asyncpg://h:port/x", "postgresql+asyncpg://h/x?y=z"],
)
def test_no_answer_is_one_clear_line(url: str) -> None:
    with pytest.raises(Unreachable, match=r"^the database gives no answer: .+$"):
        state_of(url)


@pytest.mark.parametrize(
    "rest",
    [
        "u:p@h:5433/d",
        "u:p%40x%2By+z@h/d%20e?ssl=require",
        "u:a/b@h/d",
        "u@/d?host=%2Ftmp%2Fx%20y",
        "/d",
        "h",
        "u:p@h/",
        "u:p@[::1]:5/d",
        "u:p@/d?host=a,b&port=1,2",
        "u:p@h/d?port=7&application_name=a+b",
    ],
)
def test_an_address_is_read_as_sqlalchemy_reads_it(rest: str) -> None:
    url = f"postgresql+asyncpg://{rest}"
    _, expected = PGDialect_asyncpg().create_connect_args(make_url(url))
    assert connect_arguments(url) == expected
