"""The inbox: in its reader's language, read and unread, each reader's own."""

import subprocess
import sys
from typing import Any

import pytest
from support.client import Client
from support.house import House, Partner, Person
from support.listings import a_listing, advanced, applied, posted

INBOX = (
    "query ($unread: Boolean) { viewer { youth { notifications(unreadOnly: $unread) {"
    " totalCount nodes { id kind title body readAt createdAt subject { __typename id } } } } } }"
)


async def inbox(client: Client, *, unread: bool | None = None) -> list[dict[str, Any]]:
    data = await client.run(INBOX, unread=unread)
    found = data["viewer"]["youth"]["notifications"]
    assert found["totalCount"] == len(found["nodes"])
    return found["nodes"]


async def told_thrice(house: House) -> tuple[Person, Partner, str]:
    """A youth with three notices, the organization that they are from, and the application they are about."""
    partner, youth = await house.partner(), await house.youth()
    sent = await applied(youth, await posted(partner, a_listing(title="平面设计")))
    await advanced(partner, sent, "SHORTLISTED", "INTERVIEW", "OFFERED")
    await house.work()
    return youth, partner, sent


async def mark_read(client: Client, *ids: str) -> int:
    payload = await client.done("markNotificationsRead", "unread", notificationIds=list(ids))
    return payload["unread"]


async def test_a_notice_names_its_subject_the_newest_first(house: House) -> None:
    youth, _, sent = await told_thrice(house)

    notices = await inbox(youth)

    assert [notice["kind"].removeprefix("INTERNSHIP_APPLICATION_") for notice in notices] == [
        "OFFERED",
        "INTERVIEW",
        "SHORTLISTED",
    ]
    for notice in notices:
        assert notice["subject"] == {"__typename": "InternshipApplication", "id": sent}
        assert "平面设计" in notice["body"]
        assert notice["readAt"] is None


@pytest.mark.parametrize(
    ("language", "title"),
    [
        (None, "录用通知"),
        ("zh-CN", "录用通知"),
        ("en", "An offer"),
        ("en-GB,zh;q=0.5", "An offer"),
        ("en;q=0.4, zh;q=0.8", "录用通知"),
        ("fr", "录用通知"),
        ("fr, en;q=0.1", "An offer"),
    ],
)
async def test_a_notice_is_in_the_language_of_its_reader(
    house: House, language: str | None, title: str
) -> None:
    youth, _, _ = await told_thrice(house)
    headers = {} if language is None else {"accept-language": language}

    [notice, *_] = await inbox(Client(house.http, youth.token, headers))

    assert notice["title"] == title
    assert ("平面设计" in notice["body"]) is True


async def test_what_is_marked_read_is_unread_no_more(house: House) -> None:
    youth, _, _ = await told_thrice(house)
    newest, second, oldest = [notice["id"] for notice in await inbox(youth)]

    assert await mark_read(youth, second) == 2
    assert [notice["id"] for notice in await inbox(youth, unread=True)] == [newest, oldest]
    assert [notice["readAt"] is None for notice in await inbox(youth)] == [True, False, True]

    # again nothing changes, and none named is all
    read_at = (await inbox(youth))[1]["readAt"]
    assert await mark_read(youth, second) == 2
    assert await mark_read(youth) == 0
    assert await inbox(youth, unread=True) == []
    assert len(await inbox(youth, unread=False)) == 3
    assert (await inbox(youth))[1]["readAt"] == read_at


async def test_an_inbox_is_its_readers_own(house: House) -> None:
    youth, partner, _ = await told_thrice(house)
    other = await house.youth()
    notice = (await inbox(youth))[0]["id"]
    document = "query ($id: ID!) { node(id: $id) { ... on Notification { id } } }"

    assert await inbox(other) == []
    assert (await youth.run(document, id=notice))["node"] == {"id": notice}
    for client in (other, partner, house.anyone, await house.staff()):
        assert (await client.run(document, id=notice))["node"] is None
    # ids of others are passed over
    assert await mark_read(other, notice) == 0
    assert len(await inbox(youth, unread=True)) == 3


async def test_marking_needs_someone_and_ids_of_notices(house: House) -> None:
    youth = await house.youth()

    assert await house.anyone.refused("markNotificationsRead", "unread", notificationIds=[]) == [
        ("UNAUTHENTICATED", None)
    ]
    assert await youth.refused("markNotificationsRead", "unread", notificationIds=[youth.id]) == [
        ("NOT_FOUND", ["input", "notificationIds"])
    ]


async def test_an_organization_reads_and_marks_its_own(house: House) -> None:
    _, partner, sent = await told_thrice(house)
    document = (
        "{ viewer { organization { notifications(unreadOnly: true) { nodes { id kind subject { id } } } } } }"
    )

    data = await partner.run(document)
    notices = data["viewer"]["organization"]["notifications"]["nodes"]
    assert {"INTERNSHIP_APPLICATION_SUBMITTED"} <= {notice["kind"] for notice in notices}
    assert sent in {notice["subject"]["id"] for notice in notices}
    assert await mark_read(partner) == 0
    data = await partner.run(document)
    assert data["viewer"]["organization"]["notifications"]["nodes"] == []


async def test_an_organizations_inbox_is_null_for_others(house: House) -> None:
    youth, partner, _ = await told_thrice(house)
    document = "query ($id: ID!) { node(id: $id) { ... on Organization { notifications { totalCount } } } }"
    for client in (youth, house.anyone, await house.partner()):
        assert (await client.run(document, id=partner.id))["node"]["notifications"] is None


def test_the_server_knows_every_notice_and_every_review_without_the_worker() -> None:
    """A server beside whose worker runs in another process: what the worker imports is not there."""
    code = (
        "import sys, graph.schema\n"
        "from domain.core.inbox import NOTICES\n"
        "from domain.accounts.reviews import SOURCES\n"
        "assert 'infra.worker' not in sys.modules\n"
        "print(*sorted(NOTICES._by_kind), *sorted(SOURCES))"
    )
    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True, timeout=60
    ).stdout.split()
    assert {"INTERNSHIP_APPLICATION_OFFERED", "ORGANIZATION_VERIFIED", "INTERNSHIP", "ORGANIZATION"} <= set(
        printed
    )
