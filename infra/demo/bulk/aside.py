"""
Indexes and constraints stand aside while millions of rows come in, and are built over all of them afterwards.

What stands aside is written down in the database, in a table of its own that is gone when everything stands again: a load that
was broken off leaves it behind, and whoever comes next is told.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import asyncpg

NOTE = "demo_set_aside"
AT_ONCE = 3
"""Tables whose indexes are built at the same time."""

# A key's index is built as an index first: that lets other indexes of its table be built beside it.
_FOUND = """
    SELECT t.relname AS of_table, c.conname AS name, c.contype AS kind,
        CASE WHEN c.contype IN ('p', 'u') THEN pg_get_indexdef(c.conindid) END AS index_as,
        CASE c.contype WHEN 'p' THEN format('PRIMARY KEY USING INDEX %I', c.conname)
            WHEN 'u' THEN format('UNIQUE USING INDEX %I', c.conname) ELSE pg_get_constraintdef(c.oid) END AS made_as
    FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
    WHERE c.contype IN ('p', 'u', 'x', 'f') AND t.relnamespace = 'public'::regnamespace
        AND (t.relname = ANY($1) OR c.confrelid IN (SELECT oid FROM pg_class WHERE relname = ANY($1)))
    UNION ALL
    SELECT t.relname, i.relname, 'i', pg_get_indexdef(i.oid), NULL
    FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
    WHERE t.relname = ANY($1) AND t.relnamespace = 'public'::regnamespace
        AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.oid AND c.contype IN ('p', 'u', 'x'))
"""
_DROPPED_FIRST = "fxupi"
"""By kind: what refers to a key goes before the key."""


@dataclass(frozen=True, slots=True)
class Aside:
    """A foreign key (f), exclusion (x), unique (u) or primary key (p), or an index (i), and how it is made again."""

    of_table: str
    name: str
    kind: str
    index_as: str | None
    made_as: str | None

    @property
    def drop(self) -> str:
        if self.kind == "i":
            return f'DROP INDEX "{self.name}"'
        return f'ALTER TABLE "{self.of_table}" DROP CONSTRAINT "{self.name}"'

    @property
    def restore(self) -> list[str]:
        """The statements that make it again; a foreign key is only written down, `validate` asks all rows."""
        unchecked = " NOT VALID" if self.kind == "f" else ""
        made = f'ALTER TABLE "{self.of_table}" ADD CONSTRAINT "{self.name}" {self.made_as}{unchecked}'
        return [*filter(None, (self.index_as, self.made_as and made))]

    @property
    def validate(self) -> str:
        return f'ALTER TABLE "{self.of_table}" VALIDATE CONSTRAINT "{self.name}"'


async def set_aside(connection: asyncpg.Connection, tables: Sequence[str]) -> list[Aside]:
    """Drop them, in one transaction, and write them down."""
    async with connection.transaction():
        rows = await connection.fetch(_FOUND, tables)
        found = [
            Aside(row["of_table"], row["name"], row["kind"].decode(), row["index_as"], row["made_as"])
            for row in rows
        ]
        found.sort(key=lambda one: (_DROPPED_FIRST.index(one.kind), one.name))
        await connection.execute(f"CREATE TABLE {NOTE} (name text, made_as text)")
        await connection.executemany(
            f"INSERT INTO {NOTE} VALUES ($1, $2)",  # noqa: S608  # the name is a constant
            [(one.name, statement) for one in found for statement in one.restore],
        )
        for one in found:
            await connection.execute(one.drop)
        for table in tables:
            await connection.execute(f'ALTER TABLE "{table}" SET (autovacuum_enabled = false)')
    return found


async def restore(
    connect: Callable[[], Awaitable[asyncpg.Connection]],
    tables: Sequence[str],
    found: Sequence[Aside],
    done: Callable[[int, int], None],
) -> None:
    """Build everything again and let it ask every row; some tables at the same time."""
    keys = [one for one in found if one.kind == "f"]
    steps, total = 0, len(found) + len(keys) + len(tables)
    slots = asyncio.Semaphore(AT_ONCE)

    async def run(statements: Sequence[str]) -> None:
        nonlocal steps
        async with slots:
            connection = await connect()
            try:
                await connection.execute("SET maintenance_work_mem = '512MB'")
                await connection.execute("SET work_mem = '256MB'")
                for statement in statements:
                    await connection.execute(statement)
            finally:
                await connection.close()
        steps += 1
        done(min(steps, total), total)

    async def of_table(table: str) -> None:
        mine = [one for one in reversed(found) if one.of_table == table and one.kind != "f"]
        for one in mine:
            await run(one.restore)
        await run([f'ALTER TABLE "{table}" RESET (autovacuum_enabled)', f'ANALYZE "{table}"'])

    await asyncio.gather(*map(of_table, tables))
    for one in keys:
        await run(one.restore)
    await asyncio.gather(*(run([one.validate]) for one in keys))
    connection = await connect()
    await connection.execute(f"DROP TABLE {NOTE}")
    await connection.close()
