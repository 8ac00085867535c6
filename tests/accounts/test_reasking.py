"""Claims that the registry could not answer: asked about again by the worker, until it does."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
import stamina
from sqlmodel import col
from support.asking import inbox, told
from support.house import House, Person
from support.outside import Played as Outage
from support.outside import outside
from support.raw import everything
from support.real_names import Registry, claimed, number, verified
from support.watching import log_of_house

from domain.accounts.identity import identity_of
from domain.accounts.models import RealNameStatus, YouthRow
from domain.accounts.reasking import AT_ONCE, WaitingClaim, reasking
from domain.accounts.registry import RegistryAnswer
from domain.accounts.verifying import WAIT_FIRST, WAIT_MOST, settle
from domain.core.actors import System
from infra.outside import TRIES
from infra.registry import FAILURES_MOST, HttpRegistry
from infra.worker import Worker, all_handlers

MATCH, MISMATCH, UNAVAILABLE = RegistryAnswer.MATCH, RegistryAnswer.MISMATCH, RegistryAnswer.UNAVAILABLE
TESTER = System("tester")
NUMBERS = (number(order, born) for born in ("20000101", "20000102") for order in range(1, 1_000))
"""Each serves one claim of this module."""


class Played(Registry):
    """As a registry that is away, or back; some names it never answers."""

    def __init__(self, house: House) -> None:
        super().__init__(UNAVAILABLE)
        self.house = house
        self.never: set[str] = set()
        self.connections = 0

    async def check(self, name: str, number: str) -> RegistryAnswer:
        await asyncio.sleep(0)
        pool: Any = self.house.database.engine.pool
        self.connections = max(self.connections, pool.checkedout())
        answer = await super().check(name, number)
        return UNAVAILABLE if name in self.never else answer


@pytest.fixture
async def registry(house: House, monkeypatch: pytest.MonkeyPatch) -> Played:
    """One that is away; nobody waits for it from before."""
    async with house.database.write(TESTER) as tx:
        await tx.execute(
            sa.update(YouthRow)
            .where(col(YouthRow.real_name_status) == RealNameStatus.PENDING)
            .values(real_name_status=RealNameStatus.NONE, registry_due_at=None)
        )
    played = Played(house)
    monkeypatch.setattr(house.runtime.ports.registry, "check", played.check)
    return played


@pytest.fixture
def worker(house: House) -> Worker:
    ports = house.runtime.ports
    return Worker(house.database, all_handlers(ports.sealer), (), [reasking(ports.sealer, ports.registry)])


async def row_of(house: House, youth: Person) -> Any:
    async with house.looking() as db:
        return await db.first(sa.select(YouthRow).where(col(YouthRow.id) == youth.key))


async def statuses(house: House, youths: list[Person]) -> list[str]:
    return [(await row_of(house, youth)).real_name_status.value for youth in youths]


async def delivered(worker: Worker) -> None:
    while await worker.deliver_batch():
        pass


async def waiting(house: House, count: int) -> list[Person]:
    """Youths whose claims the registry did not answer, now due."""
    youths = await house.youths(count)
    for youth in youths:
        payload = await verified(youth, "李梅", next(NUMBERS))
        assert payload["youth"]["realNameStatus"] == "PENDING"
    house.clock.move(seconds=WAIT_FIRST.total_seconds() + 1)
    return youths


async def test_one_that_is_away_and_back(house: House, registry: Played, worker: Worker) -> None:
    # given a claim during an outage
    youth = await house.youth()
    await verified(youth, "李梅", number(1))
    registry.asked.clear()

    # it is not asked about before its time
    await worker._run_errands()
    assert registry.asked == []

    # while it is away, it is asked about later and later
    waits = []
    for round_ in range(1, 10):
        before = await row_of(house, youth)
        wait = before.registry_due_at - house.clock()
        waits.append(round(wait / WAIT_FIRST))
        house.clock.move(seconds=wait.total_seconds() + 0.01)
        await worker._run_errands()
        assert registry.asked == [("李梅", number(1))] * round_
        assert await statuses(house, [youth]) == ["PENDING"]
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    await delivered(worker)
    assert await told(youth) == []

    # when it is back
    registry.answer = MATCH
    house.clock.move(seconds=WAIT_MOST.total_seconds() + 1)
    await worker._run_errands()
    await delivered(worker)

    # then the youth is verified, once and for all, and is told
    data = await youth.run("{ viewer { youth { realNameStatus gender birthDate } } }")
    assert data["viewer"]["youth"] == {
        "realNameStatus": "VERIFIED",
        "gender": "MALE",
        "birthDate": "2004-02-29",
    }
    assert await told(youth) == ["REAL_NAME_VERIFIED"]
    row = await row_of(house, youth)
    assert (row.registry_due_at, row.registry_tries) == (None, 0)
    house.clock.move(days=1)
    await worker._run_errands()
    assert len(registry.asked) == 10


@pytest.mark.parametrize(
    ("language", "title", "said"),
    [
        ("zh-CN", "实名认证未通过", "姓名与证件号码不一致"),
        ("en", "Real name not verified", "do not belong together"),
    ],
)
async def test_a_late_mismatch_rejects_and_keeps_nothing(
    house: House, registry: Played, worker: Worker, language: str, title: str, said: str
) -> None:
    [youth] = await waiting(house, 1)
    registry.answer = MISMATCH
    await worker._run_errands()
    await delivered(worker)
    row = await row_of(house, youth)
    assert (row.real_name_status, row.legal_name_sealed, row.identity_sealed) == ("REJECTED", None, None)
    youth.headers["accept-language"] = language
    [notice] = await inbox(youth)
    assert (notice["kind"], notice["title"]) == ("REAL_NAME_REJECTED", title)
    assert said in notice["body"]
    assert notice["subject"]["id"] == youth.id
    # and may be mended
    registry.answer = MATCH
    assert (await verified(youth, "李梅", next(NUMBERS)))["youth"]["realNameStatus"] == "VERIFIED"


async def test_a_number_that_serves_another_account_meanwhile(
    house: House, registry: Played, worker: Worker
) -> None:
    [youth] = await waiting(house, 1)
    registry.answer = MATCH
    owner = await house.youth()
    await verified(owner, *registry.asked[-1])
    await worker._run_errands()
    await delivered(worker)
    assert await statuses(house, [youth, owner]) == ["REJECTED", "VERIFIED"]
    assert (await row_of(house, youth)).identity_sealed is None
    assert await told(youth) == ["REAL_NAME_TAKEN"]
    assert await told(owner) == []


async def test_of_two_that_wait_with_one_number_one_gets_it(
    house: House, registry: Played, worker: Worker
) -> None:
    youths, shared = await house.youths(2), next(NUMBERS)
    for youth in youths:
        await verified(youth, "李梅", shared)
    house.clock.move(minutes=2)
    registry.answer = MATCH
    await worker._run_errands()
    await delivered(worker)
    assert sorted(await statuses(house, youths)) == ["REJECTED", "VERIFIED"]
    assert sorted([await told(youth) for youth in youths]) == [["REAL_NAME_TAKEN"], ["REAL_NAME_VERIFIED"]]


async def test_two_workers_settle_each_claim_once(house: House, registry: Played) -> None:
    registry.asked.clear()
    youths = await waiting(house, 3 * AT_ONCE)
    asked = sorted(registry.asked)
    registry.answer = MATCH
    registry.asked.clear()
    ports = house.runtime.ports
    workers = [
        Worker(house.database, all_handlers(ports.sealer), (), [reasking(ports.sealer, ports.registry)])
        for _ in range(2)
    ]
    await asyncio.gather(*(each._run_errands() for each in workers))
    await delivered(workers[0])
    assert sorted(registry.asked) == asked
    assert set(await statuses(house, youths)) == {"VERIFIED"}
    assert [await told(youth) for youth in youths] == [["REAL_NAME_VERIFIED"]] * len(youths)


async def test_an_answer_that_comes_twice_is_settled_once(
    house: House, registry: Played, worker: Worker
) -> None:
    """A worker that was held up: what it took was taken by another in time."""
    [youth] = await waiting(house, 1)
    errand = reasking(house.runtime.ports.sealer, registry)
    taken: list[WaitingClaim] = []
    for _ in range(2):
        async with house.database.write(TESTER) as tx:
            taken += await errand.take(tx)
        house.clock.move(hours=2)
    assert [claim.youth_id for claim in taken] == [youth.key] * 2

    async def settled(claim: WaitingClaim, answer: RegistryAnswer) -> None:
        async with house.database.write(TESTER) as tx:
            await errand.settle(tx, claim, answer)

    await settled(taken[0], MATCH)
    await asyncio.gather(settled(taken[1], MISMATCH), settled(taken[0], MATCH), settled(taken[1], MATCH))
    await delivered(worker)
    assert await statuses(house, [youth]) == ["VERIFIED"]
    assert await told(youth) == ["REAL_NAME_VERIFIED"]


class Meanwhile(Played):
    """While it is being asked, something else happens."""

    def __init__(self, house: House) -> None:
        super().__init__(house)
        self.begun, self.go_on = asyncio.Event(), asyncio.Event()

    async def check(self, name: str, number: str) -> RegistryAnswer:
        if name == "李梅":
            self.begun.set()
            await self.go_on.wait()
        return await super().check(name, number)


@pytest.mark.parametrize("corrected", [MATCH, MISMATCH, UNAVAILABLE])
@pytest.mark.parametrize("late", [MATCH, MISMATCH])
async def test_the_answer_to_an_old_claim_does_not_touch_the_new_one(
    house: House,
    registry: Played,
    worker: Worker,
    monkeypatch: pytest.MonkeyPatch,
    corrected: RegistryAnswer,
    late: RegistryAnswer,
) -> None:
    # given a worker that asks about a claim
    [youth] = await waiting(house, 1)
    slow = Meanwhile(house)
    slow.answer = late
    monkeypatch.setattr(house.runtime.ports.registry, "check", slow.check)
    working = asyncio.create_task(worker._run_errands())
    await slow.begun.wait()

    # when the youth corrects it meanwhile
    async with house.database.write(TESTER) as tx:
        claim = identity_of("李竹", next(NUMBERS))
        await settle(tx, house.runtime.ports.sealer, youth.key, claim, corrected)
    before = await everything(house)
    slow.go_on.set()
    await working

    # then what the registry says of the old one changes nothing
    assert await everything(house) == before


@pytest.mark.parametrize("how", ["erased", "gone", "verified"])
async def test_a_youth_who_waits_no_more_is_passed_over(
    house: House, registry: Played, worker: Worker, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    [youth] = await waiting(house, 1)
    slow = Meanwhile(house)
    slow.answer = MATCH
    monkeypatch.setattr(house.runtime.ports.registry, "check", slow.check)
    working = asyncio.create_task(worker._run_errands())
    await slow.begun.wait()
    mine = col(YouthRow.id) == youth.key
    async with house.database.write(TESTER) as tx:
        if how == "gone":
            await tx.execute(
                sa.text("DELETE FROM accounts_consent WHERE youth_id = :id").bindparams(id=youth.key)
            )
            await tx.execute(sa.delete(YouthRow).where(mine))
        elif how == "erased":
            await tx.execute(
                sa.update(YouthRow).where(mine).values(legal_name_sealed=None, identity_sealed=None)
            )
        else:
            await tx.execute(sa.update(YouthRow).where(mine).values(real_name_status=RealNameStatus.VERIFIED))
    before = await everything(house)
    slow.go_on.set()
    with log_of_house() as log:
        await working
    assert await everything(house) == before
    assert log.getvalue() == ""


async def test_an_erased_youth_is_not_asked_about(house: House, registry: Played, worker: Worker) -> None:
    [youth] = await waiting(house, 1)
    async with house.database.write(TESTER) as tx:
        mine = col(YouthRow.id) == youth.key
        await tx.execute(sa.update(YouthRow).where(mine).values(legal_name_sealed=None, identity_sealed=None))
    registry.asked.clear()
    await worker._run_errands()
    assert registry.asked == []


async def test_one_that_cannot_be_opened_does_not_hold_up_the_others(
    house: House, registry: Played, worker: Worker
) -> None:
    broken, *fine = await waiting(house, 4)
    async with house.database.write(TESTER) as tx:
        mine = col(YouthRow.id) == broken.key
        await tx.execute(sa.update(YouthRow).where(mine).values(identity_sealed=b"\x01\x05gone1" + b"?" * 40))
    registry.answer = MATCH
    with log_of_house() as log:
        await worker._run_errands()
    assert await statuses(house, [broken, *fine]) == ["PENDING"] + ["VERIFIED"] * 3
    assert "worker.errand_failed" in log.getvalue()
    assert "SealBroken" in log.getvalue()
    assert (await row_of(house, broken)).registry_due_at > house.clock() + WAIT_FIRST


async def test_a_name_that_is_never_answered_does_not_hold_up_the_others(
    house: House, registry: Played, worker: Worker
) -> None:
    stuck = await house.youths(AT_ONCE)
    for youth in stuck:
        await claimed(youth, "李难", next(NUMBERS))
    fine = await waiting(house, AT_ONCE)
    registry.answer, registry.never = MATCH, {"李难"}
    for _ in range(2):
        await worker._run_errands()
    assert set(await statuses(house, fine)) == {"VERIFIED"}
    assert set(await statuses(house, stuck)) == {"PENDING"}


async def test_the_registry_is_asked_outside_of_any_transaction(
    house: House, registry: Played, worker: Worker
) -> None:
    await waiting(house, 8)
    registry.connections = 0
    registry.asked.clear()
    await worker._run_errands()
    assert len(registry.asked) == 8
    assert registry.connections == 0


async def test_a_claim_of_an_older_release_is_asked_about_at_once(
    house: House, registry: Played, worker: Worker
) -> None:
    youth = await house.youth()
    await verified(youth, "李梅", next(NUMBERS))
    async with house.database.write(TESTER) as tx:
        mine = col(YouthRow.id) == youth.key
        await tx.execute(sa.update(YouthRow).where(mine).values(registry_due_at=None))
    registry.answer = MATCH
    await worker._run_errands()
    assert await statuses(house, [youth]) == ["VERIFIED"]


async def test_ten_thousand_that_wait_do_not_flood_one_that_is_away(
    house: House, registry: Played, worker: Worker
) -> None:
    # given a backlog
    [youth] = await waiting(house, 1)
    async with house.database.write(TESTER) as tx:
        await tx.execute(
            sa.text(
                "INSERT INTO accounts_youth (id, legal_name_sealed, identity_sealed, real_name_status, tracks,"
                " created_at, registry_due_at) SELECT gen_random_uuid(), '\\x01', '\\x01', 'PENDING', '{}', :now, :due"
                " FROM generate_series(1, 10000)"
            ).bindparams(now=house.clock(), due=house.clock() + timedelta(seconds=-30))
        )
        # a claim that can be opened goes first
        mine = col(YouthRow.id) == youth.key
        await tx.execute(sa.update(YouthRow).where(mine).values(registry_due_at=None))
    registry.asked.clear()

    # when a round is made while it is away
    with log_of_house():
        await worker._run_errands()

    # then one batch was put off, and the rest waits untouched
    assert len(registry.asked) == 1
    async with house.looking() as db:
        due = await db.scalar(
            sa.text(
                "SELECT count(*) FROM accounts_youth WHERE real_name_status = 'PENDING' AND registry_due_at <= :now"
            ).bindparams(now=house.clock())
        )
    assert due == 10_001 - AT_ONCE


async def test_two_workers_and_a_registry_over_http_away_and_back(
    house: House, registry: Played, worker: Worker
) -> None:
    youths = await waiting(house, AT_ONCE + 5)
    sealer = house.runtime.ports.sealer
    async with httpx.AsyncClient() as client:
        with outside(Outage(503)) as server, stamina.set_testing(True, attempts=TRIES, cap=True):
            # given two workers, each with a breaker of its own, in an outage
            workers = []
            for _ in range(2):
                errand = reasking(sealer, HttpRegistry(client, server.url, "", rest_seconds=0.2))
                workers.append(Worker(house.database, all_handlers(sealer), (), [errand]))
            for _ in range(3):
                await asyncio.gather(*(each._run_errands() for each in workers))
                house.clock.move(hours=2)
            # then it is left alone after some failures, however many wait
            most = FAILURES_MOST + errand.side_by_side - 1  # those under way when it opens come to their end
            assert len(server.sent) <= 2 * most * TRIES
            assert set(await statuses(house, youths)) == {"PENDING"}

            # when it is back
            server.plays(Outage(body=b'{"result": "match"}'))
            await asyncio.sleep(0.25)
            for _ in range(3):
                await asyncio.gather(*(each._run_errands() for each in workers))
                house.clock.move(hours=2)
            await delivered(worker)
    assert set(await statuses(house, youths)) == {"VERIFIED"}
    assert [await told(youth) for youth in youths] == [["REAL_NAME_VERIFIED"]] * len(youths)
