"""Who sees what of listings, applications and applicants."""

import pytest
from support.asking import accept, application, brought_to, listing, node, withdraw
from support.client import Client
from support.house import House
from support.listings import a_listing, advanced, applied, posted

from domain.core.actors import StaffRole

MANAGER = StaffRole.PROGRAMME_MANAGER
CARD = "applicant { id maskedName legalName phone }"


async def of_listing(client: Client, identity: str) -> list[str] | None:
    """Ids of the listing's applications; None where the client may not see them."""
    found = (await listing(client, identity, "applications { nodes { id } }"))["applications"]
    return None if found is None else [row["id"] for row in found["nodes"]]


async def of_organization(client: Client, identity: str) -> list[str] | None:
    found = (await node(client, "Organization", identity, "applications { nodes { id } }"))["applications"]
    return None if found is None else [row["id"] for row in found["nodes"]]


async def test_applications_are_seen_by_the_organization_staff_in_reach_and_their_youth(house: House) -> None:
    # given an application to an organization of a county
    partner, youth = await house.partner(division_code="440106"), await house.youth()
    made = await posted(partner, a_listing())
    sent = await applied(youth, made)

    # then these see it
    for reader in (partner, await house.staff(MANAGER), await house.staff(MANAGER, unit="440106")):
        assert await of_listing(reader, made) == [sent]
        assert await of_organization(reader, partner.id) == [sent]
        assert (await application(reader, sent))["status"] == "SUBMITTED"
    assert (await application(youth, sent))["status"] == "SUBMITTED"

    # and nobody else
    others = [
        house.anyone,
        await house.youth(),
        await house.partner(),
        await house.partner(existing=partner.key, scopes=("internships:read", "applications:write")),
        await house.staff(MANAGER, unit="440105"),
        await house.staff(StaffRole.AUDITOR, StaffRole.HOSTEL_OPERATOR, StaffRole.CASE_WORKER),
    ]
    for reader in others:
        assert await of_listing(reader, made) is None
        assert await of_organization(reader, partner.id) is None
        assert await application(reader, sent) is None
    assert await of_listing(youth, made) is None


async def test_the_organization_knows_name_and_number_from_accepted_until_withdrawn(house: House) -> None:
    partner, youth = await house.partner(), await house.youth(verified=True)
    made = await posted(partner, a_listing(headcount=2))
    sent = await brought_to(partner, youth, made, "OFFERED")
    own = (await application(youth, sent, CARD))["applicant"]
    assert own["phone"] == youth.phone
    masked = {"id": youth.id, "maskedName": own["maskedName"], "legalName": None, "phone": None}
    assert own["maskedName"] == own["legalName"][0] + "*" * (len(own["legalName"]) - 1)

    # until then it is masked
    assert (await application(partner, sent, CARD))["applicant"] == masked
    # accepted and on: in full
    await accept(youth, sent)
    assert (await application(partner, sent, CARD))["applicant"] == own
    # withdrawn: gone again
    await withdraw(youth, sent)
    assert (await application(partner, sent, CARD))["applicant"] == masked


@pytest.mark.parametrize("status", ["ONBOARDED", "COMPLETED"])
async def test_name_and_number_stay_known_while_the_youth_holds_the_place(house: House, status: str) -> None:
    partner, youth = await house.partner(), await house.youth(verified=True)
    sent = await brought_to(partner, youth, await posted(partner, a_listing()), status)

    assert (await application(partner, sent, CARD))["applicant"]["phone"] == youth.phone


@pytest.mark.parametrize("status", ["SUBMITTED", "SHORTLISTED", "INTERVIEW", "REJECTED", "DECLINED"])
async def test_name_and_number_are_masked_otherwise(house: House, status: str) -> None:
    partner, youth = await house.partner(), await house.youth(verified=True)
    sent = await brought_to(partner, youth, await posted(partner, a_listing()), status)

    card = (await application(partner, sent, CARD))["applicant"]
    assert card["legalName"] is None
    assert card["phone"] is None
    assert card["maskedName"].endswith("*")


async def test_staff_see_applicants_masked(house: House) -> None:
    partner, youth, staff = (
        await house.partner(),
        await house.youth(verified=True),
        await house.staff(MANAGER),
    )
    sent = await brought_to(partner, youth, await posted(partner, a_listing()), "ACCEPTED")

    card = (await application(staff, sent, CARD))["applicant"]

    assert card["legalName"] is None
    assert card["phone"] is None


async def test_an_unverified_youth_has_no_name_to_mask(house: House) -> None:
    partner, youth = await house.partner(), await house.youth()
    sent = await brought_to(partner, youth, await posted(partner, a_listing()), "ACCEPTED")

    assert (await application(partner, sent, CARD))["applicant"] == {
        "id": youth.id,
        "maskedName": None,
        "legalName": None,
        "phone": youth.phone,
    }


async def test_letter_and_resume_are_gone_from_the_organizations_view_once_withdrawn(house: House) -> None:
    partner, youth = await house.partner(), await house.youth()
    letter = {"coverLetter": "我的信", "resumeUrl": "https://example.org/cv"}
    sent = await applied(youth, await posted(partner, a_listing()), **letter)
    assert await application(partner, sent, "coverLetter resumeUrl") == letter

    await withdraw(youth, sent)

    assert await application(partner, sent, "coverLetter resumeUrl") == {
        "coverLetter": None,
        "resumeUrl": None,
    }
    assert await application(youth, sent, "coverLetter resumeUrl") == letter


async def test_letters_and_resumes_do_not_stand_in_the_database_in_clear(house: House) -> None:
    youth, made = await house.youth(), await posted(await house.partner(), a_listing())
    await applied(youth, made, coverLetter="SECRETLETTER", resumeUrl="https://example.org/SECRETRESUME")

    async with house.database.engine.connect() as connection:
        rows = await connection.exec_driver_sql("SELECT t::text FROM internship_application t")
        assert not [row for (row,) in rows if b"SECRET".hex() in row or "SECRET" in row]


async def test_another_youth_is_not_found_by_id(house: House) -> None:
    youth, other = await house.youths(2)
    for reader in (other, house.anyone, await house.partner(), await house.staff(StaffRole.ADMIN)):
        assert await node(reader, "Youth", youth.id, "id phone") is None
    assert await node(youth, "Youth", youth.id, "id phone") == {"id": youth.id, "phone": youth.phone}


async def test_applications_by_state_and_by_change(house: House) -> None:
    partner, made = await house.partner(), None
    made = await posted(partner, a_listing(headcount=5))
    one, two, three = await house.youths(3)
    submitted = await applied(one, made)
    shortlisted = await brought_to(partner, two, made, "SHORTLISTED")
    rejected = await brought_to(partner, three, made, "REJECTED")

    async def of_states(kind: str, identity: str, **arguments: object) -> list[str]:
        given = ", ".join(f"${name}: {kind}" for name, kind in ARGUMENTS[kind].items())
        passed = ", ".join(f"{name}: ${name}" for name in ARGUMENTS[kind])
        data = await partner.run(
            f"query ($id: ID!, {given}) {{ node(id: $id) {{ ... on {kind}"
            f" {{ applications({passed}) {{ nodes {{ id }} totalCount }} }} }} }}",
            id=identity,
            **arguments,
        )
        found = data["node"]["applications"]
        assert found["totalCount"] == len(found["nodes"])
        return [row["id"] for row in found["nodes"]]

    for kind, identity in (("Internship", made), ("Organization", partner.id)):
        assert await of_states(kind, identity) == [rejected, shortlisted, submitted]
        assert await of_states(kind, identity, statuses=["SHORTLISTED", "SUBMITTED"]) == [
            shortlisted,
            submitted,
        ]
        assert await of_states(kind, identity, statuses=["OFFERED"]) == []
        assert await of_states(kind, identity, statuses=[]) == []

    # and the organization may ask for what changed
    house.clock.move(minutes=1)
    since = house.clock().isoformat()
    assert await of_states("Organization", partner.id, updatedSince=since) == []
    await advanced(partner, submitted, "SHORTLISTED")
    assert await of_states("Organization", partner.id, updatedSince=since) == [submitted]


ARGUMENTS = {
    "Internship": {"statuses": "[ApplicationStatus!]"},
    "Organization": {"statuses": "[ApplicationStatus!]", "updatedSince": "DateTime"},
}


async def test_others_see_an_organizations_published_listings_alone(house: House) -> None:
    # given a published, a closed and a waiting listing of one organization
    partner = await house.partner(employees=None)
    staff = await house.staff(MANAGER)
    published, closed, waiting = [await posted(partner, a_listing(), status="IN_REVIEW") for _ in range(3)]
    for identity in (published, closed):
        await staff.done("reviewInternship", "internship { id }", internshipId=identity, approve=True)
    await partner.done("closeInternship", "internship { id }", internshipId=closed)

    async def seen(client: Client, statuses: list[str] | None = None) -> list[str]:
        data = await client.run(
            "query ($id: ID!, $s: [InternshipStatus!]) { node(id: $id) { ... on Organization {"
            " internships(statuses: $s) { nodes { id } totalCount } } } }",
            id=partner.id,
            s=statuses,
        )
        found = data["node"]["internships"]
        assert found["totalCount"] == len(found["nodes"])
        return [row["id"] for row in found["nodes"]]

    # then its own people and staff in reach see all three, and by state
    for client in (partner, staff):
        assert await seen(client) == [waiting, closed, published]
        assert await seen(client, ["CLOSED", "IN_REVIEW"]) == [waiting, closed]
        assert await seen(client, ["PUBLISHED"]) == [published]

    # and others the published one, whatever they ask for; the closed one by its id
    for client in (house.anyone, await house.youth(), await house.partner()):
        assert await seen(client) == [published]
        assert await seen(client, ["CLOSED", "IN_REVIEW", "REJECTED", "DRAFT"]) == []
        assert await listing(client, closed, "id") == {"id": closed}
        assert await listing(client, waiting, "id") is None


async def test_records_of_an_organization_are_null_for_others(house: House) -> None:
    partner, staff = await house.partner(division_code="440106"), await house.staff(MANAGER, unit="440100")
    made = await posted(partner, a_listing())
    records = "history { status } apiTokens { id } applications { totalCount }"

    for client in (partner, staff):
        found = await node(client, "Organization", partner.id, records)
        assert [move["status"] for move in found["history"]] == ["UNVERIFIED", "VERIFIED"]
        assert [token["id"] for token in found["apiTokens"]] == [partner.token_id]
        assert found["applications"] == {"totalCount": 0}
        history = (await listing(client, made, "history { status }"))["history"]
        assert history == [{"status": "PUBLISHED"}]

    nothing = {"history": None, "apiTokens": None, "applications": None}
    others = [
        house.anyone,
        await house.youth(),
        await house.partner(),
        await house.staff(MANAGER, unit="440300"),
        await house.staff(StaffRole.CASE_WORKER),
    ]
    for client in others:
        assert await node(client, "Organization", partner.id, records) == nothing
        assert await listing(client, made, "history { status } applications { totalCount }") == {
            "history": None,
            "applications": None,
        }
        assert await node(client, "ApiToken", partner.token_id, "id") is None


async def test_nobody_else_has_a_viewers_application(house: House) -> None:
    partner, youth = await house.partner(), await house.youth()
    made = await posted(partner, a_listing())
    await applied(youth, made)

    for client in (house.anyone, partner, await house.youth()):
        assert await listing(client, made, "viewerApplication { id } viewerHasBookmarked") == {
            "viewerApplication": None,
            "viewerHasBookmarked": False,
        }
