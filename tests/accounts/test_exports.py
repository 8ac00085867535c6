"""A youth's copy of everything held about them: asked for, prepared, downloaded by a signed link, gone after a day."""

import asyncio
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from support.asking import told
from support.house import House, Person
from support.watching import log_of_house

from domain.accounts import preparing
from domain.accounts.exports import PREPARED_WITHIN

EXPORT = "dataExport { status downloadUrl expiresAt }"


async def asked(youth: Person, key: str = "key") -> Any:
    return (await youth.done("exportMyData", EXPORT, idempotencyKey=key))["dataExport"]


async def latest(youth: Person) -> Any:
    return (await youth.run(f"{{ viewer {{ youth {{ {EXPORT} }} }} }}"))["viewer"]["youth"]["dataExport"]


async def ready(house: House, youth: Person, key: str = "key") -> str:
    """The link of a copy that must be ready."""
    await asked(youth, key)
    await house.work()
    found = await latest(youth)
    assert found["status"] == "READY", found
    return str(found["downloadUrl"])


async def test_a_copy_is_prepared_told_of_and_downloaded(house: House) -> None:
    youth = await house.youth(verified=True)
    assert await latest(youth) is None

    begun = await asked(youth)

    assert begun == {"status": "PREPARING", "downloadUrl": None, "expiresAt": None}
    assert await latest(youth) == begun
    await house.work()
    found = await latest(youth)
    assert found["status"] == "READY"
    assert await told(youth) == ["DATA_EXPORT_READY"]
    answer = await house.http.get(found["downloadUrl"])
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert int(answer.headers["content-length"]) == len(answer.content)
    [profile] = answer.json()["holdings"]["profile"]["rows"]
    assert profile["phone"] == youth.phone
    head = await house.http.head(found["downloadUrl"])
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == answer.headers["content-length"]


async def test_the_link_names_nobody(house: House) -> None:
    youth = await house.youth(verified=True)
    link = httpx.URL(await ready(house, youth))

    assert link.host == "house"
    assert set(dict(link.params)) == {"expires", "signature"}
    for personal in (youth.phone, youth.phone[3:], youth.id, str(youth.key), youth.key.hex):
        assert personal not in str(link)


async def test_another_key_is_refused_while_one_is_there(house: House) -> None:
    youth = await house.youth()
    await asked(youth)
    assert await asked(youth) == await latest(youth)  # the same key: the same answer
    before = await copies(house)

    refused = await youth.refused("exportMyData", EXPORT, idempotencyKey="other")

    assert refused == [("QUOTA_EXCEEDED", None)]
    await house.work()
    assert await youth.refused("exportMyData", EXPORT, idempotencyKey="third") == [("QUOTA_EXCEEDED", None)]
    assert (await asked(youth))["status"] == "READY"
    assert await copies(house) == before


async def test_after_a_day_it_is_gone_and_another_may_be_asked_for(house: House) -> None:
    youth = await house.youth()
    link = await ready(house, youth)
    house.clock.move(hours=24, seconds=-30)
    assert (await house.http.get(link)).status_code == 200
    house.clock.move(seconds=31)

    found = await latest(youth)
    assert (found["status"], found["downloadUrl"]) == ("EXPIRED", None)
    assert (await house.http.get(link)).status_code == 404
    assert await parts(house, youth) > 0
    await house.work()
    assert await parts(house, youth) == 0
    assert (await latest(youth))["status"] == "EXPIRED"
    assert await ready(house, youth, "again") != link


async def parts(house: House, youth: Person) -> int:
    async with house.looking() as db:
        return int(
            await db.scalar(
                sa.text(
                    "SELECT count(*) FROM accounts_data_export_part p"
                    " JOIN accounts_data_export e ON e.id = p.export_id WHERE e.youth_id = :youth"
                ).bindparams(youth=youth.key)
            )
        )


async def test_one_that_could_not_be_prepared_may_be_asked_for_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    youth = await house.youth()

    async def broken(*_: object) -> None:
        raise RuntimeError(youth.phone)

    with monkeypatch.context() as breaking, log_of_house() as lines:
        breaking.setattr(preparing, "_prepare", broken)
        await asked(youth)
        await house.work()
    assert "worker.piece_failed" in lines.getvalue()
    assert youth.phone not in lines.getvalue()
    assert (await latest(youth))["status"] == "PREPARING"  # put off, not given up
    house.clock.move(seconds=PREPARED_WITHIN.total_seconds())
    assert (await latest(youth))["status"] == "EXPIRED"
    await ready(house, youth, "again")


async def test_links_that_are_altered_expired_or_another_ones_are_answered_alike(house: House) -> None:
    youth, other = await house.youths(2)
    link, foreign = httpx.URL(await ready(house, youth)), httpx.URL(await ready(house, other))
    params = dict(link.params)
    later = str(int(params["expires"]) + 1)
    bad = [
        link.copy_with(query=None),
        link.copy_set_param("expires", later),
        link.copy_set_param("expires", params["expires"] + " "),
        link.copy_set_param("expires", "9" * 4_000),
        link.copy_set_param("expires", "²"),
        link.copy_set_param("signature", ""),
        link.copy_set_param("signature", params["signature"][:-1]),
        link.copy_set_param("signature", params["signature"] + "A"),
        link.copy_set_param("signature", "秘" * 43),
        link.copy_set_param("signature", dict(foreign.params)["signature"]),
        link.copy_with(path=foreign.path),
        link.copy_with(path=link.path.upper()),
        link.copy_with(path="/exports/" + str(youth.key)),
        link.copy_with(path="/exports/..%2F..%2Fetc"),
        link.copy_with(path="/exports/x"),
    ]
    for url in bad:
        for method in ("GET", "HEAD"):
            answer = await house.http.request(method, url)
            assert answer.status_code == 404, url
            if method == "GET" and answer.headers.get("cache-control"):
                assert answer.json() == {"error": "not found"}
    assert (await house.http.get(link)).status_code == 200
    assert (await house.http.post(link)).status_code == 405


async def copies(house: House) -> int:
    async with house.looking() as db:
        return int(await db.scalar(sa.text("SELECT count(*) FROM accounts_data_export")))


async def test_only_a_youth_has_a_copy(house: House) -> None:
    before = await copies(house)
    for who in (house.anyone, await house.partner(), await house.staff()):
        [(code, _)] = await who.refused("exportMyData", EXPORT, idempotencyKey="key")
        assert code in {"UNAUTHENTICATED", "FORBIDDEN"}
        assert await copies(house) == before


async def test_of_many_asked_for_at_once_one_is_made(house: House) -> None:
    youth = await house.youth()
    calls = [youth.mutate("exportMyData", EXPORT, idempotencyKey=f"key-{number}") for number in range(8)]

    answers = await asyncio.gather(*calls)

    taken = [answer for answer in answers if not answer["userErrors"]]
    assert len(taken) == 1
    async with house.looking() as db:
        rows = sa.text("SELECT count(*) FROM accounts_data_export WHERE youth_id = :youth")
        assert await db.scalar(rows.bindparams(youth=youth.key)) == 1


async def test_a_large_copy_is_kept_in_parts(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparing, "PART_MOST", 50)
    youth = await house.youth()

    answer = await house.http.get(await ready(house, youth))

    assert await parts(house, youth) > 10
    [profile] = answer.json()["holdings"]["profile"]["rows"]
    assert profile["phone"] == youth.phone
    assert int(answer.headers["content-length"]) == len(answer.content)
