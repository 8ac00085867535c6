"""Corners where two rules meet."""

from typing import Any

import pytest
from support.house import House
from support.listings import a_listing, advanced, applied, offered, posted, upserted

from domain.core.actors import StaffRole


async def test_a_stipend_beyond_any_pay_is_refused_by_itself(house: House) -> None:
    partner = await house.partner()
    huge = {"minFen": 99_000_000, "maxFen": 99_000_000, "per": "DAY"}
    good, bad = await upserted(partner, a_listing(), a_listing(stipend=huge))
    assert (good["outcome"], bad["outcome"]) == ("CREATED", "REJECTED")
    assert bad["userErrors"][0]["field"] == ["input", "internships", "1", "stipend", "minFen"]


async def test_two_mutations_of_one_request_each_show_their_own_outcome(house: House) -> None:
    partner, youth = await house.partner(), await house.youth()
    listing = await posted(partner, a_listing())
    found = await youth.run(
        "mutation ($id: ID!) {"
        " a: bookmarkInternship(input: {internshipId: $id}) { internship { viewerHasBookmarked } }"
        " b: bookmarkInternship(input: {internshipId: $id, bookmarked: false})"
        " { internship { viewerHasBookmarked } } }",
        id=listing,
    )
    assert found["a"]["internship"]["viewerHasBookmarked"] is True
    assert found["b"]["internship"]["viewerHasBookmarked"] is False


async def test_accepting_again_is_no_error_however_far_things_went_on(house: House) -> None:
    partner, youth = await house.partner(), await house.youth()
    application = await offered(partner, youth, await posted(partner, a_listing()))
    for _ in range(2):
        await youth.done(
            "respondToInternshipOffer", "application { id }", applicationId=application, accept=True
        )
    await advanced(partner, application, "ONBOARDED")
    payload = await youth.done(
        "respondToInternshipOffer", "application { status }", applicationId=application, accept=True
    )
    assert payload["application"]["status"] == "ONBOARDED"


async def test_review_meets_the_gate_again(house: House) -> None:
    # given a listing in review of an organization whose industry turns out to be banned
    partner, manager = await house.partner(verified=False), await house.staff(StaffRole.PROGRAMME_MANAGER)
    listing = await posted(partner, a_listing(), status="IN_REVIEW")
    seen = await partner.run("{ viewer { organization { name kind division { code } } } }")
    organization = seen["viewer"]["organization"]
    document = (
        "mutation ($input: UpsertOrganizationInput!)"
        " { upsertOrganization(input: $input) { userErrors { code } } }"
    )
    given: dict[str, Any] = {
        "id": partner.id,
        "name": organization["name"],
        "kind": organization["kind"],
        "divisionCode": organization["division"]["code"],
        "industryCode": "9011",
    }
    await manager.run(document, input=given)

    # then nobody publishes it
    reasons = await manager.refused(
        "reviewInternship", "internship { status }", internshipId=listing, approve=True
    )
    assert reasons == [("NOT_ELIGIBLE", ["input", "internshipId"])]


async def test_a_place_alone_is_something_to_be_alerted_of(house: House) -> None:
    partner, youth = await house.partner(), await house.youth()
    saved = await youth.run(
        'mutation { createInternshipSearch(input: {name: "深圳", filter: {text: "深圳"}}) { search { id } } }'
    )
    await posted(partner, a_listing(title="会计助理", divisionCode="440305"))
    found = await youth.run(
        "{ viewer { youth { internshipSearches { newMatches matches { totalCount } } } } }"
    )
    assert saved["createInternshipSearch"]["search"]["id"]
    assert found["viewer"]["youth"]["internshipSearches"] == [{"newMatches": 1, "matches": {"totalCount": 1}}]


async def test_absent_and_null_are_different_inputs_for_a_key(house: House) -> None:
    partner, manager = await house.partner(employees=50), await house.staff(StaffRole.PROGRAMME_MANAGER)
    document = (
        "mutation ($input: UpsertOrganizationInput!)"
        " { upsertOrganization(input: $input) { organization { employeeCount } userErrors { code } } }"
    )
    given = {
        "id": partner.id,
        "name": "同名单位",
        "kind": "PRIVATE",
        "divisionCode": "440000",
        "idempotencyKey": "q",
    }
    kept = await manager.run(document, input=given)
    assert kept["upsertOrganization"]["organization"]["employeeCount"] == 50
    cleared = await manager.run(document, input={**given, "employeeCount": None})
    assert cleared["upsertOrganization"]["userErrors"] == [{"code": "IDEMPOTENCY_KEY_REUSED"}]


async def test_an_interview_invitation_names_its_time(house: House) -> None:
    partner, youth = await house.partner(), await house.youth()
    application = await applied(youth, await posted(partner, a_listing()))
    await advanced(partner, application, "SHORTLISTED")
    await partner.done(
        "advanceInternshipApplication",
        "application { status }",
        applicationId=application,
        to="INTERVIEW",
        interviewAt="2099-05-04T06:30:00Z",
    )
    await house.work()
    told = await youth.run("{ viewer { youth { notifications(first: 1) { nodes { body } } } } }")
    assert "2099-05-04 14:30" in told["viewer"]["youth"]["notifications"]["nodes"][0]["body"]


@pytest.mark.parametrize("name", ["verifyOrganization", "reviewInternship"])
async def test_notes_have_a_limit(house: House, name: str) -> None:
    partner, manager = await house.partner(verified=False), await house.staff(StaffRole.PROGRAMME_MANAGER)
    listing = await posted(partner, a_listing(), status="IN_REVIEW")
    subject = {"organizationId": partner.id, "verified": False}
    if name == "reviewInternship":
        subject = {"internshipId": listing, "approve": False}
    assert await manager.refused(name, "__typename", note="长" * 10_000, **subject) == [
        ("INVALID_INPUT", ["input", "note"])
    ]


async def test_a_digest_that_fails_holds_up_no_other(house: House) -> None:
    # given two alerts, one of whose filters no longer reads
    partner, first, second = await house.partner(), await house.youth(), await house.youth()
    for youth in (first, second):
        await youth.run(
            'mutation { createInternshipSearch(input: {name: "x", filter: {text: "茶艺"}}) { search { id } } }'
        )
    async with house.database.engine.begin() as connection:
        await connection.exec_driver_sql(
            'UPDATE internship_saved_search SET filter = \'{"kinds": ["NO_SUCH"]}\' WHERE youth_id = $1',
            (first.key,),
        )
    await posted(partner, a_listing(title="茶艺师"))

    # when the digests go out
    house.clock.move(days=1)
    await house.work()

    # then the other youth was told
    told = await second.run("{ viewer { youth { notifications { nodes { kind } } } } }")
    assert told["viewer"]["youth"]["notifications"]["nodes"] == [{"kind": "INTERNSHIP_SEARCH_MATCHED"}]
