"""Staff sign in with a phone's code and a second factor; every failure after the code is one refusal."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pyotp
import pytest
import sqlalchemy as sa
from redis.exceptions import ConnectionError as RedisConnectionError
from support.asking import decided
from support.client import Client
from support.house import House, Person
from support.raw import everything
from support.staffing import PAIR, Enrolled, a_number, enrolled, signs_in, tries, upsert_staff
from support.texts import Texts, other, played
from support.watching import log_of_house, statements

from domain.accounts.sessions import STAFF_SESSION_HOURS, STAFF_UNUSED_MINUTES
from domain.core.actors import StaffRole
from graph.core.ids import Tag, decode
from infra.counting import HOUR, Limit
from infra.tries import LIMITS

WRONG = [("INVALID_INPUT", ["input", "totp"])]


@pytest.fixture
def texts(house: House, monkeypatch: pytest.MonkeyPatch) -> Texts:
    return played(house, monkeypatch)


@pytest.fixture
async def admin(house: House) -> Person:
    return await house.staff(StaffRole.ADMIN)


@pytest.fixture
async def member(admin: Person) -> Enrolled:
    return await enrolled(admin, admin.unit_id, "AUDITOR")


def outcome(payload: dict[str, Any]) -> list[tuple[str, list[str]]]:
    return [(reason["code"], reason["field"]) for reason in payload["userErrors"]]


def client_of(house: House, payload: dict[str, Any]) -> Client:
    return Client(house.http, payload["accessToken"])


async def test_a_member_signs_in_reads_refreshes_and_signs_out(
    house: House, texts: Texts, member: Enrolled
) -> None:
    pair = await signs_in(house, texts, member)
    assert pair["viewer"] == {"staff": {"id": member.id, "roles": ["AUDITOR"]}, "youth": None}
    seen = await client_of(house, pair).run("{ viewer { staff { id } sessions { current } scopes } }")
    assert seen["viewer"] == {"staff": {"id": member.id}, "sessions": [{"current": True}], "scopes": []}

    following = await house.anyone.done("refreshSession", PAIR, refreshToken=pair["refreshToken"])
    assert following["viewer"] == pair["viewer"]
    second = await signs_in(house, texts, member, steps=1)
    clients = [client_of(house, payload) for payload in (following, second)]
    listed = await clients[0].run("{ viewer { sessions { current } } }")
    assert sorted(session["current"] for session in listed["viewer"]["sessions"]) == [False, True]

    await clients[0].done("signOut", "__typename")
    await asyncio.sleep(0.6)
    assert [(await client.post("{ viewer { scopes } }")).status_code for client in clients] == [401, 200]
    await clients[1].done("signOut", "__typename", everywhere=True)
    await asyncio.sleep(0.6)
    assert (await clients[1].post("{ viewer { scopes } }")).status_code == 401
    for payload in (following, second):
        assert await house.anyone.refused("refreshSession", PAIR, refreshToken=payload["refreshToken"])


async def test_the_device_may_be_a_step_before_or_behind(house: House, texts: Texts, admin: Person) -> None:
    for steps, good in ((-2, False), (-1, True), (0, True), (1, True), (2, False)):
        member = await enrolled(admin, admin.unit_id, "AUDITOR")
        payload = await tries(house, texts, member.phone, member.totp(house, steps))
        assert outcome(payload) == ([] if good else WRONG), steps


async def test_a_step_serves_once_and_none_before_it(house: House, texts: Texts, member: Enrolled) -> None:
    used = member.totp(house)
    assert outcome(await tries(house, texts, member.phone, f" {used[:3]} {used[3:]} ")) == []
    assert outcome(await tries(house, texts, member.phone, used)) == WRONG
    assert outcome(await tries(house, texts, member.phone, member.totp(house, -1))) == WRONG
    house.clock.move(seconds=30)
    assert outcome(await tries(house, texts, member.phone, used)) == WRONG
    assert outcome(await tries(house, texts, member.phone, member.totp(house))) == []


async def test_a_recovery_code_serves_once_however_it_is_typed(
    house: House, texts: Texts, member: Enrolled
) -> None:
    first, second = member.recovery_codes[:2]
    assert outcome(await tries(house, texts, member.phone, first)) == []
    assert outcome(await tries(house, texts, member.phone, first)) == WRONG
    assert outcome(await tries(house, texts, member.phone, second.upper().replace("-", " "))) == []
    async with house.looking() as db:
        uses = sa.text(
            "SELECT count(*) FROM core_state_event WHERE status = 'RECOVERY_CODE_USED' AND subject_id = :member"
        )
        noted = await db.scalar(uses.bindparams(member=decode(Tag.StaffMember, member.id)))
    assert noted == 2


async def test_one_members_codes_are_worth_nothing_to_another(
    house: House, texts: Texts, admin: Person, member: Enrolled
) -> None:
    thief = await enrolled(admin, admin.unit_id, "AUDITOR")
    for stolen in (member.totp(house), member.recovery_codes[0]):
        assert outcome(await tries(house, texts, thief.phone, stolen)) == WRONG
    assert await signs_in(house, texts, member)


async def both(house: House, phone: str, codes: list[str], totp: str) -> list[list[tuple[str, list[str]]]]:
    """Two sign-ins at once, each past its phone's code."""
    payloads = await asyncio.gather(
        *(house.anyone.mutate("signInStaff", PAIR, phone=phone, code=code, totp=totp) for code in codes)
    )
    return sorted(map(outcome, payloads))


@pytest.mark.parametrize("kind", ["totp", "recovery code"])
async def test_of_two_at_once_one_signs_in(
    house: House, texts: Texts, admin: Person, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    async def taken(*_: object) -> None:
        """A code serves once, so that two are never past it by themselves."""

    monkeypatch.setattr(house.runtime.ports.codes, "take", taken)
    for _ in range(6):
        member = await enrolled(admin, admin.unit_id, "AUDITOR")
        factor = member.totp(house) if kind == "totp" else member.recovery_codes[0]
        assert await both(house, member.phone, ["1", "2"], factor) == [[], WRONG]
        async with house.looking() as db:
            sessions = sa.text(
                "SELECT count(*) FROM accounts_session s JOIN accounts_staff m ON m.id = s.subject_id"
                " WHERE m.id = (SELECT id FROM accounts_staff ORDER BY id DESC LIMIT 1)"
            )
            assert await db.scalar(sessions) == 1


async def test_a_sign_in_and_a_deactivation_at_once_leave_nobody_signed_in(
    house: House, texts: Texts, admin: Person
) -> None:
    for _ in range(6):
        member = await enrolled(admin, admin.unit_id, "AUDITOR")
        payload, gone = await asyncio.gather(
            tries(house, texts, member.phone, member.totp(house)),
            upsert_staff(admin, id=member.id, unitId=admin.unit_id, phone=member.phone, active=False),
        )
        assert gone["userErrors"] == []
        if not payload["userErrors"]:
            refresh = payload["refreshToken"]
            assert await house.anyone.refused("refreshSession", PAIR, refreshToken=refresh)


async def refusals(house: House, texts: Texts, admin: Person, member: Enrolled) -> list[tuple[str, str, str]]:
    """(what is wrong, phone, factor): everything that is refused alike."""
    inactive = await enrolled(admin, admin.unit_id, "AUDITOR")
    await upsert_staff(admin, id=inactive.id, unitId=admin.unit_id, phone=inactive.phone, active=False)
    youth = await house.youth()
    return [
        ("wrong password", member.phone, other(member.totp(house))),
        ("unknown number", a_number(), member.totp(house)),
        ("a youth's number", youth.phone, member.totp(house)),
        ("inactive member", inactive.phone, inactive.totp(house)),
        ("another length", member.phone, member.totp(house)[:5]),
        ("nothing", member.phone, ""),
        ("other digits", member.phone, "１２３４５６"),
        ("much", member.phone, "9" * 5_000),
        ("wrong recovery code", member.phone, "aaaa-bbbb-cccc"),
        ("recovery code of nobody", a_number(), member.recovery_codes[0]),
        ("recovery code of an inactive member", inactive.phone, inactive.recovery_codes[0]),
    ]


async def test_every_failure_is_one_refusal_and_changes_nothing(
    house: House, texts: Texts, admin: Person, member: Enrolled
) -> None:
    cases = await refusals(house, texts, admin, member)
    before = await everything(house)
    answers = set()
    for case, phone, factor in cases:
        payload = await tries(house, texts, phone, factor)
        assert outcome(payload) == WRONG, case
        answers.add(json.dumps(payload, sort_keys=True))
    assert len(answers) == 1
    assert await everything(house) == before
    assert await signs_in(house, texts, member)


async def test_the_work_is_the_same_for_a_member_and_for_nobody(
    house: House, texts: Texts, admin: Person, member: Enrolled
) -> None:
    sent: dict[bool, set[tuple[str, ...]]] = {True: set(), False: set()}
    for case, phone, factor in await refusals(house, texts, admin, member):
        code = await texts.code(phone, "STAFF_SIGN_IN")
        with statements(house) as found:
            await house.anyone.mutate("signInStaff", PAIR, phone=phone, code=code, totp=factor)
        recovery = case not in {"wrong password", "unknown number", "a youth's number", "inactive member"}
        sent[recovery].add(tuple(found.sent))
    assert len(sent[False]) == 1
    assert len(sent[True]) == 1
    written = [statement for kind in sent.values() for run in kind for statement in run]
    assert not any(word in statement for statement in written for word in ("UPDATE", "INSERT", "FOR "))


async def test_the_phones_code_comes_first_and_serves_once_for_its_purpose(
    house: House, texts: Texts, member: Enrolled
) -> None:
    wrong = [("INVALID_INPUT", ["input", "code"])]
    code = await texts.code(member.phone, "SIGN_IN")
    given = {"phone": member.phone, "totp": member.totp(house)}
    assert await house.anyone.refused("signInStaff", PAIR, **given, code=code) == wrong
    code = await texts.code(member.phone, "STAFF_SIGN_IN")
    assert await house.anyone.refused("signInStaff", PAIR, **given, code=other(code)) == wrong
    assert await house.anyone.refused("signInStaff", PAIR, **{**given, "totp": "1"}, code=code) == WRONG
    assert await house.anyone.refused("signInStaff", PAIR, **given, code=code) == wrong
    # and a member's number alone is a youth's like any other
    code = await texts.code(member.phone, "STAFF_SIGN_IN")
    assert await house.anyone.refused("signInWithPhone", PAIR, phone=member.phone, code=code) == wrong


async def test_codes_are_asked_for_alike_by_members_and_strangers(
    house: House, texts: Texts, member: Enrolled
) -> None:
    answers = []
    for phone in (member.phone, a_number()):
        await house.runtime.redis.flushdb()
        payload = await house.anyone.mutate(
            "requestPhoneCode", "resendAfterSeconds", phone=phone, purpose="STAFF_SIGN_IN"
        )
        answers.append(payload)
    assert answers[0] == answers[1]
    assert [phone for phone, _ in texts.sent][-2:] == [member.phone, phone]


async def test_ten_tries_an_hour_for_each_number_however_many_codes_it_gets(
    house: House, texts: Texts, monkeypatch: pytest.MonkeyPatch, admin: Person, member: Enrolled
) -> None:
    async def taken(*_: object) -> None:
        """As if there were a fresh code each time."""

    monkeypatch.setattr(house.runtime.ports.codes, "take", taken)
    await house.runtime.redis.flushdb()
    assert Limit(10, HOUR) in LIMITS
    spared = await enrolled(admin, admin.unit_id, "AUDITOR")
    unknown = a_number()
    for phone in (member.phone, unknown):
        payloads = await asyncio.gather(
            *(
                house.anyone.mutate("signInStaff", PAIR, phone=phone, code="1", totp="000000")
                for _ in range(30)
            )
        )
        codes = sorted(code for payload in payloads for code, _ in outcome(payload))
        assert codes == ["INVALID_INPUT"] * 10 + ["RATE_LIMITED"] * 20
    for factor in (member.totp(house), member.recovery_codes[0]):
        refused = await house.anyone.refused("signInStaff", PAIR, phone=member.phone, code="1", totp=factor)
        assert refused == [("RATE_LIMITED", ["input", "totp"])]
    assert await house.anyone.done("signInStaff", PAIR, phone=spared.phone, code="1", totp=spared.totp(house))


async def test_without_valkey_nobody_signs_in(
    house: House, texts: Texts, monkeypatch: pytest.MonkeyPatch, member: Enrolled
) -> None:
    async def taken(*_: object) -> None:
        """The code was right, then Valkey went away."""

    async def away(*_: object, **__: object) -> None:
        raise RedisConnectionError("away")

    monkeypatch.setattr(house.runtime.ports.codes, "take", taken)
    monkeypatch.setattr(house.runtime.redis, "execute_command", away)
    refused = await house.anyone.refused(
        "signInStaff", PAIR, phone=member.phone, code="1", totp=member.totp(house)
    )
    assert [code for code, _ in refused] == ["RATE_LIMITED"]


async def _refreshed(house: House, pair: dict[str, Any]) -> dict[str, Any] | None:
    payload = await house.anyone.mutate("refreshSession", PAIR, refreshToken=pair["refreshToken"])
    return None if payload["userErrors"] else payload


async def test_a_session_of_staff_ends_unused_after_two_hours_and_in_any_case_after_twelve(
    house: House, texts: Texts, member: Enrolled
) -> None:
    unused = await signs_in(house, texts, member)
    ahead = house.clock.ahead
    house.clock.move(minutes=121)
    assert await _refreshed(house, unused) is None

    pair = await signs_in(house, texts, member)
    for _ in range(7):
        house.clock.move(minutes=100)
        following = await _refreshed(house, pair)
        assert following is not None
        pair = following
    house.clock.move(minutes=25)
    assert await _refreshed(house, pair) is None
    # the worker ends what nobody can carry on
    await house.work()
    async with house.looking() as db:
        live = sa.text("SELECT count(*) FROM accounts_session WHERE bearer = 'staff' AND ended_at IS NULL")
        carried = sa.text(
            "SELECT count(DISTINCT s.id) FROM accounts_session s JOIN accounts_refresh_token t"
            " ON t.session_id = s.id WHERE s.bearer = 'staff' AND s.ended_at IS NULL"
        )
        assert await db.scalar(live) == await db.scalar(carried)
    house.clock.ahead = ahead


async def test_how_long_sessions_of_staff_live_is_a_policy(
    house: House, texts: Texts, member: Enrolled
) -> None:
    async with decided(house, STAFF_UNUSED_MINUTES, 10), decided(house, STAFF_SESSION_HOURS, 1):
        pair = await signs_in(house, texts, member)
        house.clock.move(minutes=9)
        following = await _refreshed(house, pair)
        assert following is not None
        house.clock.move(minutes=11)
        assert await _refreshed(house, following) is None
    house.clock.ahead -= timedelta(minutes=20)


async def test_nothing_secret_of_a_member_is_ever_logged(house: House, texts: Texts, admin: Person) -> None:
    phone, name = a_number(), "金丝雀职员"
    with log_of_house() as lines:
        member = await enrolled(admin, admin.unit_id, "AUDITOR", phone=phone, name=name)
        pair = await signs_in(house, texts, member)
        for factor in (other(member.totp(house)), member.recovery_codes[0], member.recovery_codes[0]):
            await tries(house, texts, phone, factor)
        await upsert_staff(admin, unitId=admin.unit_id, phone=phone, name=name)
        wrong = "mutation ($i: SignInStaffInput!) { signInStaff(input: $i) { accessToken } }"
        await house.anyone.errors(wrong, i={"phone": phone, "code": 1, "totp": [member.recovery_codes[1]]})
        with pytest.MonkeyPatch.context() as breaking:

            async def broken(*_: object) -> None:
                raise RuntimeError(f"{phone} {name} {member.totp_uri} {member.recovery_codes}")

            breaking.setattr("graph.accounts.staff_sign_in.member_who_signs_in", broken)
            code = await texts.code(phone, "STAFF_SIGN_IN")
            given = {"phone": phone, "code": code, "totp": member.recovery_codes[2]}
            answer = await house.anyone.post(
                "mutation ($i: SignInStaffInput!) { signInStaff(input: $i) { accessToken } }", i=given
            )
            assert "errors" in answer.json()
    log = lines.getvalue()
    assert "graphql.fault" in log
    secrets = [
        phone,
        phone[3:],
        name,
        pyotp.parse_uri(member.totp_uri).secret,
        pair["accessToken"],
        pair["refreshToken"],
        *member.recovery_codes,
        *(code for _, code in texts.sent),
    ]
    assert [secret for secret in secrets if secret in log] == []
