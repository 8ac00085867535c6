"""Documents by their hash: trusted ones, those sent before, and what anybody may keep of them."""

import json
from hashlib import sha256
from typing import Any

import httpx
import pytest
from support.house import House
from support.raw import body, code_of, everything, sent

from graph.core.documents import (
    KEPT_CHARACTERS_TOGETHER,
    KEPT_MOST,
    Documents,
    UnknownDocument,
    trusted_texts,
)
from graph.schema import core

TRUSTED = next(digest for digest, text in trusted_texts().items() if "query Divisions" in text)
ADDRESS = {"documentId": f"sha256:{TRUSTED}"}


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def apollo(named: str, **others: Any) -> bytes:
    return json.dumps(
        {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": named}}, **others}
    ).encode()


async def got(house: House, address: dict[str, str], **headers: str) -> httpx.Response:
    chosen = {name.replace("_", "-"): value for name, value in headers.items()}
    return await house.http.get("/graphql", params=address, headers=chosen)


@pytest.mark.parametrize(
    "content",
    [
        json.dumps({"documentId": TRUSTED}).encode(),
        json.dumps({"documentId": f"sha256:{TRUSTED}", "variables": {"parentCode": None}}).encode(),
        apollo(TRUSTED),
    ],
    ids=["a hash", "a hash with its kind", "Apollo's"],
)
async def test_a_trusted_document_needs_no_text(house: House, content: bytes) -> None:
    answer = await sent(house, content)
    assert answer.json()["data"]["divisions"][0]["name"] == "广东省"
    assert answer.headers["cache-control"] == "no-store"


async def test_apollos_clients_send_a_text_once(house: House) -> None:
    text = "{ divisions { code level } }"
    unknown = await sent(house, apollo(digest(text)))
    assert code_of(unknown) == "PERSISTED_QUERY_NOT_FOUND"
    first = await sent(house, apollo(digest(text), query=text))
    assert await sent(house, apollo(digest(text))) is not None
    assert (await sent(house, apollo(digest(text)))).content == first.content


@pytest.mark.parametrize(
    "content",
    [
        body("{ __typename }", documentId=TRUSTED),
        apollo(TRUSTED, query="{ __typename }"),
        json.dumps({"documentId": "x"}).encode(),
        json.dumps({"documentId": 1}).encode(),
        json.dumps({"documentId": TRUSTED.upper()}).encode(),
        apollo(TRUSTED, documentId=TRUSTED),
        json.dumps({"extensions": {"persistedQuery": {"version": 2, "sha256Hash": TRUSTED}}}).encode(),
        json.dumps({"extensions": {"persistedQuery": []}}).encode(),
    ],
)
async def test_a_wrong_name_is_refused(house: House, content: bytes) -> None:
    answer = await sent(house, content)
    assert (answer.status_code, code_of(answer)) == (400, "INVALID_INPUT")


async def test_who_may_send_less_does_not_find_what_a_partner_sent(house: House) -> None:
    partner = await house.partner()
    text = "{ nodes(ids: [" + '"x" ' * 1_200 + "]) { id } }"
    assert "data" in (await sent(house, body(text), partner.token)).json()
    assert "data" in (await sent(house, apollo(digest(text)), partner.token)).json()
    assert code_of(await sent(house, apollo(digest(text)))) == "PERSISTED_QUERY_NOT_FOUND"


# ── by GET ───────────────────────────────────────────────────────────────────


async def test_a_public_document_may_be_kept_by_anybody(house: House) -> None:
    answer = await got(house, ADDRESS)
    assert answer.json()["data"]["divisions"][0]["name"] == "广东省"
    assert answer.headers["cache-control"] == "public, max-age=300"
    assert "accept-language" in answer.headers["vary"]
    tag = answer.headers["etag"]
    again = await got(house, ADDRESS, if_none_match=f'"x", W/{tag}')
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    other = await got(house, {**ADDRESS, "variables": '{"parentCode": "440000"}'}, if_none_match=tag)
    assert other.status_code == 200
    assert other.headers["etag"] != tag


async def test_whoever_has_credentials_is_answered_for_themselves(house: House) -> None:
    youth = await house.youth()
    answer = await got(house, ADDRESS, authorization=f"Bearer {youth.token}")
    assert answer.headers["cache-control"] == "no-store"
    assert "etag" not in answer.headers


async def test_an_error_is_kept_by_nobody(house: House) -> None:
    answer = await got(house, {**ADDRESS, "variables": '{"parentCode": 1}'})
    assert answer.json()["errors"]
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ({"documentId": "0" * 64}, 404),
        ({"documentId": "x"}, 400),
        ({**ADDRESS, "query": "{ __typename }"}, 400),
        ({**ADDRESS, "variables": "{"}, 400),
        ({**ADDRESS, "operationName": "Other"}, 400),
    ],
)
async def test_a_wrong_address_is_refused(house: House, address: dict[str, str], status: int) -> None:
    assert (await got(house, address)).status_code == status


async def test_what_was_only_sent_before_is_not_got_by_address(house: House) -> None:
    text = "mutation { markNotificationsRead(input: {}) { unread } }"
    assert (await sent(house, body(text))).status_code == 200
    before = await everything(house)
    answer = await got(house, {"documentId": digest(text)})
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert await everything(house) == before


# ── what is kept ─────────────────────────────────────────────────────────────


def kept(documents: Documents, text: str) -> bool:
    try:
        documents.known(digest(text), partner=False, introspection=True)
    except UnknownDocument:
        return False
    return True


def test_what_came_of_a_document_is_kept_good_or_bad() -> None:
    documents = Documents(core, {})
    for text in ("{ __typename }", "{ nothing }", "{"):
        made = documents.prepared(text, partner=False, introspection=True)
        assert documents.prepared(text, partner=False, introspection=True) is made
        assert bool(made.errors) is (text != "{ __typename }")


def test_what_strangers_send_is_bounded_in_number_and_length() -> None:
    documents = Documents(core, {})
    many = [f"{{ a{number}: __typename }}" for number in range(KEPT_MOST + 1)]
    for text in many:
        documents.prepared(text, partner=False, introspection=True)
    assert [kept(documents, text) for text in (many[0], many[1], many[-1])] == [False, True, True]
    long = [
        f"{{ b{number}: __typename }}" + " " * 9_900
        for number in range(KEPT_CHARACTERS_TOGETHER // 9_900 + 2)
    ]
    for text in long:
        documents.prepared(text, partner=False, introspection=True)
    assert [kept(documents, text) for text in (many[-1], long[0], long[-1])] == [False, False, True]
    too_long = "{ __typename }" + " " * 10_001
    documents.prepared(too_long, partner=False, introspection=True)
    assert not kept(documents, too_long)
