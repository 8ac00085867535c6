"""Credentials that are not good are all refused alike; those that are good stop being so at once."""

import asyncio
import base64
import hmac
import json
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import httpx
import jwt
import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from support.house import TEST_KEYS, House, Person, open_house
from support.house import settings_for as settings_of
from support.raw import body, code_of, sent
from support.watching import statements

from domain.accounts.models import StaffRow
from domain.core.actors import Scope, StaffRole, System
from domain.partners.secrets import new_secret
from infra.embedded.services import Services
from infra.keys import new_key, parse_keys
from infra.tokens import AUDIENCE, LENGTH_MOST, Bearer

VIEWER = body("{ viewer { youth { id } staff { id } organization { id } scopes } }")
KEY_ID = "test1"


def signing_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(parse_keys(TEST_KEYS).newest.derive("access-tokens"))


def encoded(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class Forge:
    """Tokens of a youth that is there, with one thing wrong."""

    def __init__(self, house: House, youth: Person) -> None:
        self.house = house
        self.youth = youth

    def claims(self, **others: Any) -> dict[str, Any]:
        now = datetime.now(UTC)
        claims = {
            "iss": self.house.runtime.config.issuer,
            "aud": AUDIENCE,
            "sub": str(self.youth.key),
            "act": "youth",
            "jti": str(uuid4()),
            "iat": int(now.timestamp()),
            "exp": int((now + timedelta(minutes=5)).timestamp()),
            **others,
        }
        return {name: value for name, value in claims.items() if value is not None}

    def signed(self, header: dict[str, Any] | None = None, **others: Any) -> str:
        """Signed by the real key, whatever it says."""
        whole = {"alg": "EdDSA", "kid": KEY_ID, "typ": "at+jwt", **(header or {})}
        first = f"{encoded(whole)}.{encoded(self.claims(**others))}"
        return f"{first}.{encoded(signing_key().sign(first.encode()))}"

    def hmac_with_public_key(self, form: Encoding, public: PublicFormat) -> str:
        secret = signing_key().public_key().public_bytes(form, public)
        first = f"{encoded({'alg': 'HS256', 'kid': KEY_ID, 'typ': 'at+jwt'})}.{encoded(self.claims())}"
        return f"{first}.{encoded(hmac.digest(secret, first.encode(), sha256))}"

    def unsigned(self, alg: str) -> str:
        return f"{encoded({'alg': alg, 'kid': KEY_ID, 'typ': 'at+jwt'})}.{encoded(self.claims())}."

    def edited(self) -> str:
        header, _, signature = self.signed().split(".")
        return f"{header}.{encoded(self.claims(sub=str(uuid4())))}.{signature}"

    def stripped(self) -> str:
        return self.signed().rpartition(".")[0] + "."

    def by_another_key(self) -> str:
        headers = {"kid": KEY_ID, "typ": "at+jwt"}
        return jwt.encode(self.claims(), Ed25519PrivateKey.generate(), "EdDSA", headers)


PAST = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
FUTURE = int(datetime(2100, 1, 1, tzinfo=UTC).timestamp())

FORGED: dict[str, Callable[[Forge], str]] = {
    "garbage": lambda _: "garbage",
    "three parts of garbage": lambda _: "a.b.c",
    "dots": lambda _: "." * 1_000,
    "four parts": lambda forge: forge.signed() + ".a",
    "a token in quotes": lambda forge: f'"{forge.signed()}"',
    "expired": lambda forge: forge.signed(exp=PAST, iat=PAST - 900),
    "not issued yet": lambda forge: forge.signed(iat=FUTURE, exp=FUTURE + 900),
    "without an end": lambda forge: forge.signed(exp=None),
    "an end in digits": lambda forge: forge.signed(exp=str(FUTURE)),
    "an end with a fraction": lambda forge: forge.signed(exp=FUTURE + 0.5),
    "an end in words": lambda forge: forge.signed(exp="never"),
    "an endless end": lambda forge: forge.signed(exp=1e308),
    "alg none": lambda forge: forge.unsigned("none"),
    "alg None": lambda forge: forge.unsigned("None"),
    "alg nOnE": lambda forge: forge.unsigned("nOnE"),
    "alg missing": lambda forge: forge.signed({"alg": None}),
    "alg a list": lambda forge: forge.signed({"alg": ["EdDSA"]}),
    "alg HS256": lambda forge: forge.signed({"alg": "HS256"}),
    "HS256 by the public key in PEM": lambda forge: forge.hmac_with_public_key(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    ),
    "HS256 by the public key": lambda forge: forge.hmac_with_public_key(Encoding.Raw, PublicFormat.Raw),
    "another key": lambda forge: forge.by_another_key(),
    "an edited payload": lambda forge: forge.edited(),
    "no signature": lambda forge: forge.stripped(),
    "wrong aud": lambda forge: forge.signed(aud="qingyi-admin"),
    "aud missing": lambda forge: forge.signed(aud=None),
    "wrong iss": lambda forge: forge.signed(iss="https://qingyi.example.evil"),
    "iss missing": lambda forge: forge.signed(iss=None),
    "jti missing": lambda forge: forge.signed(jti=None),
    "wrong typ": lambda forge: forge.signed({"typ": "JWT"}),
    "typ missing": lambda forge: forge.signed({"typ": None}),
    "a kid that climbs": lambda forge: forge.signed({"kid": "../../x"}),
    "a kid of SQL": lambda forge: forge.signed({"kid": "x' OR 1=1 --"}),
    "a kid of a file": lambda forge: forge.signed({"kid": "/dev/null"}),
    "a kid that is a list": lambda forge: forge.signed({"kid": [KEY_ID]}),
    "a kid that is a number": lambda forge: forge.signed({"kid": 1}),
    "kid missing": lambda forge: forge.signed({"kid": None}),
    "jku": lambda forge: forge.signed({"jku": "https://evil.example/keys"}),
    "jwk": lambda forge: forge.signed({"jwk": {"kty": "OKP", "crv": "Ed25519", "x": "AA"}}),
    "x5u": lambda forge: forge.signed({"x5u": "https://evil.example/cert"}),
    "x5c": lambda forge: forge.signed({"x5c": ["AA"]}),
    "crit": lambda forge: forge.signed({"crit": ["b64"], "b64": False}),
    "zip": lambda forge: forge.signed({"zip": "DEF"}),
    "a header that is a list": lambda _: f"{encoded([])}.{encoded({})}.AA",
    "a header nested deep": lambda _: f"{encoded(b'[' * 1_400)}.e30.AA",
    "a header that is not UTF-8": lambda _: f"{encoded(bytes([255, 254]))}.e30.AA",
    "100 kB": lambda forge: forge.signed(more="x" * 100_000),
    "a little too long": lambda forge: forge.signed(more="x" * LENGTH_MOST),
    "sub not a UUID": lambda forge: forge.signed(sub="admin"),
    "sub a number": lambda forge: forge.signed(sub=1),
    "sub missing": lambda forge: forge.signed(sub=None),
    "sub with NUL": lambda forge: forge.signed(sub="\0"),
    "an unknown bearer": lambda forge: forge.signed(act="root"),
    "bearer missing": lambda forge: forge.signed(act=None),
    "an unknown youth": lambda forge: forge.signed(sub=str(uuid4())),
    "a youth as staff": lambda forge: forge.signed(act="staff"),
    "an API token of nobody": lambda _: new_secret(),
    "an API token mistyped": lambda _: new_secret()[:-1] + "!",
    "an API token cut short": lambda _: new_secret()[:-1],
    "the prefix of an API token": lambda _: "qyp_",
}


@pytest.fixture(scope="module")
async def youth(house: House) -> Person:
    return await house.youth()


@pytest.fixture(scope="module")
async def forge(house: House, youth: Person) -> Forge:
    return Forge(house, youth)


def same_refusal(answer: httpx.Response) -> tuple[int, bytes, list[tuple[str, str]]]:
    """All that a refusal tells, but for its own name."""
    kept = [(name, value) for name, value in answer.headers.items() if name != "x-request-id"]
    return answer.status_code, answer.content, kept


async def refused(house: House, authorization: str) -> httpx.Response:
    answer = await sent(house, VIEWER, authorization=authorization)
    assert answer.status_code == 401
    assert code_of(answer) == "UNAUTHENTICATED"
    assert answer.headers["www-authenticate"].startswith("Bearer")
    return answer


async def test_a_token_as_forged_but_right_is_good(house: House, forge: Forge) -> None:
    """So that those below are refused for what is wrong with them."""
    answer = await sent(house, VIEWER, forge.signed())
    assert answer.json()["data"]["viewer"]["youth"]["id"] == forge.youth.id
    assert (await sent(house, VIEWER, authorization=f"bEARER  {forge.signed()} ")).status_code == 200


@pytest.mark.parametrize("make", FORGED.values(), ids=FORGED.keys())
async def test_every_forgery_is_refused_alike(
    house: House, forge: Forge, make: Callable[[Forge], str]
) -> None:
    usual = await refused(house, "Bearer garbage")
    assert same_refusal(await refused(house, f"Bearer {make(forge)}")) == same_refusal(usual)


# What is well made, of somebody who is not there, can only be found out by looking.
LOOKED_UP = {"an unknown youth", "a youth as staff", "an API token of nobody"}


@pytest.mark.parametrize(
    "make",
    [make for name, make in FORGED.items() if name not in LOOKED_UP],
    ids=[name for name in FORGED if name not in LOOKED_UP],
)
async def test_a_forgery_costs_no_statement(house: House, forge: Forge, make: Callable[[Forge], str]) -> None:
    token = make(forge)
    with statements(house) as seen:
        await refused(house, f"Bearer {token}")
    assert seen.sent == []


async def test_what_is_too_long_is_not_even_taken_apart(
    house: House, forge: Forge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long it is, the work is bounded: its length is looked at, and its hash taken once."""

    def never(*_: object, **__: object) -> None:
        raise AssertionError("taken apart")

    token = forge.signed(more="x" * 100_000)
    monkeypatch.setattr(jwt, "get_unverified_header", never)
    monkeypatch.setattr(jwt, "decode", never)
    await refused(house, f"Bearer {token}")


@pytest.mark.parametrize("seconds", [0, 10, 25])
async def test_clocks_may_differ_by_thirty_seconds(house: House, forge: Forge, seconds: int) -> None:
    now = int(datetime.now(UTC).timestamp())
    for token in (
        forge.signed(exp=now - seconds, iat=now - 900),
        forge.signed(iat=now + seconds, exp=now + 900),
        forge.signed(nbf=now + seconds),
    ):
        assert (await sent(house, VIEWER, token)).status_code == 200


@pytest.mark.parametrize("seconds", [35, 60, 3_600])
async def test_but_by_no_more(house: House, forge: Forge, seconds: int) -> None:
    now = int(datetime.now(UTC).timestamp())
    usual = await refused(house, "Bearer garbage")
    for token in (
        forge.signed(exp=now - seconds, iat=now - 7_200),
        forge.signed(iat=now + seconds, exp=now + 7_200),
        forge.signed(nbf=now + seconds),
    ):
        assert same_refusal(await refused(house, f"Bearer {token}")) == same_refusal(usual)


@pytest.mark.parametrize(
    "authorization",
    ["", " ", "Bearer", "Bearer ", "Basic dTpw", "Token x", "{token}", "Bearer\t{token}", "DPoP {token}"],
)
async def test_a_wrong_scheme_is_refused_alike(house: House, forge: Forge, authorization: str) -> None:
    usual = await refused(house, "Bearer garbage")
    wrong = await refused(house, authorization.replace("{token}", forge.signed()))
    assert same_refusal(wrong) == same_refusal(usual)


async def test_text_that_is_not_ascii_is_refused_alike(house: House) -> None:
    usual = await refused(house, "Bearer garbage")
    headers = {b"content-type": b"application/json", b"authorization": "Bearer 令牌".encode()}
    answer = await house.http.post("/graphql", content=VIEWER, headers=headers)
    assert same_refusal(answer) == same_refusal(usual)


async def test_without_credentials_one_is_nobody(house: House) -> None:
    assert (await sent(house, VIEWER)).json() == {"data": {"viewer": None}}


async def test_inactive_staff_are_refused(house: House) -> None:
    member = await house.staff(StaffRole.ADMIN)
    assert (await sent(house, VIEWER, member.token)).json()["data"]["viewer"]["staff"]["id"] == member.id
    async with house.database.write(System("test")) as tx:
        await tx.execute(sa.update(StaffRow).where(StaffRow.id == member.key).values(active=False))
    assert await dies(house, member.token or "") < 1


async def dies(house: House, token: str) -> float:
    """After how many seconds the token is refused, asked all the time."""
    start = time.monotonic()
    while (await sent(house, VIEWER, token)).status_code == 200:
        assert time.monotonic() - start < 3
        await asyncio.sleep(0.02)
    return time.monotonic() - start


# ── API tokens ───────────────────────────────────────────────────────────────


async def test_a_mistyped_api_token_costs_no_statement(house: House) -> None:
    secret = new_secret()
    swapped = secret[:4] + secret[5] + secret[4] + secret[6:]
    if swapped == secret:
        swapped = secret[:-1] + ("0" if secret[-1] != "0" else "1")
    with statements(house) as seen:
        await refused(house, f"Bearer {swapped}")
        await refused(house, f"Bearer {secret.lower()}")
        await refused(house, "Bearer qyp_" + "0" * 36)
    assert seen.sent == []
    with statements(house) as seen:
        await refused(house, f"Bearer {secret}")
    assert len(seen) == 1


async def test_a_burst_costs_one_look_up(house: House) -> None:
    partner = await house.partner()
    await sent(house, VIEWER, partner.token)
    await asyncio.sleep(0.6)
    with statements(house) as seen:
        for _ in range(10):
            assert (await sent(house, body("{ viewer { scopes } }"), partner.token)).status_code == 200
    assert len(seen) == 1


async def test_a_revoked_token_is_dead_within_a_second(house: House) -> None:
    # given a token in use, kept by the authenticator
    admin = await house.staff(StaffRole.ADMIN)
    partner = await house.partner(scopes=(Scope.INTERNSHIPS_READ.value,))
    viewer = (await sent(house, VIEWER, partner.token)).json()["data"]["viewer"]
    assert viewer["organization"]["id"] == partner.id
    assert viewer["scopes"] == ["internships:read"]
    # when it is revoked while it is being used
    assert (await sent(house, VIEWER, partner.token)).status_code == 200
    await admin.done("revokeApiToken", "apiToken { revokedAt }", apiTokenId=partner.token_id)
    # then
    assert await dies(house, partner.token or "") < 1
    usual = await refused(house, "Bearer garbage")
    assert same_refusal(await refused(house, f"Bearer {partner.token}")) == same_refusal(usual)


async def test_an_expired_api_token_is_dead(house: House) -> None:
    partner = await house.partner(life=timedelta(minutes=10))
    assert (await sent(house, VIEWER, partner.token)).status_code == 200
    house.clock.move(minutes=11)
    try:
        assert await dies(house, partner.token or "") < 1
    finally:
        house.clock.move(minutes=-11)


async def test_the_secret_of_a_token_is_nowhere_in_the_database(house: House) -> None:
    partner = await house.partner()
    async with house.looking() as db:
        rows = await db.scalars(sa.text("SELECT token::text FROM partners_api_token AS token"))
    assert partner.token is not None
    assert any(partner.token[:10] in row for row in rows)
    assert not any(partner.token[10:] in row for row in rows)


# ── keys ─────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
async def rotated(database_url: str, servers: Services) -> AsyncIterator[House]:
    """The same deployment after a new key was put in front of the ring."""
    config = settings_of(database_url, servers.redis_url)
    keys = settings_of(database_url, servers.redis_url).keys
    assert keys is not None
    newer = config.model_copy(update={"keys": type(keys)(f"{new_key('test2')},{TEST_KEYS}")})
    async with open_house(newer) as opened:
        yield opened


async def test_an_older_key_still_opens_and_the_newest_signs(house: House, rotated: House) -> None:
    old, partner = await house.youth(), await house.partner()
    viewer = (await sent(rotated, VIEWER, old.token)).json()["data"]["viewer"]
    assert viewer["youth"]["id"] == old.id
    viewer = (await sent(rotated, VIEWER, partner.token)).json()["data"]["viewer"]
    assert viewer["organization"]["id"] == partner.id
    phone = await Person(rotated.http, old.token).run("{ viewer { youth { phone } } }")
    assert phone["viewer"]["youth"]["phone"] == old.phone

    new = await rotated.youth()
    assert new.token is not None
    assert jwt.get_unverified_header(new.token)["kid"] == "test2"
    assert (await sent(rotated, VIEWER, new.token)).status_code == 200
    await refused(house, f"Bearer {new.token}")  # a process that has not the new key yet


async def test_a_token_says_no_more_than_it_must(house: House, youth: Person) -> None:
    assert youth.token is not None
    assert jwt.get_unverified_header(youth.token) == {"alg": "EdDSA", "kid": KEY_ID, "typ": "at+jwt"}
    claims = jwt.decode(youth.token, options={"verify_signature": False})
    assert claims.keys() == {"iss", "aud", "sub", "act", "jti", "iat", "exp"}
    short = house.runtime.tokens.issue(Bearer.YOUTH, UUID(int=1), datetime.now(UTC))
    claims = jwt.decode(short, options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] == 15 * 60
