"""Finding listings: each filter, each order, exact pages, and counts that agree with the lists."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import pytest
from support.asking import day, found, instant, sent
from support.house import House, Partner
from support.listings import a_listing, analysed, posted, upserted

from domain.core.actors import StaffRole
from domain.internships import completing
from domain.partners.models import OrganizationKind


@dataclass(frozen=True)
class Shelf:
    """Listings that differ in everything that can be filtered, by name."""

    ids: dict[str, str]
    firm: Partner
    bureau: Partner

    def names(self, ids: list[str]) -> set[str]:
        by_id = {identity: name for name, identity in self.ids.items()}
        return {by_id[identity] for identity in ids if identity in by_id}


def month(least: int) -> dict[str, Any]:
    return {"minFen": least, "maxFen": 900_000, "per": "MONTH"}


@pytest.fixture(scope="module")
async def shelf(house: House) -> Shelf:
    firm = await house.partner(kind=OrganizationKind.PRIVATE)
    bureau = await house.partner(kind=OrganizationKind.GOVERNMENT)
    firms = {
        "plain": a_listing(title="甲"),
        "paid": a_listing(title="乙", stipend=month(300_000), divisionCode="440105"),
        "day": a_listing(
            title="丙", stipend={"minFen": 10_000, "maxFen": 12_000, "per": "DAY"}, divisionCode="440304"
        ),
        "degree": a_listing(
            title="丁", education="MASTER", majors=["计算机", "软件工程"], divisionCode="440300"
        ),
        "short": a_listing(title="戊", durationWeeks=4, daysPerWeek=3, applyBy=day(house, 3)),
        "long": a_listing(title="己", durationWeeks=26, daysPerWeek=5, applyBy=day(house, 9)),
    }
    bureaus = {
        "apprentice": a_listing(
            title="庚", kind="APPRENTICESHIP", durationWeeks=20, stipend=month(200_000), education="COLLEGE"
        ),
        "housed": a_listing(title="辛", housingProvided=True, divisionCode="445302"),
        "rural": a_listing(title="壬", track="RURAL", education="BACHELOR"),
    }
    ids: dict[str, str] = {}
    for partner, listings in ((firm, firms), (bureau, bureaus)):
        for name, given in listings.items():
            house.clock.move(seconds=1)  # so that one is newer than the other
            [result] = await upserted(partner, given)
            assert result["outcome"] == "CREATED", result
            ids[name] = result["internship"]["id"]
    return Shelf(ids, firm, bureau)


ALL = {"plain", "paid", "day", "degree", "short", "long", "apprentice", "housed", "rural"}


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({}, ALL),
        ({"divisionCodes": ["440000"]}, ALL),
        ({"divisionCodes": ["440105"]}, {"paid"}),
        ({"divisionCodes": ["440300"]}, {"day", "degree"}),  # a city takes in its counties
        ({"divisionCodes": ["440304"]}, {"day"}),  # a county not its city
        ({"divisionCodes": ["440105", "445300"]}, {"paid", "housed"}),
        ({"divisionCodes": []}, set()),
        ({"divisionCodes": ["999999"]}, set()),
        ({"divisionCodes": ["%"]}, set()),
        ({"kinds": ["APPRENTICESHIP"]}, {"apprentice"}),
        ({"kinds": ["INTERNSHIP", "APPRENTICESHIP"]}, ALL),
        ({"tracks": ["RURAL"]}, {"rural"}),
        ({"tracks": ["HK_MACAO_TAIWAN"]}, set()),
        ({"organizationKinds": ["GOVERNMENT"]}, {"apprentice", "housed", "rural"}),
        ({"organizationKinds": ["SOCIAL", "PRIVATE"]}, ALL - {"apprentice", "housed", "rural"}),
        ({"education": "SECONDARY"}, ALL - {"degree", "apprentice", "rural"}),
        ({"education": "COLLEGE"}, ALL - {"degree", "rural"}),
        ({"education": "BACHELOR"}, ALL - {"degree"}),
        ({"education": "DOCTOR"}, ALL),
        ({"major": "软件工程"}, ALL),
        ({"major": "历史"}, ALL - {"degree"}),
        ({"minStipendFenPerMonth": 1}, {"paid", "day", "apprentice"}),
        ({"minStipendFenPerMonth": 217_500}, {"paid", "day"}),  # a day counts 21.75 times
        ({"minStipendFenPerMonth": 217_501}, {"paid"}),
        ({"minStipendFenPerMonth": 300_001}, set()),
        ({"maxDaysPerWeek": 4}, {"short"}),
        ({"maxDaysPerWeek": 5}, {"short", "long"}),
        ({"maxDurationWeeks": 20}, {"short", "apprentice"}),
        ({"housingProvided": True}, {"housed"}),
        ({"housingProvided": False}, ALL - {"housed"}),
        ({"kinds": ["INTERNSHIP"], "divisionCodes": ["440106"], "maxDurationWeeks": 8}, {"short"}),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
async def test_each_filter(house: House, shelf: Shelf, asked: dict[str, Any], names: set[str]) -> None:
    assert shelf.names(await found(house.anyone, **asked)) == names


async def test_by_organization_by_fair_and_since(house: House, shelf: Shelf) -> None:
    assert shelf.names(await found(house.anyone, organizationId=shelf.bureau.id)) == {
        "apprentice",
        "housed",
        "rural",
    }
    assert await found(house.anyone, organizationId=(await house.partner()).id) == []

    staff = await house.staff(StaffRole.PROGRAMME_MANAGER)
    window = {"startsAt": instant(house), "endsAt": instant(house, days=1)}
    members = [shelf.ids["paid"], shelf.ids["rural"]]
    payload = await sent(
        staff,
        "upsertJobFair",
        "jobFair { id }",
        {"title": "双选会", "unitId": staff.unit_id, "online": True, "internshipIds": members, **window},
    )
    assert shelf.names(await found(house.anyone, jobFairId=payload["jobFair"]["id"])) == {"paid", "rural"}

    published = await house.anyone.run(
        "query ($id: ID!) { node(id: $id) { ... on Internship { publishedAt } } }", id=shelf.ids["housed"]
    )
    since = published["node"]["publishedAt"]
    assert shelf.names(await found(house.anyone, publishedSince=since)) == {"housed", "rural"}


async def test_ids_of_another_type_are_not_found(house: House, shelf: Shelf) -> None:
    for name, identity in (("organizationId", shelf.ids["paid"]), ("jobFairId", shelf.firm.id)):
        [error] = await house.anyone.errors(
            "query ($filter: InternshipFilter) { internships(filter: $filter) { totalCount } }",
            filter={name: identity},
        )
        assert error["extensions"]["code"] == "NOT_FOUND"


@pytest.mark.parametrize(
    ("order", "first", "last"),
    [
        (None, ["rural", "housed", "apprentice"], "plain"),
        ("NEWEST", ["rural", "housed", "apprentice"], "plain"),
        ("RELEVANCE", ["rural", "housed", "apprentice"], "plain"),  # without text: the newest
        ("STIPEND", ["paid", "day", "apprentice"], "plain"),
        ("APPLY_BY", ["short", "long", "plain"], "rural"),  # those with no last day come last
    ],
)
async def test_each_order(house: House, shelf: Shelf, order: str | None, first: list[str], last: str) -> None:
    ids = await found(house.anyone, order_by=order)

    assert ids[:3] == [shelf.ids[name] for name in first]
    assert ids[-1] == shelf.ids[last]
    assert len(ids) == len(set(ids)) == len(ALL)


@pytest.mark.parametrize("order", ["NEWEST", "STIPEND", "APPLY_BY"])
async def test_pages_give_the_whole_list_forwards_and_backwards(
    house: House, shelf: Shelf, order: str
) -> None:
    whole = await found(house.anyone, order_by=order)
    document = (
        "query ($order: InternshipOrder, $first: Int, $after: String, $last: Int, $before: String)"
        " { internships(orderBy: $order, first: $first, after: $after, last: $last, before: $before)"
        " { nodes { id } totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"
    )

    async def pages(count: str, place: str, more: str, cursor: str) -> list[list[str]]:
        collected: list[list[str]] = []
        at = None
        for _ in whole:
            data = await house.anyone.run(document, order=order, **{count: 4, place: at})
            page = data["internships"]
            assert page["totalCount"] == len(whole)
            collected.append([row["id"] for row in page["nodes"]])
            if not page["pageInfo"][more]:
                return collected
            at = page["pageInfo"][cursor]
        raise AssertionError(f"the pages do not end: {collected}")

    forwards = await pages("first", "after", "hasNextPage", "endCursor")
    backwards = await pages("last", "before", "hasPreviousPage", "startCursor")
    assert [identity for page in forwards for identity in page] == whole
    assert [identity for page in reversed(backwards) for identity in page] == whole
    assert [len(page) for page in forwards] == [4, 4, 1]


async def test_a_cursor_of_another_order_or_a_changed_one_is_refused(house: House, shelf: Shelf) -> None:
    data = await house.anyone.run("{ internships(first: 2) { pageInfo { endCursor } } }")
    cursor = data["internships"]["pageInfo"]["endCursor"]
    document = (
        "query ($after: String, $order: InternshipOrder)"
        " { internships(after: $after, orderBy: $order) { nodes { id } } }"
    )
    middle = len(cursor) // 2
    other = "A" if cursor[middle] != "A" else "B"
    changed = cursor[:middle] + other + cursor[middle + 1 :]
    for after, order in ((cursor, "STIPEND"), (changed, "NEWEST"), ("", "NEWEST"), ("x", "NEWEST")):
        [error] = await house.anyone.errors(document, after=after, order=order)
        assert error["extensions"]["code"] == "INVALID_INPUT"


@pytest.mark.parametrize(
    "arguments", ["first: 0", "first: 101", "last: 101", "first: -1", "first: 1, last: 1"]
)
async def test_a_page_has_1_to_100_in_one_direction(house: House, arguments: str) -> None:
    [error] = await house.anyone.errors(f"{{ internships({arguments}) {{ nodes {{ id }} }} }}")
    assert error["extensions"]["code"] == "INVALID_INPUT"


FACETED = """query ($filter: InternshipFilter) { internships(filter: $filter, first: 100) {
  totalCount
  nodes { division { code } kind education organization { kind } }
  facets { divisions { division { code } count } kinds { kind count } education { education count }
    organizationKinds { kind count } } } }"""


@pytest.mark.parametrize(
    "asked",
    [{}, {"divisionCodes": ["440300"]}, {"kinds": ["APPRENTICESHIP"]}, {"divisionCodes": []}],
    ids=str,
)
async def test_facets_are_the_counts_of_the_whole_result(
    house: House, shelf: Shelf, asked: dict[str, Any]
) -> None:
    result = (await house.anyone.run(FACETED, filter=asked))["internships"]
    nodes, facets = result["nodes"], result["facets"]

    assert result["totalCount"] == len(nodes)
    assert {row["division"]["code"]: row["count"] for row in facets["divisions"]} == Counter(
        row["division"]["code"] for row in nodes
    )
    assert {row["kind"]: row["count"] for row in facets["kinds"]} == Counter(row["kind"] for row in nodes)
    assert {row["education"]: row["count"] for row in facets["education"]} == Counter(
        row["education"] for row in nodes
    )
    assert {row["kind"]: row["count"] for row in facets["organizationKinds"]} == Counter(
        row["organization"]["kind"] for row in nodes
    )
    for counts in facets.values():
        assert [row["count"] for row in counts] == sorted((row["count"] for row in counts), reverse=True)


async def test_facets_and_count_are_of_the_whole_result_not_of_the_page(house: House, shelf: Shelf) -> None:
    document = "{ internships(first: 1) { totalCount nodes { id } facets { kinds { count } } } }"
    result = (await house.anyone.run(document))["internships"]

    assert len(result["nodes"]) == 1
    assert result["totalCount"] == sum(row["count"] for row in result["facets"]["kinds"]) == len(ALL)


async def test_completions_are_titles_that_begin_so(house: House, shelf: Shelf) -> None:
    async def completions(text: str, arguments: str = "") -> list[str]:
        data = await house.anyone.run(
            f"query ($text: String!) {{ suggestSearch(text: $text{arguments}) }}", text=text
        )
        return data["suggestSearch"]

    assert await completions("甲") == ["甲"]
    assert await completions("癸") == []
    assert await completions("%") == []
    assert await completions("  ") == []
    assert await completions("\u3000甲") == ["甲"]
    for first in (0, 21):
        [error] = await house.anyone.errors(f'{{ suggestSearch(text: "甲", first: {first}) }}')
        assert error["extensions"]["code"] == "INVALID_INPUT"


async def test_completions_of_what_is_spelled_otherwise_or_only_sounds_so(house: House) -> None:
    partner = await house.partner()
    for title in ("会计助理", "JAVA 工程师", "前端工程师"):
        await posted(partner, a_listing(title=title))

    for text, title in (
        ("會計", "会计助理"),
        ("ｊａｖａ", "JAVA 工程师"),
        ("qianduan", "前端工程师"),
        ("前段", "前端工程师"),
    ):
        data = await house.anyone.run("query ($text: String!) { suggestSearch(text: $text) }", text=text)
        assert data["suggestSearch"] == [title]


async def test_of_a_beginning_that_many_have_the_commonest_titles_are_known(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    partner = await house.partner(employees=1_000_000)
    numbered = [a_listing(title=f"砌砖工{number}") for number in range(8)]
    common = [a_listing(title="砌砖工甲") for _ in range(5)] + [a_listing(title="砌砖工Z") for _ in range(3)]
    results = await upserted(partner, *numbered, *common)
    assert [result["userErrors"] for result in results] == [[]] * len(results)
    await analysed(house)
    monkeypatch.setattr(completing, "LOOKED_AT", 3)  # of sixteen, the first by their spelling

    data = await house.anyone.run('{ suggestSearch(text: "砌砖", first: 3) }')

    assert data["suggestSearch"][:2] == ["砌砖工甲", "砌砖工Z"]
    assert len(set(data["suggestSearch"])) == 3
