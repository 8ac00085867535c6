"""A world with several of everything that one caller can see, and who looks at it."""

from dataclasses import dataclass, field

import sqlalchemy as sa
from matrix.world import World, a_world
from sqlmodel import col
from support.asking import instant
from support.client import Client
from support.hostels import booked, entered
from support.house import House
from support.listings import a_listing, applied, posted
from support.matchmaking import arrived, choose, held, signed_up, singles, tonight
from support.mentorship import accepted, guide, mentees
from support.rentals import a_flat
from support.rentals import posted as posted_flats
from support.volunteering import a_perk, redeemed, served

from domain.core.actors import StaffRole
from domain.matchmaking.models import ReportRow
from graph.core.ids import Tag, encode, parse

ELSEWHERE = "440300"
PHONES = ("+8614000000012", "+8614000000013")


@dataclass(frozen=True, slots=True)
class Several:
    """`ids` by type; `callers` are those who see the most, between them everything."""

    house: House
    here: World
    there: World
    callers: dict[str, Client]
    ids: dict[str, list[str]] = field(default_factory=dict)

    def keep(self, *ids: str) -> None:
        for identity in ids:
            found = parse(identity)
            if found is not None and identity not in self.ids.setdefault(found[0].name, []):
                self.ids[found[0].name].append(identity)


def _stipend(fen: int) -> dict[str, object]:
    return {"minFen": fen, "maxFen": fen, "per": "MONTH"}


async def several(house: House) -> Several:
    """Two worlds in two cities; the youth of the first has things of the second too."""
    here = await a_world(house)
    there = await a_world(house, ELSEWHERE, PHONES)
    staff = await house.staff(*StaffRole, unit="440000")
    world = Several(
        house,
        here,
        there,
        {"youth": here.youth, "staff": staff, "partner": here.partner, "mentor": there.youth},
    )
    world.keep(*here.ids.values(), *there.ids.values())
    youth, partner = here.youth, there.partner
    listings = [
        await posted(partner, a_listing(divisionCode="440304", headcount=5, stipend=_stipend(fen)))
        for fen in (2_000_00, 3_000_00)
    ]
    world.keep(*listings, staff.id, await applied(there.youth, listings[0]))
    for number, listing in enumerate([*listings, here.ids["Internship"]]):
        await youth.done("bookmarkInternship", "internship { id }", internshipId=listing)
        world.keep(await applied(youth, listing, key=f"several-{number}"))
    for codes in (["440300"], ["440300", "440100"]):
        perk = await a_perk(staff, partner, pointsCost=1, perPersonLimit=20, divisionCodes=codes)
        world.keep(perk)
    world.keep((await redeemed(youth, perk))["id"])
    for code, latitude in (("440304", 22.5), ("440305", 22.6)):
        at = {"latitude": latitude, "longitude": 114.0}
        world.keep(*await posted_flats(partner, a_flat(divisionCode=code, location=at)))
    await served(partner, youth, hours=4, days_ago=5)
    world.keep(there.ids["Hostel"])
    await _more_of_a_hostel(world)
    await _an_evening(world)
    mentor = await guide(house, unit=ELSEWHERE, divisionCode=ELSEWHERE)
    for hours, who in zip((50, 60), await mentees(house, 2), strict=True):
        world.keep(await accepted(house, who, mentor, hours))
    both = [here.partner.id, partner.id]
    for title, code, shown in (("夏季招聘会", "440300", both), ("秋季招聘会", "440100", both[1:])):
        made = await staff.done(
            "upsertJobFair",
            "jobFair { id }",
            title=title,
            unitId=there.ids["Unit"],
            online=True,
            startsAt=instant(house, days=1),
            endsAt=instant(house, days=2),
            divisionCode=code,
            organizationIds=shown,
            internshipIds=listings[: len(shown)],
        )
        world.keep(made["jobFair"]["id"])
    await house.work()
    await _what_there_is(world)
    return world


async def _what_there_is(world: Several) -> None:
    """What came about by itself."""
    events = await world.house.anyone.run("{ matchmakingEvents(first: 100) { nodes { id } } }")
    own = await world.here.youth.run(
        "{ viewer { youth { matchmakingSignups(first: 100) { nodes { id } } notifications(first: 100) { nodes { id } } } } }"
    )
    lists = (events["matchmakingEvents"], *own["viewer"]["youth"].values())
    world.keep(*(row["id"] for found in lists for row in found["nodes"]))
    async with world.house.looking() as db:
        reports = await db.scalars(sa.select(col(ReportRow.id)))
    world.keep(*(encode(Tag.ParticipantReport, report) for report in reports))


async def _more_of_a_hostel(world: Several) -> None:
    """Two more rooms, and stays in both hostels."""
    there, operator = world.there, await world.house.staff(StaffRole.HOSTEL_OPERATOR, unit=ELSEWHERE)
    given = {
        "unitId": there.ids["Unit"],
        "name": "青年驿站两间房",
        "divisionCode": ELSEWHERE,
        "address": "深南大道1号",
        "rooms": [{"name": "201", "beds": 4}, {"name": "202", "beds": 4}],
    }
    inn = await entered(operator, given)
    world.keep(inn.id, *inn.rooms.values())
    world.keep((await booked(world.house, world.here.youth, inn, after=5))["id"])


async def _an_evening(world: Several) -> None:
    """An event of the second world with three guests, of whom the first world's youth is one and chooses the others."""
    house, here = world.house, world.here
    cancelled = here.ids["MatchmakingSignup to cancel"]
    await here.youth.done("cancelMatchmakingSignup", "signup { id }", signupId=cancelled)
    host = await house.staff(StaffRole.EVENT_HOST, unit=ELSEWHERE)
    at = await held(host, house, **tonight(house), maleSeats=5, femaleSeats=5, divisionCode=ELSEWHERE)
    world.keep(at)
    others = [await arrived(host, guest, at) for guest in await singles(house, 2)]
    world.keep(*others, await arrived(host, here.youth, at))
    lottery = await held(host, house, admission="LOTTERY", signupClosesAt=instant(house, minutes=5))
    for guest in await singles(house, 2):
        await signed_up(guest, lottery)
    house.clock.move(hours=5)
    await choose(here.youth, at, *others)
    await here.youth.done(
        "reportParticipant", "__typename", eventId=at, participantId=others[0], reason="失礼", block=False
    )
    await choose(here.youth, here.ids["MatchmakingEvent"], here.ids["Participant"])
