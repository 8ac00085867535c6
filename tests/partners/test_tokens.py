"""API tokens: the secret shown once and kept nowhere, dead the moment it is revoked."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
import sqlalchemy as sa
from support.asking import instant, node, sent
from support.client import Client
from support.house import House, Partner
from support.listings import a_listing, upserted

from domain.core.actors import Scope, StaffRole
from domain.partners.secrets import new_secret, well_formed
from graph.core.ids import Tag, encode

TOKEN = "secret apiToken { id name prefix scopes createdAt expiresAt lastUsedAt revokedAt }"
VIEWER = "{ viewer { organization { id } scopes } }"
SOME_APPLICATION = encode(Tag.InternshipApplication, uuid4())
KEPT_SECONDS = 0.6
"""An authenticated caller is remembered for half a second."""


async def created(staff: Client, partner: Partner, **others: Any) -> Any:
    given = {"organizationId": partner.id, "name": "招聘系统", "scopes": ["internships:write"], **others}
    return await sent(staff, "createApiToken", TOKEN, given)


async def refused(staff: Client, partner: Partner, **others: Any) -> list[tuple[str, list[str] | None]]:
    payload = await created(staff, partner, **others)
    assert (payload["secret"], payload["apiToken"]) == (None, None)
    return [(reason["code"], reason["field"]) for reason in payload["userErrors"]]


async def asked_with(house: House, secret: str) -> httpx.Response:
    return await Client(house.http, secret).post(VIEWER)


def is_refused(answer: httpx.Response) -> bool:
    if answer.status_code == 200:
        return False
    assert answer.status_code == 401
    assert "Bearer" in answer.headers["www-authenticate"]
    [error] = answer.json()["errors"]
    assert error["extensions"]["code"] == "UNAUTHENTICATED"
    return True


async def test_a_new_token_speaks_for_its_organization_with_its_scopes(house: House) -> None:
    admin, partner = await house.staff(StaffRole.ADMIN), await house.partner()

    payload = await created(admin, partner, scopes=["internships:write", "internships:write"])

    secret, token = payload["secret"], payload["apiToken"]
    assert well_formed(secret)
    assert secret.startswith("qyp_")
    assert secret.startswith(token["prefix"])
    assert len(token["prefix"]) <= 10
    assert token["scopes"] == ["internships:write"]
    assert (token["lastUsedAt"], token["revokedAt"]) == (None, None)
    data = (await asked_with(house, secret)).json()["data"]
    assert data["viewer"] == {"organization": {"id": partner.id}, "scopes": ["internships:write"]}

    # and can do that and no more
    client = Client(house.http, secret)
    [result] = await upserted(client, a_listing())  # type: ignore[arg-type]  # it speaks for an organization
    assert result["outcome"] == "CREATED"
    assert await client.refused(
        "advanceInternshipApplication", "application { id }", applicationId=SOME_APPLICATION, to="OFFERED"
    ) == [("FORBIDDEN", None)]


async def test_the_secret_is_shown_once(house: House) -> None:
    admin, partner = await house.staff(StaffRole.ADMIN), await house.partner()
    first, second = [await created(admin, partner) for _ in range(2)]
    assert first["secret"] != second["secret"]

    # no list and no node has a field for it
    types = await partner.run('{ __type(name: "ApiToken") { fields { name } } }')
    names = {found["name"] for found in types["__type"]["fields"]}
    assert names == {
        "id",
        "name",
        "prefix",
        "scopes",
        "createdAt",
        "expiresAt",
        "lastUsedAt",
        "revokedAt",
    }
    shown = await node(partner, "ApiToken", first["apiToken"]["id"], " ".join(names))
    assert first["secret"] not in str(shown)


async def test_the_same_key_gives_the_same_secret_again(house: House) -> None:
    admin, partner = await house.staff(StaffRole.ADMIN), await house.partner()

    first, again = [await created(admin, partner, idempotencyKey="k") for _ in range(2)]
    other = await created(admin, partner, idempotencyKey="another")

    assert first == again
    assert first["secret"] is not None
    assert other["secret"] != first["secret"]
    assert await refused(admin, partner, idempotencyKey="k", name="别的") == [
        ("IDEMPOTENCY_KEY_REUSED", ["input", "idempotencyKey"])
    ]


async def test_a_key_that_was_forgotten_makes_a_new_token(house: House) -> None:
    admin, partner = await house.staff(StaffRole.ADMIN), await house.partner()
    first = await created(admin, partner, idempotencyKey="k")
    house.clock.move(days=3)
    await house.work()

    second = await created(admin, partner, idempotencyKey="k")

    assert second["userErrors"] == []
    assert second["apiToken"]["id"] != first["apiToken"]["id"]
    assert second["secret"] != first["secret"]


async def test_no_secret_nor_any_part_of_it_stands_in_the_database(house: House) -> None:
    # given tokens made with and without a key, and used
    admin, partner = await house.staff(StaffRole.ADMIN), await house.partner()
    secrets = [(await created(admin, partner, **given))["secret"] for given in ({}, {"idempotencyKey": "k"})]
    for secret in [*secrets, partner.token or ""]:
        assert not is_refused(await asked_with(house, secret))

    # when every row of every table is looked at
    async with house.database.engine.connect() as connection:
        tables = (
            await connection.execute(
                sa.text("SELECT format('%I', tablename) FROM pg_tables WHERE schemaname = 'public'")
            )
        ).scalars()
        dump = ""
        for table in tables.all():
            rows = (await connection.exec_driver_sql(f"SELECT t::text FROM {table} t")).scalars()
            dump += "\n".join(rows.all())

    # then beyond the prefix that is shown there are no eight characters of a secret, plain or in hex
    assert secrets[0][:10] in dump
    for secret in secrets:
        hidden = secret[10:]
        for start in range(len(hidden) - 7):
            part = hidden[start : start + 8]
            assert part not in dump
            assert part.encode().hex() not in dump


async def test_a_revoked_token_is_dead_within_a_second(house: House) -> None:
    admin, partner = await house.staff(StaffRole.ADMIN), await house.partner()
    made = await created(admin, partner)
    secret, token = made["secret"], made["apiToken"]["id"]
    assert not is_refused(await asked_with(house, secret))

    revoked = await admin.done("revokeApiToken", "apiToken { id revokedAt }", apiTokenId=token)
    await asyncio.sleep(KEPT_SECONDS)

    assert is_refused(await asked_with(house, secret))
    assert revoked["apiToken"]["revokedAt"] is not None

    # revoked again, nothing changes; the organization's other token lives
    again = await admin.done("revokeApiToken", "apiToken { id revokedAt }", apiTokenId=token)
    assert again == revoked
    assert not is_refused(await asked_with(house, partner.token or ""))


async def test_an_expired_token_is_dead(house: House) -> None:
    admin, partner = await house.staff(StaffRole.ADMIN), await house.partner()
    made = await created(admin, partner, expiresAt=instant(house, minutes=5))
    assert not is_refused(await asked_with(house, made["secret"]))

    house.clock.move(minutes=6)
    await asyncio.sleep(KEPT_SECONDS)

    assert is_refused(await asked_with(house, made["secret"]))


async def test_a_token_lives_a_year_unless_said_and_two_at_most(house: House) -> None:
    admin, partner = await house.staff(StaffRole.ADMIN), await house.partner()

    token = (await created(admin, partner))["apiToken"]
    created_at, expires_at = (datetime.fromisoformat(token[name]) for name in ("createdAt", "expiresAt"))
    assert expires_at - created_at == timedelta(days=365)
    for given in (instant(house, seconds=-1), instant(house, days=731), "1990-01-01T00:00:00Z"):
        assert await refused(admin, partner, expiresAt=given) == [("INVALID_INPUT", ["input", "expiresAt"])]
    assert (await created(admin, partner, expiresAt=instant(house, days=729)))["userErrors"] == []


async def test_an_organization_has_twenty_live_tokens_at_most(house: House) -> None:
    admin, partner = await house.staff(StaffRole.ADMIN), await house.partner()  # has one
    made = [await created(admin, partner) for _ in range(18)]
    await created(admin, partner, expiresAt=instant(house, minutes=5))

    assert await refused(admin, partner) == [("QUOTA_EXCEEDED", None)]

    # one that is revoked or expired counts no more
    await admin.done("revokeApiToken", "apiToken { id }", apiTokenId=made[0]["apiToken"]["id"])
    assert (await created(admin, partner))["userErrors"] == []
    assert await refused(admin, partner) == [("QUOTA_EXCEEDED", None)]
    house.clock.move(minutes=6)
    assert (await created(admin, partner))["userErrors"] == []


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"scopes": []}, "scopes"),
        ({"scopes": ["internships:delete"]}, "scopes"),
        ({"scopes": ["internships:read", "*"]}, "scopes"),
        ({"name": ""}, "name"),
        ({"name": "名" * 81}, "name"),
    ],
)
async def test_a_token_has_a_name_and_known_scopes(house: House, given: dict[str, Any], field: str) -> None:
    admin, partner = await house.staff(StaffRole.ADMIN), await house.partner()
    assert await refused(admin, partner, **given) == [("INVALID_INPUT", ["input", field])]


async def test_every_scope_may_be_given(house: House) -> None:
    admin, partner = await house.staff(StaffRole.ADMIN), await house.partner()
    scopes = [scope.value for scope in Scope]

    payload = await created(admin, partner, scopes=scopes)

    assert payload["apiToken"]["scopes"] == scopes


async def test_tokens_are_of_admins_within_reach(house: House) -> None:
    partner = await house.partner(division_code="440106")
    above = await house.staff(StaffRole.ADMIN, unit="440100")
    token = (await created(above, partner))["apiToken"]["id"]

    beside = await house.staff(StaffRole.ADMIN, unit="440300")
    assert await refused(beside, partner) == [("NOT_FOUND", ["input", "organizationId"])]
    assert await beside.refused("revokeApiToken", "apiToken { id }", apiTokenId=token) == [
        ("NOT_FOUND", ["input", "apiTokenId"])
    ]
    for client, code in (
        (await house.staff(StaffRole.PROGRAMME_MANAGER), "FORBIDDEN"),
        (partner, "FORBIDDEN"),
        (await house.youth(), "FORBIDDEN"),
        (house.anyone, "UNAUTHENTICATED"),
    ):
        assert await refused(client, partner) == [(code, None)]
        assert await client.refused("revokeApiToken", "apiToken { id }", apiTokenId=token) == [(code, None)]


async def test_the_last_use_is_noted(house: House) -> None:
    admin, partner = await house.staff(StaffRole.ADMIN), await house.partner()
    made = await created(admin, partner)
    await asked_with(house, made["secret"])

    shown = await node(admin, "ApiToken", made["apiToken"]["id"], "lastUsedAt")

    assert shown["lastUsedAt"] is not None


async def test_a_mistyped_token_is_refused_without_a_query(house: House) -> None:
    partner = await house.partner()
    secret = partner.token or ""
    last = "0" if secret[-1] != "0" else "1"
    middle = "0" if secret[12] != "0" else "1"
    mistyped = [
        secret[:-1] + last,
        secret[:12] + middle + secret[13:],
        secret[:-1],
        secret + "0",
        "qyp_",
        secret[:5] + "-" + secret[6:],
    ]
    statements: list[str] = []

    def note(*given: Any) -> None:
        statements.append(given[2])

    engine = house.database.engine.sync_engine
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        for wrong in mistyped:
            assert is_refused(await asked_with(house, wrong))
        assert statements == []
        # a well-formed one that nobody was given is looked up, and refused in the same way
        assert is_refused(await asked_with(house, new_secret()))
        assert len(statements) == 1
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize("header", ["Basic cXlwOng=", "Bearer", "Bearer ", "qyp_x", "Bearer 钥匙"])
async def test_other_credentials_are_refused_alike(house: House, header: str) -> None:
    answer = await house.http.post(
        "/graphql", json={"query": VIEWER}, headers=[(b"authorization", header.encode())]
    )
    assert is_refused(answer)
