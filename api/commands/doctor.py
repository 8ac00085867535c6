"""`qingyi doctor`: what is wrong, in plain lines."""

import asyncio

import typer

import domain.models  # noqa: F401  # every column that depends on keys
from api.running.backing import connected
from infra.checks import Check, check_of_data, checks
from infra.settings import Settings


def doctor() -> None:
    """Check settings, keys, database, migrations, cache, clock and the keys of data; status 1 when anything is wrong."""
    with connected() as config:
        results = asyncio.run(_all(config))
    for check in results:
        print(f"{'good ' if check.good else 'WRONG'}  {check.name:<11} {check.text}")
    if not all(check.good for check in results):
        raise typer.Exit(1)


async def _all(config: Settings) -> tuple[Check, ...]:
    return (*await checks(config), await check_of_data(config))
