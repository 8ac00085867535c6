"""Signing in by a mini-program, against a server that plays WeChat's."""

from collections.abc import AsyncIterator, Iterator

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from support.client import Client
from support.doors import PAIR, afresh, by_wechat, consents, house_of_wechat, reasons, youth_by_wechat
from support.house import House, open_house, settings_for
from support.outside import Played, open_to_all, said
from support.raw import everything
from support.texts import played
from support.wechat import User, Wechat, plain, refused

from infra.embedded.services import Services

BAD_CODE = [("INVALID_INPUT", ["input", "code"])]
BAD_PHONE_CODE = [("INVALID_INPUT", ["input", "phoneCode"])]
AWAY = [("RATE_LIMITED", None)]


@pytest.fixture(scope="module")
def wechat() -> Iterator[Wechat]:
    with open_to_all(Wechat()) as made:
        yield made


@pytest.fixture(scope="module")
async def house(database_url: str, servers: Services, wechat: Wechat) -> AsyncIterator[House]:
    async with house_of_wechat(database_url, servers.redis_url, wechat) as opened:
        yield opened


@pytest.fixture(autouse=True)
async def clean(house: House, wechat: Wechat) -> None:
    await afresh(house, wechat)


async def test_a_user_signs_in_and_is_the_same_youth_ever_after(house: House, wechat: Wechat) -> None:
    user = User("canary-openid-1")
    first = await by_wechat(house, wechat, user)
    assert first["userErrors"] == []
    assert first["viewer"]["youth"]["phone"] is None
    assert await consents(house, first) == ["TERMS"]
    second = await by_wechat(house, wechat, user)
    assert second["viewer"] == first["viewer"]
    assert set(wechat.paths()) == {"jscode2session"}
    # and the session goes on as every other
    again = await house.anyone.done("refreshSession", PAIR, refreshToken=second["refreshToken"])
    assert again["viewer"] == first["viewer"]


async def test_the_number_is_bound_at_once(house: House, wechat: Wechat) -> None:
    user = User("canary-openid-2", number="14000000102")
    payload = await by_wechat(house, wechat, user, phone=True)
    assert payload["viewer"]["youth"]["phone"] == "+8614000000102"
    assert wechat.paths() == ["jscode2session", "stable_token", "getuserphonenumber"]


@pytest.mark.parametrize(
    ("country", "number", "phone"),
    [
        ("852", "61234567", "+85261234567"),
        (853, "66123456", "+85366123456"),
        ("886", "912345678", "+886912345678"),
    ],
)
async def test_numbers_of_hong_kong_macao_and_taiwan(
    house: House, wechat: Wechat, country: int | str, number: str, phone: str
) -> None:
    user = User(f"canary-openid-{phone[1:]}", country=country, number=number)
    assert (await youth_by_wechat(house, wechat, user, phone=True))["phone"] == phone


async def test_a_number_from_elsewhere_is_refused_at_its_code(house: House, wechat: Wechat) -> None:
    before = await everything(house)
    user = User("canary-openid-3", country=1, number="2025550123")
    assert reasons(await by_wechat(house, wechat, user, phone=True)) == BAD_PHONE_CODE
    assert await everything(house) == before


async def test_a_number_is_bound_later_and_then_signs_in(
    house: House, wechat: Wechat, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a youth without a number
    texts, phone = played(house, monkeypatch), "+8614000000103"
    payload = await by_wechat(house, wechat, User("canary-openid-4"))
    youth = Client(house.http, payload["accessToken"])

    # when they bind one
    code = await texts.code(phone, "CHANGE_PHONE")
    bound = await youth.done("changePhone", "youth { id phone }", phone=phone, code=code)
    assert bound["youth"]["phone"] == phone

    # then both doors lead to the one account
    code = await texts.code(phone, "SIGN_IN")
    signed_in = await house.anyone.done("signInWithPhone", PAIR, phone=phone, code=code)
    assert signed_in["viewer"]["youth"]["id"] == payload["viewer"]["youth"]["id"]
    assert await youth_by_wechat(house, wechat, User("canary-openid-4")) == bound["youth"]


async def test_a_code_serves_once_and_must_be_one(house: House, wechat: Wechat) -> None:
    code = wechat.login(User("canary-openid-5"))
    await house.anyone.done("signInWithWechat", PAIR, code=code)
    before = await everything(house)
    for wrong in (code, "unknown"):
        assert await house.anyone.refused("signInWithWechat", PAIR, code=wrong) == BAD_CODE
    wechat.asked.clear()
    for unfit in ("", " ", "x" * 513, "a\nb", "代码"):
        assert await house.anyone.refused("signInWithWechat", PAIR, code=unfit) == BAD_CODE
        good = wechat.login(User("canary-openid-5"))
        assert (
            await house.anyone.refused("signInWithWechat", PAIR, code=good, phoneCode=unfit) == BAD_PHONE_CODE
        )
    assert wechat.asked == []
    assert await everything(house) == before


async def test_a_wrong_phone_code_signs_nobody_in(house: House, wechat: Wechat) -> None:
    before = await everything(house)
    user = User("canary-openid-6", number="14000000106")
    used = wechat.phone(user)
    await house.anyone.done(
        "signInWithWechat", PAIR, code=wechat.login(User("canary-openid-7")), phoneCode=used
    )
    after = await everything(house)
    assert after != before
    for wrong in (used, "unknown"):
        code = wechat.login(user)
        assert (
            await house.anyone.refused("signInWithWechat", PAIR, code=code, phoneCode=wrong) == BAD_PHONE_CODE
        )
    assert await everything(house) == after


async def test_an_openid_that_a_client_sends_is_not_in_the_contract(house: House) -> None:
    for name in ("openid", "unionid", "phone"):
        [error] = await house.anyone.errors(
            "mutation ($i: SignInWithWechatInput!) { signInWithWechat(input: $i) { accessToken } }",
            i={"code": "x", name: "y"},
        )
        assert name in error["message"]


FAULTY = {
    "busy": (refused(-1, "system error"), AWAY),
    "invalid code": (refused(40029), BAD_CODE),
    "used code": (refused(40163), BAD_CODE),
    "too often": (refused(45011), AWAY),
    "risky user": (refused(40226), [("NOT_ELIGIBLE", ["input", "code"])]),
    "our secret is wrong": (refused(40125), AWAY),
    "our id is wrong": (refused(40013), AWAY),
    "cut short": (Played(body=b'{"openid": "o', media="text/plain"), AWAY),
    "nothing": (Played(body=b""), AWAY),
    "HTML": (Played(body=b"<html>502</html>", media="text/html"), AWAY),
    "HTML and a fault": (Played(502, b"<html>502</html>", media="text/html"), AWAY),
    "a fault in JSON": (said({"openid": "o"}, status=500), AWAY),
    "a list": (said(["openid"]), AWAY),
    "not UTF-8": (Played(body=b'{"openid": "\xff"}'), AWAY),
    "no openid": (plain({"session_key": "k"}), AWAY),
    "an empty openid": (plain({"session_key": "k", "openid": ""}), AWAY),
    "an openid that is no text": (plain({"session_key": "k", "openid": 4711}), AWAY),
    "a long openid": (plain({"session_key": "k", "openid": "o" * 129}), AWAY),
    "a unionid that is no text": (plain({"openid": "o", "unionid": []}), AWAY),
    "an errcode that is no number": (plain({"errcode": "40029", "openid": "o"}), AWAY),
    "an endless body": (Played(body=b'{"a": "' + b"x" * 300_000 + b'"}'), AWAY),
    "elsewhere": (Played(302, b"{}", location="http://127.0.0.1:1/"), AWAY),
    "hung up": (Played(cut=True), AWAY),
}


@pytest.mark.parametrize("name", FAULTY)
async def test_every_fault_of_a_login_has_its_answer(house: House, wechat: Wechat, name: str) -> None:
    answer, expected = FAULTY[name]
    before = await everything(house)
    wechat.instead["jscode2session"] = [answer]
    code = wechat.login(User("canary-openid-8"))
    assert await house.anyone.refused("signInWithWechat", PAIR, code=code) == expected
    assert wechat.paths() == ["jscode2session"]  # once: it may have used the code up
    assert await everything(house) == before


PHONE_FAULTY = {
    "busy": (refused(-1), AWAY),
    "invalid code": (refused(40029), BAD_PHONE_CODE),
    "used code": (refused(40163), BAD_PHONE_CODE),
    "of another mini-program": (refused(40013), BAD_PHONE_CODE),
    "too often": (refused(45011), AWAY),
    "not allowed to us": (refused(48001), AWAY),
    "nothing in it": (plain({"errcode": 0, "errmsg": "ok"}), AWAY),
    "no number in it": (plain({"errcode": 0, "phone_info": {"countryCode": "86"}}), AWAY),
    "a number that is none": (
        plain({"errcode": 0, "phone_info": {"countryCode": "86", "purePhoneNumber": "1; DROP"}}),
        BAD_PHONE_CODE,
    ),
    "HTML": (Played(body=b"<html>", media="text/html"), AWAY),
    "hung up": (Played(cut=True), AWAY),
}


@pytest.mark.parametrize("name", PHONE_FAULTY)
async def test_every_fault_of_a_number_has_its_answer(house: House, wechat: Wechat, name: str) -> None:
    answer, expected = PHONE_FAULTY[name]
    before = await everything(house)
    wechat.instead["getuserphonenumber"] = [answer]
    payload = await by_wechat(house, wechat, User("canary-openid-9", number="14000000109"), phone=True)
    assert reasons(payload) == expected
    assert wechat.paths() == ["jscode2session", "stable_token", "getuserphonenumber"]
    assert await everything(house) == before


async def test_a_slow_wechat_is_given_up(
    house: House, wechat: Wechat, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await everything(house)
    monkeypatch.setattr(house.runtime.ports.mini_program, "_seconds", 0.2)
    body = b'{"openid": "canary-openid-10"}'
    for slow in (Played(body=body, after_seconds=0.6), Played(body=body, trickling_seconds=0.05)):
        wechat.instead["jscode2session"] = [slow]
        code = wechat.login(User("canary-openid-10"))
        assert await house.anyone.refused("signInWithWechat", PAIR, code=code) == AWAY
    assert wechat.paths() == ["jscode2session"] * 2
    assert await everything(house) == before


async def test_nobody_there_is_an_answer_too(
    house: House, wechat: Wechat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(house.runtime.ports.mini_program, "_url", "http://127.0.0.1:1")
    code = wechat.login(User("canary-openid-11"))
    assert await house.anyone.refused("signInWithWechat", PAIR, code=code) == AWAY
    monkeypatch.undo()
    # nothing was asked, so that the code is still good
    await house.anyone.done("signInWithWechat", PAIR, code=code)


async def test_the_token_is_kept_and_a_refused_one_renewed_once(house: House, wechat: Wechat) -> None:
    user = User("canary-openid-12", number="14000000112")
    for _ in range(2):
        await youth_by_wechat(house, wechat, user, phone=True)
    assert wechat.paths().count("stable_token") == 1

    # when WeChat gives out another token meanwhile
    wechat.withdraw_token()
    wechat.asked.clear()
    await youth_by_wechat(house, wechat, user, phone=True)
    assert wechat.paths() == ["jscode2session", "getuserphonenumber", "stable_token", "getuserphonenumber"]

    # when it refuses every token
    wechat.asked.clear()
    wechat.instead["getuserphonenumber"] = [refused(42001)]
    assert reasons(await by_wechat(house, wechat, user, phone=True)) == AWAY
    assert wechat.paths() == ["jscode2session", "getuserphonenumber", "stable_token", "getuserphonenumber"]


async def test_without_a_token_there_is_no_number_and_wechat_is_left_alone(
    house: House, wechat: Wechat
) -> None:
    before = await everything(house)
    user = User("canary-openid-13", number="14000000113")
    wechat.instead["stable_token"] = [refused(40125, "invalid appsecret")]
    for _ in range(2):
        assert reasons(await by_wechat(house, wechat, user, phone=True)) == AWAY
    assert wechat.paths() == ["jscode2session", "stable_token", "jscode2session"]
    assert await everything(house) == before


async def test_an_address_may_not_try_without_end(house: House, wechat: Wechat) -> None:
    for _ in range(20):
        assert await house.anyone.refused("signInWithWechat", PAIR, code="unknown") == BAD_CODE
    # then nothing more is asked of WeChat, also for those who would sign in
    code = wechat.login(User("canary-openid-14"))
    wechat.asked.clear()
    assert await house.anyone.refused("signInWithWechat", PAIR, code=code) == AWAY
    assert wechat.asked == []
    # aliases of one request count each for themselves, and another device has tries of its own
    other = Client(house.http, headers={"user-agent": "another"})
    many = " ".join(
        f'a{n}: signInWithWechat(input: {{code: "unknown"}}) {{ userErrors {{ code }} }}' for n in range(15)
    )
    for _ in range(2):
        answer = await other.run(f"mutation {{ {many} }}")
    assert [payload["userErrors"][0]["code"] for payload in answer.values()] == ["INVALID_INPUT"] * 5 + [
        "RATE_LIMITED"
    ] * 10


async def test_without_valkey_nobody_is_let_in(
    house: House, wechat: Wechat, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object, **__: object) -> None:
        raise RedisConnectionError("away")

    monkeypatch.setattr(house.runtime.redis, "execute_command", away)
    assert reasons(await by_wechat(house, wechat, User("canary-openid-15"))) == AWAY
    assert wechat.asked == []


async def test_known_and_unknown_people_are_answered_alike(house: House, wechat: Wechat) -> None:
    known = await by_wechat(house, wechat, User("canary-openid-16"))
    unknown = await by_wechat(house, wechat, User("canary-openid-17"))
    again = await by_wechat(house, wechat, User("canary-openid-16"))
    assert known.keys() == unknown.keys() == again.keys()
    assert [payload["userErrors"] for payload in (known, unknown, again)] == [[], [], []]


async def test_where_no_door_is_set_up_it_says_so(database_url: str, servers: Services) -> None:
    async with open_house(settings_for(database_url, servers.redis_url)) as closed:
        asked = {"code": "a", "codeVerifier": "v" * 43, "redirectUri": "https://client.example/"}
        assert await closed.anyone.refused("signInWithWechat", PAIR, code="a") == [("INVALID_STATE", None)]
        assert await closed.anyone.refused("signInWithOidc", PAIR, **asked) == [("INVALID_STATE", None)]
