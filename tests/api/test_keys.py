"""A third party verifies access tokens with the published keys alone, before and after a rotation of keys."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import jwt
import pytest
from pydantic import SecretStr
from support.house import TEST_KEYS, House, open_house, settings_for
from support.watching import statements

from infra.embedded.services import Services
from infra.keys import new_key
from infra.tokens import AUDIENCE

PATH = "/.well-known/jwks.json"


@pytest.fixture(scope="module")
async def rotated(database_url: str, servers: Services) -> AsyncIterator[House]:
    """The same deployment after a new key was put in front of the ring."""
    config = settings_for(database_url, servers.redis_url)
    newer = config.model_copy(update={"keys": SecretStr(f"{new_key('test2')},{TEST_KEYS}")})
    async with open_house(newer) as opened:
        yield opened


async def published(house: House) -> jwt.PyJWKSet:
    return jwt.PyJWKSet.from_dict((await house.http.get(PATH)).json())


def verified(token: str | None, keys: jwt.PyJWKSet, issuer: str) -> dict[str, Any]:
    """As somebody who knows the address, the issuer and the audience, and nothing else of us."""
    assert token is not None
    key = keys[jwt.get_unverified_header(token)["kid"]]
    return jwt.decode(token, key, algorithms=["EdDSA"], audience=AUDIENCE, issuer=issuer)


async def test_the_published_keys_verify_a_token(house: House, rotated: House) -> None:
    youth, issuer = await house.youth(), house.runtime.config.issuer
    before = await published(house)
    assert verified(youth.token, before, issuer)["sub"] == str(youth.key)

    # after a rotation: tokens of either key, with what is published now
    after, newer = await published(rotated), await rotated.youth()
    assert [key.key_id for key in after.keys] == ["test2", "test1"]
    assert verified(youth.token, after, issuer)["sub"] == str(youth.key)
    assert verified(newer.token, after, issuer)["sub"] == str(newer.key)
    with pytest.raises(KeyError):
        verified(newer.token, before, issuer)  # asked for again when a kid is unknown

    # and they verify nothing else
    forged = (youth.token or "")[:-8] + "AAAAAAAA"
    with pytest.raises(jwt.InvalidTokenError):
        verified(forged, after, issuer)
    with pytest.raises(jwt.InvalidTokenError):
        verified(youth.token, after, "https://elsewhere.example")


async def test_a_key_says_what_it_is_for_and_nothing_secret(rotated: House) -> None:
    answer = await rotated.http.get(PATH)
    for key in answer.json()["keys"]:
        assert key.keys() == {"kty", "crv", "x", "kid", "use", "alg"}
        assert (key["kty"], key["crv"], key["use"], key["alg"]) == ("OKP", "Ed25519", "sig", "EdDSA")
        assert len(key["x"]) == 43  # 32 bytes, without padding
    assert TEST_KEYS.partition(":")[2] not in answer.text


async def test_it_may_be_kept_for_five_minutes_and_costs_no_statement(house: House) -> None:
    with statements(house) as seen:
        answer = await house.http.get(PATH, headers={"authorization": "Bearer garbage"})
        head = await house.http.head(PATH)
    assert seen.sent == []
    for each in (answer, head):
        assert each.status_code == 200
        assert each.headers["cache-control"] == "public, max-age=300"
        assert each.headers["content-type"] == "application/json"
    assert head.content == b""
    assert head.headers["content-length"] == str(len(answer.content))


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_it_is_only_read(house: House, method: str) -> None:
    answer: httpx.Response = await house.http.request(method, PATH)
    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD"}
