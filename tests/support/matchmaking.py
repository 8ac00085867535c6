"""Matchmaking events, sign-ups and check-ins as tests make them."""

from itertools import count
from typing import Any

from support.asking import instant, node
from support.client import Client
from support.house import House, Person

from domain.accounts.models import ConsentPurpose, Gender

_numbers = count(1)


def an_event(house: House, unit: str, **others: Any) -> dict[str, Any]:
    """A valid input: sign-up is open for three days, the event is in a week."""
    return {
        "title": f"粤团聚{next(_numbers)}",
        "unitId": unit,
        "divisionCode": "440106",
        "venue": "天河公园",
        "description": "周末户外交友。",
        "startsAt": instant(house, days=7),
        "endsAt": instant(house, days=7, hours=3),
        "signupOpensAt": instant(house, hours=-1),
        "signupClosesAt": instant(house, days=3),
        "admission": "FIRST_COME",
        "maleSeats": 2,
        "femaleSeats": 2,
        **others,
    }


def tonight(house: House) -> dict[str, str]:
    """Times of an event at which guests sign up and are checked in at once."""
    return {
        "startsAt": instant(house, hours=1),
        "endsAt": instant(house, hours=4),
        "signupClosesAt": instant(house, minutes=50),
    }


async def held(host: Person, house: House, **others: Any) -> str:
    """The id of a new event of the host's unit."""
    given = an_event(house, host.unit_id, **others)
    return (await host.done("upsertMatchmakingEvent", "event { id }", **given))["event"]["id"]


async def singles(house: House, count: int, gender: Gender = Gender.FEMALE, **wish: Any) -> list[Person]:
    wish = {"verified": True, "consents": (ConsentPurpose.MATCHMAKING,), **wish}
    return await house.youths(count, gender=gender, **wish)


def a_signup(event: str, **others: Any) -> dict[str, Any]:
    return {
        "eventId": event,
        "nickname": "小青",
        "introduction": "喜欢爬山和摄影。",
        "contactForMatches": "微信 xiaoqing_2026",
        "declaresSingle": True,
        "idempotencyKey": f"signup-{next(_numbers)}",
        **others,
    }


SIGNUP = "signup { id status waitlistPosition checkInCode }"


async def signed_up(youth: Client, event: str, **others: Any) -> dict[str, Any]:
    """A sign-up that must be taken."""
    given = a_signup(event, **others)
    return (await youth.done("signUpForMatchmaking", SIGNUP, **given))["signup"]


async def arrived(host: Person, youth: Client, event: str, **others: Any) -> str:
    """Signed up and checked in; the guest's participant id."""
    made = await signed_up(youth, event, **others)
    await host.done(
        "checkInMatchmakingGuest", "attendee { id }", eventId=event, checkInCode=made["checkInCode"]
    )
    return (await signup(youth, made["id"], "participant { id }"))["participant"]["id"]


async def signup(client: Client, identity: str, selection: str = "status") -> Any:
    return await node(client, "MatchmakingSignup", identity, selection)


async def event(client: Client, identity: str, selection: str) -> Any:
    return await node(client, "MatchmakingEvent", identity, selection)


async def choose(youth: Client, at: str, *participants: str) -> dict[str, Any]:
    return await youth.done("chooseMatches", "signup { id }", eventId=at, participantIds=list(participants))


async def mine(youth: Client, at: str, selection: str) -> Any:
    """What the youth sees of their own sign-up for an event."""
    return (await event(youth, at, f"viewerSignup {{ {selection} }}"))["viewerSignup"]
