"""`qingyi ledger`: is the ledger of volunteers' hours whole?"""

import asyncio
from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
import typer

from api.running.backing import complain, connected
from api.running.progress import shown_progress
from domain.core.actors import System
from domain.volunteering.verifying import Broken, verify
from graph.core.ids import Tag, encode, parse
from infra.database import EngineDatabase, database_of
from infra.settings import Settings

SHOWN_MOST = 100
VERIFIER = System("ledger-verify")

ledger = typer.Typer(no_args_is_help=True, help="The ledger of volunteers' hours and points.")


@ledger.callback()
def _ledger() -> None:
    """A group, although it has one command so far."""


@ledger.command(name="verify")
def verify_ledger(
    volunteer: Annotated[
        str | None, typer.Option(help="Only the chain of this youth, by id (as the API gives it, or a UUID).")
    ] = None,
) -> None:
    """Recompute chains and balances; names the first broken link of each chain. Status 1 when anything is broken."""
    key = None if volunteer is None else _key(volunteer)
    with connected() as config:
        found = asyncio.run(_verify(config, key))
    for broken in found[:SHOWN_MOST]:
        print(_said(broken))
    if len(found) > SHOWN_MOST:
        print(f"and {len(found) - SHOWN_MOST:,} more")
    if found:
        raise typer.Exit(1)
    print("the ledger is whole")


def _key(volunteer: str) -> UUID:
    named = parse(volunteer)
    if named is not None and named[0] is Tag.Youth:
        return named[1]
    try:
        return UUID(volunteer)
    except ValueError:
        complain("no id of a youth")
        raise typer.Exit(2) from None


def _said(broken: Broken) -> str:
    whose = "" if broken.volunteer_id is None else f"volunteer {encode(Tag.Youth, broken.volunteer_id)}: "
    where = "" if broken.sequence is None else f"entry {broken.sequence}: "
    return f"{whose}{where}{broken.what}"


async def _verify(config: Settings, volunteer: UUID | None) -> list[Broken]:
    assert config.database_url is not None  # `connected` sees to it
    database = database_of(config, config.database_url)
    try:
        return await verified(database, volunteer)
    finally:
        await database.engine.dispose()


async def verified(database: EngineDatabase, volunteer: UUID | None) -> list[Broken]:
    """What is broken, as it all stood at one instant."""
    with shown_progress() as show:
        async with database.write(VERIFIER) as tx:
            # One look at everything, however long it takes; it holds nobody up.
            await tx.execute(sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
            await tx.execute(sa.text("SET LOCAL statement_timeout = 0"))
            return [broken async for broken in verify(tx, volunteer, show)]
