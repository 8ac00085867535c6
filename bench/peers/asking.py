"""What is asked of every peer, and whether they say the same."""

import base64
import json
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import md5
from typing import Any
from uuid import UUID

QUESTIONS = ("list", "one", "typename")
TITLES = {"list": "20 listings × 12 fields", "one": "one listing × 8 fields", "typename": "`{ __typename }`"}
ONES = 500
COMPARED = 5
LIST_FIELDS = "title kind track education headcount daysPerWeek durationWeeks startsOn publishedAt"
ONE_FIELDS = "title kind description headcount daysPerWeek startsOn publishedAt"
EDGES = "organization { name } division { name }"
_TYPENAME = "{ __typename }"
# Each peer's own words; what it answers is the same.
_LISTS = {
    "ours": f"{{ internships(first: 20) {{ nodes {{ id {LIST_FIELDS} {EDGES} }} }} }}",
    "graphql": f"{{ listings(first: 20) {{ id {LIST_FIELDS} {EDGES} }} }}",
    "postgraphile": f"{{ benchShownList(first: 20) {{ id: rowId {LIST_FIELDS}"
    " organization: partnersOrganizationByOrganizationId { name } division: coreDivisionByDivisionCode { name } } }",
}
_ONES = {
    "ours": f"query ($id: ID!) {{ node(id: $id) {{ ... on Internship {{ id {ONE_FIELDS} }} }} }}",
    "graphql": f"query ($id: ID!) {{ listing(id: $id) {{ id {ONE_FIELDS} }} }}",
    "postgraphile": f"query ($id: UUID!) {{ internshipListingByRowId(rowId: $id) {{ id: rowId {ONE_FIELDS} }} }}",
}

Asked = tuple[str, str, str]
"""Method, path and body."""


@dataclass(frozen=True, slots=True)
class Server:
    """One that runs: how it is asked, and as whom."""

    name: str
    port: int
    pid: int
    form: str
    tokens: Sequence[str] = ()


def listing_id(number: int) -> UUID:
    return UUID(md5(f"listing {number}".encode(), usedforsecurity=False).hexdigest())


def asked(form: str, question: str) -> list[Asked]:
    """The requests, in the peer's own form."""
    ids = [listing_id(1 + number * 97) for number in range(ONES)]
    if form in {"rest", "plain"}:
        paths = {"typename": ["/typename"], "one": [f"/listings/{key}" for key in ids]}
        paths["list"] = ["/listings?first=20" if form == "rest" else "/listings"]
        return [("GET", path, "") for path in paths[question]]
    bodies: list[dict[str, Any]]
    if question == "one":
        shown = _encoded if form == "ours" else str
        bodies = [{"query": _ONES[form], "variables": {"id": shown(key)}} for key in ids]
    else:
        bodies = [{"query": _LISTS[form] if question == "list" else _TYPENAME}]
    return [("POST", "/graphql", json.dumps(body)) for body in bodies]


def _encoded(key: UUID) -> str:
    return base64.urlsafe_b64encode(b"In" + key.bytes).decode()


def _plain(value: Any) -> Any:
    """One spelling of ids, instants and order, whoever says it."""
    if isinstance(value, list):
        return [_plain(part) for part in value]
    if isinstance(value, dict):
        shown = {name: _plain(part) for name, part in value.items()}
        if "id" in shown and len(shown["id"]) < 36:
            shown["id"] = str(UUID(bytes=base64.urlsafe_b64decode(shown["id"])[2:]))
        if "publishedAt" in shown:
            shown["publishedAt"] = datetime.fromisoformat(shown["publishedAt"]).timestamp()
        return dict(sorted(shown.items()))
    return value


def said(server: Server, request: Asked) -> Any:
    method, path, body = request
    headers = {"content-type": "application/json"}
    if server.tokens:
        headers["authorization"] = f"Bearer {server.tokens[0]}"
    url = f"http://127.0.0.1:{server.port}{path}"
    wanted = urllib.request.Request(url, body.encode() if body else None, headers, method=method)
    with urllib.request.urlopen(wanted, timeout=10) as answer:
        found = json.load(answer)
    if isinstance(found, dict) and "data" in found:
        if "errors" in found:
            raise SystemExit(f"{server.name} says {found['errors']}")
        (found,) = found["data"].values()
        found = found.get("nodes", found) if isinstance(found, dict) else found
    return _plain(found)


def check_equal(servers: Sequence[Server]) -> None:
    """Every server answers as the first one does; raises SystemExit with both answers otherwise."""
    for question in QUESTIONS:
        for number in range(COMPARED if question == "one" else 1):
            first = said(servers[0], asked(servers[0].form, question)[number])
            for server in servers[1:]:
                other = said(server, asked(server.form, question)[number])
                if other != first:
                    raise SystemExit(f"{server.name} says something else of {question}:\n{first}\n{other}")
