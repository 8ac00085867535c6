"""An erasure against whoever else is at it: the youth who takes it back, other workers, requests under way, a crash."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import asyncpg
import pytest
import sqlalchemy as sa
from races.processes import command
from races.racing import assert_lawful, deadlocks, outside, rows, waiting
from sqlmodel import col
from support.asking import accept
from support.house import House, Person
from support.listings import a_listing, applied, offered, posted
from support.texts import Texts, played

from domain.accounts.erasures import ErasureRow
from domain.accounts.exports import DataExportStatus
from domain.core.actors import System
from infra.embedded.services import Services

ERASURE = "erasesAt receiptCode"


@pytest.fixture
def texts(house: House, monkeypatch: pytest.MonkeyPatch) -> Texts:
    return played(house, monkeypatch)


async def asked(texts: Texts, youth: Person) -> str:
    code = await texts.code(youth.phone, "DELETE_ACCOUNT")
    return str((await youth.done("deleteMyAccount", ERASURE, code=code))["receiptCode"])


async def status(house: House, receipt: str) -> str:
    return str((await house.http.get(f"/erasure-receipts/{receipt}")).json()["status"])


async def gone(house: House, youth: Person) -> bool:
    [(erased,)] = await rows(
        house, "SELECT erased_at IS NOT NULL FROM accounts_youth WHERE id = :id", id=youth.key
    )
    return bool(erased)


async def due(house: House, *receipts: str) -> None:
    """Their seven days are over, also for a worker with a clock of its own."""
    hashes = [sha256(receipt.encode()).digest() for receipt in receipts]
    async with house.database.write(System("test")) as tx:
        overdue = sa.update(ErasureRow).values(due_at=datetime.now(UTC) - timedelta(minutes=1))
        assert await tx.execute(overdue.where(col(ErasureRow.code_hash).in_(hashes))) == len(receipts)


async def test_asked_for_many_times_at_once_it_is_one_request(house: House, texts: Texts) -> None:
    youth = await house.youth()

    class EveryCode:
        async def take(self, *_: object) -> None:
            await asyncio.sleep(0.05)

    patch = pytest.MonkeyPatch()
    with patch.context() as anything_goes:
        anything_goes.setattr(house.runtime.ports.codes, "take", EveryCode().take)
        answers = await asyncio.gather(
            *(youth.done("deleteMyAccount", ERASURE, code="123456") for _ in range(8))
        )

    assert len({answer["receiptCode"] for answer in answers}) == 1
    assert len({answer["erasesAt"] for answer in answers}) == 1
    [(count,)] = await rows(house, "SELECT count(*) FROM accounts_erasure WHERE youth_id = :id", id=youth.key)
    assert count == 1


@pytest.mark.parametrize("first", ["worker", "youth"])
async def test_taken_back_while_it_happens_one_of_them_wins(
    house: House, database_url: str, texts: Texts, first: str
) -> None:
    # given a due erasure, and whoever came first holding still in the middle of it
    youth = await house.youth()
    receipt = await asked(texts, youth)
    await due(house, receipt)
    worker = house.worker()

    async def take_back() -> list[str]:
        payload = await youth.mutate("cancelAccountDeletion", ERASURE)
        return [reason["code"] for reason in payload["userErrors"]]

    async with outside(database_url) as holder, outside(database_url) as watcher:
        table = "accounts_consent" if first == "worker" else "core_outbox_event"
        async with holder.transaction():
            await holder.execute(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")
            if first == "worker":
                erasing = asyncio.create_task(worker.run_pieces())
                await waiting(watcher, 1)
                taking_back = asyncio.create_task(take_back())
                await waiting(watcher, 2)
            else:
                taking_back = asyncio.create_task(take_back())
                await waiting(watcher, 1)
                erasing = asyncio.create_task(worker.run_pieces())
                await asyncio.wait_for(erasing, 20)  # it passes over what somebody holds
        reasons = await taking_back
        await erasing

    # then either is told the truth
    if first == "worker":
        assert reasons == ["UNAUTHENTICATED"]
        assert await gone(house, youth)
        assert await status(house, receipt) == "ERASED"
    else:
        assert reasons == []
        assert not await gone(house, youth)
        assert await status(house, receipt) == "CANCELLED"


async def test_many_erasures_many_workers_and_youths_who_change_their_mind(
    house: House, texts: Texts
) -> None:
    partner, youths = await house.partner(), await house.youths(12)
    shared = await posted(partner, a_listing(headcount=12, startsOn="2030-01-01", durationWeeks=4))
    last = await posted(partner, a_listing(headcount=1, startsOn="2031-01-01", durationWeeks=4))
    for youth in youths[:6]:
        await accept(youth, await offered(partner, youth, shared))
    for youth in youths:
        await applied(youth, last, f"last-{youth.id}")
    receipts = [await asked(texts, youth) for youth in youths]
    await due(house, *receipts)
    workers = [house.worker() for _ in range(3)]

    async def take_back(youth: Person) -> bool:
        answer = await youth.post("mutation { cancelAccountDeletion(input: {}) { userErrors { code } } }")
        return answer.status_code == 200 and not answer.json()["data"]["cancelAccountDeletion"]["userErrors"]

    kept, *_ = await asyncio.gather(
        asyncio.gather(*(take_back(youth) for youth in youths[::2])), *(one.run_pieces() for one in workers)
    )
    for worker in workers:
        await worker.run_pieces()

    for youth, stays in zip(youths[::2], kept, strict=True):
        assert await gone(house, youth) is not stays
    assert all([await gone(house, youth) for youth in youths[1::2]])
    for receipt in receipts:
        assert await status(house, receipt) in {"ERASED", "CANCELLED"}
    await assert_lawful(house)
    assert await deadlocks(house) == 0


async def test_what_the_youth_does_at_that_moment_leaves_nothing(house: House, texts: Texts) -> None:
    """Requests that were let in before the erasure and end after it fail for nobody, and leave nothing behind."""
    partner, youth = await house.partner(), await house.youth()
    listings = [await posted(partner, a_listing(startsOn=f"203{n}-01-01", durationWeeks=1)) for n in range(6)]
    place = await offered(partner, youth, listings[0])
    await due(house, await asked(texts, youth))
    worker = house.worker()

    async def act(name: str, selection: str, **given: Any) -> int:
        kind = name[0].upper() + name[1:] + "Input"
        document = f"mutation ($i: {kind}!) {{ {name}(input: $i) {{ {selection} userErrors {{ code }} }} }}"
        answer = await youth.post(document, i=given)
        faults = [error for error in answer.json().get("errors", ()) if "requestId" in error["extensions"]]
        assert faults == []
        return answer.status_code

    requests = [
        *(
            act("bookmarkInternship", "internship { id }", internshipId=made, bookmarked=True)
            for made in listings
        ),
        *(
            act("applyToInternship", "application { id }", internshipId=made, idempotencyKey=f"k{number}")
            for number, made in enumerate(listings[1:])
        ),
        act("respondToInternshipOffer", "application { id }", applicationId=place, accept=True),
        act("updateProfile", "youth { id }", displayName="最后一刻"),
        act("exportMyData", "dataExport { status }", idempotencyKey="last"),
    ]
    answers, _ = await asyncio.gather(asyncio.gather(*requests), worker.run_pieces())

    assert set(answers) <= {200, 401}
    assert await gone(house, youth)
    house.clock.move(minutes=6)
    await house.work()
    for table in ("internship_bookmark", "accounts_data_export", "accounts_consent"):
        assert await rows(house, f"SELECT 1 FROM {table} WHERE youth_id = :id", id=youth.key) == []
    [(name,)] = await rows(house, "SELECT display_name FROM accounts_youth WHERE id = :id", id=youth.key)
    assert name is None
    left = await rows(
        house,
        "SELECT status FROM internship_application WHERE youth_id = :id AND status <> 'WITHDRAWN'",
        id=youth.key,
    )
    assert left == []
    await assert_lawful(house)


@asynccontextmanager
async def held_in_the_middle(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """Inside, an erasure comes as far as the consents, which it erases late, and waits there."""
    async with outside(database_url) as holder, holder.transaction():
        await holder.execute("LOCK TABLE accounts_consent IN SHARE ROW EXCLUSIVE MODE")
        yield holder


async def test_a_worker_killed_in_the_middle_erases_nothing_and_another_does(
    house: House, database_url: str, servers: Services, texts: Texts
) -> None:
    # given a youth with a place, of which the worker has already given back and deleted much
    partner, youth = await house.partner(), await house.youth(verified=True)
    made = await posted(partner, a_listing(headcount=1))
    await accept(youth, await offered(partner, youth, made))
    receipt = await asked(texts, youth)
    await house.work()
    await due(house, receipt)
    before = await state_of(house, youth)
    async with outside(database_url) as watcher:
        async with held_in_the_middle(database_url):
            with command("worker", database_url, servers) as first:
                await waiting(watcher, 1, 30)
                first.kill()
                assert await asyncio.to_thread(first.wait, 10) == -signal.SIGKILL

        # then all is as it was
        assert await state_of(house, youth) == before
        assert await status(house, receipt) == "PENDING"

        # and another worker does all of it
        with command("worker", database_url, servers):
            async with asyncio.timeout(60):
                while await status(house, receipt) != "ERASED":  # noqa: ASYNC110 - another process's doing
                    await asyncio.sleep(0.1)
    assert await gone(house, youth)
    [(status_now, taken)] = await rows(
        house, "SELECT status, accepted_count FROM internship_listing ORDER BY id DESC LIMIT 1"
    )
    assert (status_now, taken) == ("PUBLISHED", 0)


TOUCHED = """
SELECT row::text FROM accounts_youth row WHERE id = :id
UNION ALL SELECT row::text FROM accounts_consent row WHERE youth_id = :id
UNION ALL SELECT row::text FROM core_blind_index row WHERE owner_id = :id
UNION ALL SELECT row::text FROM core_notification row WHERE recipient_id = :id
UNION ALL SELECT row::text FROM internship_application row WHERE youth_id = :id
UNION ALL SELECT row::text FROM internship_listing row
    WHERE id IN (SELECT internship_id FROM internship_application WHERE youth_id = :id)
UNION ALL SELECT row::text FROM core_state_event row
    WHERE subject_id IN (SELECT id FROM internship_application WHERE youth_id = :id)
ORDER BY 1
"""


async def state_of(house: House, youth: Person) -> list[str]:
    """Everything of the youth's that an erasure touches."""
    return [text for (text,) in await rows(house, TOUCHED, id=youth.key)]


async def test_two_workers_prepare_a_copy_once(house: House) -> None:
    youth = await house.youth()
    await youth.done("exportMyData", "dataExport { status }", idempotencyKey="key")
    workers = [house.worker() for _ in range(3)]

    await asyncio.gather(*(worker.run_pieces() for worker in workers))
    await house.work()

    [(parts,)] = await rows(
        house,
        "SELECT count(*) FROM accounts_data_export_part p JOIN accounts_data_export e ON e.id = p.export_id"
        " WHERE e.youth_id = :id",
        id=youth.key,
    )
    assert parts == 1
    told = "SELECT count(*) FROM core_notification WHERE recipient_id = :id AND kind = 'DATA_EXPORT_READY'"
    assert await rows(house, told, id=youth.key) == [(1,)]
    found = await youth.run("{ viewer { youth { dataExport { status } } } }")
    assert found["viewer"]["youth"]["dataExport"]["status"] == DataExportStatus.READY
