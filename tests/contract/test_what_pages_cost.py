"""
What people look at most costs few statements, and none of them is composed when somebody looks again: composing one takes
longer than the database needs for it. The documents are as those of `bench/mixed`.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from support.asking import day
from support.hostels import booked, guest, opened
from support.house import House, Person, open_house, settings_for
from support.listings import a_listing, applied, posted
from support.matchmaking import held, signed_up
from support.watching import statements

from domain.accounts.models import ConsentPurpose
from domain.core.actors import StaffRole
from infra.embedded.services import Services
from infra.reading import PlainReads

DETAIL = """query ($id: ID!) { node(id: $id) { ... on Internship {
  title description remainingHeadcount status stipend { minFen } organization { name kind } division { name }
  viewerHasBookmarked viewerEligibility { eligible reasons { code } } } } }"""
AVAILABILITY = """query ($id: ID!, $from: Date!, $to: Date!) { node(id: $id) { ... on Hostel {
  name amenities rooms { id name beds } availability(from: $from, to: $to) { date bedsFree room { id } } } } }"""
EVENT = """query ($id: ID!) { node(id: $id) { ... on MatchmakingEvent {
  title status division { name } seats { gender total taken } viewerEligibility { eligible reasons { code } }
  viewerSignup { status waitlistPosition } } } }"""
MINE = """{ viewer { youth { displayName phone
  notifications(first: 10) { nodes { id title createdAt } }
  hostelBookings(first: 5) { nodes { id checkIn status hostel { name } } }
  internshipApplications(first: 5) { nodes { id status internship { title } } }
  matchmakingSignups(first: 5) { nodes { id status event { title } } } } } }"""
WHO_ASKS = (
    "SELECT accounts_youth.id \n",
    "SELECT accounts_staff.id, accounts_staff.unit_id, accounts_staff.roles \n",
)
"""As these begin: whether those who were there lately still are, asked for anew after a while."""
POLICIES = 1
"""What divisions decided, asked for anew after a while."""
PAGES = {
    "a listing": (DETAIL, "listing", 5),
    "a month of a hostel": (AVAILABILITY, "hostel", 3),
    "an event": (EVENT, "event", 6),
    "one's own": (MINE, None, 8),
}
"""The document, what it is about, and how many statements it may cost. What anybody sees of an event and its seats is read beside what is the
viewer's, so that many may be answered by it."""


@dataclass(frozen=True, slots=True)
class Town:
    house: House
    youth: Person
    ids: dict[str, str]


@pytest.fixture
async def town(database_url: str, servers: Services) -> AsyncIterator[Town]:
    """As in production; a youth who has one of each."""
    async with open_house(settings_for(database_url, servers.redis_url, cache_seconds=0.8)) as house:
        youth = await guest(house, consents=(ConsentPurpose.MATCHMAKING,))
        listing, inn = await posted(await house.partner(), a_listing()), await opened(house)
        event = await held(await house.staff(StaffRole.EVENT_HOST), house)
        await applied(youth, listing, key="once")
        await booked(house, youth, inn)
        await signed_up(youth, event)
        await house.work()
        yield Town(house, youth, {"listing": listing, "hostel": inn.id, "event": event})


def given(town: Town, about: str | None) -> dict[str, Any]:
    days = {"from": day(town.house, 1), "to": day(town.house, 31)} if about == "hostel" else {}
    return {} if about is None else {"id": town.ids[about], **days}


@pytest.mark.parametrize("page", PAGES)
async def test_a_page_costs_so_many_statements(town: Town, page: str) -> None:
    document, about, most = PAGES[page]

    with statements(town.house) as sent:
        data = await town.youth.run(document, **given(town, about))

    assert all(data.values()), "it is there"
    of_page = [one for one in sent.sent if not one.startswith(WHO_ASKS)]
    assert len(of_page) <= most + POLICIES, of_page


@pytest.mark.parametrize("page", PAGES)
async def test_whoever_looks_again_has_nothing_composed(
    town: Town, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    document, about, _ = PAGES[page]
    before = [await town.youth.run(document, **given(town, about)) for _ in range(2)]
    composed: list[str] = []
    compiled = PlainReads._compiled

    def noting(self: PlainReads, statement: Any, named: Any) -> Any:
        found = compiled(self, statement, named)
        composed.append(found[1])
        return found

    monkeypatch.setattr(PlainReads, "_compiled", noting)
    town.house.clock.move(seconds=2)  # nothing is kept from before

    with statements(town.house) as sent:
        again = await town.youth.run(document, **given(town, about))

    assert again == before[-1]
    assert len(sent) > 0
    assert composed == []
