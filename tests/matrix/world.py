"""One of everything that the schema can be asked for: whose it is, and by which id."""

from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from matrix.principals import UNIT, Principal, principals
from sqlmodel import col
from support.asking import accept, instant
from support.hostels import a_room, booked, booking, guest, opened
from support.house import House, Partner, Person
from support.listings import a_listing, applied, offered, posted
from support.rentals import a_flat
from support.rentals import posted as posted_flats
from support.staffing import a_unit
from support.volunteering import a_perk, claimed, entries_of, redeemed, served

from domain.accounts.models import UnitRow
from domain.core.actors import StaffRole
from domain.core.clock import day_of
from domain.core.rights import Subject
from graph.core.ids import Tag, decode, encode

STAFF_PHONE = "+8614000000003"


@dataclass
class World:
    """`ids` by what a thing is called in samples; `subjects` say whose it is."""

    house: House
    youth: Person
    partner: Partner
    admin: Person
    principals: list[Principal] = field(default_factory=list)
    ids: dict[str, str] = field(default_factory=dict)
    subjects: dict[str, Subject] = field(default_factory=dict)

    def keep(self, name: str, identity: str, subject: Subject) -> str:
        self.ids[name], self.subjects[name] = identity, subject
        return identity


async def _unit(house: House) -> tuple[str, tuple[Any, ...]]:
    async with house.looking() as db:
        row = await db.first(
            sa.select(col(UnitRow.id), col(UnitRow.path)).where(col(UnitRow.division_code) == UNIT)
        )
    return encode(Tag.Unit, row.id), tuple(row.path)


async def a_world(house: House) -> World:
    year = day_of(house.clock()).year
    youth = await house.youth(verified=True, division_code=UNIT, graduation_year=year)
    partner = await house.partner(division_code=UNIT, employees=None)
    admin = await house.staff(StaffRole.ADMIN, unit=UNIT)
    world = World(house, youth, partner, admin)
    unit, path = await _unit(house)
    of_unit = Subject(unit_path=path)
    own = Subject(youth_id=youth.key)
    of_partner = Subject(organization_id=partner.key, unit_path=path)
    of_both = Subject(youth_id=youth.key, organization_id=partner.key, unit_path=path)

    world.keep("Unit", unit, of_unit)
    for name, phone in (("StaffMember", "+8614000000002"), ("StaffMember to change", STAFF_PHONE)):
        member = await house.staff(StaffRole.CASE_WORKER, unit=UNIT, phone=phone)
        world.keep(name, member.id, of_unit)
    below = await a_unit(admin, unit)
    world.keep("Unit to change", below, Subject(unit_path=(*path, decode(Tag.Unit, below))))
    world.keep("Youth", youth.id, Subject(youth_id=youth.key, unit_path=path))
    world.keep("Organization", partner.id, of_partner)
    world.keep("ApiToken", partner.token_id, of_partner)

    # an organization of unknown size has its listings reviewed; then its size is known
    for name in ("Internship IN_REVIEW", "Internship to review"):
        world.keep(name, await posted(partner, a_listing(headcount=3), "IN_REVIEW"), of_partner)
    await admin.done(
        "upsertOrganization",
        "organization { id }",
        id=partner.id,
        name="示例单位矩阵",
        kind="PRIVATE",
        divisionCode=UNIT,
        employeeCount=100_000,
    )
    for name in ("Internship", "Internship to close"):
        world.keep(name, await posted(partner, a_listing(headcount=50)), of_partner)
    await _applications(world, of_both)

    for name in ("InternshipSearch", "InternshipSearch to delete"):
        made = await youth.done("createInternshipSearch", "search { id }", name=name[:20], filter={})
        world.keep(name, made["search"]["id"], own)
    fair = await admin.done(
        "upsertJobFair",
        "jobFair { id }",
        title="春季招聘会",
        unitId=unit,
        online=True,
        startsAt=instant(house, days=1),
        endsAt=instant(house, days=2),
    )
    world.keep("JobFair", fair["jobFair"]["id"], of_unit)
    await _stays(world, of_unit, Subject(youth_id=youth.key, unit_path=path), own)
    await _rentals(world, of_partner)
    await _volunteering(world, of_partner, Subject(youth_id=youth.key, unit_path=path), own)
    await _told(world, own)
    world.principals = await principals(house, youth, partner.key)
    return world


async def _applications(world: World, of_both: Subject) -> None:
    house, youth, partner = world.house, world.youth, world.partner
    listing = await posted(partner, a_listing(headcount=2))
    accepted = await offered(partner, youth, listing)
    await accept(youth, accepted)
    world.keep("InternshipApplication ACCEPTED", accepted, of_both)
    for name in ("InternshipApplication", "InternshipApplication to withdraw"):
        listing = await posted(partner, a_listing(startsOn="2027-09-01", durationWeeks=4))
        world.keep(name, await applied(youth, listing, key=name), of_both)
    listing = await posted(partner, a_listing())
    world.keep("InternshipApplication OFFERED", await offered(partner, youth, listing), of_both)
    await house.work()


async def _stays(world: World, of_unit: Subject, of_both: Subject, own: Subject) -> None:
    """A hostel of the unit; the youth stays there today, and has a stay to give back."""
    house, youth = world.house, world.youth
    inn = await opened(house, a_room("101", beds=20), unit=UNIT)
    world.keep("Hostel", inn.id, of_unit)
    world.keep("HostelRoom", inn.room, of_unit)
    # By youths, for themselves; by staff of the unit, for others.
    world.keep("Hostel for booking", inn.id, of_unit)
    world.keep("HostelBooking", (await booked(house, youth, inn, after=0, nights=2))["id"], of_both)
    another = await guest(house)
    stay = (await booked(house, another, inn, after=0, nights=2))["id"]
    world.keep("HostelBooking of another", stay, of_unit)
    world.keep("code of another", (await booking(another, stay, "checkInCode"))["checkInCode"], of_unit)
    world.keep("HostelBooking to cancel", (await booked(house, youth, inn, after=20))["id"], own)


async def _rentals(world: World, of_partner: Subject) -> None:
    for name in ("Rental", "Rental to decide", "Rental TAKEN_DOWN"):
        [made] = await posted_flats(world.partner, a_flat())
        world.keep(name, made, of_partner)
    await world.admin.done("takeDownRental", "rental { id }", rentalId=made, reason="核查中")


async def _volunteering(world: World, of_partner: Subject, of_both: Subject, own: Subject) -> None:
    """Hours of the youth, some that wait, a perk with two codes, and claims."""
    house, youth, partner = world.house, world.youth, world.partner
    await served(partner, youth, hours=8)
    [entry, *_] = await entries_of(youth)
    world.keep("LedgerEntry", entry["id"], of_both)
    world.keep("LedgerEntry to correct", entry["id"], of_partner)
    await served(partner, youth, hours=9, days_ago=3)
    [waits, *_] = [one for one in await entries_of(youth) if one["status"] == "PENDING"]
    world.keep("LedgerEntry to decide", waits["id"], of_partner)
    perk = await a_perk(world.admin, partner, pointsCost=1, perPersonLimit=20)
    world.keep("Perk", perk, of_partner)
    world.keep("PerkRedemption", (await redeemed(youth, perk))["id"], own)
    world.keep("PerkRedemption to cancel", (await redeemed(youth, perk))["id"], own)
    world.keep("CareFundClaim", await claimed(youth), of_both)
    another = await house.youth(verified=True, division_code=UNIT)
    world.keep("CareFundClaim to decide", await claimed(another), of_partner)


async def _told(world: World, own: Subject) -> None:
    """A notice in the youth's inbox, and an entry in the access log by staff of the unit."""
    youth = world.youth
    data = await world.admin.run(
        'query ($phone: PhoneNumber!) { findYouth(phone: $phone, reason: "核对身份") { id } }',
        phone=youth.phone,
    )
    assert data["findYouth"]["id"] == youth.id
    data = await youth.run(
        "{ viewer { youth { accessLog(first: 1) { nodes { id } } notifications { nodes { id } } } } }"
    )
    seen = data["viewer"]["youth"]
    path = world.subjects["Unit"].unit_path
    entry = seen["accessLog"]["nodes"][0]["id"]
    world.keep("AccessLogEntry", entry, Subject(youth_id=youth.key, unit_path=path))
    world.keep("Notification", seen["notifications"]["nodes"][0]["id"], own)
    waiting = encode(Tag.ReviewItem, decode(Tag.Internship, world.ids["Internship IN_REVIEW"]))
    world.keep("ReviewItem", waiting, Subject(unit_path=path))
