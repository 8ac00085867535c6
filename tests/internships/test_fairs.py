"""Job fairs: entered and changed by programme managers; what is absent keeps its value, null clears it."""

from typing import Any

import pytest
from support.asking import instant, node
from support.client import Client
from support.house import House, Person
from support.listings import a_listing, posted

from domain.core.actors import StaffRole

MANAGER = StaffRole.PROGRAMME_MANAGER
FAIR = (
    "jobFair { id version title venue online livestreamUrl startsAt endsAt unit { id } division { code }"
    " organizations { nodes { id } totalCount } internships { nodes { id } totalCount } }"
)


def a_fair(house: House, staff: Person, **others: Any) -> dict[str, Any]:
    return {
        "title": "春季双选会",
        "unitId": staff.unit_id,
        "online": True,
        "startsAt": instant(house, days=1),
        "endsAt": instant(house, days=2),
        **others,
    }


async def entered(staff: Person, given: dict[str, Any]) -> Any:
    return (await staff.done("upsertJobFair", FAIR, **given))["jobFair"]


async def fairs(client: Client, **asked: Any) -> list[str]:
    data = await client.run(
        "query ($filter: JobFairFilter) { jobFairs(filter: $filter, first: 100) { nodes { id } totalCount } }",
        filter=asked,
    )
    assert data["jobFairs"]["totalCount"] == len(data["jobFairs"]["nodes"])
    return [row["id"] for row in data["jobFairs"]["nodes"]]


async def test_a_fair_shows_organizations_and_their_posts(house: House) -> None:
    staff, partner = await house.staff(MANAGER, unit="440100"), await house.partner()
    first, second = [await posted(partner, a_listing()) for _ in range(2)]

    fair = await entered(
        staff,
        a_fair(
            house,
            staff,
            online=False,
            venue="市民广场",
            divisionCode="440100",
            livestreamUrl="https://live.example.org/1",
            organizationIds=[partner.id, partner.id],
            internshipIds=[first],
        ),
    )

    assert fair["version"] == 1
    assert fair["unit"] == {"id": staff.unit_id}
    assert fair["organizations"] == {"nodes": [{"id": partner.id}], "totalCount": 1}
    assert fair["internships"] == {"nodes": [{"id": first}], "totalCount": 1}
    assert (await node(house.anyone, "JobFair", fair["id"], "title venue division { code }")) == {
        "title": "春季双选会",
        "venue": "市民广场",
        "division": {"code": "440100"},
    }
    shown = await house.anyone.run(
        "query ($id: ID!) { internships(filter: {jobFairId: $id}) { nodes { id } } }", id=fair["id"]
    )
    assert shown["internships"]["nodes"] == [{"id": first}]
    assert second != first


FULL = {"venue": "体育馆", "divisionCode": "440106", "livestreamUrl": "https://live.example.org/2"}


async def _full(house: House) -> tuple[Person, dict[str, Any], Any]:
    """A fair with every field and list filled in, and the input that made it."""
    staff, partner = await house.staff(MANAGER), await house.partner()
    members = {"organizationIds": [partner.id], "internshipIds": [await posted(partner, a_listing())]}
    given = a_fair(house, staff)
    return staff, given, await entered(staff, {**given, **FULL, **members})


async def test_with_an_id_what_is_absent_keeps_its_value(house: House) -> None:
    staff, given, fair = await _full(house)

    changed = await entered(staff, {**given, "id": fair["id"], "title": "新标题"})

    assert changed == {**fair, "version": 2, "title": "新标题"}


async def test_with_an_id_null_clears(house: House) -> None:
    staff, given, fair = await _full(house)
    cleared = dict.fromkeys(FULL)

    changed = await entered(staff, {**given, "id": fair["id"], **cleared})

    assert [changed["venue"], changed["livestreamUrl"], changed["division"]] == [None, None, None]
    assert changed["internships"] == fair["internships"]


async def test_with_an_id_an_empty_list_empties(house: House) -> None:
    staff, given, fair = await _full(house)

    changed = await entered(staff, {**given, "id": fair["id"], "organizationIds": []})

    assert changed["organizations"]["nodes"] == []
    assert changed["internships"] == fair["internships"]


async def test_the_same_holds_for_what_stands_in_the_document_itself(house: House) -> None:
    staff, given, fair = await _full(house)

    async def written(more: str, **variables: Any) -> Any:
        used = [name for name in ("livestreamUrl", "divisionCode") if f"${name}" in more]
        declared = "".join(f", ${name}: String" for name in used)
        document = (
            f'mutation ($id: ID!, {declared}) {{ upsertJobFair(input: {{id: $id, unitId: "{given["unitId"]}",'
            f' title: "写在文档里", online: true, startsAt: "{given["startsAt"]}", endsAt: "{given["endsAt"]}"'
            f" {more} }}) {{ {FAIR} userErrors {{ code field }} }} }}"
        )
        payload = (await staff.run(document, id=fair["id"], **variables))["upsertJobFair"]
        assert payload["userErrors"] == []
        return payload["jobFair"]

    # absent, or a variable that was not given: kept
    kept = await written("livestreamUrl: $livestreamUrl divisionCode: $divisionCode")
    assert kept == {**fair, "version": 2, "title": "写在文档里"}
    # a literal null, and a variable given as null: cleared
    cleared = await written("venue: null livestreamUrl: $livestreamUrl", livestreamUrl=None)
    assert (cleared["venue"], cleared["livestreamUrl"]) == (None, None)
    assert cleared["division"] == fair["division"]
    assert cleared["organizations"] == fair["organizations"]
    emptied = await written("organizationIds: []")
    assert emptied["organizations"]["nodes"] == []
    assert emptied["internships"] == fair["internships"]


async def test_a_version_that_is_no_longer_true_is_a_conflict(house: House) -> None:
    staff, given, fair = await _full(house)
    await entered(staff, {**given, "id": fair["id"], "expectedVersion": 1})

    stale = {**given, "id": fair["id"], "expectedVersion": 1, "title": "来晚了"}
    assert await staff.refused("upsertJobFair", FAIR, **stale) == [("CONFLICT", ["input", "expectedVersion"])]
    changed = await entered(staff, {**stale, "expectedVersion": 2})
    assert (changed["version"], changed["title"]) == (3, "来晚了")


async def test_the_same_key_enters_one_fair(house: House) -> None:
    staff = await house.staff(MANAGER)
    given = a_fair(house, staff, idempotencyKey="k")

    first, again = [await entered(staff, given) for _ in range(2)]

    assert first == again
    assert await staff.refused("upsertJobFair", FAIR, **{**given, "title": "另一场"}) == [
        ("IDEMPOTENCY_KEY_REUSED", ["input", "idempotencyKey"])
    ]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "题" * 101}, "title"),
        ({"online": False}, "venue"),
        ({"venue": "馆" * 201}, "venue"),
        ({"livestreamUrl": "http://example.org"}, "livestreamUrl"),
        ({"livestreamUrl": "javascript:alert(1)"}, "livestreamUrl"),
        ({"divisionCode": "999999"}, "divisionCode"),
    ],
)
async def test_a_fair_beyond_a_limit_is_refused_at_its_field(
    house: House, changes: dict[str, Any], field: str
) -> None:
    staff = await house.staff(MANAGER)

    assert await staff.refused("upsertJobFair", FAIR, **a_fair(house, staff, **changes)) == [
        ("INVALID_INPUT", ["input", field])
    ]


async def test_a_fair_ends_after_it_starts(house: House) -> None:
    staff = await house.staff(MANAGER)
    given = a_fair(house, staff)

    assert await staff.refused("upsertJobFair", FAIR, **{**given, "endsAt": given["startsAt"]}) == [
        ("INVALID_INPUT", ["input", "endsAt"])
    ]


async def test_members_that_are_not_known_are_not_found(house: House) -> None:
    staff, partner = await house.staff(MANAGER), await house.partner()

    for given in ({"organizationIds": [staff.unit_id]}, {"internshipIds": [partner.id]}):
        [(code, field)] = await staff.refused("upsertJobFair", FAIR, **a_fair(house, staff, **given))
        assert (code, field) == ("NOT_FOUND", ["input", *given])
    for unit in (partner.id, "nonsense"):
        assert await staff.refused("upsertJobFair", FAIR, **a_fair(house, staff, unitId=unit)) == [
            ("NOT_FOUND", ["input", "unitId"])
        ]


async def test_fairs_are_of_programme_managers_within_reach(house: House) -> None:
    county, city = await house.staff(MANAGER, unit="440106"), await house.staff(MANAGER, unit="440100")
    beside = await house.staff(MANAGER, unit="440105")

    # below is in reach, above and beside are not
    fair = await entered(city, a_fair(house, county))
    for staff, unit in ((county, city), (beside, county)):
        assert await staff.refused("upsertJobFair", FAIR, **a_fair(house, unit)) == [
            ("FORBIDDEN", ["input", "unitId"])
        ]
    await entered(county, {**a_fair(house, county), "id": fair["id"]})
    assert await beside.refused("upsertJobFair", FAIR, **a_fair(house, beside), id=fair["id"]) == [
        ("NOT_FOUND", ["input", "id"])
    ]

    # and nobody else's
    given = a_fair(house, county)
    for client, code in (
        (await house.staff(StaffRole.EVENT_HOST, StaffRole.AUDITOR), "FORBIDDEN"),
        (await house.partner(), "FORBIDDEN"),
        (await house.youth(), "FORBIDDEN"),
        (house.anyone, "UNAUTHENTICATED"),
    ):
        assert await client.refused("upsertJobFair", FAIR, **given) == [(code, None)]


async def test_fairs_to_come_are_listed_the_next_first_and_those_over_the_last_first(house: House) -> None:
    staff = await house.staff(MANAGER)

    async def at(start: int, division: str = "441200") -> str:
        window = {"startsAt": instant(house, hours=start), "endsAt": instant(house, hours=start + 2)}
        return (await entered(staff, a_fair(house, staff, divisionCode=division, **window)))["id"]

    later, running, over, long_over = await at(30), await at(-1), await at(-5), await at(-50)
    county = await at(60, "441202")
    elsewhere = await at(70, "440300")

    assert await fairs(house.anyone, divisionCodes=["441200"], upcoming=True) == [running, later, county]
    assert await fairs(house.anyone, divisionCodes=["441200"], upcoming=False) == [over, long_over]
    assert await fairs(house.anyone, divisionCodes=["441202", "440300"]) == [county, elsewhere]
    assert elsewhere in await fairs(house.anyone, upcoming=True)
