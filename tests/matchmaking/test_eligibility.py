"""Who may sign up: every reason is told, and the same reasons guard the mutation."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from races.racing import rows
from support.asking import decided, instant
from support.client import Client
from support.house import House, Person
from support.matchmaking import SIGNUP, a_signup, event, held, signed_up, singles

from domain.accounts.models import ConsentPurpose, Gender
from domain.core.actors import StaffRole
from domain.core.clock import day_of
from domain.matchmaking.policies import OPEN_SIGNUPS_MOST

WILLING = {"consents": (ConsentPurpose.MATCHMAKING,), "gender": Gender.FEMALE}


async def reasons(client: Client, at: str) -> set[str]:
    """As `viewerEligibility` tells them."""
    found = await event(client, at, "viewerEligibility { eligible reasons { code } }")
    told = found["viewerEligibility"]
    assert told["eligible"] == (told["reasons"] == [])
    return {reason["code"] for reason in told["reasons"]}


async def refused(youth: Person, at: str, **others: Any) -> set[str]:
    """As the mutation tells them; nothing has changed."""
    made = await rows_of(youth)
    codes = {
        code for code, _ in await youth.refused("signUpForMatchmaking", SIGNUP, **a_signup(at, **others))
    }
    assert await rows_of(youth) == made
    return codes


async def rows_of(youth: Person) -> Any:
    data = await youth.run("{ viewer { youth { matchmakingSignups { nodes { id status } } } } }")
    return data["viewer"]["youth"]["matchmakingSignups"]["nodes"]


@pytest.fixture
async def host(house: House) -> Person:
    return await house.staff(StaffRole.EVENT_HOST)


async def test_an_eligible_youth_has_no_reasons_against(house: House, host: Person) -> None:
    at = await held(host, house)
    [youth] = await singles(house, 1)
    assert await reasons(youth, at) == set()
    assert (await signed_up(youth, at))["status"] == "CONFIRMED"
    assert await reasons(youth, at) == {"ALREADY_EXISTS"}
    assert await refused(youth, at) == {"ALREADY_EXISTS"}


async def test_every_reason_is_told_at_once(house: House, host: Person) -> None:
    at = await held(host, house, signupOpensAt=instant(house, hours=1))
    youth = await house.youth()
    assert await reasons(youth, at) == {"INVALID_STATE", "REAL_NAME_REQUIRED", "CONSENT_REQUIRED"}
    assert await refused(youth, at, declaresSingle=False) == {
        "INVALID_STATE",
        "REAL_NAME_REQUIRED",
        "CONSENT_REQUIRED",
        "NOT_ELIGIBLE",
    }
    assert "UNAUTHENTICATED" in await reasons(house.anyone, at)


def born_before(day: date, years: int) -> date:
    """Of that age on the day, and not the day before."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # the 29th of February of a year that has none
        return day.replace(year=day.year - years, day=28)


async def test_the_age_is_that_of_the_day_of_the_event(house: House, host: Person) -> None:
    """Born on the day of the event eighteen years ago: of age on it, and not the day before."""
    at = await held(host, house, maxAge=30)
    found = await event(host, at, "startsAt")
    on = day_of(datetime.fromisoformat(found["startsAt"]))
    for born, fits in (
        (born_before(on, 18), True),
        (born_before(on, 18) + timedelta(days=1), False),
        (born_before(on, 31), False),
        (born_before(on, 31) + timedelta(days=1), True),
    ):
        youth = await house.youth(verified=True, birth_date=born, **WILLING)
        assert await reasons(youth, at) == (set() if fits else {"NOT_ELIGIBLE"}), born
        if not fits:
            assert await refused(youth, at) == {"NOT_ELIGIBLE"}


async def test_without_consent_or_after_it_was_withdrawn_there_is_no_signing_up(
    house: House, host: Person
) -> None:
    at = await held(host, house)
    youth = await house.youth(verified=True, gender=Gender.FEMALE)
    assert await refused(youth, at) == {"CONSENT_REQUIRED"}
    await youth.done("giveConsent", "youth { id }", purpose="MATCHMAKING", version="2026-01")
    assert await reasons(youth, at) == set()
    await youth.done("giveConsent", "youth { id }", purpose="MATCHMAKING", version="2026-01", withdraw=True)
    assert await refused(youth, at) == {"CONSENT_REQUIRED"}


async def test_who_does_not_declare_to_be_single_is_refused(house: House, host: Person) -> None:
    at = await held(host, house)
    [youth] = await singles(house, 1)
    given = a_signup(at, declaresSingle=False)
    assert await youth.refused("signUpForMatchmaking", SIGNUP, **given) == [
        ("NOT_ELIGIBLE", ["input", "declaresSingle"])
    ]


async def test_an_event_without_seats_for_a_sex_is_sold_out_to_it(house: House, host: Person) -> None:
    at = await held(host, house, maleSeats=0)
    [man] = await singles(house, 1, Gender.MALE)
    assert await reasons(man, at) == {"SOLD_OUT"}
    assert await refused(man, at) == {"SOLD_OUT"}


async def test_three_open_signups_are_the_most_until_an_event_is_over(house: House, host: Person) -> None:
    events = [await held(host, house) for _ in range(4)]
    [youth] = await singles(house, 1)
    made = [await signed_up(youth, at) for at in events[:3]]
    assert await reasons(youth, events[3]) == {"QUOTA_EXCEEDED"}
    assert await refused(youth, events[3]) == {"QUOTA_EXCEEDED"}
    # the policy is a division's own
    async with decided(house, OPEN_SIGNUPS_MOST, 4):
        assert await reasons(youth, events[3]) == set()
    # one is cancelled: there is room again, for one
    await youth.done("cancelMatchmakingSignup", "signup { id }", signupId=made[0]["id"])
    await signed_up(youth, events[3])
    assert await refused(youth, events[0]) == {"QUOTA_EXCEEDED"}
    # the worker has not been by: an event that is over does not count
    house.clock.move(days=8)
    later = await held(host, house)
    assert "QUOTA_EXCEEDED" not in await reasons(youth, later)


async def test_the_same_key_gives_the_same_signup(house: House, host: Person) -> None:
    at = await held(host, house)
    [youth] = await singles(house, 1)
    given = a_signup(at)
    first, again = [await youth.done("signUpForMatchmaking", SIGNUP, **given) for _ in range(2)]
    assert first["signup"] == again["signup"]
    other = {**given, "nickname": "另一个"}
    assert await youth.refused("signUpForMatchmaking", SIGNUP, **other) == [
        ("IDEMPOTENCY_KEY_REUSED", ["input", "idempotencyKey"])
    ]
    assert len(await rows_of(youth)) == 1


async def test_a_stranger_and_staff_do_not_sign_up(house: House, host: Person) -> None:
    at = await held(host, house)
    before = await rows(house, "SELECT count(*) FROM matchmaking_signup")
    for client, code in ((house.anyone, "UNAUTHENTICATED"), (host, "FORBIDDEN")):
        assert [c for c, _ in await client.refused("signUpForMatchmaking", SIGNUP, **a_signup(at))] == [code]
    assert await rows(house, "SELECT count(*) FROM matchmaking_signup") == before
