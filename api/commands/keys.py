"""`qingyi keys`: the root keys, from a new one to the day on which the old one may go. docs/running.md says in which order."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, TypeVar
from uuid import UUID

import typer
from sqlalchemy.exc import SQLAlchemyError

import domain.models  # noqa: F401  # every sealed column of every programme
from api.running.backing import complain, connected
from api.running.progress import shown_progress
from graph.core.ids import Tag, encode
from infra.database import EngineDatabase, database_of
from infra.keys import is_key_id, key_ring, new_key
from infra.rotation.pruning import prune as prune_index
from infra.rotation.resealing import Rotation
from infra.rotation.resealing import rotate as rotate_all
from infra.rotation.usage import MISSING, UNNOTED, KeyUse, Use, removable, usage
from infra.sealing import RingSealer

FAULTS_SHOWN = 20
_NAMED_BY_ID = {"live recovery code": Tag.StaffMember}
"""What is named by an id: shown as `qingyi staff` takes it."""

T = TypeVar("T")
Work = Callable[[EngineDatabase, RingSealer], Awaitable[T]]

keys = typer.Typer(help="Make, take up and retire root keys.", no_args_is_help=True)


@keys.command()
def new(
    key_id: Annotated[
        str | None, typer.Option("--id", help="1 to 12 lower-case letters or digits; the day when absent.")
    ] = None,
) -> None:
    """Print a new root key as id:base64. It is kept nowhere: put it into the secret store at once."""
    chosen = key_id if key_id is not None else f"k{datetime.now(UTC):%Y%m%d}"
    if not is_key_id(chosen):
        raise typer.BadParameter("an id has 1 to 12 lower-case letters or digits", param_hint="--id")
    print(new_key(chosen))


@keys.command()
def rotate() -> None:
    """Make everything that older keys have sealed anew with the newest. Can be cut off at any point and run again."""
    done = _run(_rotate)
    print(f"{done.resealed:,} fields sealed anew, {done.indexed:,} rows of the blind index added")
    for fault in done.faults[:FAULTS_SHOWN]:
        complain(f"{fault.column} of {fault.row}: {fault.why}")
    if len(done.faults) > FAULTS_SHOWN:
        complain(f"and {len(done.faults) - FAULTS_SHOWN:,} more")
    if done.busy:
        complain(f"{done.busy:,} rows were held by others: run it again")
    if not done.complete:
        raise typer.Exit(1)


@keys.command()
def status() -> None:
    """What depends on each key, and which may be removed; status 1 when data need a key that the ring lacks."""
    found = _run(lambda database, sealer: usage(database, sealer.key_ids))
    may_go = removable(found)
    for key in found:
        print(
            f"{key.key_id or 'key unknown'}  {'made before keys were noted' if key.place == UNNOTED else key.place}"
        )
        for use in key.uses:
            _print_use(use)
        for use in key.spare:
            print(f"    {use.what:<44} {use.count:>12,}  spare: the newest key stands in")
        verdict = _verdict(key, may_go)
        if verdict:
            print(f"    {verdict}")
    if any(key.place == MISSING and key.needed for key in found):
        raise typer.Exit(1)


@keys.command()
def prune() -> None:
    """Remove what the blind index holds under keys that are not in the ring any more."""
    removed, kept = _run(_prune)
    print(f"{removed:,} rows of the blind index removed")
    if kept:
        complain(
            f"{kept:,} rows stay: nothing under the newest key stands in for them, see `qingyi keys rotate`"
        )
        raise typer.Exit(1)


def _print_use(use: Use) -> None:
    print(f"    {use.what:<44} {use.count:>12,}")
    tag = _NAMED_BY_ID.get(use.what)
    for name in use.named:
        print(f"        {name if tag is None else encode(tag, UUID(name))}")
    if use.named and use.count > len(use.named):
        print(f"        and {use.count - len(use.named):,} more")


def _verdict(key: KeyUse, may_go: dict[str, bool]) -> str:
    if key.key_id in may_go:
        return f"{key.key_id} {'may be removed' if may_go[key.key_id] else 'must stay'}"
    if key.place == MISSING:
        return "cannot be opened, found or used" if key.needed else "nothing needs it: `qingyi keys prune`"
    if key.place == UNNOTED:
        return "no older key may be removed until they are used or have ended"
    return "" if key.needed else "nothing depends on it yet"


async def _rotate(database: EngineDatabase, sealer: RingSealer) -> Rotation:
    with shown_progress() as show:
        return await rotate_all(database, sealer, show)


async def _prune(database: EngineDatabase, sealer: RingSealer) -> tuple[int, int]:
    with shown_progress() as show:
        return await prune_index(database, sealer.key_ids, show)


def _run(work: Work[T]) -> T:
    with connected() as config:
        sealer = RingSealer(key_ring(config))
        assert config.database_url is not None  # `connected` sees to it
        database = database_of(config, config.database_url)

        async def run() -> T:
            try:
                return await work(database, sealer)
            finally:
                await database.engine.dispose()

        try:
            return asyncio.run(run())
        except (OSError, SQLAlchemyError) as error:  # without its text: drivers put values into it
            complain(f"the database failed ({type(error).__name__}); what was done is kept, run it again")
            raise typer.Exit(1) from None
