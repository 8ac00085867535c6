"""
All words that rows are found by, made anew while people search.

Each hundred rows are one short transaction: a run may be cut off anywhere, and two at once do no harm. Then each index is built
anew beside the old one, and the statistics by which searches find their way are taken.
"""

from collections.abc import Callable, Iterable
from uuid import UUID

import sqlalchemy as sa

from domain.core.actors import Actor
from domain.core.search.rewriting import Rewriting
from infra.database import EngineDatabase
from infra.indexes import rebuild

Show = Callable[[str, int, int], None]


async def reindex(database: EngineDatabase, actor: Actor, rewritings: Iterable[Rewriting], show: Show) -> int:
    """How many rows have new words; `show` is told how many of each table are done."""
    return sum([await _rewrite(database, actor, each, show) for each in rewritings])


async def _rewrite(database: EngineDatabase, actor: Actor, rewriting: Rewriting, show: Show) -> int:
    declared = rewriting.declared
    async with database.read() as db:
        of = await rewriting.count(db)
    done, after = 0, None
    while True:
        number, after = await _some(database, actor, rewriting, after)
        if not number:
            break
        done += number
        show(declared.table, done, max(of, done))
    async with database.engine.connect() as connection:
        alone = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await alone.run_sync(rebuild, declared.index_name)
        await alone.execute(sa.text(f"ANALYZE {declared.table}"))
    return done


async def _some(
    database: EngineDatabase, actor: Actor, rewriting: Rewriting, after: UUID | None
) -> tuple[int, UUID | None]:
    async with database.write(actor) as tx:
        return await rewriting.some(tx, after)
