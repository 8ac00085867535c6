"""Posting to a server on a real socket that is slow, busy, gone, or of another opinion."""

import socket
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from infra.listings.answers import ImportStopped, Outcome
from infra.listings.batches import batches
from infra.listings.connection import Patience, connect
from infra.listings.inputs import InternshipInput
from infra.listings.poster import own_organization, post
from infra.listings.tally import Cause, Tally

QUICK = Patience(attempts=4, first_wait=0.01, longest_wait=3.0)
BUSY: dict[str, Any] = {"errors": [{"message": "slower", "extensions": {"code": "RATE_LIMITED"}}]}


def listing(reference: str, description: str = "泡茶") -> InternshipInput:
    return {
        "externalRef": reference,
        "title": "茶艺实习生",
        "kind": "INTERNSHIP",
        "description": description,
        "divisionCode": "440100",
        "headcount": 1,
        "education": "SECONDARY",
        "skills": [],
        "housingProvided": False,
    }


def listings(count: int) -> list[InternshipInput]:
    return [listing(f"T{number}") for number in range(count)]


async def imported(
    url: str,
    rows: Iterable[InternshipInput],
    *,
    size: int = 500,
    body_limit: int = 10**6,
    tally: Tally | None = None,
) -> Tally:
    tally = Tally() if tally is None else tally
    async with connect(url, "qyp_test", QUICK) as connection:
        async for results in post(connection, batches(rows, size=size, body_limit=body_limit)):
            tally.add_results(results)
    return tally


async def test_batches_arrive_whole_in_order_with_the_token(endpoint: Any) -> None:
    tally = await imported(endpoint.url, listings(23), size=10)

    assert [len(batch) for batch in endpoint.upserts] == [10, 10, 3]
    assert [reference for batch in endpoint.upserts for reference in batch] == [f"T{n}" for n in range(23)]
    assert set(endpoint.tokens) == {"Bearer qyp_test"}
    assert tally.outcomes == {Outcome.CREATED: 23}


async def test_a_second_run_changes_nothing(endpoint: Any) -> None:
    await imported(endpoint.url, listings(7))
    tally = await imported(endpoint.url, listings(7))
    assert tally.outcomes == {Outcome.UNCHANGED: 7}


async def test_no_listings_no_request(endpoint: Any) -> None:
    assert (await imported(endpoint.url, [])).outcomes == {}
    assert endpoint.upserts == []


async def test_refusals_are_grouped_by_code_field_and_message(endpoint: Any) -> None:
    def judge(row: dict[str, Any]) -> dict[str, Any]:
        number = int(row["externalRef"][1:])
        error = {
            "code": "INVALID_INPUT",
            "message": f"headcount {500 + number} is over 500",
            "field": ["input", "internships", str(number), "headcount"],
        }
        return {
            "externalRef": row["externalRef"],
            "outcome": "REJECTED" if number % 2 else "CREATED",
            "userErrors": [error] if number % 2 else [],
        }

    endpoint.judge = judge
    tally = await imported(endpoint.url, listings(9))

    cause = Cause("INVALID_INPUT", "headcount", "headcount # is over #")
    assert tally.outcomes == {Outcome.CREATED: 5, Outcome.REJECTED: 4}
    assert tally.refused == {cause: 4}
    assert (tally.examples[cause].external_ref, tally.examples[cause].words) == (
        "T1",
        "headcount 501 is over 500",
    )


async def test_a_body_that_would_be_too_large_is_split_before_it_is_sent(endpoint: Any) -> None:
    rows = [listing(f"T{number}", "泡" * 1_000) for number in range(8)]
    tally = await imported(endpoint.url, rows, body_limit=10_000)
    assert [len(batch) for batch in endpoint.upserts] == [2, 2, 2, 2]
    assert tally.outcomes == {Outcome.CREATED: 8}


async def test_a_body_the_server_finds_too_large_is_split_too(endpoint: Any) -> None:
    endpoint.then(413, b"too large")
    tally = await imported(endpoint.url, listings(5))
    assert [len(batch) for batch in endpoint.upserts] == [5, 2, 3]
    assert tally.outcomes == {Outcome.CREATED: 5}


async def test_a_single_listing_too_large_stops(endpoint: Any) -> None:
    endpoint.then(413, b"too large")
    with pytest.raises(ImportStopped, match="single listing too large"):
        await imported(endpoint.url, listings(1))


async def test_retry_after_in_seconds_is_waited_out(endpoint: Any) -> None:
    endpoint.then(429, BUSY, {"Retry-After": "1"})
    started = time.monotonic()
    tally = await imported(endpoint.url, listings(2))
    assert time.monotonic() - started >= 1.0
    assert len(endpoint.upserts) == 2
    assert tally.outcomes == {Outcome.CREATED: 2}


async def test_retry_after_as_a_date_is_waited_out(endpoint: Any) -> None:
    moment = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=2)
    endpoint.then(429, b"", {"Retry-After": format_datetime(moment, usegmt=True)})
    await imported(endpoint.url, listings(2))
    assert datetime.now(UTC) >= moment
    assert len(endpoint.upserts) == 2


async def test_a_wait_beyond_patience_stops_at_once(endpoint: Any) -> None:
    endpoint.then(429, BUSY, {"Retry-After": "3600"})
    with pytest.raises(ImportStopped, match="asks to wait 3600 s"):
        await imported(endpoint.url, listings(2))
    assert len(endpoint.upserts) == 1


@pytest.mark.parametrize("retry_after", [None, "", "soon", "-5", "0", "Wed, 99 Nov 2026"])
async def test_an_odd_or_missing_retry_after_falls_back(endpoint: Any, retry_after: str | None) -> None:
    endpoint.then(503, b"", {} if retry_after is None else {"Retry-After": retry_after})
    assert (await imported(endpoint.url, listings(2))).outcomes == {Outcome.CREATED: 2}


@pytest.mark.parametrize(
    "body",
    [
        BUSY,
        {
            "data": {
                "upsertInternships": {
                    "results": [],
                    "userErrors": [{"code": "RATE_LIMITED", "message": "slower"}],
                }
            }
        },
    ],
)
async def test_a_rate_limit_said_in_graphql_is_waited_out_too(endpoint: Any, body: dict[str, Any]) -> None:
    endpoint.then(200, body)
    assert (await imported(endpoint.url, listings(2))).outcomes == {Outcome.CREATED: 2}


async def test_a_server_that_stays_busy_stops_the_import(endpoint: Any) -> None:
    endpoint.then(429, BUSY, times=4)
    with pytest.raises(ImportStopped, match="the server is busy"):
        await imported(endpoint.url, listings(2))
    assert len(endpoint.upserts) == 4


async def test_a_dropped_connection_is_asked_again(endpoint: Any) -> None:
    endpoint.then(drop=True, times=2)
    tally = await imported(endpoint.url, listings(3))
    assert len(endpoint.upserts) == 3
    assert tally.outcomes == {Outcome.CREATED: 3}


async def test_no_server_at_all() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}/graphql"
        with pytest.raises(ImportStopped, match=r"cannot reach http://127\.0\.0\.1"):
            await imported(url, listings(1))


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/graphql", "nonsense", "http://[::"])
async def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(ImportStopped, match="cannot reach"):
        await imported(url, listings(1))


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (401, b'{"errors":[{"message":"expired"}]}', r"not accepted \(HTTP 401\).*expired"),
        (200, {"data": {"upsertInternships": {"results": [], "userErrors": [{"code": "FORBIDDEN", "message": "no scope"}]}}}, "FORBIDDEN: no scope"),
        (200, {"data": None, "errors": [{"message": "fault"}]}, "ERROR: fault"),
        (400, {"errors": [{"message": "bad", "extensions": {"code": "INVALID_INPUT", "at": 1}}]}, "HTTP 400.*INVALID_INPUT: bad"),
        (200, b"<html>hello</html>", "not GraphQL: <html>hello</html>"),
        (500, b"", r"HTTP 500.*\(empty\)"),
        (200, [1], "not GraphQL"),
        (200, {"data": {"upsertInternships": None}}, "not as the contract says"),
        (200, {"data": {"upsertInternships": {"results": [{"externalRef": "T0", "outcome": "EATEN"}], "userErrors": []}}}, "not as the contract says"),
        (200, {"data": {"upsertInternships": {"results": [], "userErrors": []}}}, "answered 0 of 2"),
    ],
)  # fmt: skip
async def test_what_ends_the_import_says_why_and_is_not_repeated(
    endpoint: Any, status: int, body: Any, message: str
) -> None:
    endpoint.then(status, body)
    with pytest.raises(ImportStopped, match=message):
        await imported(endpoint.url, listings(4), size=2)
    assert len(endpoint.upserts) == 1


async def test_results_of_earlier_batches_are_kept_when_a_later_one_stops(endpoint: Any) -> None:
    def judge(row: dict[str, Any]) -> dict[str, Any]:
        if row["externalRef"] == "T1":
            endpoint.then(401, b"")
        return {"externalRef": row["externalRef"], "outcome": "CREATED"}

    endpoint.judge = judge
    tally = Tally()
    with pytest.raises(ImportStopped, match="401"):
        await imported(endpoint.url, listings(6), size=2, tally=tally)
    assert tally.outcomes == {Outcome.CREATED: 2}


async def test_the_tokens_own_organization(endpoint: Any) -> None:
    async with connect(endpoint.url, "qyp_test", QUICK) as connection:
        assert (await own_organization(connection, None)).name == "样例茶馆"
        assert (await own_organization(connection, "org-1")).id == "org-1"
        with pytest.raises(ImportStopped, match=r"belongs to 样例茶馆 \(org-1\), not to organization org-2"):
            await own_organization(connection, "org-2")
        endpoint.organization = None
        with pytest.raises(ImportStopped, match="no partner's token"):
            await own_organization(connection, None)
