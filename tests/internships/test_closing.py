"""How a listing leaves the lists, and how it comes back."""

import pytest
from support.asking import accept, application, day, found, listing, refusals, withdraw
from support.house import House
from support.listings import a_listing, applied, offered, posted, upserted

CLOSED = "internship { id status }"


async def moves(client, identity: str) -> list[str]:  # noqa: ANN001  # any client
    return [move["status"] for move in (await listing(client, identity, "history { status }"))["history"]]


async def test_a_closed_listing_is_not_listed_but_readable_by_its_id(house: House) -> None:
    # given a published listing
    partner = await house.partner()
    made = await posted(partner, a_listing())
    assert made in await found(house.anyone)

    # when its organization closes it, twice
    first = await partner.done("closeInternship", CLOSED, internshipId=made)
    again = await partner.done("closeInternship", CLOSED, internshipId=made)

    # then
    assert first == again
    assert first["internship"] == {"id": made, "status": "CLOSED"}
    assert made not in await found(house.anyone)
    assert (await listing(house.anyone, made))["status"] == "CLOSED"
    assert await moves(partner, made) == ["PUBLISHED", "CLOSED"]


async def test_applications_go_on_when_the_organization_closes_its_listing(house: House) -> None:
    partner, youth = await house.partner(), await house.youth()
    made = await posted(partner, a_listing())
    offer = await offered(partner, youth, made)

    await partner.done("closeInternship", CLOSED, internshipId=made)
    await accept(youth, offer)

    assert (await application(youth, offer))["status"] == "ACCEPTED"


async def test_only_its_organization_with_the_scope_closes_a_listing(house: House) -> None:
    partner = await house.partner()
    made = await posted(partner, a_listing())
    unscoped = await house.partner(scopes=("internships:read",), existing=partner.key)

    not_found = [("NOT_FOUND", ["input", "internshipId"])]
    assert await (await house.partner()).refused("closeInternship", CLOSED, internshipId=made) == not_found
    assert await partner.refused("closeInternship", CLOSED, internshipId=partner.id) == not_found
    for client, code in (
        (unscoped, "FORBIDDEN"),
        (await house.youth(), "FORBIDDEN"),
        (await house.staff(), "FORBIDDEN"),
        (house.anyone, "UNAUTHENTICATED"),
    ):
        assert await client.refused("closeInternship", CLOSED, internshipId=made) == [(code, None)]
    assert (await listing(house.anyone, made))["status"] == "PUBLISHED"


async def test_what_waits_for_review_may_be_closed(house: House) -> None:
    partner = await house.partner(verified=False)
    made = await posted(partner, a_listing(), status="IN_REVIEW")

    payload = await partner.done("closeInternship", CLOSED, internshipId=made)

    assert payload["internship"]["status"] == "CLOSED"


async def test_after_its_last_day_a_listing_is_closed_before_and_after_the_worker_ran(house: House) -> None:
    # given a listing whose last day is today
    partner = await house.partner()
    made = await posted(partner, a_listing(applyBy=day(house)))
    assert (await listing(house.anyone, made))["status"] == "PUBLISHED"
    mine = (
        "query ($id: ID!, $s: [InternshipStatus!]) { node(id: $id) { ... on Organization {"
        " internships(statuses: $s) { nodes { id status } } } } }"
    )

    async def with_status(status: str) -> list[str]:
        data = await partner.run(mine, id=partner.id, s=[status])
        return [node["id"] for node in data["node"]["internships"]["nodes"]]

    # when the day is over, it is closed for everyone, whether or not the worker has been by
    house.clock.move(days=1)
    for worker_ran in (False, True):
        if worker_ran:
            await house.work()
        assert (await listing(house.anyone, made))["status"] == "CLOSED"
        assert made not in await found(house.anyone)
        assert await with_status("CLOSED") == [made]
        assert await with_status("PUBLISHED") == []
        assert await refusals(await house.youth(), made) == ["INVALID_STATE"]
    assert await moves(partner, made) == ["PUBLISHED", "CLOSED"]

    # and the worker writes so once
    house.clock.move(days=1)
    await house.work()
    assert await moves(partner, made) == ["PUBLISHED", "CLOSED"]


@pytest.mark.parametrize("worker_ran", [False, True])
async def test_a_new_last_day_publishes_the_listing_again(house: House, worker_ran: bool) -> None:
    partner, said = await house.partner(), a_listing(applyBy=day(house))
    made = await posted(partner, said)
    before = await listing(partner, made, "publishedAt")
    house.clock.move(days=1)
    if worker_ran:
        await house.work()

    [same] = await upserted(partner, said)
    assert (same["outcome"], same["internship"]["status"]) == ("UNCHANGED", "CLOSED")
    [again] = await upserted(partner, {**said, "applyBy": day(house, 7)})

    assert (again["outcome"], again["internship"]["status"]) == ("UPDATED", "PUBLISHED")
    assert made in await found(house.anyone)
    assert (await listing(partner, made, "publishedAt"))["publishedAt"] > before["publishedAt"]
    await applied(await house.youth(), made)


async def test_a_new_headcount_publishes_a_full_listing_again(house: House) -> None:
    partner, youth, said = await house.partner(), await house.youth(), a_listing()
    made = await posted(partner, said)
    await accept(youth, await offered(partner, youth, made))
    assert (await listing(house.anyone, made))["status"] == "CLOSED"
    assert made not in await found(house.anyone)

    # other words alone do not
    [reworded] = await upserted(partner, {**said, "title": "别的标题"})
    assert reworded["internship"]["status"] == "CLOSED"

    [again] = await upserted(partner, {**said, "headcount": 2})
    assert again["internship"]["status"] == "PUBLISHED"
    assert await listing(house.anyone, made, "remainingHeadcount") == {"remainingHeadcount": 1}


@pytest.mark.parametrize("change", ["headcount", "applyBy"])
async def test_what_its_organization_closed_comes_back_by_a_new_headcount_or_last_day(
    house: House, change: str
) -> None:
    partner, said = await house.partner(), a_listing(applyBy=day(house, 5))
    made = await posted(partner, said)
    await partner.done("closeInternship", CLOSED, internshipId=made)

    [reworded] = await upserted(partner, {**said, "title": "别的标题"})
    assert reworded["internship"]["status"] == "CLOSED"

    new = {"headcount": 2} if change == "headcount" else {"applyBy": day(house, 9)}
    [again] = await upserted(partner, {**said, **new})
    assert again["internship"]["status"] == "PUBLISHED"


async def test_a_place_given_back_after_the_last_day_is_listed_by_a_new_one(house: House) -> None:
    # given a full listing whose last day is past, and whose youth then withdraws
    partner, youth = await house.partner(), await house.youth()
    said = a_listing(applyBy=day(house))
    made = await posted(partner, said)
    place = await offered(partner, youth, made)
    await accept(youth, place)
    house.clock.move(days=1)
    await withdraw(youth, place)
    assert (await listing(house.anyone, made))["status"] == "CLOSED"

    [again] = await upserted(partner, {**said, "applyBy": day(house, 7)})

    assert again["internship"]["status"] == "PUBLISHED"


async def test_what_is_published_again_passes_the_gate_again(house: House) -> None:
    partner, said = await house.partner(employees=10), a_listing(headcount=3, applyBy=day(house))
    await posted(partner, said)
    house.clock.move(days=1)
    await posted(partner, a_listing(headcount=3))

    [again] = await upserted(partner, {**said, "applyBy": day(house, 7)})

    assert again["outcome"] == "REJECTED"
    assert [reason["code"] for reason in again["userErrors"]] == ["QUOTA_EXCEEDED"]
