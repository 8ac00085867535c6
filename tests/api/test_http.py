"""GraphQL over HTTP: what an answer looks like, and what it never tells."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from support.house import House, open_house
from support.house import settings_for as settings_of
from support.raw import body, code_of, sent
from support.watching import log_of_house

from api.auth import Authenticator
from api.language import language_of
from domain.core.db import Read
from domain.core.refusals import Language
from graph.accounts.units import units_domain
from infra.embedded.services import Services

JSON = "application/json"
GRAPHQL_JSON = "application/graphql-response+json"
SECRET = "canary-陈小明-+8613800138000"
UNITS = body("{ units { id } }")


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        (None, JSON),
        ("*/*", JSON),
        (JSON, JSON),
        ("application/json; charset=utf-8", JSON),
        (GRAPHQL_JSON, GRAPHQL_JSON),
        (f"{GRAPHQL_JSON}, {JSON};q=0.9", GRAPHQL_JSON),
    ],
)
async def test_the_media_type_is_the_one_asked_for(house: House, accept: str | None, media: str) -> None:
    answer = await sent(house, body("{ __typename }"), accept=accept)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == f"{media}; charset=utf-8"
    assert answer.json() == {"data": {"__typename": "Query"}}


async def test_an_answer_tells_its_length_and_its_name_and_is_kept_nowhere(house: House) -> None:
    answer = await sent(house, body('{ divisions { name } a: node(id: "x") { id } }'))
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert UUID(answer.headers["x-request-id"]).version == 7
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "广东省" in answer.content.decode()
    again = await sent(house, body("{ __typename }"))
    assert again.headers["x-request-id"] != answer.headers["x-request-id"]


@pytest.mark.parametrize(
    ("content", "token", "status"), [(b"{", None, 400), (b"{}", "garbage", 401), (b" " * 100_001, None, 413)]
)
async def test_a_refused_request_has_a_name_too(
    house: House, content: bytes, token: str | None, status: int
) -> None:
    answer = await sent(house, content, token)
    assert answer.status_code == status
    assert UUID(answer.headers["x-request-id"])
    assert int(answer.headers["content-length"]) == len(answer.content)


@pytest.mark.parametrize(("accept", "status"), [(JSON, 200), (GRAPHQL_JSON, 400)])
@pytest.mark.parametrize(
    ("document", "variables"),
    [("{", {}), ("{ nothing }", {}), ("query ($id: ID!) { node(id: $id) { id } }", {})],
    ids=["syntax", "validation", "variables"],
)
async def test_a_request_error_has_no_data(
    house: House, accept: str, status: int, document: str, variables: dict[str, Any]
) -> None:
    answer = await sent(house, body(document, variables=variables), accept=accept)
    assert answer.status_code == status
    assert answer.headers["content-type"] == f"{accept}; charset=utf-8"
    assert answer.json().keys() == {"errors"}
    (found,) = answer.json()["errors"]
    assert found["extensions"] == {"code": "INVALID_INPUT"}
    assert found["locations"][0].keys() == {"line", "column"}
    assert "path" not in found


async def test_a_field_error_stands_beside_the_data(house: House) -> None:
    document = '{ divisions { code } a: units(parentId: "x") { id } }'
    answer = await sent(house, body(document), accept=GRAPHQL_JSON)
    assert answer.status_code == 200
    (found,) = answer.json()["errors"]
    assert found["path"] == ["a"]
    assert found["extensions"] == {"code": "NOT_FOUND", "field": ["parentId"]}
    assert answer.json()["data"] is None  # units is a list of non-null


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (None, "未找到该内容。"),
        ("zh-CN", "未找到该内容。"),
        ("en", "Not found."),
        ("en-GB,zh;q=0.5", "Not found."),
        ("fr, en;q=0.3, zh;q=0.8", "未找到该内容。"),
        ("fr", "未找到该内容。"),
        ("\"';--", "未找到该内容。"),
    ],
)
async def test_the_language_is_the_one_preferred(house: House, header: str | None, message: str) -> None:
    answer = await sent(house, body('{ units(parentId: "x") { id } }'), accept_language=header)
    assert answer.json()["errors"][0]["message"] == message


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", Language.ZH),
        ("*", Language.ZH),
        ("en;q=0, zh;q=0", Language.ZH),
        ("en;q=nan", Language.ZH),
        ("en;q=x", Language.ZH),
        ("EN-us", Language.EN),
        ("zh-TW;q=0.1, en;q=0.2", Language.EN),
        ("en;q=0.5, zh;q=0.5", Language.EN),
        ("x," * 50 + "en", Language.ZH),
    ],
)
def test_language_of(header: str, language: Language) -> None:
    assert language_of(header) is language


# ── faults ───────────────────────────────────────────────────────────────────


async def test_a_fault_is_masked_in_the_answer_and_in_the_log(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError(f"about {SECRET}") from KeyError(SECRET)

    monkeypatch.setattr(units_domain, "roots", broken)
    with log_of_house() as log:
        answer = await sent(house, UNITS, accept=GRAPHQL_JSON, accept_language="en")
    assert answer.status_code == 200
    (found,) = answer.json()["errors"]
    assert found["extensions"] == {"requestId": answer.headers["x-request-id"]}
    assert found["message"] == "Something went wrong on our side; please try again later."
    line = json.loads(log.getvalue())
    assert line["event"] == "graphql.fault"
    assert line["request_id"] == answer.headers["x-request-id"]
    assert line["path"] == ["units"]
    assert "builtins.RuntimeError" in line["exception"]
    assert "builtins.KeyError" in line["exception"]
    assert "in broken" in line["exception"]
    for canary in ("canary", "陈小明", "138001"):
        assert canary not in answer.text
        assert canary not in log.getvalue()


async def test_a_fault_before_execution_is_masked_too(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr(Authenticator, "actor", broken)
    with log_of_house() as log:
        answer = await sent(house, UNITS)
    assert answer.status_code == 500
    assert answer.headers["content-type"].startswith(JSON)
    (found,) = answer.json()["errors"]
    assert found["extensions"] == {"requestId": answer.headers["x-request-id"]}
    assert json.loads(log.getvalue())["event"] == "http.fault"
    assert "canary" not in answer.text + log.getvalue()


async def test_what_the_database_cannot_hold_is_the_callers_to_mend(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unstorable(db: Read) -> None:
        await db.scalar(sa.text("SELECT CAST('canary' AS integer)"))

    monkeypatch.setattr(units_domain, "roots", unstorable)
    with log_of_house() as log:
        answer = await sent(house, UNITS, accept_language="en")
    (found,) = answer.json()["errors"]
    assert found["extensions"] == {"code": "INVALID_INPUT"}
    assert found["message"] == "Something in the input cannot be stored."
    assert log.getvalue() == ""


async def test_a_broken_rule_of_the_database_tells_no_values(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Postgres puts the row into the message: `Key (id)=(canary) already exists`."""

    async def violating(db: Read) -> None:
        await db.scalars(
            sa.text(
                "INSERT INTO core_policy (name, division_code, value) VALUES ('canary', 'x', '1'), ('canary', 'x', '1')"
            )
        )

    monkeypatch.setattr(units_domain, "roots", violating)
    with log_of_house() as log:
        answer = await sent(house, UNITS)
    assert answer.json()["errors"][0]["extensions"].keys() == {"requestId"}
    line = json.loads(log.getvalue())
    assert "23505" in line["exception"]
    assert "sqlalchemy.exc.IntegrityError" in line["exception"]
    assert "(canary" not in line["exception"].replace("VALUES ('canary'", "")
    assert "already exists" not in line["exception"]


@pytest.fixture(scope="module")
async def hasty_house(database_url: str, servers: Services) -> AsyncIterator[House]:
    config = settings_of(database_url, servers.redis_url, request_timeout_seconds=0.2, database_pool=1)
    async with open_house(config) as opened:
        yield opened


async def test_a_request_that_takes_too_long_ends(
    hasty_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def slow(db: Read) -> None:
        await db.scalar(sa.text("SELECT pg_sleep(10)"))

    with monkeypatch.context() as patch:
        patch.setattr(units_domain, "roots", slow)
        answers = await asyncio.wait_for(asyncio.gather(*(sent(hasty_house, UNITS) for _ in range(3))), 5)
    for answer in answers:
        assert answer.status_code == 503
        (found,) = answer.json()["errors"]
        assert found["extensions"] == {"requestId": answer.headers["x-request-id"]}
    # and the one connection of this house serves again
    monkeypatch.setattr(hasty_house.runtime.config.__class__, "request_timeout_seconds", 10.0, raising=False)
    assert (await hasty_house.anyone.run("{ units { name } }"))["units"]


async def test_the_code_of_a_field_that_needs_a_principal(house: House) -> None:
    answer = await sent(
        house, body("mutation { markNotificationsRead(input: {}) { unread userErrors { code } } }")
    )
    assert answer.json()["data"]["markNotificationsRead"]["userErrors"] == [{"code": "UNAUTHENTICATED"}]
    assert code_of(await sent(house, body("{ internships(first: 101) { totalCount } }"))) == "INVALID_INPUT"
