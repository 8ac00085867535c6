"""
No N+1 anywhere: whatever is asked of several costs as many statements as when it is asked of one, and a page of many as many as
a page of one. Every field of the schema is asked, and what is counted is what goes over the connections to Postgres.
"""

from collections.abc import Container
from typing import Any

import pytest
from contract.questions import SERVED, Questions
from contract.several import Several, several
from graphql import GraphQLObjectType
from support.asking import day, instant
from support.client import Client
from support.house import House
from support.watching import wire

MOST = 50
"""Rows of a large page: more than the world has of anything."""
TRIES = 3
"""Loaders gather what is asked at one time; two that miss each other cost a statement more, once in a while."""

EACH_BY_ITSELF = {
    "Hostel.stayEligibility": "one stay's rules, packing and distances; clients ask for it on one hostel's page",
    "InternshipSearch.*": "each alert is a search of its own; a youth has few",
    "InternshipSearch.matches": "each alert is a search of its own; a youth has few",
    "InternshipConnection.facets": "counts over one whole list; clients ask for those of one search",
    "MatchmakingEvent.attendanceSheet": "a file for one event, each look at a name in it written down",
}
"""Fields that cost statements for each object, and why they may."""

_OWN = "an organization asks for its own in another way than for those of others"
_KINDS = "what is told of is of several types, each read once"
MORE = {
    "LedgerEntry": (1, "entries of the chain and records that wait are two tables"),
    "Organization.rentals": (2, _OWN),
    "Organization.internships": (2, _OWN),
    "Organization.applications": (2, _OWN),
    "Organization.notifications": (2, _OWN),
    "RentalConnection": (2, _OWN),
    "RentalEdge": (2, _OWN),
    "PerkFigures.perk": (1, "figures of several merchants come at different times, and so do their perks"),
    "Notification.subject": (5, _KINDS),
    "ReviewItem.subject": (5, _KINDS),
}
"""Fields (or all of a type) that cost so many statements more for several, however many they are."""

_SELF = "a caller reads nobody's but their own"
_LATER = "comes about by time, days later"
_PLAIN = "the world's listings are all of one kind"
_LIKELY = "the world's hours are all likely ones"
ALIKE = {
    "Youth": _SELF,
    "Mentor.requests": _SELF,
    "MentorshipRequestConnection": _SELF,
    "Organization.notifications": _SELF,
    "NotificationConnection": _SELF,
    "StaffMember.reviewQueue": _SELF,
    "ReviewItemConnection": _SELF,
    "ReviewItemEdge": _SELF,
    "MentorshipRequest.reroutedTo": _LATER,
    "MatchmakingSignup.matches": _LATER,
    "Match": _LATER,
    "Case.assignee": "nobody can take a case yet",
    "Case.participantReports": "one case of the world is of a guest",
    "Division.children": "a county has none; tests/api/test_statements.py asks for those of cities",
    "KindFacet": _PLAIN,
    "EducationFacet": _PLAIN,
    "OrganizationKindFacet": _PLAIN,
    "LotteryEntryConnection": "one lottery of the world has women in it",
    "ServiceBurst": _LIKELY,
    "ServiceBurstEdge": _LIKELY,
    "ImpossibleJourney": _LIKELY,
    "ImpossibleJourneyEdge": _LIKELY,
    "OrganizationAbovePeers": _LIKELY,
    "OrganizationAbovePeersEdge": _LIKELY,
    "Session": "principals of tests have none",
}
"""Fields (or all of a type) of which no caller finds two that differ, and why."""


def questions(house: House | None = None) -> Questions:
    """With what the fields need that cannot go without it; the days are the house's."""
    first, last = ("", "") if house is None else (day(house, 1), day(house, 8))
    now, later = ("", "") if house is None else (instant(house), instant(house, days=30))
    return Questions(
        {
            "Query.divisions": 'parentCode: "440000"',
            "Query.suggestSearch": 'text: "岗位"',
            "Hostel.availability": f'from: "{first}", to: "{last}"',
            "Hostel.stayEligibility": f'checkIn: "{first}", nights: 1',
            "Hostel.bookings": f'on: "{first}"',
            "Mentor.slots": f'from: "{now}", to: "{later}"',
            "LotteryRecord.entries": "gender: FEMALE",
        },
        EACH_BY_ITSELF,
    )


KINDS = [kind for kind in questions().ways if kind != "Query"]
LISTS = list(questions().lists())


UNREACHED = {
    "Mutation",
    "PairingRowErrors",
    "ServiceRecordResult",
    "UpsertInternshipResult",
    "UpsertRentalResult",
    "StayEligibility",
    "AttendanceSheet",
}
"""Types of what mutations answer, and of what is asked of one thing alone."""


def test_every_type_is_asked() -> None:
    types = {
        name
        for name, kind in SERVED.type_map.items()
        if isinstance(kind, GraphQLObjectType) and not name.startswith("__") and not name.endswith("Payload")
    }
    assert types - set(questions().ways) == UNREACHED


@pytest.fixture(scope="module")
async def world(house: House) -> Several:
    async def unnoted(*_: object) -> None:
        """The last use of tokens and sessions: once a minute."""

    house.runtime.authenticator._note_use = unnoted
    return await several(house)


async def asked(client: Client, document: str, ids: list[str], first: int) -> Any:
    """The data; None where the caller may not ask so."""
    return (await client.post(document, ids=ids, first=first)).json().get("data")


async def costs(world: Several, client: Client, document: str, *ways: tuple[list[str], int]) -> list[int]:
    """The statements of each way to ask."""
    found = []
    for ids, first in ways:
        with wire(world.house) as sent:
            await asked(client, document, ids, first)
        found.append(len(sent))
    return found


async def unequal(
    world: Several, client: Client, document: str, more: int, *ways: tuple[list[str], int]
) -> str | None:
    """
    What they cost, where the last, of all, costs more than each of the others by more than `more`; None otherwise.

    One alone may lack what only another has, and so may all but one; an N+1 costs all of them more than any of these.
    """
    for _ in range(TRIES):
        *few, many = await costs(world, client, document, *ways)
        if many <= max(few) + more:
            return None
    return f"{few} statements for some, {many} for all"


def more_of(*fields: str) -> int:
    return sum(MORE.get(name, (0, ""))[0] for field in fields for name in (field, field.split(".")[0]))


def values_of(found: list[Any], name: str) -> list[str]:
    """What is there of a field; of all leaves where it is `*`."""
    return [repr(one if name == "*" else one[name]) for one in found if name == "*" or one.get(name)]


def declared(names: Container[str], kind: str, name: str, *others: str) -> bool:
    return f"{kind}.{name}" in names or kind in names or any(other in names for other in others)


@pytest.mark.parametrize("kind", KINDS)
async def test_several_cost_as_many_statements_as_one(world: Several, kind: str) -> None:
    known = questions(world.house)
    way = known.ways[kind]
    selections = {name: known.edge(kind, name) for name in known.edges(kind)}
    wrong, alike = {}, set()
    for name, selection in {"*": known.leaves(kind), **selections}.items():
        field, document, values = f"{kind}.{name}", way.to(f"__typename {selection}"), list[str]()
        for who, client in world.callers.items():
            ids, best = [], 0
            for one in world.ids.get(way.kind, ()):
                found = way.found(await asked(client, document, [one], MOST) or {})
                told = len(values_of(found, name))
                if found:  # the one that shows the most comes first: it is what several are compared with
                    ids.insert(0 if told > best else len(ids), one)
                    best = max(best, told)
            found = way.found(await asked(client, document, ids, MOST) or {})
            values = max(values, values_of(found, name), key=lambda told: (len(set(told)), len(told)))
            if len(found) < 2 or field in EACH_BY_ITSELF:
                continue
            ways = ((ids[:1], 1), (ids[:-1], MOST), (ids[1:], MOST), (ids, MOST))
            costly = await unequal(world, client, document, more_of(field, way.kind), *ways)
            if costly is not None:
                wrong[f"{field} as {who}"] = costly
        enough = len(set(values) if name != "*" and known.tells(kind, name) else values) >= 2
        if way.several and not enough and not declared(ALIKE, kind, name, way.kind):
            alike.add(field)
    assert wrong == {}
    assert alike == set()


@pytest.mark.parametrize(("kind", "name"), LISTS)
async def test_a_page_of_many_costs_as_many_statements_as_a_page_of_one(
    world: Several, kind: str, name: str
) -> None:
    known = questions(world.house)
    way = known.ways[kind]
    rows_of = known.rows(kind, name)
    wrong, most = {}, 0
    for what, selection in known.pages(kind, name):
        document, field = way.to(f"__typename {selection}"), f"{rows_of}.{what}"
        for who, client in world.callers.items():
            for one in world.ids.get(way.kind, [""]):
                found = way.found(await asked(client, document, [one], MOST) or {})
                rows = max((len(each[name]["nodes"]) for each in found if each.get(name)), default=0)
                most = max(most, rows)
                if rows < 2 or field in EACH_BY_ITSELF:
                    continue
                more = more_of(field, f"{kind}.{name}.{what}")
                ways = tuple(([one], first) for first in (1, rows - 1, MOST))
                costly = await unequal(world, client, document, more, *ways)
                if costly is not None:
                    wrong[f"{what} as {who}"] = costly
                break
    assert wrong == {}
    assert most > 1 or rows_of in ALIKE
