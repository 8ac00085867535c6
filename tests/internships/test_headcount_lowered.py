"""An organization that lowers the headcount to those it has: the rest are told, as when the last place is taken."""

from support.house import House
from support.listings import a_listing, applied, offered, posted, status_of, upserted


async def test_lowering_the_headcount_to_the_accepted_turns_the_rest_down(house: House) -> None:
    # given two places, one taken, one youth still waiting
    partner, first, second = await house.partner(), await house.youth(), await house.youth()
    listing = a_listing(headcount=2)
    key = await posted(partner, listing)
    taken = await offered(partner, first, key)
    await first.done("respondToInternshipOffer", "application { status }", applicationId=taken, accept=True)
    waiting = await applied(second, key)

    # when the organization wants no more than the one
    [result] = await upserted(partner, {**listing, "headcount": 1})

    # then the listing is closed, the one who waited is turned down and told, and the one who was taken stays
    assert (result["outcome"], result["internship"]["status"]) == ("UPDATED", "CLOSED")
    assert await status_of(house, second, waiting) == "REJECTED"
    assert await status_of(house, first, taken) == "ACCEPTED"
    await house.work()
    told = await second.run("{ viewer { youth { notifications { nodes { kind } } } } }")
    assert told["viewer"]["youth"]["notifications"]["nodes"] == [{"kind": "INTERNSHIP_APPLICATION_REJECTED"}]

    # and when there is a second place again, the youth may apply again
    [again] = await upserted(partner, {**listing, "headcount": 2})
    assert again["internship"]["status"] == "PUBLISHED"
    await applied(second, key, key="again")
