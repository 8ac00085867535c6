"""Crisis words open a case at once, whatever becomes of the request; minors are guarded, and told so."""

from typing import Any

import pytest
import sqlalchemy as sa
from support.asking import decided, node, sent
from support.house import House, Person
from support.mentorship import (
    REQUEST,
    a_mentor,
    answered,
    asked,
    born,
    guide,
    mentee,
    question,
    refused,
    request,
)

from domain.accounts.models import ConsentPurpose
from domain.cases.policies import HOTLINE
from domain.core.actors import StaffRole
from domain.core.crisis import MORE_WORDS

CASE = "number category urgency status dueAt overdue unit { name } messages { fromStaff body }"


async def cases_of(house: House, youth: Person) -> int:
    async with house.looking() as db:
        statement = sa.text("SELECT count(*) FROM cases_case WHERE youth_id = :youth")
        return int(await db.scalar(statement.bindparams(youth=youth.key)))


async def inbox_of(house: House, member: Person) -> list[str]:
    async with house.looking() as db:
        statement = sa.text("SELECT kind FROM core_notification WHERE recipient_id = :who ORDER BY id")
        return list(await db.scalars(statement.bindparams(who=member.key)))


@pytest.mark.parametrize(
    "message",
    [
        "我不想活了",
        "我 不 想 活 了",
        "自，杀",
        "想過自殺",
        "覺得活著沒意思",
        "I want to   kill myself",
        "割·腕",
        "轻-生",
    ],
)
async def test_the_request_goes_through_and_a_case_is_opened(house: House, message: str) -> None:
    await house.work()  # what was opened before is told before this worker comes
    mentor, youth = await guide(house), await mentee(house, division_code="440106")
    worker = await house.staff(StaffRole.CASE_WORKER, unit="440106")

    payload = await youth.done("requestMentorship", REQUEST, **question(mentor, message=message))

    assert payload["request"]["status"] == "REQUESTED"
    assert "12355" in payload["notice"]
    case = await node(worker, "Case", payload["openedCase"]["id"], CASE)
    assert (case["urgency"], case["status"], case["overdue"]) == ("CRISIS", "OPEN", False)
    assert message in case["messages"][0]["body"]
    assert "天河" in case["unit"]["name"]
    await house.work()
    assert await inbox_of(house, worker) == ["CASE_CRISIS"]
    queue = await worker.run(
        "{ viewer { staff { reviewQueue(kinds: [CASE]) { nodes { dueAt subject { id } } } } } }"
    )
    waiting = [item["subject"]["id"] for item in queue["viewer"]["staff"]["reviewQueue"]["nodes"]]
    assert payload["openedCase"]["id"] in waiting
    house.clock.move(hours=1, minutes=1)
    assert (await node(worker, "Case", payload["openedCase"]["id"], "overdue"))["overdue"] is True


@pytest.mark.parametrize(
    "message", ["想死你了，老师", "我来自杀青工作室", "跳楼价买的电脑", "skill myself up", "请教如何面试"]
)
async def test_what_only_sounds_so_opens_none(house: House, message: str) -> None:
    mentor, youth = await guide(house), await mentee(house)
    payload = await youth.done("requestMentorship", REQUEST, **question(mentor, message=message))
    assert (payload["openedCase"], payload["notice"]) == (None, None)
    assert await cases_of(house, youth) == 0


async def test_a_refused_request_opens_its_case_once_also_when_it_comes_again(house: House) -> None:
    mentor, youth = await guide(house, acceptsRequests=False), await house.youth()
    given = question(mentor, message="我想自杀")

    answers: list[dict[str, Any]] = [
        await youth.mutate("requestMentorship", REQUEST, **given) for _ in range(3)
    ]

    for payload in answers:
        assert sorted(error["code"] for error in payload["userErrors"]) == [
            "CONSENT_REQUIRED",
            "INVALID_STATE",
        ]
        assert payload["request"] is None
        assert "12355" in payload["notice"]
    assert len({payload["openedCase"]["id"] for payload in answers}) == 1
    assert await cases_of(house, youth) == 1
    found = await node(youth, "Case", answers[0]["openedCase"]["id"], CASE)
    assert len(found["messages"]) == 1


@pytest.mark.parametrize("key", ["", "x" * 65])
async def test_also_with_a_key_that_is_none(house: House, key: str) -> None:
    mentor, youth = await guide(house), await mentee(house)
    given = question(mentor, message="我不想活了", idempotencyKey=key)
    payload = await youth.mutate("requestMentorship", REQUEST, **given)
    assert [error["code"] for error in payload["userErrors"]] == ["INVALID_INPUT"]
    assert payload["openedCase"] is not None


async def test_also_with_a_key_of_another_request(house: House) -> None:
    mentor, youth = await guide(house), await mentee(house)
    given = question(mentor)
    await youth.done("requestMentorship", REQUEST, **given)
    payload = await youth.mutate("requestMentorship", REQUEST, **{**given, "message": "我不想活了"})
    assert [error["code"] for error in payload["userErrors"]] == ["IDEMPOTENCY_KEY_REUSED"]
    assert payload["openedCase"] is not None


async def test_what_is_said_again_is_said_in_the_same_case(house: House) -> None:
    mentor, youth = await guide(house), await mentee(house)
    made = await youth.done("requestMentorship", REQUEST, **question(mentor, message="不想活"))
    await answered(mentor, made["request"]["id"], "ASK_FOR_INFORMATION", note="怎么了？")

    again = await youth.done(
        "answerMentorshipRequest", REQUEST, requestId=made["request"]["id"], message="還是想自殺"
    )

    assert again["openedCase"]["id"] == made["openedCase"]["id"]
    found = await node(youth, "Case", again["openedCase"]["id"], "messages { body }")
    assert [one["body"].splitlines()[-1] for one in found["messages"]] == ["不想活", "還是想自殺"]


async def test_a_division_adds_words_and_has_its_own_number(house: House) -> None:
    mentor, youth = await guide(house), await mentee(house, division_code="440106")
    async with (
        decided(house, MORE_WORDS, ["撑不住了"], "440100"),
        decided(house, HOTLINE, "020-12355", "440100"),
    ):
        payload = await youth.done(
            "requestMentorship", REQUEST, **question(mentor, message="我真的撑 不住 了")
        )
        assert "020-12355" in payload["notice"]
        assert payload["openedCase"] is not None


async def test_nobody_but_youths_open_cases(house: House) -> None:
    mentor, member = await guide(house), await house.staff(StaffRole.ADMIN)
    for client in (house.anyone, member):
        payload = await client.mutate("requestMentorship", REQUEST, **question(mentor, message="自杀"))
        assert payload["openedCase"] is None
        assert payload["userErrors"]


# ── minors ───────────────────────────────────────────────────────────────────


async def test_a_minor_needs_a_guardian_and_a_verified_mentor(house: House) -> None:
    mentor, unverified = await guide(house), await guide(house, await house.youth())
    sixteen = {"verified": True, "birth_date": born(house, 16)}
    alone = await mentee(house, **sixteen)
    guarded = await mentee(house, ConsentPurpose.GUARDIAN, **sixteen)
    grown = await mentee(house, verified=True)

    assert await refused(alone, mentor) == ["CONSENT_REQUIRED"]
    assert await refused(guarded, unverified) == ["NOT_ELIGIBLE"]
    assert (await asked(grown, unverified))["status"] == "REQUESTED"
    assert (await asked(guarded, mentor))["status"] == "REQUESTED"


async def test_no_minor_mentors(house: House) -> None:
    minor, manager = (
        await house.youth(verified=True, birth_date=born(house, 16)),
        await house.staff(StaffRole.PROGRAMME_MANAGER),
    )
    payload = await sent(manager, "upsertMentor", "mentor { id }", a_mentor(minor))
    assert [(error["code"], error["field"]) for error in payload["userErrors"]] == [
        ("NOT_ELIGIBLE", ["input", "personId"])
    ]
    assert (await minor.run("{ viewer { mentor { id } } }"))["viewer"]["mentor"] is None


async def test_the_case_worker_reads_what_a_minor_writes_and_the_minor_knows(house: House) -> None:
    mentor = await guide(house)
    minor = await mentee(
        house,
        ConsentPurpose.GUARDIAN,
        verified=True,
        birth_date=born(house, 15),
        division_code="440106",
    )
    worker = await house.staff(StaffRole.CASE_WORKER, unit="440100")
    made = await minor.done("requestMentorship", REQUEST, **question(mentor, message="想学编程"))
    assert "个案" in made["notice"]
    await answered(mentor, made["request"]["id"], "ASK_FOR_INFORMATION", note="你几年级？")

    seen = await request(worker, made["request"]["id"], "message history { note }")
    assert seen["message"] == "想学编程"
    assert seen["history"][-1]["note"] == "你几年级？"
    log = await minor.run("{ viewer { youth { accessLog { nodes { fields reason } } } } }")
    fields = {name for entry in log["viewer"]["youth"]["accessLog"]["nodes"] for name in entry["fields"]}
    assert fields == {"mentorship.message", "mentorship.history"}


async def test_what_a_grown_up_writes_no_member_of_staff_reads(house: House) -> None:
    mentor, youth = await guide(house), await mentee(house, division_code="440106")
    made = await asked(youth, mentor, message="私事")
    await answered(mentor, made["id"], "ASK_FOR_INFORMATION", note="说说看")
    for role in (StaffRole.CASE_WORKER, StaffRole.ADMIN):
        member = await house.staff(role, unit="440100")
        document = "query ($id: ID!) { node(id: $id) { ... on MentorshipRequest { message } } }"
        [error] = await member.errors(document, id=made["id"])
        assert error["extensions"]["code"] == "FORBIDDEN"
        seen = await request(member, made["id"], "status summary history { note }")
        assert [move["note"] for move in seen["history"]] == [None, None]
