"""The same idempotency key while the first request is still running."""

import asyncio

import pytest
from races.racing import apply, assert_lawful, outside, rows, waiting
from support.house import House
from support.listings import a_listing, posted

from graph.core.ids import Tag, decode

HOLD = "SELECT id FROM internship_listing WHERE id = $1 FOR UPDATE"


async def test_the_second_waits_for_the_first_and_gets_its_answer(house: House, database_url: str) -> None:
    partner, youth = await house.partner(), await house.youth()
    listing = await posted(partner, a_listing())
    async with outside(database_url) as holder, outside(database_url) as watcher:
        async with holder.transaction():
            await holder.execute(HOLD, decode(Tag.Internship, listing, "id"))
            first = asyncio.create_task(apply(youth, listing, "key"))
            await waiting(watcher, 1)
            second = asyncio.create_task(apply(youth, listing, "key"))
            await waiting(watcher, 2)
            assert not first.done()
            assert not second.done()
        answers = await asyncio.gather(first, second)
    assert answers[0] == answers[1]
    assert answers[0]["application"]["status"] == "SUBMITTED"
    assert answers[0]["userErrors"] == []
    await assert_lawful(house)


@pytest.mark.parametrize("end", ["pg_cancel_backend", "pg_terminate_backend"])
async def test_the_second_does_it_when_the_first_is_aborted(
    house: House, database_url: str, end: str
) -> None:
    partner, youth = await house.partner(), await house.youth()
    listing = await posted(partner, a_listing())
    async with outside(database_url) as holder, outside(database_url) as watcher:
        async with holder.transaction():
            await holder.execute(HOLD, decode(Tag.Internship, listing, "id"))
            first = asyncio.create_task(
                youth.errors(
                    "mutation ($input: ApplyToInternshipInput!) { applyToInternship(input: $input)"
                    " { application { id status } userErrors { code message field } } }",
                    input={"internshipId": listing, "idempotencyKey": "key"},
                )
            )
            [pid] = await waiting(watcher, 1)
            second = asyncio.create_task(apply(youth, listing, "key"))
            await waiting(watcher, 2)
            assert await watcher.fetchval(f"SELECT {end}($1)", pid)
            # The first is the server's fault, without detail; the second takes over and waits in its place.
            [fault] = await first
            assert set(fault["extensions"]) == {"requestId"}
            await waiting(watcher, 1)
            assert not second.done()
        answer = await second
    assert answer["userErrors"] == []
    assert answer["application"]["status"] == "SUBMITTED"
    assert await apply(youth, listing, "key") == answer
    [(count,)] = await rows(
        house, "SELECT count(*) FROM internship_application WHERE youth_id = :youth", youth=youth.key
    )
    assert count == 1
    await assert_lawful(house)
