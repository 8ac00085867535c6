"""Saved searches: each new match is told once, in a digest a day; one tap stops it."""

from typing import Any

from support.asking import inbox, listing, node, sent, told
from support.client import Client
from support.house import House, Person
from support.listings import a_listing, posted, upserted

SEARCH = "search { id name text newMatches lastNotifiedAt }"
DIGEST = "INTERNSHIP_SEARCH_MATCHED"


async def saved(client: Client, name: str, asked: dict[str, Any], **others: Any) -> Any:
    given = {"name": name, "filter": asked, **others}
    return await sent(client, "createInternshipSearch", SEARCH, given)


async def search_of(youth: Client, identity: str) -> Any:
    return await node(youth, "InternshipSearch", identity, "newMatches lastNotifiedAt")


async def digests(youth: Person) -> list[str]:
    return [notice["body"] for notice in await inbox(youth) if notice["kind"] == DIGEST]


async def next_day(house: House) -> None:
    house.clock.move(days=1)
    await house.work()


async def test_new_matches_are_told_once_in_a_digest_a_day(house: House) -> None:
    # given a search, and a listing from before it
    partner, youth = await house.partner(), await house.youth()
    await posted(partner, a_listing(title="数字策展助理"))
    payload = await saved(youth, "策展", {"text": "数字策展"})
    assert payload["userErrors"] == []
    search = payload["search"]
    assert (search["name"], search["text"]) == ("策展", "数字策展")
    assert (search["newMatches"], search["lastNotifiedAt"]) == (0, None)
    await house.work()

    # when two listings match and one does not
    for title in ("数字策展实习", "数字策展编辑", "会计"):
        await posted(partner, a_listing(title=title))
    assert (await search_of(youth, search["id"]))["newMatches"] == 2
    await house.work()
    assert await digests(youth) == []  # not more often than once a day
    await next_day(house)

    # then one digest tells of both
    [body] = await digests(youth)
    assert "策展" in body
    assert "2" in body
    record = await search_of(youth, search["id"])
    assert record["newMatches"] == 0
    assert record["lastNotifiedAt"] is not None
    [notice] = [notice for notice in await inbox(youth) if notice["kind"] == DIGEST]
    assert notice["subject"] == {"id": search["id"]}

    # and each match is told once
    await next_day(house)
    assert len(await digests(youth)) == 1
    await posted(partner, a_listing(title="数字策展研究"))
    await next_day(house)
    latest, *earlier = await digests(youth)
    assert len(earlier) == 1
    assert "1" in latest


async def test_a_match_published_again_is_not_told_again(house: House) -> None:
    partner, youth = await house.partner(), await house.youth()
    search = (await saved(youth, "古籍", {"text": "古籍修复"}))["search"]
    said = a_listing(title="古籍修复")
    made = await posted(partner, said)
    await next_day(house)
    assert len(await digests(youth)) == 1

    await partner.done("closeInternship", "internship { id }", internshipId=made)
    house.clock.move(minutes=1)
    await upserted(partner, {**said, "headcount": 2})
    assert (await listing(youth, made))["status"] == "PUBLISHED"

    assert (await search_of(youth, search["id"]))["newMatches"] == 0
    await next_day(house)
    assert len(await digests(youth)) == 1


async def test_what_is_gone_by_the_time_of_the_digest_is_not_told(house: House) -> None:
    partner, youth = await house.partner(), await house.youth()
    await saved(youth, "茶艺", {"text": "茶艺师"})
    made = await posted(partner, a_listing(title="茶艺师"))
    await partner.done("closeInternship", "internship { id }", internshipId=made)

    await next_day(house)

    assert await told(youth) == []


async def test_a_search_without_words_matches_by_its_filter(house: House) -> None:
    partner, youth = await house.partner(), await house.youth()
    asked = {"divisionCodes": ["445300"], "housingProvided": True, "organizationId": partner.id}
    search = (await saved(youth, "云浮", asked))["search"]
    assert search["text"] is None
    wanted = await posted(partner, a_listing(divisionCode="445302", housingProvided=True))
    await posted(partner, a_listing(divisionCode="445302"))
    await posted(partner, a_listing(divisionCode="440106", housingProvided=True))

    record = await node(
        youth, "InternshipSearch", search["id"], "newMatches matches { nodes { id } totalCount }"
    )
    assert record == {"newMatches": 1, "matches": {"nodes": [{"id": wanted}], "totalCount": 1}}


async def test_one_tap_stops_it(house: House) -> None:
    partner, youth = await house.partner(), await house.youth()
    search = (await saved(youth, "潜水", {"text": "潜水教练"}))["search"]
    await posted(partner, a_listing(title="潜水教练"))

    payload = await youth.done("deleteInternshipSearch", "search { id name }", searchId=search["id"])
    assert payload["search"] == {"id": search["id"], "name": "潜水"}
    await next_day(house)

    assert await digests(youth) == []
    assert await node(youth, "InternshipSearch", search["id"], "id") is None
    assert await youth.refused("deleteInternshipSearch", "search { id }", searchId=search["id"]) == [
        ("NOT_FOUND", ["input", "searchId"])
    ]


async def test_a_search_is_its_youths_own(house: House) -> None:
    youth, other = await house.youths(2)
    search = (await saved(youth, "我的", {}))["search"]

    for client in (other, house.anyone, await house.partner(), await house.staff()):
        assert await node(client, "InternshipSearch", search["id"], "id") is None
    assert await other.refused("deleteInternshipSearch", "search { id }", searchId=search["id"]) == [
        ("NOT_FOUND", ["input", "searchId"])
    ]
    data = await youth.run("{ viewer { youth { internshipSearches { id name } } } }")
    assert data["viewer"]["youth"]["internshipSearches"] == [{"id": search["id"], "name": "我的"}]


async def test_only_youths_save_searches_within_limits(house: House) -> None:
    youth, partner = await house.youth(), await house.partner()

    async def refusal(client: Client, name: str, asked: dict[str, Any], **others: Any) -> Any:
        payload = await saved(client, name, asked, **others)
        return [(reason["code"], reason["field"]) for reason in payload["userErrors"]]

    assert await refusal(house.anyone, "x", {}) == [("UNAUTHENTICATED", None)]
    assert await refusal(partner, "x", {}) == [("FORBIDDEN", None)]
    for name in ("", "   ", "名" * 61):
        assert await refusal(youth, name, {}) == [("INVALID_INPUT", ["input", "name"])]
    assert await refusal(youth, "x", {"text": "字" * 1_001}) == [
        ("INVALID_INPUT", ["input", "filter", "text"])
    ]
    assert await refusal(youth, "x", {"organizationId": youth.id}) == [
        ("NOT_FOUND", ["input", "filter", "organizationId"])
    ]

    # and twenty at most, until one is stopped
    searches = [await saved(youth, f"第{number}", {}) for number in range(20)]
    assert await refusal(youth, "多一个", {}) == [("QUOTA_EXCEEDED", None)]
    await youth.done("deleteInternshipSearch", "search { id }", searchId=searches[0]["search"]["id"])
    assert await refusal(youth, "多一个", {}) == []


async def test_the_same_key_saves_one_search(house: House) -> None:
    youth = await house.youth()
    first, again = [await saved(youth, "一次", {"text": "前端"}, idempotencyKey="k") for _ in range(2)]
    other = await saved(youth, "一次", {"text": "后端"}, idempotencyKey="k")

    assert first["search"]["id"] == again["search"]["id"]
    assert [reason["code"] for reason in other["userErrors"]] == ["IDEMPOTENCY_KEY_REUSED"]
    data = await youth.run("{ viewer { youth { internshipSearches { id } } } }")
    assert len(data["viewer"]["youth"]["internshipSearches"]) == 1
