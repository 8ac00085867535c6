"""ID tokens: which are believed, and that keys may change."""

import hmac
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import jwt
import pytest
import stamina
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import RSAAlgorithm
from jwt.utils import base64url_encode
from support.doors import stray_indexes
from support.house import House
from support.oidc import BAD_CODE, Hands, afresh, house_of_provider, refused, signed_in, youth
from support.outside import open_to_all
from support.provider import CLIENT_ID, CLIENT_SECRET, Provider, new_key

from infra.embedded.services import Services
from infra.oidc_provider import KEYS_ANEW_SECONDS
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


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
async def test_each_pinned_algorithm_is_believed(house: House, provider: Provider, algorithm: str) -> None:
    provider.reset(algorithm)
    youth(await signed_in(house, provider, sub=f"by-{algorithm}"))


NOW = int(time.time())
WRONG_CLAIMS: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "https://evil.example"},
    "another audience": {"aud": "another"},
    "several audiences and nobody authorized": {"aud": [CLIENT_ID, "another"]},
    "authorized for another": {"azp": "another"},
    "several audiences, another authorized": {"aud": [CLIENT_ID, "another"], "azp": "another"},
    "expired": {"exp": NOW - 3_600, "iat": NOW - 7_200},
    "of tomorrow": {"iat": NOW + 86_400, "exp": NOW + 90_000},
    "no end": {"exp": None},
    "an end beyond all numbers": {"exp": float("inf")},
    "no beginning": {"iat": None},
    "no subject": {"sub": None},
    "an empty subject": {"sub": ""},
    "a subject that is no text": {"sub": 4711},
    "a long subject": {"sub": "s" * 256},
}


@pytest.mark.parametrize("name", WRONG_CLAIMS)
async def test_an_id_token_that_is_not_for_us_is_refused(house: House, provider: Provider, name: str) -> None:
    provider.claims = WRONG_CLAIMS[name]
    claims = {key: value for key, value in provider.usual({"sub": "refused"}).items() if value is not None}
    provider.token = (
        provider.id_token(claims) if name != "a subject that is no text" else unchecked(provider, claims)
    )
    await refused(house, provider, BAD_CODE)


def unchecked(provider: Provider, claims: dict[str, Any]) -> str:
    """Signed as it is: the library would not make such a token."""
    kid, (algorithm, key) = next(iter(provider.keys.items()))
    return jwt.api_jws.encode(json.dumps(claims).encode(), key, algorithm, headers={"kid": kid, "typ": "JWT"})


async def test_several_audiences_are_believed_when_we_are_the_one_authorized(
    house: House, provider: Provider
) -> None:
    provider.claims = {"aud": [CLIENT_ID, "another"], "azp": CLIENT_ID}
    youth(await signed_in(house, provider, sub="person-11"))


Make = Callable[[Provider, dict[str, Any], str], str]


def by_public_key(provider: Provider, claims: dict[str, Any], kid: str) -> str:
    """HS256 with the public key for a secret: by hand, since the library will not."""
    (_, key) = next(iter(provider.keys.values()))
    secret = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    head = base64url_encode(json.dumps({"alg": "HS256", "typ": "JWT", "kid": kid}).encode())
    signing = head + b"." + base64url_encode(json.dumps(claims).encode())
    return (signing + b"." + base64url_encode(hmac.digest(secret, signing, "sha256"))).decode()


def signed(key: Any, algorithm: str, claims: dict[str, Any], kid: str) -> str:
    return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": kid})


def edited(token: str) -> str:
    header, payload, signature = token.split(".")
    return f"{header}.{payload[:-4]}AAAA.{signature}"


FORGED: dict[str, Make] = {
    "alg none": lambda _, claims, kid: signed(None, "none", claims, kid),
    "HS256 by the public key": by_public_key,
    "HS256 by our secret": lambda _, claims, kid: signed(CLIENT_SECRET.ljust(32), "HS256", claims, kid),
    "another's key": lambda _, claims, kid: signed(new_key("RS256"), "RS256", claims, kid),
    "another algorithm": lambda _, claims, kid: signed(new_key("ES256"), "ES256", claims, kid),
    "an unknown key id": lambda _, claims, __: signed(new_key("RS256"), "RS256", claims, "../../x"),
    "no signature": lambda p, claims, _: p.id_token(claims).rpartition(".")[0] + ".",
    "an edited payload": lambda p, claims, _: edited(p.id_token(claims)),
    "no token": lambda *_: "canary",
    "an endless one": lambda p, claims, _: p.id_token(claims) + "A" * 20_000,
}


@pytest.mark.parametrize("name", FORGED)
async def test_a_forged_id_token_is_refused(house: House, provider: Provider, name: str) -> None:
    provider.token = FORGED[name](provider, provider.usual({"sub": "refused"}), next(iter(provider.keys)))
    await refused(house, provider, BAD_CODE)


@pytest.mark.parametrize("algorithm", ["HS256", "RS512"])
async def test_an_algorithm_that_is_not_pinned_is_refused_also_with_a_published_key(
    house: House, provider: Provider, algorithm: str
) -> None:
    secret = "s" * 64
    if algorithm == "HS256":
        key: Any = secret
        published: dict[str, Any] = {"kty": "oct", "k": base64url_encode(secret.encode()).decode()}
    else:
        key = new_key("RS256")
        published = RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    provider.also = [{**published, "kid": "unpinned", "use": "sig", "alg": algorithm}]
    provider.token = signed(key, algorithm, provider.usual({"sub": "refused"}), "unpinned")
    await refused(house, provider, BAD_CODE)


async def test_new_keys_are_fetched_when_one_is_unknown_but_not_for_ever(
    house: House, provider: Provider, clock: Hands
) -> None:
    youth(await signed_in(house, provider, sub="person-12"))

    # when the provider signs with a new key
    provider.rotate()
    youth(await signed_in(house, provider, sub="person-12"))
    assert provider.paths() == ["token", "keys"]

    # when it does again at once, the keys are not asked for
    provider.rotate("ES256", keep=False)
    await refused(house, provider, BAD_CODE)
    assert provider.paths() == ["token"]

    # but after a while they are
    clock.now += KEYS_ANEW_SECONDS
    youth(await signed_in(house, provider, sub="person-12"))
    assert provider.paths() == ["token", "keys"]


async def test_a_token_without_a_key_id_is_believed_while_there_is_one_key(
    house: House, provider: Provider
) -> None:
    (_, (algorithm, key)) = next(iter(provider.keys.items()))
    claims = provider.usual({"sub": "person-13"})
    provider.token = jwt.encode(claims, key, algorithm=algorithm)
    youth(await signed_in(house, provider, sub="person-13"))
