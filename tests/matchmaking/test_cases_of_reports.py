"""A report opens a case for the unit of the event, at once: whose it is, who reads it, who never learns of it, and when none is opened."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from races.racing import rows
from support.asking import decided, inbox, node
from support.client import Client
from support.house import House, Person
from support.matchmaking import arrived, held, singles, tonight
from support.texts import played
from support.watching import log_of_house

from domain.accounts.models import Gender
from domain.core.actors import StaffRole, System
from domain.core.crisis import MORE_WORDS
from domain.core.holding import shown
from domain.holdings import HOLDINGS
from graph.core.ids import Tag, decode, encode

REPORT = "reportParticipant", "__typename"
WORDS = "散场后一路尾随，请尽快处理"
CITY, BESIDE, COUNTY = "440100", "440300", "440106"
CASE = """number category urgency status anonymous overdue unit { id } messages { fromStaff body }
    participantReports { id reason event { id } reported { id } }"""
OF_REPORTS = "SELECT id FROM cases_case WHERE origin = 'matchmaking.report'"
LEFT = """SELECT (SELECT count(*) FROM cases_case), (SELECT count(*) FROM cases_message),
    (SELECT count(*) FROM matchmaking_report), (SELECT count(*) FROM matchmaking_block),
    (SELECT count(*) FROM core_outbox_event WHERE topic = 'cases.opened')"""
QUEUE = (
    "{ viewer { staff { reviewQueue(first: 100, kinds: [CASE, PARTICIPANT_REPORT])"
    " { nodes { kind dueAt subject { id } } } } } }"
)


class Evening:
    """Anna and Bert are checked in at an event of the city."""

    def __init__(self, house: House, host: Person, at: str, people: tuple[Person, Person], b: str) -> None:
        self.house, self.host, self.at, self.b = house, host, at, b
        self.anna, self.bert = people

    def given(self, **others: Any) -> dict[str, Any]:
        return {"eventId": self.at, "participantId": self.b, "reason": WORDS, **others}

    async def cases(self) -> list[str]:
        """Of what Anna reported, the oldest first."""
        found = await rows(self.house, f"{OF_REPORTS} AND youth_id = :anna ORDER BY id", anna=self.anna.key)
        return [encode(Tag.Case, row.id) for row in found]


@pytest.fixture
async def evening(house: House) -> Evening:
    await house.work()  # nobody is told any more of what other tests left behind
    host = await house.staff(StaffRole.EVENT_HOST, unit=CITY)
    at = await held(host, house, **tonight(house))
    [anna], [bert] = await singles(house, 1), await singles(house, 1, Gender.MALE)
    await arrived(host, anna, at)
    return Evening(house, host, at, (anna, bert), await arrived(host, bert, at))


async def _notices(house: House, member: Person) -> list[str]:
    asked = "SELECT kind FROM core_notification WHERE recipient_id = :who ORDER BY id"
    return [row.kind for row in await rows(house, asked, who=member.key)]


async def _queue(worker: Person, *ids: str) -> dict[str, str | None]:
    """By when each of these is due that wait for the member."""
    found = (await worker.run(QUEUE))["viewer"]["staff"]["reviewQueue"]["nodes"]
    return {one["subject"]["id"]: one["dueAt"] for one in found if one["subject"]["id"] in ids}


async def test_the_case_workers_of_the_unit_have_it_within_the_day(evening: Evening) -> None:
    house = evening.house
    worker = await house.staff(StaffRole.CASE_WORKER, unit=CITY)

    await evening.anna.done(*REPORT, **evening.given())

    [case] = await evening.cases()
    seen = await node(worker, "Case", case, CASE)
    [report] = seen.pop("participantReports")
    assert seen.pop("number")
    assert seen == {
        "category": "SAFETY",
        "urgency": "URGENT",
        "status": "OPEN",
        "anonymous": True,
        "overdue": False,
        "unit": {"id": evening.host.unit_id},
        "messages": [{"fromStaff": False, "body": WORDS}],
    }
    # whom it is about is a step further, and leads back
    assert (report["reason"], report["event"]["id"]) == (WORDS, evening.at)
    assert decode(Tag.Youth, report["reported"]["id"]) == evening.bert.key
    assert await node(worker, "ParticipantReport", report["id"], "case { id }") == {"case": {"id": case}}
    # the worker is told once, and has both in the queue until they are due
    await house.work()
    assert await _notices(house, worker) == ["CASE_OPENED"]
    waiting = await _queue(worker, case, report["id"])
    assert waiting[case] == waiting[report["id"]] is not None
    house.clock.move(hours=24, minutes=1)
    assert (await node(worker, "Case", case, "overdue"))["overdue"] is True


async def test_a_report_waits_until_its_case_has_an_outcome(evening: Evening) -> None:
    house, worker = evening.house, await evening.house.staff(StaffRole.CASE_WORKER, unit=CITY)
    await evening.anna.done(*REPORT, **evening.given())
    [case] = await evening.cases()
    report = (await node(worker, "Case", case, CASE))["participantReports"][0]["id"]
    for status, waits in (("TAKEN", {report}), ("RESOLVED", set())):
        # Nobody can take or end a case by the API yet.
        async with house.database.write(System()) as tx:
            moved = "UPDATE cases_case SET status = :status, assignee_id = :who WHERE id = :case"
            values = {"status": status, "who": worker.key, "case": decode(Tag.Case, case)}
            await tx.execute(sa.text(moved).bindparams(**values))
        assert set(await _queue(worker, case, report)) == waits
    assert await node(worker, "ParticipantReport", report, "reason") == {"reason": WORDS}


async def test_who_reported_reads_their_case_and_nobody_else_is_told_who_that_was(evening: Evening) -> None:
    house, anna = evening.house, evening.anna
    await evening.anna.done(*REPORT, **evening.given())
    [case] = await evening.cases()
    await house.work()

    # the reporter follows it, but is told nothing more of the other
    own = await node(anna, "Case", case, "status messages { body } participantReports { id }")
    assert own == {"status": "OPEN", "messages": [{"body": WORDS}], "participantReports": None}
    # an admin sees that there is one, and not what was said
    admin = await house.staff(StaffRole.ADMIN, unit=CITY)
    assert await node(admin, "Case", case, "status participantReports { id }") == {
        "status": "OPEN",
        "participantReports": None,
    }
    [error] = await admin.errors(
        "query ($id: ID!) { node(id: $id) { ... on Case { messages { body } } } }", id=case
    )
    assert error["extensions"]["code"] == "FORBIDDEN"
    # above reads it; beside and below, the host, other guests and partners know of none
    above = await house.staff(StaffRole.CASE_WORKER)
    seen = await node(above, "Case", case, CASE)
    assert [one["reason"] for one in seen["participantReports"]] == [WORDS]
    strangers: list[Client] = [evening.host, evening.bert, house.anyone, await house.partner()]
    strangers += [await house.staff(StaffRole.CASE_WORKER, unit=unit) for unit in (BESIDE, COUNTY)]
    strangers += await singles(house, 1)
    for client in strangers:
        assert await node(client, "Case", case, "id") is None


async def test_who_is_reported_learns_of_nothing(evening: Evening) -> None:
    """Neither by a message nor in the copy of their data, nor by anything that the server answers."""
    house, bert = evening.house, evening.bert
    asked = """query ($at: ID!) { viewer { youth { notifications { totalCount } accessLog { totalCount }
        matchmakingSignups { nodes { id status matches { contact } } } } }
        node(id: $at) { ... on MatchmakingEvent { version status seats { taken } viewerSignup { status } } } }"""

    async def copy() -> list[Any]:
        async with house.database.write(System()) as tx:
            return [
                row
                for holding in HOLDINGS.tables
                async for row in shown(tx, house.runtime.ports.sealer, holding, bert.key)
            ]

    before = (await bert.post(asked, at=evening.at)).content, await copy()
    with log_of_house() as log:
        await evening.anna.done(*REPORT, **evening.given(block=False))
        await house.work()
    assert ((await bert.post(asked, at=evening.at)).content, await copy()) == before
    assert await inbox(bert) == []
    assert WORDS not in log.getvalue()
    [case] = await evening.cases()
    sealed = "SELECT body_sealed FROM cases_message WHERE case_id = :id"
    [kept] = await rows(house, sealed, id=decode(Tag.Case, case))
    assert WORDS.encode() not in bytes(kept.body_sealed)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda there: {"reason": " "},
        lambda there: {"reason": "长" * 1001},
        lambda there: {"idempotencyKey": ""},
        lambda there: {"participantId": encode(Tag.Participant, decode(Tag.MatchmakingEvent, there.at))},
    ],
)
async def test_a_refused_report_opens_none(
    evening: Evening, wrong: Callable[[Evening], dict[str, Any]]
) -> None:
    before = await rows(evening.house, LEFT)
    await evening.anna.refused(*REPORT, **evening.given(**wrong(evening)))
    outsider = (await singles(evening.house, 1))[0]
    await outsider.refused(*REPORT, **evening.given())
    assert await rows(evening.house, LEFT) == before
    assert await evening.cases() == []


async def test_one_key_opens_one_case_also_when_it_comes_several_times_at_once(evening: Evening) -> None:
    given = evening.given(idempotencyKey="once")
    await asyncio.gather(*(evening.anna.done(*REPORT, **given) for _ in range(5)))
    await evening.anna.done(*REPORT, **given)
    [case] = await evening.cases()
    worker = await evening.house.staff(StaffRole.CASE_WORKER, unit=CITY)
    seen = await node(worker, "Case", case, CASE)
    assert [len(seen["messages"]), len(seen["participantReports"])] == [1, 1]


async def test_what_is_said_again_is_said_in_the_same_case(evening: Evening) -> None:
    house = evening.house
    worker = await house.staff(StaffRole.CASE_WORKER, unit=CITY)
    said = [WORDS, "又收到骚扰短信", "他还拍了照片"]
    await evening.anna.done(*REPORT, **evening.given(block=False))
    await asyncio.gather(
        *(evening.anna.done(*REPORT, **evening.given(reason=more, block=False)) for more in said[1:])
    )
    await house.work()

    [case] = await evening.cases()
    seen = await node(worker, "Case", case, CASE)
    assert sorted(one["body"] for one in seen["messages"]) == sorted(said)
    assert sorted(one["reason"] for one in seen["participantReports"]) == sorted(said)
    assert sorted(await _notices(house, worker)) == ["CASE_MORE_SAID", "CASE_MORE_SAID", "CASE_OPENED"]
    # of somebody else it is another case, also by the other of the two
    [carl] = await singles(house, 1, Gender.MALE)
    c = await arrived(evening.host, carl, evening.at)
    await evening.anna.done(*REPORT, **evening.given(participantId=c))
    assert len(await evening.cases()) == 2


async def test_words_of_danger_make_it_due_within_the_hour(evening: Evening) -> None:
    worker = await evening.house.staff(StaffRole.CASE_WORKER, unit=CITY)
    await evening.anna.done(*REPORT, **evening.given(block=False))
    async with decided(evening.house, MORE_WORDS, ["要我的命"], "440100"):
        await evening.anna.done(*REPORT, **evening.given(reason="他说再不理他就要我的命"))
    # a case of its own beside the one that may wait until tomorrow
    found = [await node(worker, "Case", case, "urgency messages { body }") for case in await evening.cases()]
    assert [(one["urgency"], len(one["messages"])) for one in found] == [("URGENT", 1), ("CRISIS", 1)]
    await evening.house.work()
    assert await _notices(evening.house, worker) == ["CASE_OPENED", "CASE_CRISIS"]


async def test_erasing_the_reporter_leaves_a_case_without_words(
    evening: Evening, monkeypatch: pytest.MonkeyPatch
) -> None:
    house, anna = evening.house, evening.anna
    worker = await house.staff(StaffRole.CASE_WORKER, unit=CITY)
    await anna.done(*REPORT, **evening.given())
    [case] = await evening.cases()

    code = await played(house, monkeypatch).code(anna.phone, "DELETE_ACCOUNT")
    await anna.done("deleteMyAccount", "erasesAt", code=code)
    house.clock.move(days=7)
    await house.work()

    seen = await node(
        worker, "Case", case, "status messages { body } participantReports { reason reported { id } }"
    )
    assert (seen["status"], seen["messages"]) == ("OPEN", [])
    # the record stays for the safety of others: who was reported, and no word of who did
    [report] = seen["participantReports"]
    assert report["reason"] == ""
    assert decode(Tag.Youth, report["reported"]["id"]) == evening.bert.key
    [kept] = await rows(
        house,
        "SELECT one_of_kind, origin_id, outcome_sealed FROM cases_case WHERE id = :id",
        id=decode(Tag.Case, case),
    )
    assert tuple(kept) == (None, None, None)
