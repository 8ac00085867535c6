"""Two answers to the same offer at the same moment: one wins, lawfully."""

import asyncio
from collections import Counter

from races.racing import accept, advance, assert_lawful, deadlocks, offers, rows, withdraw
from support.house import House
from support.listings import a_listing, posted, status_of

ROUNDS = 8


async def test_accept_against_withdraw(house: House) -> None:
    partner = await house.partner()
    youths = await house.youths(ROUNDS)
    for number, youth in enumerate(youths):
        listing = await posted(partner, a_listing(headcount=1 + number % 2))
        [application] = await offers(partner, listing, [youth])
        both = [accept(youth, application), withdraw(youth, application)]
        answers = await asyncio.gather(*(both if number % 4 < 2 else both[::-1]))
        # The withdrawal is possible before and after the acceptance; the acceptance only before.
        final = await status_of(house, youth, application)
        accepted, withdrawn = answers if number % 4 < 2 else answers[::-1]
        assert (withdrawn, final) == ("WITHDRAWN", "WITHDRAWN")
        assert accepted in {"ACCEPTED", "WITHDRAWN", "INVALID_STATE"}
    await assert_lawful(house)
    assert await deadlocks(house) == 0


async def test_accept_against_rejection(house: House) -> None:
    partner = await house.partner()
    seen = Counter[tuple[str, str]]()
    for number, youth in enumerate(await house.youths(ROUNDS)):
        listing = await posted(partner, a_listing(headcount=1 + number % 2))
        [application] = await offers(partner, listing, [youth])
        if number % 2:
            accepted, rejected = await asyncio.gather(
                accept(youth, application), advance(partner, application, "REJECTED")
            )
        else:
            rejected, accepted = await asyncio.gather(
                advance(partner, application, "REJECTED"), accept(youth, application)
            )
        assert (accepted, rejected) in {("ACCEPTED", "INVALID_STATE"), ("INVALID_STATE", "REJECTED")}
        final = await status_of(house, youth, application)
        assert final == ("ACCEPTED" if accepted == "ACCEPTED" else "REJECTED")
        seen[accepted, rejected] += 1
    await assert_lawful(house)


async def test_two_overlapping_offers_of_one_youth(house: House) -> None:
    partner = await house.partner()
    for youth in await house.youths(ROUNDS):
        listings = [await posted(partner, a_listing(headcount=1)) for _ in range(2)]
        applications = [(await offers(partner, listing, [youth]))[0] for listing in listings]
        answers = await asyncio.gather(*(accept(youth, application) for application in applications))
        assert Counter(answers) == {"ACCEPTED": 1, "INVALID_STATE": 1}
        states = [await status_of(house, youth, application) for application in applications]
        assert states == ["ACCEPTED" if answer == "ACCEPTED" else "WITHDRAWN" for answer in answers]
    await assert_lawful(house)
    assert await deadlocks(house) == 0


async def test_two_offers_that_do_not_overlap(house: House) -> None:
    partner, youth = await house.partner(), await house.youth()
    spring = await posted(partner, a_listing(startsOn="2031-03-01", durationWeeks=8))
    autumn = await posted(partner, a_listing(startsOn="2031-09-01", durationWeeks=8))
    applications = [(await offers(partner, listing, [youth]))[0] for listing in (spring, autumn)]
    answers = await asyncio.gather(*(accept(youth, application) for application in applications))
    assert answers == ["ACCEPTED", "ACCEPTED"]
    await assert_lawful(house)


async def test_the_same_answer_many_times_at_once(house: House) -> None:
    """Repeated by the same caller it returns the record without an error, also at the same moment."""
    partner = await house.partner()
    for headcount in (1, 2):
        youth = await house.youth()
        listing = await posted(partner, a_listing(headcount=headcount))
        [application] = await offers(partner, listing, [youth])
        assert set(await asyncio.gather(*(accept(youth, application) for _ in range(8)))) == {"ACCEPTED"}
        assert set(await asyncio.gather(*(withdraw(youth, application) for _ in range(8)))) == {"WITHDRAWN"}
        [again] = await offers(partner, await posted(partner, a_listing()), [youth])
        declined = await asyncio.gather(*(accept(youth, again, yes=False) for _ in range(8)))
        assert set(declined) == {"DECLINED"}
    await assert_lawful(house)


async def test_the_same_step_many_times_at_once(house: House) -> None:
    partner, youth = await house.partner(), await house.youth()
    [application] = await offers(partner, await posted(partner, a_listing()), [youth])
    assert await accept(youth, application) == "ACCEPTED"
    steps = await asyncio.gather(*(advance(partner, application, "ONBOARDED") for _ in range(8)))
    assert set(steps) == {"ONBOARDED"}
    moves = await rows(house, "SELECT count(*) FROM core_state_event WHERE status = 'ONBOARDED'")
    assert moves[0][0] == 1
