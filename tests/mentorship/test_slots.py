"""Times: none overlaps another of the mentor's, in whatever time zone; given ones stay."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from support.asking import instant
from support.house import House
from support.mentorship import accepted, between, guide, mentee, request, slot, times

from domain.core.actors import StaffRole, System


async def offered(house: House) -> int:
    async with house.looking() as db:
        return int(await db.scalar(sa.text("SELECT count(*) FROM mentorship_slot WHERE closed_at IS NULL")))


async def test_times_of_one_mentor_do_not_overlap(house: House) -> None:
    mentor, other = await guide(house), await guide(house)
    await slot(house, mentor, 48)
    before = await offered(house)

    reasons = await mentor.person.refused(
        "openMentorSlots",
        "mentor { id }",
        mentorId=mentor.id,
        slots=[between(house, 50), between(house, 48.5), between(house, 50.5)],
    )
    assert reasons == [
        ("ALREADY_EXISTS", ["input", "slots", "1"]),
        ("ALREADY_EXISTS", ["input", "slots", "2"]),
    ]
    assert await offered(house) == before
    await slot(house, other, 48.5)
    await slot(house, mentor, 49)  # right after it is not over it
    with pytest.raises(sa.exc.IntegrityError):
        async with house.database.write(System()) as tx:
            await tx.execute(
                sa.text("UPDATE mentorship_slot SET ends_at = ends_at + interval '1 h' - interval '1 min'")
            )


@pytest.mark.parametrize(
    ("hours", "minutes", "field"),
    [(-1, 60, "startsAt"), (48, 5, "endsAt"), (48, 500, "endsAt"), (9000, 60, "startsAt")],
)
async def test_what_is_no_time(house: House, hours: float, minutes: int, field: str) -> None:
    mentor = await guide(house)
    reasons = await mentor.person.refused(
        "openMentorSlots", "mentor { id }", mentorId=mentor.id, slots=[between(house, hours, minutes)]
    )
    assert reasons == [("INVALID_INPUT", ["input", "slots", "0", field])]


async def test_a_time_in_another_zone_is_the_same_instant(house: House) -> None:
    mentor = await guide(house)
    day = (house.clock() + timedelta(days=5)).date()
    given = {"startsAt": f"{day}T20:00:00-05:00", "endsAt": f"{day}T21:00:00-05:00"}
    await mentor.person.done("openMentorSlots", "mentor { id }", mentorId=mentor.id, slots=[given])

    start = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=25)
    [found] = await times(house.anyone, mentor, start, start + timedelta(hours=1))
    assert datetime.fromisoformat(found["startsAt"]) == start


async def test_given_times_are_not_taken_back_and_free_ones_are(house: House) -> None:
    mentor, youth = await guide(house), await mentee(house)
    made = await accepted(house, youth, mentor)
    given = (await request(youth, made, "session { id }"))["session"]["id"]
    free = await slot(house, mentor, 60)

    reasons = await mentor.person.refused("closeMentorSlots", "mentor { id }", slotIds=[given, free])
    assert reasons == [("INVALID_STATE", ["input", "slotIds", "0"])]
    for who in (mentor.person, mentor.manager):
        await who.done("closeMentorSlots", "mentor { id }", slotIds=[free])
    stranger = await mentee(house)
    assert await stranger.refused("closeMentorSlots", "mentor { id }", slotIds=[given]) == [
        ("NOT_FOUND", ["input", "slotIds"])
    ]
    await slot(house, mentor, 60)  # the time may be offered again


async def test_who_offers_times(house: House) -> None:
    member = await house.staff(StaffRole.CASE_WORKER)
    mentor, other = await guide(house, member), await guide(house)
    await slot(house, mentor)
    reasons = await member.refused(
        "openMentorSlots", "mentor { id }", mentorId=other.id, slots=[between(house, 48)]
    )
    assert reasons == [("FORBIDDEN", None)]


async def test_too_long_a_time_of_slots_is_not_shown(house: House) -> None:
    mentor = await guide(house)
    document = "query ($id: ID!, $f: DateTime!, $t: DateTime!) { node(id: $id) { ... on Mentor { slots(from: $f, to: $t) { id } } } }"
    [error] = await house.anyone.errors(document, id=mentor.id, f=instant(house), t=instant(house, days=94))
    assert error["extensions"]["code"] == "INVALID_INPUT"
