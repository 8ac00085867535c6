"""What commands about principals have in common: one action on the database, its answer as JSON, one object a line."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import pyotp
import typer

from api.running.backing import complain, connected
from domain.accounts.second_factor import NewFactor
from domain.core.refusals import Language, Refusal, Refused
from graph.core.scalars import parse_phone
from infra.database import EngineDatabase, database_of
from infra.keys import key_ring
from infra.sealing import RingSealer
from infra.settings import Settings
from infra.tokens import AccessTokens

Make = Callable[[EngineDatabase, RingSealer, AccessTokens], Awaitable[list[dict[str, Any]]]]


def print_lines(make: Make) -> None:
    """Run the action and print what it gives; what it refuses is told on standard error (status 1)."""
    with connected() as config:
        for line in asyncio.run(_made(config, make)):
            typer.echo(orjson.dumps(line).decode())


async def _made(config: Settings, make: Make) -> list[dict[str, Any]]:
    ring = key_ring(config)
    assert config.database_url is not None  # `connected` sees to it
    database = database_of(config, config.database_url)
    try:
        return await make(database, RingSealer(ring), AccessTokens(ring, config.issuer))
    except Refusal as refusal:
        reasons: tuple[Refusal, ...] = (refusal,)
    except Refused as refused:
        reasons = refused.reasons
    finally:
        await database.engine.dispose()
    for reason in reasons:
        complain(reason.message(Language.EN))
    raise typer.Exit(1)


def parsed_phone(text: str) -> str:
    try:
        return parse_phone(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def shown_factor(factor: NewFactor | None) -> dict[str, Any]:
    """A second factor, this once; nothing where none was made."""
    if factor is None:
        return {}
    secret = pyotp.parse_uri(factor.totp_uri).secret
    return {"totpUri": factor.totp_uri, "totpSecret": secret, "recoveryCodes": list(factor.recovery_codes)}
