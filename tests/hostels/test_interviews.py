"""An invitation to an interview offers nights at the nearest hostel, by the outbox alone."""

from datetime import timedelta

from support.asking import inbox
from support.hostels import guest, move_to, opened
from support.house import House, Partner, Person
from support.listings import a_listing, advanced, applied, posted

from domain.core.clock import day_of


async def invited(house: House, partner: Partner, youth: Person, days: int) -> None:
    move_to(house, day_of(house.clock()), hour=9)
    listing = await posted(partner, a_listing(divisionCode="440305"))
    application = await applied(youth, listing)
    await advanced(partner, application, "SHORTLISTED")
    await partner.done(
        "advanceInternshipApplication",
        "application { status }",
        applicationId=application,
        to="INTERVIEW",
        interviewAt=(house.clock() + timedelta(days=days)).isoformat(),
    )
    await house.work()


async def test_nights_are_offered_at_the_nearest_hostel(house: House) -> None:
    far, near = [
        await opened(house, name=name, location={"latitude": latitude, "longitude": 113.93})
        for name, latitude in (("远的驿站", 23.5), ("近的驿站", 22.53))
    ]
    youth, unknown = await guest(house), await house.youth()
    partner = await house.partner()

    await invited(house, partner, youth, 5)
    await invited(house, partner, unknown, 5)

    offer = next(notice for notice in await inbox(youth) if notice["kind"] == "HOSTEL_FOR_INTERVIEW")
    assert offer["subject"]["id"] == near.id
    assert far.id != near.id
    check_in = day_of(house.clock()) + timedelta(days=4)
    assert "近的驿站" in offer["body"]
    assert str(check_in) in offer["body"]
    assert [notice["kind"] for notice in await inbox(unknown)].count("HOSTEL_FOR_INTERVIEW") == 0


async def test_no_bed_no_offer(house: House) -> None:
    youth, partner = await guest(house), await house.partner()

    await invited(house, partner, youth, 300)

    assert "HOSTEL_FOR_INTERVIEW" not in [notice["kind"] for notice in await inbox(youth)]
