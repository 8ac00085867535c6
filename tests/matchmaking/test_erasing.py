"""What is erased: everything private 30 days after choosing has closed, at once when a consent is withdrawn."""

from datetime import timedelta
from typing import Any

from races.racing import rows
from support.house import House
from support.matchmaking import arrived, choose, event, held, mine, signed_up, singles, tonight

from domain.accounts.models import Gender
from domain.core.actors import StaffRole
from domain.matchmaking.event import KEPT_FOR
from graph.core.ids import Tag, decode

PRIVATE = """
    SELECT count(*) FROM matchmaking_signup WHERE event_id = :at AND num_nonnulls(
        nickname_sealed, introduction_sealed, contact_sealed, code_sealed, code_hash, participant_id) > 0
"""
CHOICES = "SELECT count(*) FROM matchmaking_choices WHERE event_id = :at"
KEY = "SELECT choices_key_sealed FROM matchmaking_event WHERE id = :at"


async def left(house: House, at: str) -> tuple[Any, ...]:
    key = decode(Tag.MatchmakingEvent, at)
    return tuple([(await rows(house, one, at=key))[0][0] for one in (PRIVATE, CHOICES, KEY)])


async def test_thirty_days_on_nothing_private_is_left(house: House) -> None:
    assert timedelta(days=30) == KEPT_FOR
    host = await house.staff(StaffRole.EVENT_HOST)
    at = await held(host, house, **tonight(house), maleSeats=3, femaleSeats=3)
    [anna, absent] = await singles(house, 2)
    [bert] = await singles(house, 1, Gender.MALE)
    a, b = await arrived(host, anna, at), await arrived(host, bert, at)
    await signed_up(absent, at)
    await choose(anna, at, b)
    await choose(bert, at, a)
    house.clock.move(days=30, hours=27)  # an hour before 30 days after the deadline
    await house.work()
    assert len((await mine(anna, at, "matches { contact }"))["matches"]) == 1
    assert (await left(house, at))[:2] == (3, 2)

    house.clock.move(hours=2)
    await house.work()

    assert await left(house, at) == (0, 0, None)
    assert await mine(anna, at, "status matches { contact } choices { id } participant { id }") == {
        "status": "CHECKED_IN",
        "matches": [],
        "choices": [],
        "participant": None,
    }
    assert (await event(anna, at, "participants { id }"))["participants"] == []
    assert await anna.refused("chooseMatches", "signup { id }", eventId=at, participantIds=[]) == [
        ("INVALID_STATE", ["input", "eventId"])
    ]
    await house.work()  # again changes nothing


async def test_who_withdraws_the_consent_is_gone_and_the_seat_goes_on(house: House) -> None:
    host = await house.staff(StaffRole.EVENT_HOST)
    past = await held(host, house, **tonight(house), maleSeats=3, femaleSeats=3)
    coming = await held(host, house, femaleSeats=1)
    [anna, next_] = await singles(house, 2)
    [bert] = await singles(house, 1, Gender.MALE)
    a, b = await arrived(host, anna, past), await arrived(host, bert, past)
    await choose(anna, past, b)
    await choose(bert, past, a)
    await signed_up(anna, coming)
    assert (await signed_up(next_, coming))["status"] == "WAITLISTED"
    house.clock.move(hours=29)

    await anna.done("giveConsent", "youth { id }", purpose="MATCHMAKING", version="2026-01", withdraw=True)
    # from that moment on nobody sees her, before any worker comes by
    assert (await event(bert, past, "participants { id }"))["participants"] == []
    assert (await mine(bert, past, "matches { contact }"))["matches"] == []
    await house.work()

    assert (await mine(anna, coming, "status"))["status"] == "CANCELLED"
    assert (await mine(next_, coming, "status"))["status"] == "CONFIRMED"
    kept = "SELECT num_nonnulls(nickname_sealed, contact_sealed, code_hash) FROM matchmaking_signup WHERE youth_id = :youth"
    assert {row[0] for row in await rows(house, kept, youth=anna.key)} == {0}
    assert (await left(house, past))[1] == 1  # Bert's own stays until its time
