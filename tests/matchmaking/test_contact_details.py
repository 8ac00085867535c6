"""Nicknames and introductions by which a stranger could be reached are refused, with the reason; ordinary ones are not."""

import pytest
from support.house import House
from support.matchmaking import SIGNUP, a_signup, event, held, singles

from domain.core.actors import StaffRole
from domain.matchmaking.contact_details import contact_faults

REACHABLE = (
    "电话13800138000",
    "１３８　００１３　８０００",
    "一三八零零一三八零零零",
    "壹叁捌零零壹叁捌零零零",
    "①③⑧⓪⓪①③⑧⓪⓪⓪",
    "1️⃣3️⃣8️⃣0️⃣0️⃣1️⃣3️⃣8️⃣0️⃣0️⃣0️⃣",
    "138-0013-8000",
    "1 3 8.0 0 1 3.8 0 0 0",
    "l38OO138OOO",
    "QQ 12345678",
    "企鹅：87654321",
    "加V：xiaoming_01",
    "微信xiaoming01",
    "wx: abc_def",
    "wxid_8yx7a6b5c4",
    "https://example.com/me",
    "example点com",
    "看我主页 abc.cn",
    "me@example.com",
    "t.me/somebody",
    "weixin://dl/chat?abc",
    "█▀▀▀▀▀█ ▄▀█ █▀▀▀▀▀█",
    "⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿",
    "aGVsbG8gd29ybGQgaGVsbG8gd29ybGQgaGVsbG8gd29ybGQ=",
    "data:image/png;base64,AAAA",
)
ORDINARY = (
    "喜欢爬山和摄影，周末常去白云山。",
    "身高175，体重60公斤，1998年生",
    "三十而立，二本毕业，一个人生活了五年",
    "在一家互联网公司做Python后端，3年经验",
    "2024年毕业于广东的一所大学，爱好是羽毛球",
    "MBTI 是 INFJ，养了2只猫😺😺",
    "想找一个线下能一起看展的人",
    "I like hiking, films and good food.",
    "★☆★ 乐观 ★☆★",
)


@pytest.mark.parametrize("text", REACHABLE)
def test_what_reaches_somebody_is_found(text: str) -> None:
    assert contact_faults(text, "introduction")


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_words_are_left_alone(text: str) -> None:
    assert contact_faults(text, "introduction") == []


async def test_the_field_and_the_reason_are_named_and_nothing_is_made(house: House) -> None:
    host = await house.staff(StaffRole.EVENT_HOST)
    at = await held(host, house)
    [youth] = await singles(house, 1)
    given = a_signup(at, nickname="加v13800138000", introduction="https://example.com")
    payload = await youth.mutate("signUpForMatchmaking", SIGNUP, **given)
    told = {tuple(error["field"]) for error in payload["userErrors"]}
    assert told == {("input", "nickname"), ("input", "introduction")}
    assert all("请勿填写" in error["message"] for error in payload["userErrors"])
    for name, text in (
        ("nickname", " "),
        ("nickname", "长" * 21),
        ("introduction", "长" * 501),
        ("contactForMatches", ""),
    ):
        refused = await youth.refused("signUpForMatchmaking", SIGNUP, **a_signup(at, **{name: text}))
        assert refused == [("INVALID_INPUT", ["input", name])]
    found = await event(youth, at, "viewerSignup { id } seats { taken }")
    assert found == {"viewerSignup": None, "seats": [{"taken": 0}] * 2}
