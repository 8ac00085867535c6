"""
Two youths do everything that there is to do. Each has a copy with all of theirs and nothing of the other's; then one is
erased, and nothing of them is found anywhere, with every key at hand.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict
from support.asking import application
from support.canaries import DEVICE, Canaries, Life, lived
from support.house import House
from support.raw import tables
from support.texts import Texts, played

from domain.accounts.preparing import FORMAT, part_place
from domain.core.sealing import SealBroken, place
from domain.holdings import HOLDINGS


class Words(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    zh: str
    en: str


class Held(BaseModel):
    """As docs/personal-data.md has it."""

    model_config = ConfigDict(extra="forbid", strict=True)
    what: Words
    afterErasure: str  # noqa: N815 - the document's spelling
    because: Words | None
    rows: list[dict[str, Any]]


class Copy(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    format: str
    madeAt: str  # noqa: N815 - as above
    holdings: dict[str, Held]


@dataclass(frozen=True, slots=True)
class Drive:
    """The lives, their copies, what stood in the house before the erasure and after it."""

    gone: Life
    stays: Life
    copy_of_gone: str
    copy_of_stays: str
    before: str
    after: str
    cache: str
    receipt: str


def _text(value: object) -> str:
    """Bytes as they stand, as Latin-1 and as hexadecimal digits, since a dump writes them so."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace") + "\n" + value.decode("latin-1") + "\n" + value.hex()
    return str(value)


def _opened(house: House, table: str, column: str, row: Any) -> str:
    """What a sealed column holds; of a table whose rows have no id nothing can be sealed."""
    value = row._mapping[column]
    if not (isinstance(value, bytes) and column.endswith("_sealed")):
        return ""
    try:
        return house.runtime.ports.sealer.open(value, place(table, column.removesuffix("_sealed"), row.id))
    except SealBroken:
        raise AssertionError(f"{table}.{column} is sealed for another place") from None


async def database(house: House) -> str:
    """Every value of every column of every table, opened where it is sealed."""
    found = []
    async with house.looking() as db:
        for table in await tables(house):
            for row in await db.rows(sa.text(f'SELECT * FROM "{table}"')):
                for column, value in row._mapping.items():
                    found += [f"{table}.{column}={_text(value)}", _opened(house, table, column, row)]
            found += list(await db.scalars(sa.text(f'SELECT row::text FROM "{table}" AS row')))
    return "\n".join(found)


async def cache(house: House) -> str:
    """Every key of Valkey and its value."""
    redis, found = house.runtime.redis, []
    async for key in redis.scan_iter():
        kind = (await redis.type(key)).decode()
        value = await (redis.hgetall(key) if kind == "hash" else redis.dump(key))
        found += [_text(key), _text(value) if isinstance(value, bytes) else str(value)]
    return "\n".join(found)


async def copied(house: House, life: Life) -> str:
    """The copy; taken before the day ends on which the sign-in's token does."""
    await life.youth.done("exportMyData", "dataExport { status }", idempotencyKey="copy")
    await house.work()
    found = await life.youth.run("{ viewer { youth { dataExport { downloadUrl } } } }")
    answer = await house.http.get(found["viewer"]["youth"]["dataExport"]["downloadUrl"])
    assert answer.status_code == 200
    return answer.text


async def _erased(house: House, texts: Texts, life: Life) -> str:
    code = await texts.code(life.canaries.phone, "DELETE_ACCOUNT")
    payload = await life.youth.done("deleteMyAccount", "receiptCode", code=code)
    # what is still to be delivered, with somebody's words in it
    await life.partner.done(
        "advanceInternshipApplication",
        "application { id }",
        applicationId=life.applications["SUBMITTED"],
        to="SHORTLISTED",
        note=life.canaries.note,
    )
    house.clock.move(days=7)
    worker = house.worker()
    await worker.run_pieces()
    house.clock.move(minutes=5)
    await house.work()
    answer = await house.http.get(f"/erasure-receipts/{payload['receiptCode']}")
    assert answer.json()["status"] == "ERASED"
    return answer.text


@pytest.fixture(scope="module")
async def drive(house: House) -> Drive:
    patch = pytest.MonkeyPatch()
    try:
        texts = played(house, patch)
        gone, stays = await lived(house, texts, 1), await lived(house, texts, 2)
        copies = [await copied(house, life) for life in (gone, stays)]
        before = await database(house)
        receipt = await _erased(house, texts, gone)
    finally:
        patch.undo()
    return Drive(gone, stays, *copies, before, await database(house), await cache(house), receipt)


def found_in(text: str, canaries: Canaries) -> list[str]:
    """Canaries that stand in a text, as text, as a dump writes bytes, or with JSON's escapes."""
    return [given for given in canaries.given if any(form in text for form in forms(given))]


def forms(given: str) -> Iterator[str]:
    yield given
    yield given.encode().hex()
    yield given.encode().decode("latin-1")
    yield given.encode("ascii", "backslashreplace").decode()


def test_the_canaries_are_found_while_they_are_there(drive: Drive) -> None:
    for life in (drive.gone, drive.stays):
        assert found_in(drive.before, life.canaries) == list(life.canaries.given)


def test_a_copy_has_everything_that_was_given(drive: Drive) -> None:
    for life, text in ((drive.gone, drive.copy_of_gone), (drive.stays, drive.copy_of_stays)):
        assert [given for given in life.canaries.given if given not in text] == []
        for identity in life.listings.values():
            assert identity not in text  # global ids are the API's own business
        assert str(life.youth.key) not in text


def test_a_copy_has_nothing_of_anybody_else(drive: Drive) -> None:
    shared = {DEVICE}
    assert set(found_in(drive.copy_of_gone, drive.stays.canaries)) <= shared
    assert set(found_in(drive.copy_of_stays, drive.gone.canaries)) <= shared
    for text in (drive.copy_of_gone, drive.copy_of_stays):
        assert "staff:" not in text
        assert "organization:" not in text


def test_a_copy_has_the_documented_shape(drive: Drive) -> None:
    copy = Copy.model_validate_json(drive.copy_of_gone)

    assert copy.format == FORMAT
    shown = {holding.name: holding for holding in HOLDINGS.tables if holding.shows}
    assert copy.holdings.keys() == shown.keys()
    for name, held in copy.holdings.items():
        assert held.afterErasure == shown[name].fate
        assert all(row.keys() == shown[name].shows.keys() for row in held.rows)
    empty = {name for name, held in copy.holdings.items() if not held.rows}
    # all that the youth had nothing of yet; each of the others must have been driven through
    assert empty <= {"erasures", "messagesUnderWay"}


def test_nothing_of_the_erased_is_left_anywhere(drive: Drive) -> None:
    others = {DEVICE}  # the other youth's too
    assert set(found_in(drive.after, drive.gone.canaries)) <= others
    assert found_in(drive.cache, drive.gone.canaries) == []
    assert found_in(drive.receipt, drive.gone.canaries) == []
    assert drive.gone.youth.id not in drive.receipt


def test_of_the_other_nothing_is_missing(drive: Drive) -> None:
    assert found_in(drive.after, drive.stays.canaries) == list(drive.stays.canaries.given)


async def test_counts_stay(house: House, drive: Drive) -> None:
    """The organization still has its applications, of nobody."""
    for state, identity in drive.gone.applications.items():
        record = await application(
            drive.gone.partner,
            identity,
            "status coverLetter applicant { displayName school legalName phone }",
        )
        assert record["status"] == "WITHDRAWN", state
        assert record["coverLetter"] is None
        assert set(record["applicant"].values()) == {None}


async def test_every_event_about_the_erased_was_delivered(house: House, drive: Drive) -> None:
    async with house.looking() as db:
        left = "SELECT count(*) FROM core_outbox_event WHERE done_at IS NULL OR attempts > 0"
        assert await db.scalar(sa.text(left)) == 0


async def test_a_copy_is_sealed_for_its_own_place(house: House, drive: Drive) -> None:
    async with house.looking() as db:
        rows = await db.rows(sa.text("SELECT id, body_sealed FROM accounts_data_export_part"))
    for row in rows:
        assert "金丝雀".encode() not in row.body_sealed
        assert house.runtime.ports.sealer.open(row.body_sealed, part_place(row.id))
