"""One number claimed at once in processes with different rings: each ring shares a root with the next, and one youth wins."""

import asyncio
from contextlib import ExitStack
from dataclasses import replace

import httpx
import pytest
from races.processes import server
from support.house import House, Person
from support.real_names import claimed, number
from support.rings import APPENDED, IN_FRONT, OLD, quiet, sealer_of

from domain.accounts.models import IDENTITY_INDEX
from domain.core.blind_index import owner
from infra.embedded.services import Services
from infra.rotation.resealing import rotate

ROUNDS = 3
EACH = 3


async def _verdict(http: httpx.AsyncClient, youth: Person, order: int) -> str:
    payload = await claimed(replace(youth, http=http), "李梅", number(order))
    return ",".join(reason["code"] for reason in payload["userErrors"]) or "VERIFIED"


@pytest.mark.parametrize(
    ("rings", "orders"),
    [((OLD, APPENDED), range(100, 100 + ROUNDS)), ((APPENDED, IN_FRONT), range(200, 200 + ROUNDS))],
    ids=["the new key is appended", "the new key is put in front"],
)
async def test_one_of_all_processes_youths_gets_the_number(
    house: House, database_url: str, servers: Services, rings: tuple[str, str], orders: range
) -> None:
    with ExitStack() as stack:
        addresses = [
            stack.enter_context(server(database_url, servers, QINGYI_KEYS=ring))[1] for ring in rings
        ]
        async with (
            httpx.AsyncClient(base_url=addresses[0]) as one,
            httpx.AsyncClient(base_url=addresses[1]) as two,
        ):
            for order in orders:
                youths = await house.youths(2 * EACH)
                done, *verdicts = await asyncio.gather(
                    rotate(house.database, sealer_of(rings[1]), quiet),
                    *(_verdict((one, two)[at % 2], youth, order) for at, youth in enumerate(youths)),
                )
                assert done.complete
                assert sorted(verdicts) == ["ALREADY_EXISTS"] * (2 * EACH - 1) + ["VERIFIED"]
                winner = youths[verdicts.index("VERIFIED")].key
                async with house.looking() as db:
                    for ring in rings:
                        assert await owner(db, sealer_of(ring), IDENTITY_INDEX, number(order)) == winner
