"""Signing in by the province's unified identity, through a real client and a real provider with PKCE."""

from collections.abc import AsyncIterator, Iterator

import pytest
import stamina
from support.client import Client
from support.doors import PAIR, consents, links, reasons, stray_indexes
from support.house import House
from support.oidc import AWAY, BAD_CODE, Hands, afresh, granted, house_of_provider, refused, signed_in, youth
from support.outside import Played, open_to_all, said
from support.provider import CLIENT_ID, REDIRECT_URI, Pkce, Provider
from support.raw import everything

from infra.embedded.services import Services
from infra.oidc import OidcClient
from infra.outside import TRIES


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with open_to_all(Provider()) as made:
        yield made


@pytest.fixture(scope="module")
async def house(database_url: str, servers: Services, provider: Provider) -> AsyncIterator[House]:
    async with house_of_provider(database_url, servers.redis_url, provider) as opened:
        yield opened


@pytest.fixture(autouse=True)
async def clock(house: House, provider: Provider) -> AsyncIterator[Hands]:
    # Tries follow one another without a pause.
    with stamina.set_testing(True, attempts=TRIES, cap=True):
        yield await afresh(house, provider)
    assert await stray_indexes(house) == 0


async def test_a_person_signs_in_and_is_the_same_youth_ever_after(house: House, provider: Provider) -> None:
    first = await signed_in(house, provider, sub="person-1")
    assert youth(first)["phone"] is None
    assert await consents(house, first) == ["TERMS"]
    assert youth(await signed_in(house, provider, sub="person-1")) == youth(first)
    assert youth(await signed_in(house, provider, sub="person-2")) != youth(first)
    assert ("OIDC", provider.issuer) in await links(house)
    # what the provider publishes was asked for once
    assert provider.paths() == ["token"]


async def test_a_verified_number_leads_to_its_account(house: House, provider: Provider) -> None:
    holder = await house.youth()
    claims = {"sub": "person-3", "phone_number": holder.phone}
    for number, unverified in enumerate(
        ({}, {"phone_number_verified": False}, {"phone_number_verified": "true"})
    ):
        other = {**claims, **unverified, "sub": f"not-verified-{number}"}
        stranger = youth(await signed_in(house, provider, **other))
        assert stranger["id"] != holder.id
        assert stranger["phone"] is None
    linked = youth(await signed_in(house, provider, **claims, phone_number_verified=True))
    assert linked == {"id": holder.id, "phone": holder.phone}
    # linked once, the subject alone leads there
    assert youth(await signed_in(house, provider, sub="person-3")) == linked


async def test_a_new_person_brings_their_verified_number(house: House, provider: Provider) -> None:
    claims = {"sub": "person-4", "phone_number": "+8614000000401", "phone_number_verified": True}
    assert youth(await signed_in(house, provider, **claims))["phone"] == "+8614000000401"
    # one that is told later is bound to an account that has none, and changes none that is there
    assert youth(await signed_in(house, provider, sub="person-5"))["phone"] is None
    later = {"sub": "person-5", "phone_number": "+8614000000402", "phone_number_verified": True}
    assert youth(await signed_in(house, provider, **later))["phone"] == "+8614000000402"
    later["phone_number"] = "+8614000000403"
    assert youth(await signed_in(house, provider, **later))["phone"] == "+8614000000402"


async def test_a_number_that_is_anothers_changes_nothing(house: House, provider: Provider) -> None:
    """Nobody asked for it to be bound, and nobody could leave it away."""
    holder = await house.youth()
    own = youth(await signed_in(house, provider, sub="person-6"))
    claims = {"sub": "person-6", "phone_number": holder.phone, "phone_number_verified": True}
    assert youth(await signed_in(house, provider, **claims)) == own
    assert own["id"] != holder.id


async def test_an_account_of_another_person_is_a_conflict(house: House, provider: Provider) -> None:
    claims = {"phone_number": "+8614000000404", "phone_number_verified": True}
    youth(await signed_in(house, provider, sub="person-7", **claims))
    before = await everything(house)
    payload = await signed_in(house, provider, sub="person-8", **claims)
    assert reasons(payload) == [("ALREADY_EXISTS", ["input", "code"])]
    assert await everything(house) == before


async def test_no_real_name_is_believed(house: House, provider: Provider) -> None:
    told = {"sub": "person-9", "name": "欧阳金丝雀", "real_name_verified": True, "birthdate": "2000-01-01"}
    payload = await signed_in(house, provider, **told)
    client = Client(house.http, payload["accessToken"])
    seen = await client.run("{ viewer { youth { realNameStatus birthDate displayName } } }")
    assert seen["viewer"]["youth"] == {
        "realNameStatus": "NONE",
        "birthDate": None,
        "displayName": None,
    }


async def test_the_code_serves_once_for_its_verifier_and_its_address(
    house: House, provider: Provider
) -> None:
    pkce = Pkce()
    given = {"codeVerifier": pkce.verifier, "redirectUri": REDIRECT_URI}
    code = await granted(provider, pkce, sub="person-10")
    await house.anyone.done("signInWithOidc", PAIR, code=code, **given)
    before = await everything(house)
    assert await house.anyone.refused("signInWithOidc", PAIR, code=code, **given) == BAD_CODE
    code = await granted(provider, pkce, sub="person-10")
    wrong = {**given, "codeVerifier": Pkce().verifier}
    assert await house.anyone.refused("signInWithOidc", PAIR, code=code, **wrong) == BAD_CODE
    assert await everything(house) == before


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("codeVerifier", "v" * 42),
        ("codeVerifier", "v" * 129),
        ("codeVerifier", "v" * 42 + "+"),
        ("codeVerifier", "验" * 43),
        ("redirectUri", ""),
        ("redirectUri", REDIRECT_URI + "/"),
        ("redirectUri", REDIRECT_URI + "?next=1"),
        ("redirectUri", REDIRECT_URI.upper()),
        ("redirectUri", "https://evil.example/"),
        ("code", ""),
        ("code", "c" * 2_049),
        ("code", "c\r\nd"),
    ],
)
async def test_what_is_unfit_is_refused_at_its_field_and_nobody_is_asked(
    house: House, provider: Provider, field: str, wrong: str
) -> None:
    given = {"code": "c", "codeVerifier": "v" * 43, "redirectUri": REDIRECT_URI, field: wrong}
    assert await house.anyone.refused("signInWithOidc", PAIR, **given) == [
        ("INVALID_INPUT", ["input", field])
    ]
    assert provider.asked == []


async def test_every_fault_of_the_input_is_named(house: House) -> None:
    given = {"code": "", "codeVerifier": "", "redirectUri": ""}
    fields = [field for _, field in await house.anyone.refused("signInWithOidc", PAIR, **given)]
    assert fields == [["input", "code"], ["input", "codeVerifier"], ["input", "redirectUri"]]


async def test_a_public_client_and_one_with_its_secret_in_the_form(
    house: House, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    door = house.runtime.ports.unified_identity

    def known_as(secret: str | None) -> None:
        monkeypatch.setattr(door, "_known_as", OidcClient(CLIENT_ID, secret, frozenset({REDIRECT_URI})))

    provider.methods = ["client_secret_post"]
    youth(await signed_in(house, provider, sub="person-14"))
    known_as("wrong")
    await refused(house, provider, AWAY)
    provider.public = True
    known_as(None)
    youth(await signed_in(house, provider, sub="person-14"))


FAULTY = {
    "a fault": Played(500, b"{}"),
    "HTML": Played(200, b"<html>", media="text/html"),
    "cut short": Played(body=b'{"keys": [{"k'),
    "a list": said([]),
    "an empty object": said({}),
    "elsewhere": Played(302, b"{}", location="http://127.0.0.1:1/"),
    "hung up": Played(cut=True),
    "endless": Played(body=b'{"a": "' + b"x" * 300_000 + b'"}'),
    "too many": Played(429, b"{}"),
}


@pytest.mark.parametrize("word", ["openid-configuration", "keys", "token"])
@pytest.mark.parametrize("name", FAULTY)
async def test_whatever_the_provider_says_instead_has_its_answer(
    house: House, provider: Provider, word: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pkce = Pkce()
    code = await granted(provider, pkce, sub="refused")
    provider.instead[word] = FAULTY[name]
    before = await everything(house)
    given = {"code": code, "codeVerifier": pkce.verifier, "redirectUri": REDIRECT_URI}
    assert await house.anyone.refused("signInWithOidc", PAIR, **given) == AWAY
    assert provider.paths().count("token") <= 1  # it may have used the code up
    assert await everything(house) == before


async def test_a_document_of_another_issuer_is_not_believed(house: House, provider: Provider) -> None:
    pkce = Pkce()
    code = await granted(provider, pkce, sub="refused")
    provider.instead["openid-configuration"] = said({**provider._document(), "issuer": provider.issuer + "/"})
    given = {"code": code, "codeVerifier": pkce.verifier, "redirectUri": REDIRECT_URI}
    assert await house.anyone.refused("signInWithOidc", PAIR, **given) == AWAY
    assert provider.paths() == ["openid-configuration"]


async def test_a_provider_that_is_away_is_left_alone_for_a_moment(
    house: House, provider: Provider, clock: Hands
) -> None:
    provider.instead["openid-configuration"] = Played(404, b"{}")
    given = {"code": "c", "codeVerifier": "v" * 43, "redirectUri": REDIRECT_URI}
    for _ in range(3):
        assert await house.anyone.refused("signInWithOidc", PAIR, **given) == AWAY
    assert provider.paths() == ["openid-configuration"]
    clock.now += 2
    provider.instead.clear()
    assert await house.anyone.refused("signInWithOidc", PAIR, **given) == BAD_CODE


async def test_a_slow_provider_is_given_up(
    house: House, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(house.runtime.ports.unified_identity, "_seconds", 0.2)
    pkce = Pkce()
    code = await granted(provider, pkce, sub="refused")
    provider.instead["token"] = Played(body=b"{}", after_seconds=0.6)
    given = {"code": code, "codeVerifier": pkce.verifier, "redirectUri": REDIRECT_URI}
    assert await house.anyone.refused("signInWithOidc", PAIR, **given) == AWAY
    assert provider.paths().count("token") == 1


async def test_an_address_may_not_try_without_end(house: House, provider: Provider) -> None:
    given = {"code": "c", "codeVerifier": "v" * 43, "redirectUri": REDIRECT_URI}
    for _ in range(20):
        assert await house.anyone.refused("signInWithOidc", PAIR, **given) == BAD_CODE
    provider.asked.clear()
    assert await house.anyone.refused("signInWithOidc", PAIR, **given) == AWAY
    assert provider.asked == []


async def test_in_production_nothing_goes_unencrypted(house: House, provider: Provider) -> None:
    known = house.runtime.ports.unified_identity._provider
    assert known._schemes == ("https://", "http://")
    patch = pytest.MonkeyPatch()
    patch.setattr(known, "_schemes", ("https://",))
    try:
        await refused(house, provider, AWAY)
        assert provider.paths() == ["openid-configuration"]
    finally:
        patch.undo()
