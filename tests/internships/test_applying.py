"""May I apply? Every reason why not, the same in `viewerEligibility` and in the mutation; and idempotency."""

from datetime import date
from typing import Any

import pytest
from support.asking import (
    accept,
    application,
    brought_to,
    day,
    decided,
    listing,
    refusals,
    withdraw,
)
from support.client import Client
from support.house import House
from support.listings import a_listing, advanced, applied, offered, posted, upserted

from domain.accounts.models import Track
from domain.internships.policies import OPEN_APPLICATIONS_MOST

ELIGIBILITY = "viewerEligibility { eligible reasons { code message field } }"


async def reasons(client: Client, identity: str, code: str | None = None, **given: Any) -> list[str]:
    """
    The codes of the reasons why the client may not apply: `viewerEligibility` and the mutation's userErrors are the
    same, in the same order and words; fields lie below `input` in the latter.
    """
    eligibility = (await listing(client, identity, ELIGIBILITY))["viewerEligibility"]
    payload = await client.mutate(
        "applyToInternship",
        "application { id }",
        internshipId=identity,
        idempotencyKey=f"why-{identity}",
        **given,
    )
    told = [
        (reason["code"], reason["message"], reason["field"] and ["input", *reason["field"]])
        for reason in eligibility["reasons"]
    ]
    assert told == [tuple(reason.values()) for reason in payload["userErrors"]]
    assert eligibility["eligible"] is not bool(told)
    assert (payload["application"] is None) is bool(told)
    return [code for code, _, _ in told]


async def test_a_youth_may_apply_to_a_published_listing(house: House) -> None:
    made = await posted(await house.partner(), a_listing(applyBy=day(house)))

    assert await reasons(await house.youth(), made) == []


async def test_the_application_is_as_it_was_sent(house: House) -> None:
    partner, youth = await house.partner(), await house.youth()
    made = await posted(partner, a_listing())

    sent = await applied(youth, made, coverLetter="我很合适", resumeUrl="https://example.org/cv.pdf")

    selection = "status coverLetter resumeUrl interviewAt internship { id } history { status note }"
    for reader in (youth, partner):
        assert await application(reader, sent, selection) == {
            "status": "SUBMITTED",
            "coverLetter": "我很合适",
            "resumeUrl": "https://example.org/cv.pdf",
            "interviewAt": None,
            "internship": {"id": made},
            "history": [{"status": "SUBMITTED", "note": None}],
        }
    own = await listing(youth, made, "viewerApplication { id status }")
    assert own["viewerApplication"] == {"id": sent, "status": "SUBMITTED"}


async def test_not_after_the_last_day(house: House) -> None:
    youth, made = await house.youth(), await posted(await house.partner(), a_listing(applyBy=day(house)))
    house.clock.move(days=1)

    assert await reasons(youth, made) == ["INVALID_STATE"]


async def test_not_to_a_closed_listing(house: House) -> None:
    partner = await house.partner()
    made = await posted(partner, a_listing())
    await partner.done("closeInternship", "internship { id }", internshipId=made)

    assert await reasons(await house.youth(), made) == ["INVALID_STATE"]


async def test_not_to_a_full_listing(house: House) -> None:
    partner, youth = await house.partner(), await house.youth()
    made = await posted(partner, a_listing())
    await accept(youth, await offered(partner, youth, made))

    assert await reasons(await house.youth(), made) == ["SOLD_OUT"]


async def test_a_listing_full_and_over_says_both(house: House) -> None:
    partner, youth = await house.partner(), await house.youth()
    made = await posted(partner, a_listing(applyBy=day(house)))
    await accept(youth, await offered(partner, youth, made))
    house.clock.move(days=1)

    assert await reasons(await house.youth(), made) == ["SOLD_OUT", "INVALID_STATE"]


@pytest.mark.parametrize("track", [track for track in Track if track is not Track.GENERAL])
async def test_a_track_takes_only_its_own_youths(house: House, track: Track) -> None:
    other = next(one for one in Track if one not in {track, Track.GENERAL})
    made = await posted(await house.partner(), a_listing(track=track.value))

    assert await reasons(await house.youth(), made) == ["NOT_ELIGIBLE"]
    assert await reasons(await house.youth(tracks=(other,)), made) == ["NOT_ELIGIBLE"]
    assert await reasons(await house.youth(tracks=(other, track)), made) == []


@pytest.mark.parametrize(("years", "may"), [(13, False), (14, True), (45, True), (46, False)])
async def test_youths_of_14_to_45_apply(house: House, years: int, may: bool) -> None:
    today = date.fromisoformat(day(house))
    born = date(today.year - years, 1, 1)
    made = await posted(await house.partner(), a_listing())

    assert await reasons(await house.youth(birth_date=born), made) == ([] if may else ["NOT_ELIGIBLE"])


async def test_once_for_each_listing(house: House) -> None:
    youth, made = await house.youth(), await posted(await house.partner(), a_listing())
    await applied(youth, made, key="first")

    assert await reasons(youth, made) == ["ALREADY_EXISTS"]


@pytest.mark.parametrize("status", ["SHORTLISTED", "INTERVIEW", "OFFERED", "REJECTED"])
async def test_not_again_while_the_first_goes_on_or_after_the_organization_said_no(
    house: House, status: str
) -> None:
    partner, youth = await house.partner(), await house.youth()
    made = await posted(partner, a_listing())
    await brought_to(partner, youth, made, status)

    assert await reasons(youth, made) == ["ALREADY_EXISTS"]


@pytest.mark.parametrize("status", ["WITHDRAWN", "DECLINED"])
async def test_again_after_the_youths_own_no(house: House, status: str) -> None:
    partner, youth = await house.partner(), await house.youth()
    made = await posted(partner, a_listing())
    first = await brought_to(partner, youth, made, status)

    second = await applied(youth, made, key="again")

    assert second != first
    assert (await listing(youth, made, "viewerApplication { id }"))["viewerApplication"]["id"] == second
    assert (await application(youth, first))["status"] == status


async def test_every_reason_is_named_at_once(house: House) -> None:
    # given a full listing of a track, past its last day, and a youth too old and not of the track
    partner, winner = await house.partner(), await house.youth()
    said = a_listing(applyBy=day(house))
    made = await posted(partner, said)
    offer = await offered(partner, winner, made)
    await upserted(partner, {**said, "track": "RURAL"})
    await accept(winner, offer)
    house.clock.move(days=1)
    youth = await house.youth(birth_date=date(1970, 1, 1))

    # when that youth may have no more applications either, then all of it is said
    async with decided(house, OPEN_APPLICATIONS_MOST, 0):
        assert await reasons(youth, made) == [
            "SOLD_OUT",
            "INVALID_STATE",
            "NOT_ELIGIBLE",
            "NOT_ELIGIBLE",
            "QUOTA_EXCEEDED",
        ]


# ── twenty open at most ──


async def test_twenty_applications_may_be_open_and_an_answer_frees_one(house: House) -> None:
    # given a youth with twenty open applications
    partner, youth = await house.partner(), await house.youth()
    results = await upserted(partner, *(a_listing() for _ in range(22)))
    ids = [result["internship"]["id"] for result in results]
    sent = [await applied(youth, identity, key=identity) for identity in ids[:20]]

    # when there is one more, then it is refused, until one of the twenty is turned down or taken back
    assert await reasons(youth, ids[20]) == ["QUOTA_EXCEEDED"]
    await advanced(partner, sent[3], "REJECTED")
    await applied(youth, ids[20], key="freed by the organization")
    assert await reasons(youth, ids[21]) == ["QUOTA_EXCEEDED"]
    await withdraw(youth, sent[7])
    await applied(youth, ids[21], key="freed by the youth")


async def test_what_is_accepted_is_no_longer_open(house: House) -> None:
    partner, youth = await house.partner(), await house.youth()
    first, second = [await posted(partner, a_listing()) for _ in range(2)]
    async with decided(house, OPEN_APPLICATIONS_MOST, 1):
        offer = await offered(partner, youth, first)
        assert await reasons(youth, second) == ["QUOTA_EXCEEDED"]
        await accept(youth, offer)
        await applied(youth, second)


async def test_a_division_decides_how_many_may_be_open(house: House) -> None:
    partner, youth = await house.partner(), await house.youth(division_code="440304")
    first, second = [await posted(partner, a_listing()) for _ in range(2)]
    await applied(youth, first)
    async with decided(house, OPEN_APPLICATIONS_MOST, 1, "440300"):
        assert await reasons(youth, second) == ["QUOTA_EXCEEDED"]
    await applied(youth, second, key="another")


# ── who ──


async def test_only_youths_apply(house: House) -> None:
    partner = await house.partner()
    made = await posted(partner, a_listing())

    assert await reasons(house.anyone, made) == ["UNAUTHENTICATED"]
    assert await reasons(await house.staff(), made) == ["FORBIDDEN"]
    assert await reasons(partner, made) == ["FORBIDDEN"]


async def test_what_a_youth_may_not_read_is_not_found(house: House) -> None:
    unseen = await posted(await house.partner(verified=False), a_listing(), status="IN_REVIEW")
    youth = await house.youth()

    for identity in (unseen, youth.id, "", "x" * 24, "不存在"):
        assert await youth.refused(
            "applyToInternship", "application { id }", internshipId=identity, idempotencyKey="k" + identity
        ) == [("NOT_FOUND", ["input", "internshipId"])]


# ── what is sent ──


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"coverLetter": "信" * 4_001}, "coverLetter"),
        ({"resumeUrl": "http://example.org/cv"}, "resumeUrl"),
        ({"resumeUrl": "javascript:alert(1)"}, "resumeUrl"),
        ({"resumeUrl": "https://example.org/" + "x" * 481}, "resumeUrl"),
    ],
)
async def test_what_is_sent_has_limits(house: House, given: dict[str, str], field: str) -> None:
    youth, made = await house.youth(), await posted(await house.partner(), a_listing())

    assert await youth.refused(
        "applyToInternship", "application { id }", internshipId=made, idempotencyKey="k", **given
    ) == [("INVALID_INPUT", ["input", field])]


async def test_a_letter_at_its_limit_is_taken(house: House) -> None:
    youth, made = await house.youth(), await posted(await house.partner(), a_listing())

    sent = await applied(youth, made, coverLetter="信" * 4_000)

    assert (await application(youth, sent, "coverLetter"))["coverLetter"] == "信" * 4_000


# ── idempotency ──


async def test_the_same_key_gives_the_same_application_in_its_present_state(house: House) -> None:
    partner, youth = await house.partner(), await house.youth()
    made = await posted(partner, a_listing())
    first = await applied(youth, made, key="k")
    await advanced(partner, first, "SHORTLISTED")

    again = await youth.done(
        "applyToInternship", "application { id status }", internshipId=made, idempotencyKey="k"
    )

    assert again["application"] == {"id": first, "status": "SHORTLISTED"}
    data = await youth.run("{ viewer { youth { internshipApplications { totalCount } } } }")
    assert data["viewer"]["youth"]["internshipApplications"]["totalCount"] == 1


async def test_the_same_key_with_another_input_is_refused(house: House) -> None:
    partner, youth = await house.partner(), await house.youth()
    made, other = [await posted(partner, a_listing()) for _ in range(2)]
    await applied(youth, made, key="k")

    for given in ({"internshipId": other}, {"internshipId": made, "coverLetter": "另一封"}):
        assert await youth.refused(
            "applyToInternship", "application { id }", idempotencyKey="k", **given
        ) == [("IDEMPOTENCY_KEY_REUSED", ["input", "idempotencyKey"])]
    assert (await listing(youth, other, "viewerApplication { id }"))["viewerApplication"] is None


async def test_a_key_is_its_callers_own(house: House) -> None:
    made = await posted(await house.partner(), a_listing())
    one, other = await house.youths(2)

    assert await applied(one, made, key="k") != await applied(other, made, key="k")


async def test_the_same_key_gives_a_refusal_again(house: House) -> None:
    # given a refusal whose reason has since gone
    partner, youth, said = await house.partner(), await house.youth(), a_listing(track="RURAL")
    made = await posted(partner, said)
    assert await refusals(youth, made, idempotencyKey="k") == ["NOT_ELIGIBLE"]
    await upserted(partner, {**said, "track": "GENERAL"})

    # then the same key refuses again, another does not
    assert await refusals(youth, made, idempotencyKey="k") == ["NOT_ELIGIBLE"]
    await applied(youth, made, key="another")


async def test_a_key_is_kept_for_a_day_and_forgotten_later(house: House) -> None:
    youth, made = await house.youth(), await posted(await house.partner(), a_listing())
    first = await applied(youth, made, key="k")

    house.clock.move(hours=24)
    await house.work()
    assert await applied(youth, made, key="k") == first

    house.clock.move(days=3)
    await house.work()
    assert await refusals(youth, made, idempotencyKey="k") == ["ALREADY_EXISTS"]


@pytest.mark.parametrize("key", ["", "k" * 65])
async def test_a_key_has_1_to_64_characters(house: House, key: str) -> None:
    youth, made = await house.youth(), await posted(await house.partner(), a_listing())

    assert await youth.refused(
        "applyToInternship", "application { id }", internshipId=made, idempotencyKey=key
    ) == [("INVALID_INPUT", ["input", "idempotencyKey"])]
    await applied(youth, made, key="钥" * 64)
