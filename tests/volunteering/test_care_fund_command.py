"""`qingyi care-fund`, in production: a fund that gets more money gives more, and never holds less than it gave."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator

import pytest
from races.racing import rows
from support.house import TEST_KEYS, House
from support.raw import everything
from support.volunteering import claimed
from typer.testing import CliRunner, Result

from api.cli import application
from domain.core.actors import StaffRole
from infra.embedded.services import Services
from infra.settings import settings

Qingyi = Callable[..., Awaitable[Result]]
CLAIM = "claim { status }"


@pytest.fixture
def qingyi(database_url: str, servers: Services) -> Iterator[Qingyi]:
    addresses = {"DATABASE_URL": database_url, "REDIS_URL": servers.redis_url, "QINGYI_KEYS": TEST_KEYS}

    async def run(*words: str) -> Result:
        settings.cache_clear()
        runner = CliRunner(env={**addresses, "QINGYI_ENV": "production"})
        return await asyncio.to_thread(
            runner.invoke, application(["care-fund", "ledger"]), ["care-fund", *words]
        )

    yield run
    settings.cache_clear()


def fund(result: Result) -> tuple[int, int, int]:
    assert result.exit_code == 0, result.output
    said = json.loads(result.stdout)
    return said["holdsFen"], said["givenFen"], said["leftFen"]


async def test_more_money_is_given_out_and_less_than_was_given_is_refused(
    house: House, qingyi: Qingyi
) -> None:
    # given a fund of ten yuan, and two claims of six
    assert fund(await qingyi("hold", "1000", "--reason", "年初拨款")) == (1000, 0, 1000)
    staff = await house.staff(StaffRole.PROGRAMME_MANAGER)
    claims = [await claimed(who, 600) for who in await house.youths(2, verified=True, division_code="440106")]
    await staff.done("decideCareFundClaim", CLAIM, claimId=claims[0], to="APPROVED")
    second = {"claimId": claims[1], "to": "APPROVED"}
    assert [code for code, _ in await staff.refused("decideCareFundClaim", CLAIM, **second)] == [
        "QUOTA_EXCEEDED"
    ]

    # when it gets more, said twice
    for _ in range(2):
        assert fund(await qingyi("hold", "1500", "--reason", " 企业捐赠 ")) == (1500, 600, 900)

    # then the other is approved, and each change is in the history once
    assert (await staff.done("decideCareFundClaim", CLAIM, **second))["claim"]["status"] == "APPROVED"
    history = "SELECT actor, status, note FROM core_state_event WHERE actor = 'system:care-fund' ORDER BY id"
    assert [tuple(one) for one in await rows(house, history)] == [
        ("system:care-fund", "HOLDS_LESS", "1000000000 -> 1000: 年初拨款"),
        ("system:care-fund", "HOLDS_MORE", "1000 -> 1500: 企业捐赠"),
    ]

    # and what is promised stays in it
    before = await everything(house)
    for words, said in (
        (("1199", "--reason", "x"), "1200 fen"),
        (("1300", "--reason", " "), "1 to 1000"),
        ((str(10**16), "--reason", "x"), "between"),
    ):
        refused = await qingyi("hold", *words)
        assert (refused.exit_code, said in refused.output) == (1, True), refused.output
    assert await everything(house) == before
    assert fund(await qingyi("hold", "1200", "--reason", "结余上缴")) == (1200, 1200, 0)
    assert fund(await qingyi("show")) == (1200, 1200, 0)
