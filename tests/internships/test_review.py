"""Review by staff: who may, what it does, what it means for the organization's record."""

from typing import Any

import pytest
from support.asking import accept, day, inbox, listing, sent
from support.client import Client
from support.house import House, Person
from support.listings import a_listing, applied, offered, posted, upserted

from domain.core.actors import StaffRole

MANAGER = StaffRole.PROGRAMME_MANAGER
REVIEWED = "internship { id status publishedAt }"


async def review(staff: Client, identity: str, *, approve: bool, note: str | None = None) -> Any:
    return await staff.done("reviewInternship", REVIEWED, internshipId=identity, approve=approve, note=note)


async def refused(staff: Client, identity: str, **given: Any) -> list[tuple[str, list[str] | None]]:
    given = {"approve": True, **given}
    return await staff.refused("reviewInternship", REVIEWED, internshipId=identity, **given)


async def queue(staff: Person, kinds: list[str] | None = None) -> list[str]:
    """Ids of what waits for the member, the oldest first."""
    data = await staff.run(
        "query ($kinds: [ReviewKind!]) { viewer { staff { reviewQueue(kinds: $kinds, first: 100) {"
        " totalCount nodes { kind subject { id } waitingSince overdue unit { id } } } } } }",
        kinds=kinds,
    )
    found = data["viewer"]["staff"]["reviewQueue"]
    assert found["totalCount"] == len(found["nodes"])
    return [item["subject"]["id"] for item in found["nodes"]]


async def test_an_approved_listing_is_published_and_its_organization_told(house: House) -> None:
    # given a listing in review
    partner, staff = await house.partner(verified=False), await house.staff(MANAGER)
    made = await posted(partner, a_listing(title="文员"), status="IN_REVIEW")

    # when staff approve it, twice
    approved = await review(staff, made, approve=True, note="欢迎")
    again = await review(staff, made, approve=True)

    # then it is published, once
    assert approved["internship"]["status"] == "PUBLISHED"
    assert approved["internship"]["publishedAt"] is not None
    assert again == approved
    record = await listing(partner, made, "history { status note }")
    assert record["history"] == [
        {"status": "IN_REVIEW", "note": None},
        {"status": "PUBLISHED", "note": "欢迎"},
    ]

    # and its organization reads so, once
    await house.work()
    approvals = [notice for notice in await inbox(partner) if notice["kind"] == "INTERNSHIP_APPROVED"]
    assert [notice["subject"]["id"] for notice in approvals] == [made]
    assert "文员" in approvals[0]["body"]


async def test_a_refusal_needs_a_reason_which_the_organization_reads(house: House) -> None:
    partner, staff = await house.partner(verified=False), await house.staff(MANAGER)
    made = await posted(partner, a_listing(), status="IN_REVIEW")

    for note in (None, "", "  "):
        assert await refused(staff, made, approve=False, note=note) == [("INVALID_INPUT", ["input", "note"])]
    await review(staff, made, approve=False, note="描述不清")

    assert await listing(house.anyone, made) is None
    record = await listing(partner, made, "status history { status note }")
    assert record["status"] == "REJECTED"
    assert record["history"][-1] == {"status": "REJECTED", "note": "描述不清"}
    await house.work()
    [notice, *_] = await inbox(partner)
    assert notice["kind"] == "INTERNSHIP_REFUSED"
    assert "描述不清" in notice["body"]


@pytest.mark.parametrize(
    ("unit", "reaches"),
    [
        ("440106", True),  # the organization's own county
        ("440100", True),  # the city above
        ("440000", True),  # the province
        ("440105", False),  # the county beside
        ("440300", False),  # another city
    ],
)
async def test_staff_review_within_their_unit_and_below(house: House, unit: str, reaches: bool) -> None:
    partner = await house.partner(verified=False, division_code="440106")
    made = await posted(partner, a_listing(), status="IN_REVIEW")
    staff = await house.staff(MANAGER, unit=unit)

    assert (made in await queue(staff)) is reaches
    if reaches:
        assert (await listing(staff, made))["status"] == "IN_REVIEW"
        await review(staff, made, approve=True)
    else:
        assert await listing(staff, made) is None
        assert await refused(staff, made) == [("NOT_FOUND", ["input", "internshipId"])]
        assert (await listing(partner, made))["status"] == "IN_REVIEW"


async def test_staff_never_review_above_their_unit(house: House) -> None:
    partner = await house.partner(verified=False, division_code="440100")
    made = await posted(partner, a_listing(divisionCode="440106"), status="IN_REVIEW")
    below = await house.staff(MANAGER, unit="440106")

    assert await refused(below, made) == [("NOT_FOUND", ["input", "internshipId"])]
    assert made not in await queue(below)


@pytest.mark.parametrize("role", list(StaffRole))
async def test_programme_managers_and_admins_review(house: House, role: StaffRole) -> None:
    partner, staff = await house.partner(verified=False), await house.staff(role)
    made = await posted(partner, a_listing(), status="IN_REVIEW")

    if role in {StaffRole.ADMIN, MANAGER}:
        assert made in await queue(staff)
        await review(staff, made, approve=True)
    else:
        assert await queue(staff) == []
        assert await refused(staff, made) == [("FORBIDDEN", None)]


async def test_nobody_else_reviews(house: House) -> None:
    partner = await house.partner(verified=False)
    made = await posted(partner, a_listing(), status="IN_REVIEW")

    assert await refused(partner, made) == [("FORBIDDEN", None)]
    assert await refused(await house.youth(), made) == [("FORBIDDEN", None)]
    assert await refused(house.anyone, made) == [("UNAUTHENTICATED", None)]
    assert (await listing(partner, made))["status"] == "IN_REVIEW"


async def test_only_what_is_in_review_is_decided(house: House) -> None:
    partner, staff = await house.partner(), await house.staff(MANAGER)
    published, closed = [await posted(partner, a_listing()) for _ in range(2)]
    await partner.done("closeInternship", "internship { id }", internshipId=closed)

    not_now = [("INVALID_STATE", ["input", "internshipId"])]
    assert await refused(staff, published, approve=False, note="x") == not_now
    assert await refused(staff, closed) == not_now
    assert await refused(staff, "nonsense") == [("NOT_FOUND", ["input", "internshipId"])]


async def test_a_refused_listing_spoils_the_record_for_a_while(house: House) -> None:
    # given a verified organization with a listing that was refused (its division reviewed it)
    partner, staff = await house.partner(employees=None), await house.staff(MANAGER)
    bad = await posted(partner, a_listing(), status="IN_REVIEW")
    await review(staff, bad, approve=False, note="虚假信息")
    await sent(
        staff,
        "upsertOrganization",
        "organization { id }",
        {
            "id": partner.id,
            "name": "广州示例",
            "kind": "PRIVATE",
            "divisionCode": "440000",
            "employeeCount": 1_000,
        },
    )

    # when it posts again, then staff look first; half a year later they need not
    await posted(partner, a_listing(), status="IN_REVIEW")
    house.clock.move(days=179)
    await posted(partner, a_listing(), status="IN_REVIEW")
    house.clock.move(days=2)
    await posted(partner, a_listing(), status="PUBLISHED")


async def test_a_refused_listing_goes_to_review_again_when_it_is_changed(house: House) -> None:
    partner, staff, said = await house.partner(verified=False), await house.staff(MANAGER), a_listing()
    made = await posted(partner, said, status="IN_REVIEW")
    await review(staff, made, approve=False, note="标题不清")

    [same] = await upserted(partner, said)
    assert (same["outcome"], same["internship"]["status"]) == ("UNCHANGED", "REJECTED")

    [changed] = await upserted(partner, {**said, "title": "清楚的标题"})
    assert (changed["outcome"], changed["internship"]["status"]) == ("UPDATED", "IN_REVIEW")
    assert made in await queue(staff)
    assert (await review(staff, made, approve=True))["internship"]["status"] == "PUBLISHED"


async def test_a_change_by_an_organization_under_review_leaves_the_lists_until_approved(house: House) -> None:
    # given an unverified organization's published listing, to which a youth applied
    partner, staff, youth = (
        await house.partner(verified=False),
        await house.staff(MANAGER),
        await house.youth(),
    )
    said = a_listing(headcount=2)
    made = await posted(partner, said, status="IN_REVIEW")
    await review(staff, made, approve=True)
    application = await applied(youth, made)

    # when it is changed, it waits again
    [changed] = await upserted(partner, {**said, "title": "改过的标题"})
    assert changed["internship"]["status"] == "IN_REVIEW"
    assert await listing(house.anyone, made) is None

    # then the youth still reads the application
    data = await youth.run(
        "{ viewer { youth { internshipApplications { nodes { id internship { id status } } } } } }"
    )
    assert data["viewer"]["youth"]["internshipApplications"]["nodes"] == [
        {"id": application, "internship": {"id": made, "status": "IN_REVIEW"}}
    ]


async def test_a_listing_that_filled_up_while_in_review_is_not_published(house: House) -> None:
    # given an offer for the only place of a listing that is in review again
    partner, staff, youth = (
        await house.partner(verified=False),
        await house.staff(MANAGER),
        await house.youth(),
    )
    said = a_listing()
    made = await posted(partner, said, status="IN_REVIEW")
    await review(staff, made, approve=True)
    application = await offered(partner, youth, made)
    await upserted(partner, {**said, "title": "改过的标题"})

    # when the youth accepts and staff then approve
    await accept(youth, application)
    await review(staff, made, approve=True)

    # then there is nothing to list
    assert await listing(house.anyone, made, "status remainingHeadcount") == {
        "status": "CLOSED",
        "remainingHeadcount": 0,
    }


async def test_staff_cannot_publish_past_the_share_of_employees(house: House) -> None:
    partner, staff = await house.partner(verified=False, employees=10), await house.staff(MANAGER)
    first, second = [await posted(partner, a_listing(headcount=2), status="IN_REVIEW") for _ in range(2)]

    await review(staff, first, approve=True)
    assert [code for code, _ in await refused(staff, second)] == ["QUOTA_EXCEEDED"]
    assert (await listing(partner, second))["status"] == "IN_REVIEW"


async def test_staff_cannot_publish_what_is_past_its_last_day(house: House) -> None:
    partner, staff = await house.partner(verified=False), await house.staff(MANAGER)
    made = await posted(partner, a_listing(applyBy=day(house)), status="IN_REVIEW")
    house.clock.move(days=1)

    assert [code for code, _ in await refused(staff, made)] == ["INVALID_INPUT"]
    await review(staff, made, approve=False, note="已过截止日期")


async def test_the_review_queue_holds_what_waits_the_oldest_first(house: House) -> None:
    # given two listings and an organization that wait in a city of their own
    staff = await house.staff(MANAGER, unit="440500")
    partner = await house.partner(verified=False, division_code="440500")
    house.clock.move(minutes=1)
    first = await posted(partner, a_listing(), status="IN_REVIEW")
    house.clock.move(minutes=1)
    second = await posted(partner, a_listing(), status="IN_REVIEW")

    assert await queue(staff) == [partner.id, first, second]
    assert await queue(staff, ["INTERNSHIP"]) == [first, second]
    assert await queue(staff, ["ORGANIZATION"]) == [partner.id]
    assert await queue(staff, ["CASE"]) == []

    # when one is decided, it waits no more
    await review(staff, first, approve=True)
    assert await queue(staff, ["INTERNSHIP"]) == [second]


async def test_a_colleagues_queue_is_not_shown(house: House) -> None:
    staff, colleague = await house.staff(MANAGER, unit="440600"), await house.staff(MANAGER, unit="440600")
    partner = await house.partner(verified=False, division_code="440600")
    await posted(partner, a_listing(), status="IN_REVIEW")

    data = await staff.run(
        "query ($id: ID!) { node(id: $id) { ... on StaffMember { reviewQueue { totalCount } } } }",
        id=colleague.id,
    )
    assert data["node"]["reviewQueue"]["totalCount"] == 0
