"""Requests that are not served: each gets a 4xx with a code, at once, and changes nothing."""

import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace

import pytest
from support.house import House, Partner, Person, open_house
from support.house import settings_for as settings_of
from support.listings import a_listing, posted
from support.raw import body, code_of, everything, in_pieces, sent

from infra.embedded.services import Services

BOOKMARK = "mutation ($id: ID!) { bookmarkInternship(input: {internshipId: $id}) { internship { id } } }"


@dataclass(frozen=True, slots=True)
class Scene:
    """A youth, a partner and a listing that bad requests would have bookmarked."""

    house: House
    youth: Person
    partner: Partner
    listing: str

    def good(self) -> bytes:
        return body(BOOKMARK, variables={"id": self.listing})


@pytest.fixture(scope="module")
async def scene(house: House) -> Scene:
    partner = await house.partner()
    return Scene(house, await house.youth(), partner, await posted(partner, a_listing()))


def with_variable(value: bytes) -> bytes:
    """The bookmark, with one more variable as given, letter by letter."""
    return b'{"query": "%s", "variables": {"id": "ID", "more": %s}}' % (BOOKMARK.encode(), value)


MALFORMED = {
    "nothing": b"",
    "spaces": b"  \n ",
    "cut short": b'{"query": "{ viewer',
    "two values": b'{"query": "{ viewer { scopes } }"} {}',
    "a comment": b'{"query": "{ __typename }" /* */}',
    "single quotes": b"{'query': '{ __typename }'}",
    "a trailing comma": b'{"query": "{ __typename }",}',
    "wrong UTF-8": b'{"query": "{ node(id: \\"\xff\xfe\\") { id } }"}',
    "overlong UTF-8": b'{"query": "{ node(id: \\"\xc0\x80\\") { id } }"}',
    "a surrogate in UTF-8": b'{"query": "{ node(id: \\"\xed\xa0\x80\\") { id } }"}',
    "UTF-16": '{"query": "{ __typename }"}'.encode("utf-16"),
    "a byte order mark": b'\xef\xbb\xbf{"query": "{ __typename }"}',
    "a lone surrogate": with_variable(b'"\\ud83d"'),
    "a surrogate pair turned round": with_variable(b'"\\udc00\\ud83d"'),
    "a control character": with_variable(b'"\x01"'),
    "NaN": with_variable(b"NaN"),
    "Infinity": with_variable(b"-Infinity"),
    "1e400": with_variable(b"1e400"),
    "10 to the 400": with_variable(b"1" + b"0" * 400),
    "2 to the 63": with_variable(str(2**63).encode()),
    "10 to the 80": with_variable(b"1" + b"0" * 80),
    "less than 64 bits hold": with_variable(str(-(2**65)).encode()),
    "deep lists": with_variable(b"[" * 33 + b"]" * 33),
    "very deep lists": with_variable(b"[" * 40_000 + b"]" * 40_000),
    "lists never closed": b"[" * 90_000,
    "deep objects": with_variable(b'{"a":' * 100 + b"1" + b"}" * 100),
    "a long list": with_variable(b"[" + b"0," * 1_000 + b"0]"),
    "NUL in a variable": with_variable(b'"a\\u0000b"'),
    "NUL in a name": with_variable(b'{"a\\u0000": 1}'),
    "NUL in a list": with_variable(b'[[{"a": ["\\u0000"]}]]'),
    "NUL in a literal": b'{"query": "{ node(id: \\"\\\\u0000\\") { id } }"}',
    "NUL in a literal, in braces": b'{"query": "{ node(id: \\"\\\\u{000}\\") { id } }"}',
    "NUL in a block string": b'{"query": "{ node(id: \\"\\"\\"\\u0000\\"\\"\\") { id } }"}',
    "NUL in the document": b'{"query": "{ __typename } \\u0000"}',
    "a list of requests": b'[{"query": "{ __typename }"}]',
    "no requests": b"[]",
    "a text": b'"{ __typename }"',
    "a number": b"1",
    "null": b"null",
    "no query": b"{}",
    "an unknown key": b'{"query": "{ __typename }", "operation": "a"}',
    "a key of APQ": b'{"id": "abc"}',
    "an empty query": body(""),
    "a blank query": body(" \n\t"),
    "query null": body(None),
    "query a list": body(["{ __typename }"]),
    "query an object": body({"a": 1}),
    "query a number": body(1),
    "variables a list": body("{ __typename }", variables=[]),
    "variables a text": body("{ __typename }", variables="{}"),
    "variables a number": body("{ __typename }", variables=0),
    "operationName a number": body("{ __typename }", operationName=1),
    "operationName a list": body("{ __typename }", operationName=["a"]),
    "extensions a text": body("{ __typename }", extensions="a"),
    "an unknown operation": body("query a { __typename }", operationName="b"),
    "an empty operationName": body("query a { __typename }", operationName=""),
    "a definition": body("type Query { a: Int }"),
    "no operation": body("fragment a on Query { __typename }"),
}


@pytest.mark.parametrize("content", MALFORMED.values(), ids=MALFORMED.keys())
async def test_a_malformed_body_is_refused(scene: Scene, content: bytes) -> None:
    content = content.replace(b'"ID"', f'"{scene.listing}"'.encode())
    before = await everything(scene.house)
    answer = await sent(scene.house, content, scene.youth.token)
    assert answer.status_code == 400
    assert code_of(answer) == "INVALID_INPUT"
    assert await everything(scene.house) == before


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "text/plain",
        "text/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/graphql",
        "application/json; charset=gbk",
        "application/json; charset=utf-16",
        "application/json; charset=utf-8; q=1",
        "application/jsonp",
        "application/json, text/plain",
    ],
)
async def test_other_content_types_are_refused(scene: Scene, content_type: str | None) -> None:
    before = await everything(scene.house)
    answer = await sent(scene.house, scene.good(), scene.youth.token, content_type=content_type)
    assert (answer.status_code, code_of(answer)) == (415, "INVALID_INPUT")
    assert await everything(scene.house) == before


@pytest.mark.parametrize(
    "content_type",
    ["application/json", 'Application/JSON; charset="UTF-8"', "application/json;charset=utf-8"],
)
async def test_json_in_utf8_is_read(scene: Scene, content_type: str) -> None:
    answer = await sent(scene.house, body("{ __typename }"), content_type=content_type)
    assert answer.json() == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
async def test_only_post_is_served(scene: Scene, method: str) -> None:
    before = await everything(scene.house)
    answer = await sent(scene.house, scene.good(), scene.youth.token, method)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"
    assert await everything(scene.house) == before


async def test_a_query_in_the_address_is_not_read(scene: Scene) -> None:
    answer = await scene.house.http.get("/graphql", params={"query": "{ __typename }"})
    assert (answer.status_code, code_of(answer)) == (405, "INVALID_INPUT")


# ── size ─────────────────────────────────────────────────────────────────────


def sized(length: int) -> bytes:
    """A good request of so many bytes."""
    start = b'{"query": "{ __typename }", "variables": {"a": "'
    return start + b"x" * (length - len(start) - 3) + b'"}}'


async def test_strangers_and_youths_have_a_hundred_kilobytes(scene: Scene) -> None:
    for token in (None, scene.youth.token):
        assert (await sent(scene.house, sized(100_000), token)).status_code == 200
        answer = await sent(scene.house, sized(100_001), token)
        assert (answer.status_code, code_of(answer)) == (413, "INVALID_INPUT")


async def test_partners_have_four_mebibytes(scene: Scene) -> None:
    for length, status in ((1_000_000, 200), (4 * 2**20, 200), (4 * 2**20 + 1, 413), (5_000_000, 413)):
        assert (await sent(scene.house, sized(length), scene.partner.token)).status_code == status


async def test_a_body_in_pieces_is_counted_as_it_comes(scene: Scene) -> None:
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        while True:
            taken += 10_000
            yield b" " * 10_000

    answer = await sent(scene.house, endless())
    assert "content-length" not in answer.request.headers
    assert (answer.status_code, code_of(answer)) == (413, "INVALID_INPUT")
    assert taken <= 200_000


async def test_a_body_in_pieces_is_read(scene: Scene) -> None:
    content = body("{ __typename }")
    answer = await sent(scene.house, in_pieces([content[:5], b"", content[5:]]))
    assert answer.json() == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize(
    ("declared", "status"),
    [
        ("100001", 413),
        ("9" * 5_000, 413),
        ("10000000000", 413),
        ("-1", 400),
        ("1e3", 400),
        ("0x10", 400),
        ("ten", 400),
        ("", 400),
    ],
)
async def test_a_length_that_is_declared_is_believed_when_it_is_too_much(
    scene: Scene, declared: str, status: int
) -> None:
    answer = await sent(scene.house, scene.good(), scene.youth.token, content_length=declared)
    assert (answer.status_code, code_of(answer)) == (status, "INVALID_INPUT")


async def test_a_length_that_is_declared_too_small_does_not_help(scene: Scene) -> None:
    answer = await sent(scene.house, sized(200_000), content_length="10")
    assert answer.status_code == 413


# ── documents ────────────────────────────────────────────────────────────────


def tokens(count: int) -> str:
    """A valid document of so many tokens."""
    return "{ nodes(ids: [" + '"x" ' * (count - 12) + "]) { id } }"


REFUSED_DOCUMENTS = {
    "an unfinished document": "{ viewer {",
    "brackets": "{" * 90_000,
    "lists": "{ node(id: " + "[" * 90_000,
    "closed lists": "{ node(id: " + "[" * 400 + "]" * 400 + ") { id } }",
    "objects": "{ internships(filter: " + "{text: " * 300 + "1" + "}" * 300 + ") { totalCount } }",
    "a lone surrogate": '{ node(id: "\\ud800") { id } }',
    "a surrogate in braces": '{ node(id: "\\u{d800}") { id } }',
    "beyond Unicode": '{ node(id: "\\u{110000}") { id } }',
    "an unknown field": "{ secrets }",
    "an unknown fragment": "{ ...nothing }",
    "an unused fragment": "{ __typename } fragment a on Query { __typename }",
    "an unknown type": "{ ...on Nothing { id } }",
    "an unknown directive": "{ __typename @nothing }",
    "an unknown variable": "{ node(id: $id) { id } }",
    "an Int of 400 digits": "{ internships(first: " + "9" * 400 + ") { totalCount } }",
    "an Int of 6,000 digits": "{ internships(first: " + "9" * 6_000 + ") { totalCount } }",
    "an Int of 1e400": "{ internships(first: 1e400) { totalCount } }",
    "a subscription": "subscription { notifications { id } }",
    "two operations and no name": "query a { __typename } query b { __typename }",
    "one name for two operations": "query a { __typename } query a { __typename }",
    "a circle of one": "{ ...a } fragment a on Query { ...a }",
    "a circle of two": "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }",
    "1,001 tokens": tokens(1_001),
    "depth 13": "{ divisions {" + "children {" * 12 + "code" + "}" * 14,
    "depth 13 by fragments": "{ divisions { ...a } } fragment a on Division {"
    + "children {" * 6
    + "...b"
    + "}" * 7
    + "fragment b on Division {"
    + "children {" * 6
    + "code"
    + "}" * 7,
    "16 aliases": "{" + " ".join(f"a{i}: __typename" for i in range(16)) + "}",
    "16 aliases by fragments": "{ ...a ...a } fragment a on Query {"
    + " ".join(f"a{i}: __typename" for i in range(8))
    + "}",
    "300 times the same": "{" + "divisions { code } " * 200 + "}",
    "deep introspection": "{ __schema { types {" + "fields { type {" * 5 + "name" + "} }" * 5 + "} } }",
}


@pytest.mark.parametrize("document", REFUSED_DOCUMENTS.values(), ids=REFUSED_DOCUMENTS.keys())
async def test_a_document_is_refused(scene: Scene, document: str) -> None:
    strict = await sent(
        scene.house, body(document), scene.youth.token, accept="application/graphql-response+json"
    )
    assert (strict.status_code, code_of(strict)) == (400, "INVALID_INPUT")
    assert "data" not in strict.json()
    lenient = await sent(scene.house, body(document), scene.youth.token)
    assert (lenient.status_code, code_of(lenient)) == (200, "INVALID_INPUT")


TAKEN_DOCUMENTS = {
    "1,000 tokens": tokens(1_000),
    "depth 12": "{ divisions {" + "children {" * 11 + "code" + "}" * 13,
    "15 aliases": "{" + " ".join(f"a{i}: __typename" for i in range(15)) + "}",
    "a character in braces": '{ node(id: "\\u{01F600}") { id } }',
    "a backslash": '{ node(id: "\\\\") { id } }',
}


@pytest.mark.parametrize("document", TAKEN_DOCUMENTS.values(), ids=TAKEN_DOCUMENTS.keys())
async def test_a_document_up_to_the_limits_is_taken(scene: Scene, document: str) -> None:
    strict = await sent(scene.house, body(document), accept="application/graphql-response+json")
    assert strict.status_code == 200


async def test_partners_have_five_thousand_tokens(scene: Scene) -> None:
    accept = "application/graphql-response+json"
    for count, status in ((5_000, 200), (5_001, 400)):
        answer = await sent(scene.house, body(tokens(count)), scene.partner.token, accept=accept)
        assert answer.status_code == status
    assert (await sent(scene.house, body(tokens(5_000)), accept=accept)).status_code == 400


async def test_a_named_operation_is_the_one_that_runs(scene: Scene) -> None:
    document = "query a { a: __typename } query b { b: __typename }"
    answer = await sent(scene.house, body(document, operationName="b"))
    assert answer.json() == {"data": {"b": "Query"}}


def hostile() -> Iterator[tuple[str, str]]:
    """Documents made to cost more than their length."""
    for n in (2, 10, 22, 40, 49, 90):
        for spread in (1, 2, 3):
            names = [" ".join([f"...f{i + 1}"] * spread) for i in range(n)]
            last = f" fragment f{n} on Query {{ __typename }}"
            steps = (
                " ".join(f"fragment f{i} on Query {{ {spreads} }}" for i, spreads in enumerate(names)) + last
            )
            yield f"{n} fragments, each {spread} times", "{ ...f0 } " + steps
            yield (
                f"{n} fragments in a circle, each {spread} times",
                "{ ...f0 } " + steps.replace("__typename", "...f0"),
            )
            nested = " ".join(
                f"fragment f{i} on Query {{ ...on Query {{ {spreads} }} }}" for i, spreads in enumerate(names)
            )
            nested += last
            yield f"{n} fragments in fragments, each {spread} times", "{ ...f0 } " + nested
    for n in (10, 140, 480, 900):
        yield f"{n} times a leaf", "{" + "__typename " * n + "}"
        yield f"{n} times a list", "{" + "divisions { code } " * n + "}"
        yield f"{n} times a deep list", "{" + "divisions { children { children { code } } } " * n + "}"
        yield f"{n} times an inline fragment", "{" + "...on Query { __typename } " * n + "}"
        yield f"{n} nested inline fragments", "{" + "...on Query { " * n + "__typename" + "}" * n + "}"
        yield f"{n} spreads", "{" + "...a " * n + "} fragment a on Query { divisions { code } }"
        yield f"{n} unknown fields", "{" + " ".join(f"f{i}" for i in range(n)) + "}"
        yield f"{n} nearly known fields", "{" + " ".join(f"internship{i}" for i in range(n)) + "}"
        yield f"{n} unknown types", "{" + " ".join(f"...on T{i} {{ a }}" for i in range(n)) + "}"
        yield (
            f"{n} unknown arguments",
            "{ internships(" + " ".join(f"a{i}: 1" for i in range(n)) + ") { totalCount } }",
        )
        yield f"{n} directives", "{ __typename " + "@include(if: true) " * n + "}"
        yield f"{n} unknown directives", "{ __typename " + "@a " * n + "}"
        yield f"{n} variables", "query (" + " ".join(f"$v{i}: Int" for i in range(n)) + ") { __typename }"
        yield f"{n} wrong values", "{ organizations(filter: {kinds: [" + "X " * n + "]}) { totalCount } }"
        yield (
            f"{n} operations",
            " ".join(f"query q{i} {{ ...a }}" for i in range(n)) + " fragment a on Query { __typename }",
        )
        yield (
            f"{n} fragments of one field",
            "{"
            + " ".join(f"...f{i}" for i in range(n))
            + "}"
            + " ".join(f"fragment f{i} on Query {{ divisions {{ code }} }}" for i in range(n)),
        )
        yield (
            f"{n} fragments of own fields",
            "{"
            + " ".join(f"...f{i}" for i in range(n))
            + "}"
            + " ".join(f"fragment f{i} on Query {{ f{i} }}" for i in range(n)),
        )
        yield (
            f"{n} conflicts",
            "{" + " ".join(f"internships(first: {i}) {{ totalCount }}" for i in range(n)) + "}",
        )
        yield f"{n} lists in lists", "{ nodes(ids: " + "[" * n + "]" * n + ") { id } }"
        yield f"{n} comments", "# a\n" * n + "{ __typename }"
        yield f"{n} commas", "{" + "," * n * 100 + "__typename }"
        yield f"{n} letters in a name", "{" + "x" * n * 100 + "}"
        yield f"{n} letters in a text", '{ node(id: "' + "x" * n * 100 + '") { id } }'
        yield f"{n} lines in a block string", '{ node(id: """' + "\n  x" * n * 10 + '""") { id } }'
        yield f"{n} quotes", "{ node(id: " + '"' * n + ") { id } }"
        yield f"{n} backslashes", '{ node(id: "' + "\\" * n + '") { id } }'


HOSTILE = dict(hostile())
MOST_SECONDS = 1.0


async def test_hostile_documents_take_no_time(scene: Scene) -> None:
    assert len(HOSTILE) >= 150
    slow = {}
    for who in (scene.youth, scene.partner):
        for name, document in HOSTILE.items():
            start = time.process_time()
            answer = await sent(scene.house, body(document), who.token)
            taken = time.process_time() - start
            if taken > MOST_SECONDS:
                slow[name] = round(taken, 2)
            assert answer.status_code in {200, 400, 413}, name
            for found in answer.json().get("errors", []):
                assert found["extensions"]["code"] == "INVALID_INPUT", (name, found)
            assert len(answer.json().get("errors", [])) <= 101, name
    assert slow == {}


VARIABLES = {
    "listings of nothing": (
        "mutation ($v: [InternshipInput!]!) { upsertInternships(input: {internships: $v}) { results { outcome } } }",
        [{"a": 1}] * 1_000,
    ),
    "ids": ("query ($v: [ID!]!) { nodes(ids: $v) { id } }", ["x"] * 1_000),
    "nulls": ("query ($v: [ID!]!) { nodes(ids: $v) { id } }", [None] * 1_000),
    "divisions": (
        "query ($v: [String!]) { internships(filter: {divisionCodes: $v}) { totalCount } }",
        [f"44{i:04d}" for i in range(1_000)],
    ),
    "a long text": (
        "query ($v: String) { internships(filter: {text: $v}) { totalCount } }",
        "前端开发" * 8_000,
    ),
    "a longer text": (
        "query ($v: String) { organizations(filter: {text: $v}) { totalCount } }",
        "广州" * 16_000,
    ),
    "a beginning": ("query ($v: String!) { suggestSearch(text: $v) }", "%_\\" * 10_000),
    "a cursor": ("query ($v: String) { internships(after: $v) { totalCount } }", "A" * 90_000),
    "an id": ("query ($v: ID!) { node(id: $v) { id } }", "A" * 90_000),
    "a date": (
        "query ($v: DateTime) { internships(filter: {publishedSince: $v}) { totalCount } }",
        "2026-01-01T00:00:00." + "0" * 90_000 + "Z",
    ),
}


@pytest.mark.parametrize(("document", "value"), VARIABLES.values(), ids=VARIABLES.keys())
async def test_hostile_variables_take_no_time(scene: Scene, document: str, value: object) -> None:
    start = time.process_time()
    answer = await sent(scene.house, body(document, variables={"v": value}), scene.partner.token)
    assert time.process_time() - start < MOST_SECONDS
    assert answer.status_code == 200
    codes = {found["extensions"]["code"] for found in answer.json().get("errors", [])}
    assert codes <= {"INVALID_INPUT"}


# ── a deployment that does not show its schema ───────────────────────────────


@pytest.fixture(scope="module")
async def closed_house(database_url: str, servers: Services) -> AsyncIterator[House]:
    config = settings_of(database_url, servers.redis_url, introspection=False)
    async with open_house(config) as opened:
        yield opened


@pytest.mark.parametrize(
    "document",
    [
        "{ __schema { types { name } } }",
        '{ __type(name: "Query") { name } }',
        "{ internship { totalCount } }",
        "{ internships(firs: 1) { totalCount } }",
        "{ internships(filter: {tex: 1}) { totalCount } }",
        "{ internships(orderBy: NEWES) { totalCount } }",
        "{ internships { nodes { titl } } }",
        "{ ...on Querry { __typename } }",
        "{ __typename @skp(if: true) }",
        "{ viewer }",
        "query ($a: Internshi) { __typename }",
        "mutation { bookmarkInternshi(input: {}) { internship { id } } }",
    ],
)
async def test_a_closed_schema_gives_no_hints(closed_house: House, document: str) -> None:
    answer = await sent(closed_house, body(document))
    assert code_of(answer) == "INVALID_INPUT"
    assert "data" not in answer.json()
    assert "did you mean" not in answer.text.lower()


async def test_a_closed_schema_has_no_explorer(closed_house: House, house: House) -> None:
    assert (await closed_house.http.get("/graphql", headers={"accept": "text/html"})).status_code == 405
    assert (await house.http.get("/graphql", headers={"accept": "text/html"})).status_code == 200


async def test_a_closed_schema_still_tells_types_of_what_is_served(closed_house: House) -> None:
    assert (await sent(closed_house, body("{ __typename }"))).json() == {"data": {"__typename": "Query"}}


async def test_what_an_open_deployment_cached_is_not_served_by_a_closed_one(
    house: House, closed_house: House
) -> None:
    document = body("{ __schema { queryType { name } } }")
    assert "data" in (await sent(house, document)).json()
    assert "data" not in (await sent(closed_house, document)).json()


async def test_the_good_request_is_good(scene: Scene) -> None:
    """So that the tests above refuse it for what they changed."""
    answer = await sent(scene.house, scene.good(), scene.youth.token)
    assert answer.json()["data"]["bookmarkInternship"]["internship"]["id"] == scene.listing
    assert replace(scene) == scene
