"""The public page of a certificate: genuine or not, and nobody's name or number."""

import asyncio
from html.parser import HTMLParser

import pytest
from support.house import House, Partner, Person, open_house, settings_for
from support.texts import played
from support.volunteering import certified, entries_of, given_hours

from domain.core.actors import StaffRole
from infra.embedded.services import Services

EMPTY = {"meta", "path", "link", "br"}


class Page(HTMLParser):
    """What a browser makes of a page: whole elements, the visible text, the terms with what they say."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: list[tuple[str, str]] = []
        self.language: str | None = None
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag == "html":
            self.language = dict(attrs)["lang"]
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in EMPTY:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if data.strip() and self.open:
            self.texts.append((self.open[-1], data.strip()))

    def all(self, tag: str) -> list[str]:
        return [text for where, text in self.texts if where == tag]

    @property
    def facts(self) -> dict[str, str]:
        return dict(zip(self.all("dt"), self.all("dd"), strict=True))


async def got(house: House, path: str, status: int = 200, language: str | None = None) -> Page:
    headers = {} if language is None else {"accept-language": language}
    answer = await house.http.get(path, headers=headers)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["vary"] == "accept-language"
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    page = Page(answer.text)
    assert "script" not in page.tags
    # Nothing is loaded from anywhere, and no style but the page's own, which the policy knows by its hash.
    assert not {"src", "href", "style", "onclick"} & {name for name, _ in page.attributes}
    assert page.language == answer.headers["content-language"]
    return page


@pytest.fixture(scope="module")
async def partner(house: House) -> Partner:
    return await house.partner(division_code="440106")


@pytest.fixture
async def youth(house: House, partner: Partner) -> Person:
    youth = await house.youth(verified=True, division_code="440106")
    await given_hours(house, partner, youth, 20)
    return youth


def path_of(certificate: dict) -> str:
    return f"/certificates/{certificate['code']}"


async def test_a_genuine_number(house: House, youth: Person) -> None:
    made = await certified(youth)
    name = made["holderName"]

    page = await got(house, path_of(made))
    assert page.language == "zh-CN"
    assert page.all("h1") == ["志愿服务时长证明"]
    assert page.all("p") == ["编号真实，证书有效。"]
    assert page.facts == {
        "编号": made["code"],
        "持有人": name[0] + "*" * (len(name) - 1),
        "服务时长": "20 小时 0 分钟",
        "服务期间": f"{made['service']['since']} 至 {made['service']['until']}",
        "星级": "0",
        "首次服务日期": made["service"]["servedSince"],
        "服务单位数": "1",
        "颁发单位": "共青团天河区委员会",
        "颁发日期": made["issuedOn"],
    }
    assert "svg" in page.tags

    english = await got(house, path_of(made), language="en-GB,en;q=0.9,zh;q=0.5")
    assert english.language == "en"
    assert english.all("p") == ["This number is genuine, and the certificate holds."]
    assert english.facts["Service"] == "20 h 0 min"

    whole = (await house.http.get(path_of(made))).text
    for secret in (name, youth.phone, youth.phone[3:], str(youth.key), youth.id, made["id"]):
        assert secret not in whole
    typed = made["code"].lower().replace("-", "")
    assert (await got(house, f"/certificates/{typed}")).facts == page.facts


async def test_a_certificate_that_was_revoked(house: House, youth: Person) -> None:
    made = await certified(youth)
    staff = await house.staff(StaffRole.PROGRAMME_MANAGER)
    [entry, *_] = await entries_of(youth)
    await staff.done("correctServiceRecord", "entry { id }", entryId=entry["id"], minutes=1, reason="误录")

    page = await got(house, path_of(made), language="en")
    since = page.facts["Revoked on"]
    [verdict] = page.all("p")
    assert verdict.startswith(f"This number is genuine, but the certificate has not held since {since}.")
    assert verdict.endswith("What it says has been corrected since.")
    assert "svg" not in page.tags

    other = await certified(youth)
    given = {"certificateId": other["id"], "reason": "<b>冒领</b>"}
    await staff.done("revokeCertificate", "certificate { id }", **given)
    page = await got(house, path_of(other))
    assert page.all("p")[0].endswith("已由颁发单位撤销。")
    assert "冒领" not in (await house.http.get(path_of(other))).text


NONE = (
    *("0" * 24, "000000-000000-000000-000000", "x", "%20", "%00", "%F0%9F%98%80", "u" * 2_000),
    *("", "%3Cscript%3E", "..%2f..%2fetc", "0" * 23, "0" * 25, "000000-000000-000000-00000U"),
)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("number", NONE)
async def test_no_number_of_ours(house: House, number: str, language: str) -> None:
    page = await got(house, f"/certificates/{number}", 404, language)
    assert page.facts == {}
    assert page.all("h1") == [{"zh": "查无此证", "en": "No such certificate"}[language]]


async def test_whatever_is_no_number_is_answered_alike(house: House) -> None:
    """Byte by byte, whether or not it could have been one."""
    answers = [await house.http.get(f"/certificates/{number}") for number in NONE]
    assert len({answer.text for answer in answers}) == 1
    assert len({tuple(sorted(answer.headers.items())) for answer in answers}) == 1


async def test_head(house: House, youth: Person) -> None:
    made = await certified(youth)
    answer = await house.http.head(path_of(made))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert (await house.http.head("/certificates/none")).status_code == 404


async def test_an_account_that_is_erased(
    house: House, youth: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await certified(youth)
    texts = played(house, monkeypatch)
    code = await texts.code(youth.phone, "DELETE_ACCOUNT")
    await youth.done("deleteMyAccount", "erasesAt", code=code)
    assert (await got(house, path_of(made))).all("p") == ["编号真实，证书有效。"]
    house.clock.move(days=7)
    await house.work()

    page = await got(house, path_of(made))
    assert page.facts.keys() == {"颁发日期", "失效日期"}
    assert page.all("p")[0].endswith("持有人的账号已注销。")
    seen = await house.anyone.run(
        "query ($code: String!) { verifyCertificate(code: $code)"
        " { code holderName url signature revokedAt service { minutes } } }",
        code=made["code"],
    )
    found = seen["verifyCertificate"]
    assert found.pop("revokedAt") is not None
    assert found == {"code": "", "holderName": "*", "url": None, "signature": "", "service": None}


async def test_an_address_asks_so_often(database_url: str, servers: Services) -> None:
    config = settings_for(
        database_url, servers.redis_url, limits=True, limit_address_burst=3, limit_address_rate=1
    )
    async with open_house(config) as limited:
        answers = await asyncio.gather(*(limited.http.get("/certificates/none") for _ in range(8)))
    statuses = {answer.status_code for answer in answers}
    assert statuses == {404, 429}
    assert all("retry-after" in answer.headers for answer in answers if answer.status_code == 429)
