"""The main job, as the issue tells it: a partner posts, a youth finds and applies, the partner answers."""

from support.house import House
from support.listings import a_listing, applied, posted


async def test_from_post_to_accepted_offer(house: House) -> None:
    # given a partner's listing
    partner, youth = await house.partner(), await house.youth()
    listing = await posted(partner, a_listing(title="前端开发实习生", headcount=2))

    # when a youth searches in Chinese, finds it and applies, twice with the same key
    found = await youth.run('{ internships(filter: {text: "前端"}) { nodes { id title } totalCount } }')
    assert [node["id"] for node in found["internships"]["nodes"]] == [listing]
    first = await applied(youth, listing, key="k1")
    again = await applied(youth, listing, key="k1")

    # then it is one application, which the partner sees and walks to an offer
    assert first == again
    seen = await partner.run(
        "query ($id: ID!) { node(id: $id) { ... on Internship { applications { nodes { id status } } } } }",
        id=listing,
    )
    assert seen["node"]["applications"]["nodes"] == [{"id": first, "status": "SUBMITTED"}]
    for state in ("SHORTLISTED", "INTERVIEW", "OFFERED"):
        payload = await partner.done(
            "advanceInternshipApplication", "application { status }", applicationId=first, to=state
        )
        assert payload["application"]["status"] == state

    # and when the youth accepts, one place less is left
    accepted = await youth.done(
        "respondToInternshipOffer",
        "application { status internship { remainingHeadcount headcount status } }",
        applicationId=first,
        accept=True,
    )
    assert accepted["application"] == {
        "status": "ACCEPTED",
        "internship": {"remainingHeadcount": 1, "headcount": 2, "status": "PUBLISHED"},
    }

    # and both were told
    await house.work()
    told = await youth.run("{ viewer { youth { notifications { nodes { kind title subject { id } } } } } }")
    kinds = [node["kind"] for node in told["viewer"]["youth"]["notifications"]["nodes"]]
    assert kinds == [
        "INTERNSHIP_APPLICATION_OFFERED",
        "INTERNSHIP_APPLICATION_INTERVIEW",
        "INTERNSHIP_APPLICATION_SHORTLISTED",
    ]
