"""
Canaries at the doors of others: codes, openids, unionids, session keys, tokens and names that pass through stand in no log
line, in no answer, and in no column in clear; with every library's log turned up as far as it goes.
"""

import base64
import logging
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest
import sqlalchemy as sa
from support.doors import PAIR, by_wechat
from support.house import House, open_house, settings_for
from support.outside import Played, open_to_all, said
from support.provider import CLIENT_ID, CLIENT_SECRET, REDIRECT_URI, Pkce, Provider
from support.raw import tables
from support.watching import log_of_house
from support.wechat import APP_ID, SECRET, SESSION_KEY, User, Wechat, plain, refused

from domain.accounts import linking
from infra.embedded.services import Services

OPENID, UNIONID, SUBJECT = "canary-openid-xyz", "canary-unionid-xyz", "canary-subject-xyz"
NAME, NUMBER = "欧阳金丝雀", "14000000999"
LOUD = ("", "httpx", "httpcore", "stamina", "asyncio", "jwt")


@dataclass(slots=True)
class Drive:
    log: str
    answers: str


@pytest.fixture(scope="module")
def wechat() -> Iterator[Wechat]:
    with open_to_all(Wechat()) as made:
        yield made


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with open_to_all(Provider("EdDSA")) as made:
        yield made


@pytest.fixture(scope="module")
async def house(
    database_url: str, servers: Services, wechat: Wechat, provider: Provider
) -> AsyncIterator[House]:
    settings = settings_for(
        database_url,
        servers.redis_url,
        wechat_app_id=APP_ID,
        wechat_secret=SECRET,
        wechat_url=wechat.address,
        oidc_issuer=provider.issuer,
        oidc_client_id=CLIENT_ID,
        oidc_client_secret=CLIENT_SECRET,
        oidc_redirect_uris=(REDIRECT_URI,),
    )
    async with open_house(settings) as opened:
        yield opened


@pytest.fixture(scope="module")
async def drive(house: House, wechat: Wechat, provider: Provider) -> AsyncIterator[Drive]:
    records: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            records.append(logging.Formatter().format(record))

    keep, levels = Keep(), {name: logging.getLogger(name).level for name in LOUD}
    logging.getLogger().addHandler(keep)
    # Libraries that were told to be silent stay so; whatever else speaks is heard.
    logging.getLogger().setLevel(logging.DEBUG)
    logging.getLogger("spoken").debug("the ear hears")
    patch = pytest.MonkeyPatch()
    try:
        with log_of_house() as lines:
            answers = await driven(house, wechat, provider, patch)
        yield Drive(lines.getvalue() + "\n".join(records), answers)
    finally:
        patch.undo()
        logging.getLogger().removeHandler(keep)
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)


async def driven(house: House, wechat: Wechat, provider: Provider, patch: pytest.MonkeyPatch) -> str:
    """Every way in, and every way that it fails; all answers, without the tokens that are given out on purpose."""
    user, answers = User(OPENID, UNIONID, number=NUMBER), list[str]()

    async def wechat_answers() -> None:
        await house.runtime.redis.flushdb()
        answers.append(str({**await by_wechat(house, wechat, user, phone=True), "accessToken": None}))

    async def oidc_answers(**claims: object) -> None:
        await house.runtime.redis.flushdb()
        pkce, code = Pkce("canary-verifier-" + "v" * 30), "canary-oidc-code-of-its-own"
        provider.grant(code, pkce, REDIRECT_URI, {"sub": SUBJECT, "name": NAME, **claims})
        given = {"code": code, "codeVerifier": pkce.verifier, "redirectUri": REDIRECT_URI}
        payload = await house.anyone.mutate("signInWithOidc", PAIR, **given)
        answers.append(str({**payload, "accessToken": None}))

    await wechat_answers()
    await oidc_answers()
    for path, answer in (
        ("jscode2session", plain({"session_key": SESSION_KEY, "openid": 1, "unionid": UNIONID})),
        ("jscode2session", refused(40125, f"{SECRET} {OPENID}")),
        ("jscode2session", Played(body=f"<html>{SESSION_KEY}".encode())),
        ("jscode2session", Played(cut=True)),
        ("getuserphonenumber", refused(48001, NUMBER)),
        ("getuserphonenumber", plain({"errcode": 0, "phone_info": NUMBER})),
    ):
        wechat.instead = {path: [answer]}
        await wechat_answers()
    wechat.instead = {}
    for answer in (
        said({"error": "invalid_client", "error_description": f"{SUBJECT} {CLIENT_SECRET}"}, status=401),
        said({"id_token": f"canary.{SUBJECT}.x"}),
        Played(body=NAME.encode()),
        Played(cut=True),
    ):
        provider.instead = {"token": answer}
        await oidc_answers()
    provider.instead = {}
    provider.claims = {"aud": "another"}
    await oidc_answers()
    provider.claims = {}

    # faults of our own while it is at stake
    async def broken(*given: object) -> None:
        raise RuntimeError(f"{given} {OPENID} {UNIONID} {SUBJECT} {NUMBER}")

    with patch.context() as breaking:
        breaking.setattr(linking, "_found", broken)
        for name, given in (
            ("signInWithWechat", {"code": wechat.login(user)}),
            (
                "signInWithOidc",
                {"code": "canary-oidc-code-2", "codeVerifier": "v" * 43, "redirectUri": REDIRECT_URI},
            ),
        ):
            provider.grant("canary-oidc-code-2", Pkce("v" * 43), REDIRECT_URI, {"sub": SUBJECT})
            kind = name[0].upper() + name[1:] + "Input"
            document = (
                f"mutation ($i: {kind}!) {{ {name}(input: $i) {{ accessToken userErrors {{ code }} }} }}"
            )
            answers.append((await house.anyone.post(document, i=given)).text)
    answers.append((await house.http.get("/metrics")).text)
    return "\n".join(answers)


CANARIES = (OPENID, UNIONID, SUBJECT, NAME, NUMBER, SESSION_KEY, SECRET, CLIENT_SECRET, "canary", "金丝雀")


def test_no_log_line_holds_any_of_it(drive: Drive) -> None:
    assert "the ear hears" in drive.log
    for told in (
        "graphql.fault",
        "wechat.away",
        "wechat.refused",
        "oidc.away",
        "oidc.refused",
        "oidc.token_refused",
    ):
        assert told in drive.log, told
    assert [canary for canary in CANARIES if canary in drive.log] == []


def test_no_answer_holds_more_than_the_own_number(drive: Drive) -> None:
    assert "INVALID_INPUT" in drive.answers
    answers = drive.answers.replace(f"'phone': '+86{NUMBER}'", "")
    assert [canary for canary in CANARIES if canary in answers] == []


async def test_nothing_stands_in_clear_in_the_database_and_the_session_key_not_at_all(
    house: House, drive: Drive
) -> None:
    key = base64.b64decode(SESSION_KEY[:16]).decode("latin-1")
    hits, looked = [], 0
    async with house.looking() as db:
        for table in await tables(house):
            for row in await db.rows(sa.text(f'SELECT * FROM "{table}"')):
                for column, value in row._mapping.items():
                    text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
                    looked += 1
                    hits += [f"{table}.{column}" for canary in (*CANARIES, key) if canary in text]
        identities = await db.scalar(sa.text("SELECT count(*) FROM accounts_external_identity"))
    assert identities == 3
    assert looked > 100
    assert hits == []
