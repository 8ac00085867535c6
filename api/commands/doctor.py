"""`qingyi doctor`: what is wrong, in plain lines."""

import asyncio

import typer

from api.running.backing import connected
from infra.checks import checks


def doctor() -> None:
    """Check settings, keys, database, migrations, cache and clock; status 1 when anything is wrong."""
    with connected() as config:
        results = asyncio.run(checks(config))
    for check in results:
        print(f"{'good ' if check.good else 'WRONG'}  {check.name:<11} {check.text}")
    if not all(check.good for check in results):
        raise typer.Exit(1)
