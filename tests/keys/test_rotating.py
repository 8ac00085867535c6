"""`qingyi keys rotate` among others: locked rows, writers, a second run, a kill, and what it cannot make anew."""

import asyncio
import signal
from collections.abc import Sequence
from itertools import count
from uuid import UUID

import pytest
import sqlalchemy as sa
from races.processes import command
from races.racing import outside, rows, waiting
from sqlmodel import col
from support.house import House, Person
from support.rings import IN_FRONT, NEW, OLD, quiet, sealer_of

from domain.accounts.codes import PhoneCodePurpose
from domain.accounts.models import PHONE_INDEX, YouthRow
from domain.accounts.phone_change import change_phone
from domain.accounts.youths import YOUTHS, Youth, name_place, phone_place
from domain.core import blind_index
from domain.core.actors import System
from domain.core.blind_index import BlindIndexRow
from infra.embedded.services import Services
from infra.keys import new_key
from infra.rotation import resealing, walking
from infra.rotation.resealing import Fault, rotate
from infra.sealing import RingSealer, sealed_by

OLDER, BOTH, NEWER = sealer_of(OLD), sealer_of(IN_FRONT), sealer_of(NEW)
PHONES = (f"+86140{order:08d}" for order in count(50_000_000))


class AnyCode:
    """Takes whatever code."""

    async def take(self, phone: str, purpose: PhoneCodePurpose, code: str) -> None:
        pass


@pytest.fixture
async def youths(emptied: House) -> list[Person]:
    """Thirty, the only ones there are, under the old key alone."""
    return await emptied.youths(30, verified=True)


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (walking, resealing):
        monkeypatch.setattr(module, "STEP_ROWS", 4)
    monkeypatch.setattr(resealing, "PAUSE_SECONDS", 0.02)


async def stored(house: House, ids: Sequence[UUID]) -> dict[UUID, Youth]:
    async with house.looking() as db:
        return {youth.id: youth for youth in await YOUTHS.by_ids(db, ids)}


async def keys_of_phones(house: House) -> dict[str, int]:
    async with house.looking() as db:
        key = sealed_by(col(YouthRow.phone_sealed)).label("key")
        return dict(await db.rows(sa.select(key, sa.func.count()).group_by(key)))


async def assert_opened_and_found(house: House, sealer: RingSealer, phones: dict[UUID, str]) -> None:
    async with house.looking() as db:
        found = await blind_index.owners(db, sealer, PHONE_INDEX, phones.values())
    assert found == {phone: key for key, phone in phones.items()}
    for key, youth in (await stored(house, list(phones))).items():
        assert youth.phone(sealer) == phones[key]
        assert youth.legal_name(sealer)


async def test_all_is_opened_and_found_by_the_newest_alone(house: House, youths: list[Person]) -> None:
    done = await rotate(house.database, BOTH, quiet)
    assert (done.resealed, done.indexed, done.complete) == (60, 30, True)
    await assert_opened_and_found(house, NEWER, {youth.key: youth.phone for youth in youths})


async def test_two_runs_at_once_do_it_once(house: House, youths: list[Person]) -> None:
    runs = await asyncio.gather(*(rotate(house.database, BOTH, quiet) for _ in range(2)))
    assert all(done.complete for done in runs)
    assert sum(done.resealed for done in runs) == 60
    assert sum(done.indexed for done in runs) == 30
    await assert_opened_and_found(house, NEWER, {youth.key: youth.phone for youth in youths})


async def test_a_row_that_somebody_holds_is_waited_for_by_nobody_and_done_at_last(
    house: House, youths: list[Person], database_url: str
) -> None:
    held = sorted(youth.key for youth in youths)[5]
    async with outside(database_url) as holder:
        async with holder.transaction():
            await holder.execute("SELECT 1 FROM accounts_youth WHERE id = $1 FOR UPDATE", held)
            running = asyncio.create_task(rotate(house.database, BOTH, quiet))
            async with asyncio.timeout(10):
                while (await keys_of_phones(house)).get("test2") != 29:  # noqa: ASYNC110  # another process changes it: there is no event to wait for
                    await asyncio.sleep(0.01)
            assert not running.done()
        done = await running
    assert (done.resealed, done.complete) == (60, True)


async def test_a_row_that_is_held_for_too_long_is_said_and_left(
    house: House, youths: list[Person], database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resealing, "TRIES", 2)
    async with outside(database_url) as holder, holder.transaction():
        await holder.execute("SELECT 1 FROM accounts_youth WHERE id = $1 FOR UPDATE", youths[0].key)
        done = await rotate(house.database, BOTH, quiet)
        assert (done.resealed, done.busy, done.complete) == (58, 1, False)
    assert (await rotate(house.database, BOTH, quiet)).resealed == 2


async def test_writers_at_the_same_time_lose_nothing(house: House, youths: list[Person]) -> None:
    """Numbers and names change while all is made anew again and again, each time for a newer key."""
    phones = {youth.key: youth.phone for youth in youths}
    names = dict.fromkeys(phones, "")
    ring, sealer, stop = IN_FRONT, [BOTH], asyncio.Event()

    async def write(key: UUID) -> int:
        for turn in count(1):
            if stop.is_set():
                return turn
            phone, name = next(PHONES), f"名{turn}"
            async with house.database.write(System()) as tx:
                await change_phone(tx, sealer[0], AnyCode(), key, phone, "")  # type: ignore[arg-type]  # plays it
                sealed = sealer[0].seal(name, name_place(key))
                await tx.execute(
                    sa.update(YouthRow).where(col(YouthRow.id) == key).values(legal_name_sealed=sealed)
                )
            phones[key], names[key] = phone, name
        raise AssertionError

    writers = [asyncio.create_task(write(key)) for key in list(phones)[:6]]
    for turn in range(6):
        done = await rotate(house.database, sealer[0], quiet)
        assert done.complete, done
        ring = f"{new_key(f'turn{turn}')},{ring}"
        sealer[0] = sealer_of(ring)
    stop.set()
    turns = await asyncio.gather(*writers)
    assert min(turns) > 2, "nobody wrote meanwhile"

    assert (await rotate(house.database, sealer[0], quiet)).complete
    newest = sealer_of(ring.partition(",")[0])
    await assert_opened_and_found(house, newest, phones)
    for key, youth in (await stored(house, list(phones)[:6])).items():
        assert youth.legal_name(newest) == names[key]


async def test_what_does_not_open_or_is_anothers_is_said_and_the_rest_is_done(
    house: House, youths: list[Person]
) -> None:
    altered, clashing, mismatched, other = sorted(youths, key=lambda youth: youth.key)[:4]
    phone = BOTH.blinds(clashing.phone, PHONE_INDEX)
    async with house.database.write(System()) as tx:
        await tx.execute(
            sa.update(YouthRow).where(col(YouthRow.id) == altered.key).values(phone_sealed=b"\x01\x05test1no")
        )
        row = {"purpose": PHONE_INDEX, "key_id": "test2", "digest": phone["test2"], "owner_id": other.key}
        await tx.execute(sa.delete(BlindIndexRow).where(col(BlindIndexRow.owner_id) == other.key))
        await tx.insert(BlindIndexRow, [row])
        await tx.execute(
            sa.update(YouthRow)
            .where(col(YouthRow.id) == mismatched.key)
            .values(phone_sealed=OLDER.seal(next(PHONES), phone_place(mismatched.key)))
        )

    done = await rotate(house.database, BOTH, quiet)

    phone_column, index = "accounts_youth.phone_sealed", "core_blind_index.phone"
    assert set(done.faults) == {
        Fault(phone_column, altered.key, "it does not open"),
        Fault(phone_column, mismatched.key, "it is indexed as another text"),
        Fault(phone_column, other.key, "it is indexed as another text"),
        Fault(index, clashing.key, "another row has the same text"),
    }
    assert not done.complete
    assert await keys_of_phones(house) == {"test1": 1, "test2": 29}


async def test_killed_in_the_middle_it_goes_on_where_it_was(
    house: House, youths: list[Person], database_url: str, servers: Services
) -> None:
    # given thousands, and a claim under way that a batch in the middle must wait for
    more = await house.youths(2_500)
    phones = {youth.key: youth.phone for youth in (*youths, *more)}
    middle = sorted(phones)[1_500]
    digest = BOTH.blinds(phones[middle], PHONE_INDEX)["test2"]
    async with outside(database_url) as holder, outside(database_url) as watcher:
        claim = holder.transaction()
        await claim.start()
        await holder.execute(
            "INSERT INTO core_blind_index (purpose, digest, key_id, owner_id) VALUES ('phone', $1, 'test2', $2)",
            digest,
            youths[0].key,
        )

        # when it is killed there
        with command("keys rotate", database_url, servers, QINGYI_KEYS=IN_FRONT) as running:
            await waiting(watcher, 1, 60)
            running.kill()
            assert await asyncio.to_thread(running.wait, 10) == -signal.SIGKILL
        await claim.rollback()

    # then the steps before are done whole, and the next run does the others
    counts = await keys_of_phones(house)
    assert counts == {"test1": 1_530, "test2": 1_000}
    indexed = await rows(house, "SELECT count(*) FROM core_blind_index WHERE key_id = 'test2'")
    assert indexed[0][0] == 1_000
    with command("keys rotate", database_url, servers, QINGYI_KEYS=IN_FRONT) as running:
        assert await asyncio.to_thread(running.wait, 60) == 0
    async with house.looking() as db:
        found = await blind_index.owners(db, NEWER, PHONE_INDEX, phones.values())
    assert found == {phone: key for key, phone in phones.items()}
    assert await keys_of_phones(house) == {"test2": 2_530}
