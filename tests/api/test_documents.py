"""Documents by their hash: trusted ones, those sent before, and what anybody may keep of them."""

import json
from hashlib import sha256
from typing import Any

import httpx
import pytest
from graphql import FieldNode, TypeInfo, TypeInfoVisitor, Visitor, parse, validate, visit
from support.asking import day
from support.hostels import opened
from support.house import House
from support.listings import a_listing, posted
from support.matchmaking import held
from support.raw import body, code_of, everything, sent
from support.volunteering import a_perk

from domain.core.actors import StaffRole
from graph.core.access import access_table, declared
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


PUBLIC = {
    text.split("(")[0].split()[-1]: digest for digest, text in trusted_texts().items() if "# public" in text
}
SEEN_BY_ANYBODY = {"ANYONE", "HOLDER"}


class Selected(Visitor):
    """The fields of a document, by the types that they are asked of."""

    def __init__(self, types: TypeInfo) -> None:
        super().__init__()
        self.types = types
        self.fields: set[tuple[str, str]] = set()

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        parent = self.types.get_parent_type()
        assert parent is not None
        self.fields.add((parent.name, node.name.value))


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_a_public_document_asks_for_what_is_the_same_for_all(name: str) -> None:
    document = parse(trusted_texts()[PUBLIC[name]])
    assert validate(core, document) == []
    types = TypeInfo(core)
    selected = Selected(types)
    visit(document, TypeInfoVisitor(types, selected))
    table = access_table()
    for kind, field in selected.fields:
        if not kind.endswith(("Connection", "Edge")):
            assert declared(table, kind, field) in SEEN_BY_ANYBODY, f"{kind}.{field}"
        assert not field.startswith("viewer")
        assert field not in {"text", "eligibleOnly"}


def test_a_public_document_puts_no_words_of_anybody_into_an_address() -> None:
    for digest_ in PUBLIC.values():
        assert "text:" not in trusted_texts()[digest_]


async def test_public_pages_are_got(house: House) -> None:
    partner, staff = await house.partner(), await house.staff(*StaffRole)
    await posted(partner, a_listing())
    inn = await opened(house)
    at = await held(await house.staff(StaffRole.EVENT_HOST), house)
    await a_perk(staff, partner)
    variables = {
        "Hostel": {"id": inn.id, "from": day(house), "to": day(house, 7)},
        "MatchmakingEvent": {"id": at},
    }
    for name, named in PUBLIC.items():
        address = {"documentId": named, "variables": json.dumps(variables.get(name, {}))}
        answer = await got(house, address)
        [found] = answer.json()["data"].values()
        assert found, name
        assert "errors" not in answer.json()
        assert answer.headers["cache-control"].startswith("public, max-age=")
        assert (await got(house, address, if_none_match=answer.headers["etag"])).status_code == 304
        head = await house.http.head("/graphql", params=address)
        assert head.headers["etag"] == answer.headers["etag"]


async def test_what_a_language_was_answered_is_no_answer_to_another(house: House) -> None:
    answer = await got(house, ADDRESS, accept_language="en")
    vary = {part.strip() for part in answer.headers["vary"].split(",")}
    assert vary >= {"accept", "accept-language", "authorization"}


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
