"""Taking and giving back places: never more than the headcount, and what follows for the others."""

from typing import Any

import pytest
from support.asking import (
    accept,
    application,
    day,
    found,
    inbox,
    listing,
    refusals,
    told,
    withdraw,
)
from support.house import House, Partner, Person
from support.listings import a_listing, applied, offered, posted

RESPOND, SHOWN = "respondToInternshipOffer", "application { status }"
PLACES = "status remainingHeadcount"


async def test_declining_leaves_the_place_and_tells_the_organization(house: House) -> None:
    partner, youth = await house.partner(), await house.youth()
    made = await posted(partner, a_listing())
    offer = await offered(partner, youth, made)

    payload = await youth.done(RESPOND, SHOWN, applicationId=offer, accept=False)

    assert payload["application"] == {"status": "DECLINED"}
    assert await listing(house.anyone, made, PLACES) == {"status": "PUBLISHED", "remainingHeadcount": 1}
    await house.work()
    assert (await told(partner))[0] == "INTERNSHIP_APPLICATION_DECLINED"


async def test_accepting_twice_takes_one_place(house: House) -> None:
    partner, youth = await house.partner(), await house.youth()
    made = await posted(partner, a_listing(headcount=2))
    offer = await offered(partner, youth, made)

    await accept(youth, offer)
    await accept(youth, offer)

    assert await listing(house.anyone, made, PLACES) == {"status": "PUBLISHED", "remainingHeadcount": 1}
    history = (await application(youth, offer, "history { status }"))["history"]
    assert [move["status"] for move in history].count("ACCEPTED") == 1


async def test_the_last_place_closes_the_listing_and_rejects_the_rest(house: House) -> None:
    # given one place, two offers for it and an application
    partner = await house.partner()
    made = await posted(partner, a_listing())
    first, second, third = await house.youths(3)
    taken, gone = await offered(partner, first, made), await offered(partner, second, made)
    waiting = await applied(third, made)

    # when the first accepts
    await accept(first, taken)

    # then the listing is closed, and nobody waits for what is gone
    assert await listing(house.anyone, made, PLACES) == {"status": "CLOSED", "remainingHeadcount": 0}
    assert made not in await found(house.anyone)
    for youth, identity in ((second, gone), (third, waiting)):
        record = await application(youth, identity, "status history { status note }")
        assert record["status"] == "REJECTED"
        assert "名额已满" in record["history"][-1]["note"]

    # and the offer of the place that is gone cannot be accepted
    sold_out = [("SOLD_OUT", ["input", "applicationId"])]
    assert await second.refused(RESPOND, SHOWN, applicationId=gone, accept=True) == sold_out
    assert await refusals(third, made) == ["SOLD_OUT"]

    # and they are told
    await house.work()
    for youth in (second, third):
        [notice, *_] = await inbox(youth)
        assert notice["kind"] == "INTERNSHIP_APPLICATION_REJECTED"
        assert "名额已满" in notice["body"]
    assert "INTERNSHIP_APPLICATION_ACCEPTED" in await told(partner)


async def test_a_place_given_back_opens_the_listing_to_those_who_were_rejected(house: House) -> None:
    # given a full listing that turned another youth away
    partner = await house.partner()
    made = await posted(partner, a_listing(applyBy=day(house, 3)))
    first, second = await house.youths(2)
    taken = await offered(partner, first, made)
    waiting = await applied(second, made)
    await accept(first, taken)
    assert (await application(second, waiting))["status"] == "REJECTED"

    # when the first gives the place back
    await withdraw(first, taken)

    # then it is listed again, once in its history, and both may apply
    assert await listing(house.anyone, made, PLACES) == {"status": "PUBLISHED", "remainingHeadcount": 1}
    assert made in await found(house.anyone)
    history = (await listing(partner, made, "history { status }"))["history"]
    assert [move["status"] for move in history] == ["PUBLISHED", "CLOSED", "PUBLISHED"]
    await applied(second, made, key="again")
    await applied(first, made, key="again")
    await house.work()
    assert "INTERNSHIP_APPLICATION_WITHDRAWN" in await told(partner)


async def test_withdrawing_twice_gives_one_place_back(house: House) -> None:
    partner = await house.partner()
    made = await posted(partner, a_listing(headcount=2))
    first, second = await house.youths(2)
    places = [await offered(partner, first, made), await offered(partner, second, made)]
    await accept(first, places[0])
    await accept(second, places[1])

    await withdraw(first, places[0])
    await withdraw(first, places[0])

    assert await listing(house.anyone, made, PLACES) == {"status": "PUBLISHED", "remainingHeadcount": 1}


async def test_withdrawing_before_accepting_gives_nothing_back(house: House) -> None:
    partner, youth = await house.partner(), await house.youth()
    made = await posted(partner, a_listing(headcount=2))

    await withdraw(youth, await offered(partner, youth, made))

    assert await listing(house.anyone, made, PLACES) == {"status": "PUBLISHED", "remainingHeadcount": 2}


@pytest.mark.parametrize("worker_ran", [False, True])
async def test_a_place_given_back_after_the_last_day_opens_nothing(house: House, worker_ran: bool) -> None:
    partner, youth = await house.partner(), await house.youth()
    made = await posted(partner, a_listing(applyBy=day(house)))
    taken = await offered(partner, youth, made)
    await accept(youth, taken)
    house.clock.move(days=1)
    if worker_ran:
        await house.work()

    await withdraw(youth, taken)

    assert await listing(house.anyone, made, PLACES) == {"status": "CLOSED", "remainingHeadcount": 1}
    assert made not in await found(house.anyone)


async def test_a_place_given_back_does_not_reopen_what_the_organization_closed(house: House) -> None:
    partner, youth = await house.partner(), await house.youth()
    made = await posted(partner, a_listing(headcount=2))
    taken = await offered(partner, youth, made)
    await accept(youth, taken)
    await partner.done("closeInternship", "internship { id }", internshipId=made)

    await withdraw(youth, taken)

    assert await listing(house.anyone, made, PLACES) == {"status": "CLOSED", "remainingHeadcount": 2}


async def test_an_offer_may_be_accepted_after_the_last_day(house: House) -> None:
    partner, youth = await house.partner(), await house.youth()
    made = await posted(partner, a_listing(applyBy=day(house)))
    offer = await offered(partner, youth, made)
    house.clock.move(days=2)

    await accept(youth, offer)

    assert (await listing(house.anyone, made, PLACES))["remainingHeadcount"] == 0


# ── the youth's other applications ──


async def _two(
    house: House, mine: dict[str, Any], other: dict[str, Any]
) -> tuple[Person, Partner, Partner, str, str]:
    """A youth who accepts one place, with an application to another organization's listing."""
    youth, partner, elsewhere = await house.youth(), await house.partner(), await house.partner()
    offer = await offered(partner, youth, await posted(partner, a_listing(**mine)))
    waiting = await applied(youth, await posted(elsewhere, a_listing(**other)), key="other")
    await accept(youth, offer)
    return youth, partner, elsewhere, offer, waiting


@pytest.mark.parametrize(
    ("mine", "other", "overlapping"),
    [
        ((None, None), (None, None), True),
        ((0, 8), (None, 8), True),  # an unknown start overlaps
        ((0, None), (700, 8), True),  # an unknown length never ends
        ((0, 8), (55, 8), True),  # the last day of eight weeks
        ((0, 8), (56, 8), False),  # the day after
        ((56, 8), (0, 8), False),
        ((56, 8), (1, 8), True),
        ((10, 2), (0, 52), True),  # within the other
    ],
)
async def test_accepting_withdraws_the_others_of_overlapping_dates(
    house: House,
    mine: tuple[int | None, int | None],
    other: tuple[int | None, int | None],
    overlapping: bool,
) -> None:
    def dates(start: int | None, weeks: int | None) -> dict[str, Any]:
        return {
            "startsOn": None if start is None else day(house, 100 + start),
            "durationWeeks": weeks,
        }

    youth, _, _, offer, waiting = await _two(house, dates(*mine), dates(*other))

    assert (await application(youth, offer))["status"] == "ACCEPTED"
    record = await application(youth, waiting, "status history { note }")
    assert record["status"] == ("WITHDRAWN" if overlapping else "SUBMITTED")
    assert bool(record["history"][-1]["note"]) is overlapping


async def test_those_organizations_and_the_youth_are_told_of_the_withdrawal(house: House) -> None:
    youth, partner, elsewhere, _, waiting = await _two(house, {}, {"title": "别处的岗位"})
    await house.work()

    [notice, *_] = await inbox(elsewhere)
    assert notice["kind"] == "INTERNSHIP_APPLICATION_WITHDRAWN"
    assert notice["subject"] == {"id": waiting}
    assert "别处的岗位" in notice["body"]
    assert "INTERNSHIP_APPLICATION_WITHDRAWN" not in await told(partner)
    assert "INTERNSHIP_APPLICATION_WITHDRAWN_FOR_YOU" in await told(youth)


async def test_accepting_leaves_what_is_decided_already(house: House) -> None:
    # given a youth who holds a place and has another offer of later dates
    youth, partner = await house.youth(), await house.partner()
    first = await posted(partner, a_listing(startsOn=day(house, 100), durationWeeks=8))
    second = await posted(partner, a_listing(startsOn=day(house, 200), durationWeeks=8))
    offers = [await offered(partner, youth, made) for made in (first, second)]

    for offer in offers:
        await accept(youth, offer)

    assert [(await application(youth, offer))["status"] for offer in offers] == ["ACCEPTED", "ACCEPTED"]


async def test_those_withdrawn_may_apply_again(house: House) -> None:
    youth, _, _, _, waiting = await _two(house, {}, {})
    made = (await application(youth, waiting, "internship { id }"))["internship"]["id"]

    assert await applied(youth, made, key="again") != waiting
