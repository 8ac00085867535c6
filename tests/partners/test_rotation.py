"""A token gives way to its successor: both work for a time of grace, then the old one is dead."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from support.asking import sent
from support.client import Client
from support.house import House, Partner, open_house, settings_for

from domain.core import columns
from domain.core.actors import StaffRole, System
from domain.partners.secrets import well_formed
from domain.partners.tokens import TOKENS_MOST
from infra.embedded.services import Services

BOTH = (
    "secret apiToken { id name prefix scopes createdAt expiresAt revokedAt }"
    " previous { id name expiresAt revokedAt }"
)
KEPT_SECONDS = 0.6
"""An authenticated caller is remembered for half a second."""


async def rotated(client: Client, token_id: str, **given: Any) -> dict[str, Any]:
    return await client.done("rotateApiToken", BOTH, apiTokenId=token_id, **given)


async def refused(client: Client, token_id: str, **given: Any) -> list[tuple[str, list[str] | None]]:
    payload = await client.mutate("rotateApiToken", BOTH, apiTokenId=token_id, **given)
    assert (payload["secret"], payload["apiToken"], payload["previous"]) == (None, None, None)
    return [(reason["code"], reason["field"]) for reason in payload["userErrors"]]


async def lives(house: House, secret: str | None) -> bool:
    answer = await Client(house.http, secret).post("{ viewer { organization { id } scopes } }")
    assert answer.status_code in {200, 401}
    return answer.status_code == 200


def with_(house: House, partner: Partner, payload: dict[str, Any]) -> Partner:
    """The organization with its new token."""
    return Partner(house.http, payload["secret"], id=partner.id, token_id=payload["apiToken"]["id"])


async def created(admin: Client, partner: Partner) -> dict[str, Any]:
    given = {"organizationId": partner.id, "name": "another", "scopes": ["internships:read"]}
    return await sent(admin, "createApiToken", "secret apiToken { id }", given)


async def tokens_of(partner: Client) -> list[dict[str, Any]]:
    data = await partner.run("{ viewer { organization { apiTokens { id expiresAt revokedAt } } } }")
    return data["viewer"]["organization"]["apiTokens"]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.fixture
async def admin(house: House) -> Client:
    return await house.staff(StaffRole.ADMIN)


@pytest.fixture(scope="module")
async def elsewhere(database_url: str, servers: Services, house: House) -> AsyncIterator[House]:
    """Another process of the same deployment, at the same time of day."""
    async with open_house(settings_for(database_url, servers.redis_url)) as opened:
        opened.clock.ahead = house.clock.ahead
        yield opened


async def test_both_work_for_a_day_then_the_old_one_is_dead(house: House, elsewhere: House) -> None:
    # given a partner that rotates its own token, without anybody's help
    partner = await house.partner(scopes=("internships:read", "internships:write"))
    payload = await rotated(partner, partner.token_id)

    # then the successor is as the old one was
    new, previous = payload["apiToken"], payload["previous"]
    assert well_formed(payload["secret"])
    assert payload["secret"].startswith(new["prefix"])
    assert (new["name"], new["scopes"]) == (previous["name"], ["internships:read", "internships:write"])
    assert previous["id"] == partner.token_id != new["id"]
    assert at(new["expiresAt"]) - at(new["createdAt"]) == timedelta(days=365)
    assert at(previous["expiresAt"]) - at(new["createdAt"]) == timedelta(hours=24)
    assert (new["revokedAt"], previous["revokedAt"]) == (None, None)

    # both work, in every process, and say the same
    for process in (house, elsewhere):
        assert await lives(process, partner.token)
        assert await lives(process, payload["secret"])

    # until the time of grace is over
    for process in (house, elsewhere):
        process.clock.move(hours=24, seconds=1)
    await asyncio.sleep(KEPT_SECONDS)
    for process in (house, elsewhere):
        assert not await lives(process, partner.token)
        assert await lives(process, payload["secret"])


async def test_revoking_either_is_felt_in_every_process_within_a_second(
    house: House, elsewhere: House, admin: Client
) -> None:
    partner = await house.partner()
    payload = await rotated(partner, partner.token_id)
    for secret, token in ((partner.token, partner.token_id), (payload["secret"], payload["apiToken"]["id"])):
        assert await lives(house, secret)
        assert await lives(elsewhere, secret)
        await admin.done("revokeApiToken", "apiToken { id }", apiTokenId=token)
        await asyncio.sleep(KEPT_SECONDS)
        assert not await lives(house, secret)
        assert not await lives(elsewhere, secret)


@pytest.mark.parametrize("hours", [0, 1, 168])
async def test_the_time_of_grace_is_said(house: House, admin: Client, hours: int) -> None:
    partner = await house.partner()
    payload = await rotated(admin, partner.token_id, graceHours=hours)
    grace = at(payload["previous"]["expiresAt"]) - at(payload["apiToken"]["createdAt"])
    assert grace == timedelta(hours=hours)
    await asyncio.sleep(KEPT_SECONDS)
    assert await lives(house, partner.token) == (hours > 0)


@pytest.mark.parametrize("hours", [-1, 169, 2**31 - 1])
async def test_no_other_time_of_grace(house: House, hours: int) -> None:
    partner = await house.partner()
    before = await tokens_of(partner)
    for client in (partner, await house.staff(StaffRole.ADMIN)):
        assert await refused(client, partner.token_id, graceHours=hours) == [
            ("INVALID_INPUT", ["input", "graceHours"])
        ]
    assert await tokens_of(partner) == before


async def test_an_end_is_never_moved_later(house: House) -> None:
    partner = await house.partner(life=timedelta(hours=2))
    [before] = await tokens_of(partner)
    payload = await rotated(partner, partner.token_id, graceHours=168)
    assert payload["previous"]["expiresAt"] == before["expiresAt"]
    new = payload["apiToken"]
    assert at(new["expiresAt"]) - at(new["createdAt"]) == timedelta(hours=2)


async def test_a_token_is_rotated_once(house: House, admin: Client) -> None:
    partner = await house.partner()
    payload = await rotated(partner, partner.token_id)
    before = await tokens_of(partner)
    for client in (partner, admin):
        assert await refused(client, partner.token_id) == [("INVALID_STATE", ["input", "apiTokenId"])]
    # also when the successor is gone: whoever lost it turns to staff
    await admin.done("revokeApiToken", "apiToken { id }", apiTokenId=payload["apiToken"]["id"])
    assert await refused(partner, partner.token_id) == [("INVALID_STATE", ["input", "apiTokenId"])]
    assert len(await tokens_of(partner)) == len(before) == 2


async def test_no_third_token_of_a_line_lives(house: House) -> None:
    first = await house.partner()
    second = with_(house, first, await rotated(first, first.token_id, graceHours=168))
    third = with_(house, first, await rotated(second, second.token_id, graceHours=168))
    await asyncio.sleep(KEPT_SECONDS)
    assert [await lives(house, each.token) for each in (first, second, third)] == [False, True, True]


async def test_a_dead_token_is_not_rotated(house: House, admin: Client) -> None:
    revoked, expired = await house.partner(), await house.partner(life=timedelta(minutes=5))
    assert await lives(house, revoked.token)
    await admin.done("revokeApiToken", "apiToken { id }", apiTokenId=revoked.token_id)
    # nor by itself while a process still remembers it
    assert await refused(revoked, revoked.token_id) == [("INVALID_STATE", ["input", "apiTokenId"])]
    house.clock.move(minutes=6)
    for partner in (revoked, expired):
        assert await refused(admin, partner.token_id) == [("INVALID_STATE", ["input", "apiTokenId"])]


async def test_the_same_key_gives_the_same_successor_again(house: House, admin: Client) -> None:
    partner = await house.partner()
    for client in (partner, admin):
        own = partner.token_id if client is partner else (await house.partner()).token_id
        first, again = [await rotated(client, own, idempotencyKey="k1") for _ in range(2)]
        assert first == again
        assert first["secret"] is not None
        assert await refused(client, own, idempotencyKey="k1", graceHours=1) == [
            ("IDEMPOTENCY_KEY_REUSED", ["input", "idempotencyKey"])
        ]


async def test_the_key_is_no_way_to_the_secret_for_another_token(house: House, admin: Client) -> None:
    """Tokens of one organization share its keys; one with fewer scopes must not get the secret of one with more."""
    strong = await house.partner()
    made = await created(admin, strong)
    weak = with_(house, strong, made)
    first = await rotated(strong, strong.token_id, idempotencyKey="guessed")
    for other in (weak, with_(house, strong, first)):
        assert await refused(other, strong.token_id, idempotencyKey="guessed") == [
            ("FORBIDDEN", ["input", "apiTokenId"])
        ]


async def test_who_may_rotate(house: House) -> None:
    partner = await house.partner(division_code="440106")
    other = await house.partner()
    near, far = [await house.staff(StaffRole.ADMIN, unit=unit) for unit in ("440100", "440300")]
    second = await created(near, partner)
    before = await tokens_of(partner)
    assert await refused(far, partner.token_id) == [("NOT_FOUND", ["input", "apiTokenId"])]
    assert await refused(partner, second["apiToken"]["id"]) == [("FORBIDDEN", ["input", "apiTokenId"])]
    assert await refused(partner, other.token_id) == [("FORBIDDEN", ["input", "apiTokenId"])]
    for token in ("garbage", partner.id, ""):
        assert await refused(near, token) == [("NOT_FOUND", ["input", "apiTokenId"])]
    for client, code in (
        (await house.staff(StaffRole.PROGRAMME_MANAGER), "FORBIDDEN"),
        (await house.staff(StaffRole.AUDITOR), "FORBIDDEN"),
        (await house.youth(), "FORBIDDEN"),
        (house.anyone, "UNAUTHENTICATED"),
    ):
        assert await refused(client, partner.token_id) == [(code, None)]
    assert await tokens_of(partner) == before
    await rotated(near, partner.token_id)


async def test_the_quota_neither_bars_a_rotation_nor_grows_by_it(house: House, admin: Client) -> None:
    # given an organization with all the tokens that it may have
    partner = await house.partner()

    async def codes() -> list[str]:
        return [reason["code"] for reason in (await created(admin, partner))["userErrors"]]

    for _ in range(TOKENS_MOST - 1):
        assert await codes() == []
    assert await codes() == ["QUOTA_EXCEEDED"]

    # when one is rotated, then that bars nothing and gives nothing
    payload = await rotated(partner, partner.token_id, graceHours=168)
    assert await codes() == ["QUOTA_EXCEEDED"]
    # nor does revoking the successor, as the old one counts again
    await admin.done("revokeApiToken", "apiToken { id }", apiTokenId=payload["apiToken"]["id"])
    assert await codes() == ["QUOTA_EXCEEDED"]
    # but once the old one has ended too, there is room for one
    house.clock.move(hours=169)
    assert await codes() == []
    assert await codes() == ["QUOTA_EXCEEDED"]


async def test_of_many_rotations_at_once_one_makes_the_successor(house: House, admin: Client) -> None:
    partner = await house.partner()
    payloads = await asyncio.gather(
        *(
            client.mutate("rotateApiToken", BOTH, apiTokenId=partner.token_id, idempotencyKey=f"k{number}")
            for number in range(5)
            for client in (partner, admin)
        )
    )
    codes = Counter(code["code"] for payload in payloads for code in payload["userErrors"])
    assert codes == {"INVALID_STATE": 9}
    [won] = [payload for payload in payloads if payload["secret"]]
    assert len(await tokens_of(partner)) == 2
    assert await lives(house, won["secret"])
    assert await lives(house, partner.token)


async def test_of_many_rotations_at_once_with_one_key_all_get_the_successor(house: House) -> None:
    partner = await house.partner()
    payloads = await asyncio.gather(
        *(rotated(partner, partner.token_id, idempotencyKey="k") for _ in range(8))
    )
    assert len({payload["secret"] for payload in payloads}) == 1
    assert len(await tokens_of(partner)) == 2
    assert await lives(house, payloads[0]["secret"])


async def test_the_database_itself_forbids_a_second_successor(house: House) -> None:
    partner = await house.partner()
    await rotated(partner, partner.token_id)
    copied = sa.text(
        "INSERT INTO partners_api_token (id, organization_id, name, prefix, secret_hash, scopes, created_at,"
        " expires_at, replaces_id) SELECT :id, organization_id, name, prefix, '\\x00', scopes, created_at,"
        " expires_at, replaces_id FROM partners_api_token WHERE replaces_id IS NOT NULL LIMIT 1"
    )
    with pytest.raises(IntegrityError, match="partners_api_token_successor"):
        async with house.database.write(System()) as tx:
            await tx.execute(copied.bindparams(id=columns.new_id()))
