"""
A list of twenty costs as many statements as a list of five.

Loaders gather what is asked for at one time, and answers come back in no fixed order: once in a while two fields miss each
other and cost statements more, so the least of several times counts. A statement for each row would be fifteen more each time.
"""

import pytest
from support.asking import instant
from support.house import House, Partner
from support.listings import a_listing, applied, offered, posted
from support.watching import statements

from domain.core.actors import StaffRole

TRIES = 4
CHANCE = 1

OF_ALL = """
query ($first: Int!) {
  internships(first: $first, orderBy: NEWEST) {
    totalCount
    facets { divisions { division { name parent { name } } count } kinds { count } education { count } }
    edges { highlights node { id } }
    nodes {
      id title viewerHasBookmarked
      viewerEligibility { eligible reasons { code message } }
      viewerApplication { id status history { status at } coverLetter applicant { maskedName } }
      division { name parent { name children { code } } }
      organization {
        name verified offeredPosts replyRate recommendedPosts
        division { name } unit { name level parent { name } division { name } }
        apiTokens { id } history { status }
      }
      history { status at }
    }
  }
}
"""

OF_STAFF = """
query ($first: Int!) {
  internships(first: $first) {
    nodes {
      id history { status }
      organization { name history { status } apiTokens { name } unit { name } }
      applications(first: 3) {
        nodes { id status applicant { maskedName legalName phone } history { status } internship { title division { name } } }
      }
    }
  }
}
"""

OF_ORGANIZATIONS = """
query ($first: Int!) {
  organizations(first: $first) { nodes { name offeredPosts replyRate division { name } unit { name } history { at } } }
}
"""

LISTS_OF_ORGANIZATIONS = """
query ($first: Int!) {
  organizations(first: $first) {
    nodes {
      id
      internships(first: 2) { totalCount pageInfo { hasNextPage } nodes { id title organization { id } } }
      open: internships(statuses: [PUBLISHED]) { nodes { division { name } } }
      applications(first: 2) { totalCount nodes { status history { at } } }
      rentals(first: 1) { nodes { id } }
    }
  }
}
"""

OF_FAIRS = """
query ($first: Int!) {
  jobFairs(first: $first) {
    nodes {
      organizations { totalCount nodes { name } }
      internships(first: 3) { totalCount nodes { organization { name } } }
      unit { staff { nodes { name } } }
    }
  }
}
"""

OF_YOUTH = """
query ($first: Int!) {
  viewer { youth {
    bookmarkedInternships(first: $first) { nodes { title organization { name } viewerHasBookmarked } }
    internshipApplications(first: $first) {
      nodes { status internship { title organization { name unit { name } } viewerEligibility { eligible } } history { status } }
    }
    notifications(first: $first) { nodes { title subject { id ...on InternshipApplication { internship { title } } } } }
  } }
}
"""


@pytest.fixture(scope="module")
async def partners(house: House) -> list[Partner]:
    """Twenty organizations in twenty places, each with a listing."""
    codes = (await counties(house))[:20]
    return [await house.partner(division_code=code) for code in codes]


async def counties(house: House) -> list[str]:
    data = await house.anyone.run("{ divisions { children { children { code } } } }")
    return [county["code"] for city in data["divisions"][0]["children"] for county in city["children"]]


@pytest.fixture(scope="module")
async def listings(house: House, partners: list[Partner]) -> list[str]:
    codes = (await counties(house))[20:40]
    return [
        await posted(partner, a_listing(divisionCode=code, headcount=9))
        for partner, code in zip(partners, codes, strict=True)
    ]


async def costs(house: House, token: str | None, document: str, first: int) -> tuple[int, dict]:
    client = type(house.anyone)(house.http, token)
    await client.run(document, first=first)  # who asks, and whether it depends on that, is known by now
    tries = []
    for _ in range(TRIES):
        with statements(house) as seen:
            data = await client.run(document, first=first)
        tries.append(len(seen))
    return min(tries), data


async def test_a_list_of_listings(house: House, partners: list[Partner], listings: list[str]) -> None:
    youth = await house.youth(verified=True)
    for number, listing in enumerate(listings):
        await applied(youth, listing, key=f"k{number}", coverLetter="你好")
        await youth.done("bookmarkInternship", "internship { id }", internshipId=listing)
    five, few = await costs(house, youth.token, OF_ALL, 5)
    twenty, many = await costs(house, youth.token, OF_ALL, 20)
    assert (len(few["internships"]["nodes"]), len(many["internships"]["nodes"])) == (5, 20)
    assert len({node["organization"]["name"] for node in many["internships"]["nodes"]}) == 20
    assert abs(twenty - five) <= CHANCE
    assert twenty <= 30


async def test_a_list_of_organizations(house: House, partners: list[Partner], listings: list[str]) -> None:
    five, _ = await costs(house, None, OF_ORGANIZATIONS, 5)
    twenty, many = await costs(house, None, OF_ORGANIZATIONS, 20)
    assert len(many["organizations"]["nodes"]) == 20
    assert abs(twenty - five) <= CHANCE


async def test_what_a_youth_has(house: House, partners: list[Partner], listings: list[str]) -> None:
    youth = await house.youth(verified=True)
    for partner, listing in zip(partners, listings, strict=True):
        await youth.done("bookmarkInternship", "internship { id }", internshipId=listing)
        if len(listings) - listings.index(listing) <= 19:
            await offered(partner, youth, listing)
    await house.work()
    five, few = await costs(house, youth.token, OF_YOUTH, 5)
    twenty, many = await costs(house, youth.token, OF_YOUTH, 19)
    own = many["viewer"]["youth"]
    assert len(own["internshipApplications"]["nodes"]) == len(own["notifications"]["nodes"]) == 19
    assert len(few["viewer"]["youth"]["notifications"]["nodes"]) == 5
    assert abs(twenty - five) <= CHANCE


async def test_applications_of_a_list_of_listings(house: House, listings: list[str]) -> None:
    staff = await house.staff(StaffRole.PROGRAMME_MANAGER)
    five, _ = await costs(house, staff.token, OF_STAFF, 5)
    twenty, many = await costs(house, staff.token, OF_STAFF, 20)
    assert any(node["applications"]["nodes"] for node in many["internships"]["nodes"])
    assert abs(twenty - five) <= CHANCE


async def test_lists_of_a_list_of_organizations(
    house: House, partners: list[Partner], listings: list[str]
) -> None:
    staff = await house.staff(StaffRole.PROGRAMME_MANAGER)
    five, _ = await costs(house, staff.token, LISTS_OF_ORGANIZATIONS, 5)
    twenty, many = await costs(house, staff.token, LISTS_OF_ORGANIZATIONS, 20)
    nodes = many["organizations"]["nodes"]
    assert len(nodes) == 20
    assert all(node["internships"]["totalCount"] for node in nodes)
    assert abs(twenty - five) <= CHANCE
    for node in nodes:
        assert [row["organization"]["id"] for row in node["internships"]["nodes"]] == [node["id"]]


async def test_what_fairs_show(house: House, partners: list[Partner], listings: list[str]) -> None:
    staff = await house.staff(StaffRole.PROGRAMME_MANAGER)
    for partner, listing in zip(partners[:6], listings, strict=False):
        await staff.done(
            "upsertJobFair", "jobFair { id }", title="春季双选会", unitId=staff.unit_id, online=True,
            startsAt=instant(house, days=1), endsAt=instant(house, days=2), organizationIds=[partner.id],
            internshipIds=[listing],
        )  # fmt: skip
    two, _ = await costs(house, staff.token, OF_FAIRS, 2)
    six, many = await costs(house, staff.token, OF_FAIRS, 6)
    fairs = many["jobFairs"]["nodes"]
    assert [fair["internships"]["totalCount"] for fair in fairs] == [1] * 6
    assert len({fair["organizations"]["nodes"][0]["name"] for fair in fairs}) == 6
    assert all(fair["unit"]["staff"]["nodes"] for fair in fairs)
    assert abs(six - two) <= CHANCE
