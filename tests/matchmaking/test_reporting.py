"""Reports and blocks: the two never meet in a list again, and case workers of the unit have the case."""

from support.asking import inbox, node
from support.client import Client
from support.house import House
from support.matchmaking import arrived, choose, event, held, mine, singles, tonight

from domain.accounts.models import Gender
from domain.core.actors import StaffRole
from graph.core.ids import Tag, decode, encode

REPORT = "reportParticipant", "__typename"


async def seen(youth: Client, at: str) -> set[str]:
    return {one["id"] for one in (await event(youth, at, "participants { id }"))["participants"]}


async def test_the_two_never_meet_again_whoever_looks(house: House) -> None:
    host = await house.staff(StaffRole.EVENT_HOST)
    at = await held(host, house, **tonight(house))
    [anna] = await singles(house, 1)
    bert, carl = await singles(house, 2, Gender.MALE)
    a, b, c = [await arrived(host, youth, at) for youth in (anna, bert, carl)]
    await choose(bert, at, a)
    await choose(anna, at, b)

    await anna.done(*REPORT, eventId=at, participantId=b, reason="言语骚扰")

    # neither sees, finds or chooses the other from now on; the third sees both
    assert (await seen(anna, at), await seen(bert, at), await seen(carl, at)) == ({c}, {c}, {a, b})
    assert await node(bert, "Participant", a, "id") is None
    assert await node(anna, "Participant", b, "id") is None
    assert await anna.refused("chooseMatches", "signup { id }", eventId=at, participantIds=[b]) == [
        ("NOT_FOUND", ["input", "participantIds", "0"])
    ]
    # they do not match, though each had chosen the other
    house.clock.move(hours=29)
    for youth in (anna, bert):
        assert (await mine(youth, at, "matches { contact }"))["matches"] == []
    # nor at any later event, at which both may sign up: a refusal would tell that the other is there
    later = await held(host, house, **tonight(house))
    a, b, c = [await arrived(host, youth, later) for youth in (anna, bert, carl)]
    assert (await seen(anna, later), await seen(bert, later), await seen(carl, later)) == ({c}, {c}, {a, b})


async def test_without_a_block_the_two_still_meet(house: House) -> None:
    host = await house.staff(StaffRole.EVENT_HOST)
    at = await held(host, house, **tonight(house))
    [anna] = await singles(house, 1)
    [bert] = await singles(house, 1, Gender.MALE)
    a, b = await arrived(host, anna, at), await arrived(host, bert, at)
    await anna.done(*REPORT, eventId=at, participantId=b, reason="迟到", block=False)
    assert (await seen(anna, at), await seen(bert, at)) == ({b}, {a})


async def test_the_case_is_open_for_case_workers_of_the_unit_alone(house: House) -> None:
    host = await house.staff(StaffRole.EVENT_HOST, unit="440100")
    worker = await house.staff(StaffRole.CASE_WORKER, unit="440100")
    beside = await house.staff(StaffRole.CASE_WORKER, unit="440300")
    at = await held(host, house, **tonight(house))
    [anna] = await singles(house, 1)
    [bert] = await singles(house, 1, Gender.MALE)
    b = (await arrived(host, anna, at)) and await arrived(host, bert, at)
    given = {"eventId": at, "participantId": b, "reason": "言语骚扰，请处理", "idempotencyKey": "once"}
    for _ in range(2):
        await anna.done(*REPORT, **given)
    await house.work()

    queue = "{ viewer { staff { reviewQueue(first: 50) { nodes { kind subject { id } } } } } }"
    found = (await worker.run(queue))["viewer"]["staff"]["reviewQueue"]["nodes"]
    [report] = [one["subject"]["id"] for one in found if one["kind"] == "PARTICIPANT_REPORT"]
    told = await node(worker, "ParticipantReport", report, "reason event { id } reported { id }")
    assert told["reason"] == "言语骚扰，请处理"
    assert told["event"]["id"] == at
    for client in (host, beside, bert, anna, house.anyone):
        assert await node(client, "ParticipantReport", report, "id") is None
    # who is reported is not told of it
    assert await inbox(bert) == []


async def test_a_report_needs_a_reason_and_somebody_who_is_seen(house: House) -> None:
    host = await house.staff(StaffRole.EVENT_HOST)
    at, elsewhere = [await held(host, house, **tonight(house)) for _ in range(2)]
    anna, dora = await singles(house, 2)
    a, d = await arrived(host, anna, at), await arrived(host, dora, elsewhere)
    for who, reason, field in (
        (a, "我", "participantId"),
        (d, "她", "participantId"),
        (encode(Tag.Participant, decode(Tag.MatchmakingEvent, at)), "谁", "participantId"),
    ):
        refused = await anna.refused(*REPORT, eventId=at, participantId=who, reason=reason)
        assert refused == [("NOT_FOUND", ["input", field])]
    for reason in (" ", "长" * 1001):
        assert await anna.refused(*REPORT, eventId=at, participantId=a, reason=reason) == [
            ("INVALID_INPUT", ["input", "reason"])
        ]
