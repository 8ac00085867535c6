"""The explorer is one page that needs nothing from elsewhere, for browsers alone, and its examples work."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from graphql import OperationDefinitionNode, parse, validate
from graphql.execution import get_variable_values
from support.house import House, open_house

from api.pages import explorer_headers, explorer_page
from graph.schema import schema

BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


class Page(HTMLParser):
    """What a browser would load, run or offer."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.attributes: set[str] = set()
        self.inline: list[str] = []
        self.examples: dict[str, tuple[str, dict[str, Any]]] = {}
        self._open: tuple[str, dict[str, str | None]] | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.attributes |= named.keys()
        self.addresses += [named[name] or "" for name in ("src", "href", "action", "srcset") if name in named]
        self._open = (tag, named) if tag in {"script", "style"} else None

    def handle_data(self, data: str) -> None:
        if self._open is None:
            return
        tag, named = self._open
        if tag == "script" and "data-name" in named:
            variables = json.loads(named.get("data-variables") or "{}")
            self.examples[named["data-name"] or ""] = (data, variables)
        else:
            self.inline.append(data)

    def handle_endtag(self, tag: str) -> None:
        self._open = None


PAGE = Page(explorer_page().decode())


def example(beginning: str) -> tuple[str, dict[str, Any]]:
    [found] = [one for name, one in PAGE.examples.items() if name.startswith(beginning)]
    return found


def test_nothing_comes_from_elsewhere() -> None:
    text = explorer_page().decode()

    assert re.findall(r"(?:https?|wss?):|(?<![:\w/])//[\w-]+\.\w", text) == []
    assert PAGE.addresses == ["data:,"]
    assert "@import" not in text
    assert "url(" not in text


def test_the_policy_lets_the_pages_own_script_run_and_nothing_else() -> None:
    headers = {name.decode(): value.decode() for name, value in explorer_headers()}
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))

    hashes = {
        f"'sha256-{base64.b64encode(hashlib.sha256(one.encode()).digest()).decode()}'" for one in PAGE.inline
    }
    assert {policy["script-src"], policy["style-src"]} == hashes
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    # What such a policy would silently switch off is not used.
    assert [name for name in PAGE.attributes if name.startswith("on") or name == "style"] == []


def test_the_token_is_kept_no_longer_than_the_tab() -> None:
    script = "".join(PAGE.inline)

    assert "sessionStorage" in script
    assert "localStorage" not in script
    assert "document.cookie" not in script
    # Answers hold texts of strangers: they are never read as HTML.
    assert re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(", script) == []


@pytest.mark.parametrize("name", PAGE.examples)
def test_an_example_fits_the_schema(name: str) -> None:
    text, variables = PAGE.examples[name]

    document = parse(text)

    assert validate(schema._schema, document) == []
    [operation] = document.definitions
    assert isinstance(operation, OperationDefinitionNode)
    coerced = get_variable_values(schema._schema, operation.variable_definitions or (), variables)
    assert not isinstance(coerced, list), coerced


async def test_browsers_get_the_page(house: House) -> None:
    answer = await house.http.get("/graphql", headers=BROWSER)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    for name, value in explorer_headers():
        assert answer.headers[name.decode()] == value.decode()
    assert answer.content == explorer_page()


@pytest.mark.parametrize("accept", ["application/json", "application/graphql-response+json", "*/*", ""])
async def test_others_are_told_to_post(house: House, accept: str) -> None:
    answer = await house.http.get("/graphql", headers={"accept": accept})

    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"
    assert b"<html" not in answer.content


async def test_without_introspection_there_is_no_page(house: House) -> None:
    without = house.runtime.config.model_copy(update={"introspection": False})
    async with open_house(without) as closed:
        answer = await closed.http.get("/graphql", headers=BROWSER)

    assert answer.status_code == 405
    assert b"<html" not in answer.content


async def test_the_examples_lead_from_a_post_to_an_application(house: House) -> None:
    # given
    partner, youth = await house.partner(), await house.youth()

    # when: the examples are run in the order a visitor would
    posting, posts = example("发布岗位")
    posted = await partner.run(posting, **posts)
    searching, words = example("搜索实习")
    found = await house.anyone.run(searching, **words)
    applying, application = example("申请实习")
    application["input"]["internshipId"] = found["internships"]["nodes"][0]["id"]
    applied = await youth.run(applying, **application)

    # then
    assert [result["outcome"] for result in posted["upsertInternships"]["results"]] == ["CREATED"]
    assert found["internships"]["totalCount"] == 1
    assert applied["applyToInternship"]["userErrors"] == []
    assert applied["applyToInternship"]["application"]["status"] == "SUBMITTED"
    viewer, _ = example("我是谁")
    assert (await youth.run(viewer))["viewer"]["youth"]["id"] == youth.id
    divisions, _ = example("行政区划")
    assert [one["code"] for one in (await house.anyone.run(divisions))["divisions"]] == ["440000"]
