"""`qingyi care-fund`: how much the care fund holds, said on the server; also in production."""

from typing import Annotated, Any

import typer

from api.commands.answers import print_lines
from domain.core.actors import System
from domain.volunteering.care.fund import Fund, held_fund, hold
from infra.database import EngineDatabase
from infra.sealing import RingSealer
from infra.tokens import AccessTokens

care_fund = typer.Typer(help="The care fund, on the server (also in production).", no_args_is_help=True)

SERVER = System("care-fund")


@care_fund.command()
def show() -> None:
    """What the fund holds in all, has given (approved, paid or not) and has left, in fen, as {holdsFen, givenFen, leftFen}."""

    async def make(database: EngineDatabase, _: RingSealer, __: AccessTokens) -> list[dict[str, Any]]:
        async with database.write(SERVER) as tx:
            return [_shown(await held_fund(tx))]

    print_lines(make)


@care_fund.command("hold")
def hold_(
    fen: Annotated[
        int, typer.Argument(help="All that it holds, with what was given already; not what is added.")
    ],
    reason: Annotated[str, typer.Option(help="For the history, 1 to 1,000 characters.")],
) -> None:
    """Say what the fund holds from now on, never less than it has given; as `show`."""

    async def make(database: EngineDatabase, _: RingSealer, __: AccessTokens) -> list[dict[str, Any]]:
        async with database.write(SERVER) as tx:
            return [_shown(await hold(tx, fen, reason))]

    print_lines(make)


def _shown(fund: Fund) -> dict[str, Any]:
    left = fund.holds_fen - fund.given_fen
    return {"holdsFen": fund.holds_fen, "givenFen": fund.given_fen, "leftFen": left}
