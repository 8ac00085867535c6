"""`replyRate`: the share of applications answered within seven days, over the last ninety; null under five."""

from support.asking import brought_to, node, withdraw
from support.house import House, Partner
from support.listings import a_listing, advanced, applied, posted


async def rate(house: House, partner: Partner) -> float | None:
    return (await node(house.anyone, "Organization", partner.id, "replyRate"))["replyRate"]


async def applications(house: House, partner: Partner, count: int) -> list[str]:
    made = await posted(partner, a_listing(headcount=10))
    return [await applied(youth, made) for youth in await house.youths(count)]


async def test_under_five_applications_it_is_null(house: House) -> None:
    partner = await house.partner()
    assert await rate(house, partner) is None

    for identity in await applications(house, partner, 4):
        await advanced(partner, identity, "SHORTLISTED")
    assert await rate(house, partner) is None

    [fifth] = await applications(house, partner, 1)
    await advanced(partner, fifth, "REJECTED")
    assert await rate(house, partner) == 1.0


async def test_an_answer_after_seven_days_or_none_counts_against_it(house: House) -> None:
    # given five applications, three of them answered at once
    partner = await house.partner()
    first, second, third, late, _never = await applications(house, partner, 5)
    for identity in (first, second, third):
        await advanced(partner, identity, "SHORTLISTED")

    # when one is answered late and one never
    house.clock.move(days=8)
    await advanced(partner, late, "SHORTLISTED")

    assert await rate(house, partner) == 0.6


async def test_the_last_moment_of_the_seventh_day_is_in_time(house: House) -> None:
    partner = await house.partner()
    sent = await applications(house, partner, 5)
    house.clock.move(days=6, hours=23, minutes=50)
    for identity in sent[:4]:
        await advanced(partner, identity, "SHORTLISTED")
    house.clock.move(minutes=20)
    await advanced(partner, sent[4], "SHORTLISTED")

    assert await rate(house, partner) == 0.8


async def test_the_first_answer_counts_not_the_last(house: House) -> None:
    partner = await house.partner()
    sent = await applications(house, partner, 5)
    for identity in sent:
        await advanced(partner, identity, "SHORTLISTED")
    house.clock.move(days=20)
    for identity in sent:
        await advanced(partner, identity, "INTERVIEW")

    assert await rate(house, partner) == 1.0


async def test_what_the_youth_took_back_counts_for_nothing(house: House) -> None:
    partner = await house.partner()
    made = await posted(partner, a_listing(headcount=10))
    youths = await house.youths(6)
    for youth in youths[:5]:
        await brought_to(partner, youth, made, "SHORTLISTED")
    await withdraw(youths[5], await applied(youths[5], made))
    house.clock.move(days=8)

    assert await rate(house, partner) == 1.0


async def test_after_ninety_days_they_count_no_more(house: House) -> None:
    partner = await house.partner()
    await applications(house, partner, 5)
    house.clock.move(days=8)
    assert await rate(house, partner) == 0.0

    house.clock.move(days=83)
    assert await rate(house, partner) is None
