"""An application unanswered after seven days reminds the organization, once."""

from support.asking import decided, inbox, withdraw
from support.house import House, Partner
from support.listings import a_listing, advanced, applied, posted

from domain.internships.policies import REMIND_AFTER_DAYS

OVERDUE = "INTERNSHIP_ANSWER_OVERDUE"


async def reminded_of(partner: Partner) -> list[str]:
    return [notice["subject"]["id"] for notice in await inbox(partner) if notice["kind"] == OVERDUE]


async def test_after_seven_days_the_organization_is_reminded_once(house: House) -> None:
    partner, youth = await house.partner(), await house.youth()
    sent = await applied(youth, await posted(partner, a_listing(title="译员")))

    house.clock.move(days=6, hours=22)
    await house.work()
    assert await reminded_of(partner) == []

    house.clock.move(hours=3)
    for _ in range(2):
        await house.work()
        assert await reminded_of(partner) == [sent]
        house.clock.move(days=8)
    [notice, *_] = [notice for notice in await inbox(partner) if notice["kind"] == OVERDUE]
    assert "译员" in notice["body"]
    assert "7" in notice["body"]


async def test_what_is_answered_or_withdrawn_reminds_nobody(house: House) -> None:
    partner, made = await house.partner(), None
    made = await posted(partner, a_listing())
    answered, rejected, withdrawn, waiting = await house.youths(4)
    await advanced(partner, await applied(answered, made), "SHORTLISTED")
    await advanced(partner, await applied(rejected, made), "REJECTED")
    await withdraw(withdrawn, await applied(withdrawn, made))
    sent = await applied(waiting, made)

    house.clock.move(days=8)
    await house.work()

    assert await reminded_of(partner) == [sent]


async def test_how_long_is_data(house: House) -> None:
    partner, youth = await house.partner(), await house.youth()
    sent = await applied(youth, await posted(partner, a_listing()))
    async with decided(house, REMIND_AFTER_DAYS, 2):
        house.clock.move(days=3)
        await house.work()
    assert await reminded_of(partner) == [sent]
