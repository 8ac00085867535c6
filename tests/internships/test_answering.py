"""An application moves along the drawn edges only, each by whose move it is."""

import pytest
from support.asking import application, brought_to, inbox, instant, listing
from support.house import House
from support.listings import a_listing, advanced, applied, posted

BY_ORGANIZATION = {
    "SUBMITTED": {"SHORTLISTED", "REJECTED"},
    "SHORTLISTED": {"INTERVIEW", "REJECTED"},
    "INTERVIEW": {"OFFERED", "REJECTED"},
    "OFFERED": {"REJECTED"},
    "ACCEPTED": {"ONBOARDED"},
    "ONBOARDED": {"COMPLETED"},
    "COMPLETED": set(),
    "REJECTED": set(),
    "DECLINED": set(),
    "WITHDRAWN": set(),
}
ADVANCES = ("SHORTLISTED", "INTERVIEW", "OFFERED", "REJECTED", "ONBOARDED", "COMPLETED")
BY_YOUTH = {
    "SUBMITTED": {"WITHDRAWN"},
    "SHORTLISTED": {"WITHDRAWN"},
    "INTERVIEW": {"WITHDRAWN"},
    "OFFERED": {"WITHDRAWN", "ACCEPTED", "DECLINED"},
    "ACCEPTED": {"WITHDRAWN"},
}
ADVANCE, SHOWN = "advanceInternshipApplication", "application { id status }"
RECORD = "status updatedAt interviewAt history { status at note }"


@pytest.mark.parametrize("before", BY_ORGANIZATION)
async def test_the_organization_moves_along_its_edges_only(house: House, before: str) -> None:
    partner = await house.partner()
    made = await posted(partner, a_listing(headcount=3))
    still = await brought_to(partner, await house.youth(), made, before)
    record = await application(partner, still, RECORD)

    for after in ADVANCES:
        if after == before:  # said again: the record, without an error, as it was
            payload = await partner.done(ADVANCE, SHOWN, applicationId=still, to=after)
            assert payload["application"] == {"id": still, "status": before}
        elif after in BY_ORGANIZATION[before]:
            moved = await brought_to(partner, await house.youth(), made, before)
            payload = await partner.done(ADVANCE, SHOWN, applicationId=moved, to=after)
            assert payload["application"]["status"] == after
            history = (await application(partner, moved, "history { status }"))["history"]
            assert [move["status"] for move in history][-2:] == [before, after]
        else:
            assert await partner.refused(ADVANCE, SHOWN, applicationId=still, to=after) == [
                ("INVALID_STATE", ["input", "to"])
            ]
    assert await application(partner, still, RECORD) == record


@pytest.mark.parametrize("before", BY_ORGANIZATION)
async def test_the_youth_moves_along_its_edges_only(house: House, before: str) -> None:
    partner = await house.partner()
    made = await posted(partner, a_listing(headcount=4))
    moves = {
        "WITHDRAWN": ("withdrawInternshipApplication", {}),
        "ACCEPTED": ("respondToInternshipOffer", {"accept": True}),
        "DECLINED": ("respondToInternshipOffer", {"accept": False}),
    }
    youth = await house.youth()
    still = await brought_to(partner, youth, made, before)
    record = await application(youth, still, RECORD)

    for after, (mutation, given) in moves.items():
        if after in BY_YOUTH.get(before, ()):
            other = await house.youth()
            moved = await brought_to(partner, other, made, before)
            payload = await other.done(mutation, SHOWN, applicationId=moved, **given)
            assert payload["application"]["status"] == after
        elif after == before or (after == "ACCEPTED" and before in ("ONBOARDED", "COMPLETED")):
            # The same answer again, however far things have gone on since.
            payload = await youth.done(mutation, SHOWN, applicationId=still, **given)
            assert payload["application"] == {"id": still, "status": before}
        else:
            assert await youth.refused(mutation, SHOWN, applicationId=still, **given) == [
                ("INVALID_STATE", ["input", "applicationId"])
            ]
    assert await application(youth, still, RECORD) == record


async def test_the_organization_has_no_say_in_what_is_the_youths(house: House) -> None:
    partner, youth = await house.partner(), await house.youth()
    sent = await applied(youth, await posted(partner, a_listing()))
    document = (
        "mutation ($id: ID!) { advanceInternshipApplication(input: {applicationId: $id, to: %s})"
        " { application { id } } }"
    )
    for state in ("ACCEPTED", "WITHDRAWN", "DECLINED", "SUBMITTED"):
        await partner.errors(document % state, id=sent)
    assert (await application(youth, sent))["status"] == "SUBMITTED"


async def test_another_organizations_application_is_not_found(house: House) -> None:
    partner, other, youth = await house.partner(), await house.partner(), await house.youth()
    made = await posted(partner, a_listing())
    sent = await applied(youth, made)

    for identity in (sent, made, "nonsense"):
        assert await other.refused(ADVANCE, SHOWN, applicationId=identity, to="SHORTLISTED") == [
            ("NOT_FOUND", ["input", "applicationId"])
        ]


async def test_another_youths_application_is_not_found(house: House) -> None:
    partner, youth, other = await house.partner(), await house.youth(), await house.youth()
    sent = await brought_to(partner, youth, await posted(partner, a_listing()), "OFFERED")

    not_found = [("NOT_FOUND", ["input", "applicationId"])]
    assert await other.refused("withdrawInternshipApplication", SHOWN, applicationId=sent) == not_found
    for accept in (True, False):
        assert (
            await other.refused("respondToInternshipOffer", SHOWN, applicationId=sent, accept=accept)
            == not_found
        )
    assert (await application(youth, sent))["status"] == "OFFERED"


async def test_only_a_token_with_the_scope_answers(house: House) -> None:
    partner, youth = await house.partner(), await house.youth()
    sent = await applied(youth, await posted(partner, a_listing()))
    reading = await house.partner(
        existing=partner.key, scopes=("internships:read", "internships:write", "applications:read")
    )

    for client, code in (
        (reading, "FORBIDDEN"),
        (youth, "FORBIDDEN"),
        (await house.staff(), "FORBIDDEN"),
        (house.anyone, "UNAUTHENTICATED"),
    ):
        assert await client.refused(ADVANCE, SHOWN, applicationId=sent, to="SHORTLISTED") == [(code, None)]
    assert (await application(youth, sent))["status"] == "SUBMITTED"


async def test_only_the_youth_withdraws_or_answers_an_offer(house: House) -> None:
    partner, youth = await house.partner(), await house.youth()
    sent = await brought_to(partner, youth, await posted(partner, a_listing()), "OFFERED")

    for client, code in ((partner, "FORBIDDEN"), (house.anyone, "UNAUTHENTICATED")):
        for mutation, given in (
            ("withdrawInternshipApplication", {}),
            ("respondToInternshipOffer", {"accept": True}),
        ):
            assert await client.refused(mutation, SHOWN, applicationId=sent, **given) == [(code, None)]


async def test_an_invitation_says_when(house: House) -> None:
    partner, youth = await house.partner(), await house.youth()
    sent = await brought_to(partner, youth, await posted(partner, a_listing()), "SHORTLISTED")
    when = instant(house, days=2)

    # not in the past, and not with anything else
    for given in (
        {"to": "INTERVIEW", "interviewAt": instant(house, minutes=-1)},
        {"to": "REJECTED", "interviewAt": when},
    ):
        assert await partner.refused(ADVANCE, SHOWN, applicationId=sent, **given) == [
            ("INVALID_INPUT", ["input", "interviewAt"])
        ]
    await partner.done(ADVANCE, SHOWN, applicationId=sent, to="INTERVIEW", interviewAt=when)

    shown = (await application(youth, sent, "interviewAt"))["interviewAt"]
    assert shown == when.replace("+00:00", "Z")


async def test_a_note_is_told_and_kept_in_the_history(house: House) -> None:
    partner, youth = await house.partner(), await house.youth()
    sent = await applied(youth, await posted(partner, a_listing(title="会计")))

    assert await partner.refused(ADVANCE, SHOWN, applicationId=sent, to="SHORTLISTED", note="话" * 1_001) == [
        ("INVALID_INPUT", ["input", "note"])
    ]
    await partner.done(ADVANCE, SHOWN, applicationId=sent, to="SHORTLISTED", note="请带 {证件}")

    history = (await application(youth, sent, "history { status note }"))["history"]
    assert history[-1] == {"status": "SHORTLISTED", "note": "请带 {证件}"}
    await house.work()
    [notice] = await inbox(youth)
    assert notice["subject"] == {"id": sent}
    assert "会计" in notice["body"]
    assert "请带 {证件}" in notice["body"]


async def test_the_organization_is_told_of_the_youths_moves_and_the_youth_of_its(house: House) -> None:
    partner, youth = await house.partner(), await house.youth()
    made = await posted(partner, a_listing())
    await brought_to(partner, youth, made, "COMPLETED")
    await house.work()

    prefix = "INTERNSHIP_APPLICATION_"
    told = [notice["kind"].removeprefix(prefix) for notice in await inbox(youth)]
    assert told == ["COMPLETED", "ONBOARDED", "OFFERED", "INTERVIEW", "SHORTLISTED"]
    told = [notice["kind"].removeprefix(prefix) for notice in await inbox(partner)]
    assert [kind for kind in told if kind in {"SUBMITTED", "ACCEPTED"}] == ["ACCEPTED", "SUBMITTED"]


async def test_an_answer_once_told_is_not_told_again(house: House) -> None:
    partner, youth = await house.partner(), await house.youth()
    sent = await applied(youth, await posted(partner, a_listing()))
    for _ in range(3):
        await advanced(partner, sent, "SHORTLISTED")
        await house.work()

    assert [notice["kind"] for notice in await inbox(youth)] == ["INTERNSHIP_APPLICATION_SHORTLISTED"]


async def test_an_advance_does_not_touch_places(house: House) -> None:
    partner, youth = await house.partner(), await house.youth()
    made = await posted(partner, a_listing())

    await brought_to(partner, youth, made, "OFFERED")

    assert await listing(house.anyone, made, "remainingHeadcount") == {"remainingHeadcount": 1}
