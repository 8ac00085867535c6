"""One of everything that the schema can be asked for: whose it is, and by which id."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from matrix.principals import UNIT, Principal, principals
from sqlmodel import col
from support.asking import accept, instant
from support.hostels import a_room, booked, booking, guest, opened
from support.house import House, Partner, Person
from support.listings import a_listing, applied, offered, posted
from support.matchmaking import arrived, held, signed_up, signup, singles, tonight
from support.mentorship import REQUEST, Guide, answered, asked, born, guide, mentee, mentees, slot, weekly
from support.mentorship import completed as completed_session
from support.rentals import a_flat
from support.rentals import posted as posted_flats
from support.staffing import a_unit
from support.volunteering import a_perk, certified, claimed, entries_of, redeemed, served

from domain.accounts.models import ConsentPurpose, UnitRow
from domain.cases.case import OUTCOME
from domain.cases.models import CaseRow
from domain.core.actors import StaffRole, System
from domain.core.clock import day_of
from domain.core.rights import Subject
from domain.core.sealing import place
from domain.matchmaking.models import ReportRow
from graph.core.ids import Tag, decode, encode

STAFF_PHONE = "+8614000000003"
_PHONE = "+8614000000002"


@dataclass
class World:
    """`ids` by what a thing is called in samples; `subjects` say whose it is."""

    house: House
    youth: Person
    partner: Partner
    admin: Person
    unit: str = UNIT
    """The division of the unit where everything is."""
    principals: list[Principal] = field(default_factory=list)
    ids: dict[str, str] = field(default_factory=dict)
    subjects: dict[str, Subject] = field(default_factory=dict)

    def keep(self, name: str, identity: str, subject: Subject) -> str:
        self.ids[name], self.subjects[name] = identity, subject
        return identity


async def _unit(house: House, division: str) -> tuple[str, tuple[Any, ...]]:
    async with house.looking() as db:
        row = await db.first(
            sa.select(col(UnitRow.id), col(UnitRow.path)).where(col(UnitRow.division_code) == division)
        )
    return encode(Tag.Unit, row.id), tuple(row.path)


async def a_world(
    house: House, division: str = UNIT, phones: tuple[str, str] = (_PHONE, STAFF_PHONE)
) -> World:
    """In the unit of a division; `phones` are those of two members of its staff."""
    year = day_of(house.clock()).year
    youth = await house.youth(
        verified=True,
        division_code=division,
        graduation_year=year,
        consents=(ConsentPurpose.MATCHMAKING,),
    )
    partner = await house.partner(division_code=division, employees=None)
    admin = await house.staff(StaffRole.ADMIN, unit=division)
    world = World(house, youth, partner, admin, division)
    unit, path = await _unit(house, division)
    of_unit = Subject(unit_path=path)
    own = Subject(youth_id=youth.key)
    of_partner = Subject(organization_id=partner.key, unit_path=path)
    of_both = Subject(youth_id=youth.key, organization_id=partner.key, unit_path=path)

    world.keep("Unit", unit, of_unit)
    for name, phone in zip(("StaffMember", "StaffMember to change"), phones, strict=True):
        member = await house.staff(StaffRole.CASE_WORKER, unit=division, phone=phone)
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
        divisionCode=division,
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
    await _matchmaking(world, of_unit, own)
    await _mentorship(world, of_unit, path)
    await _volunteering(world, of_partner, Subject(youth_id=youth.key, unit_path=path), own)
    await _told(world, own)
    world.principals = await principals(house, youth, partner.key)
    return world


async def _matchmaking(world: World, of_unit: Subject, own: Subject) -> None:
    house, youth = world.house, world.youth
    host = await house.staff(StaffRole.EVENT_HOST, unit=world.unit)
    at = await held(host, house, **tonight(house), maleSeats=5, femaleSeats=5, divisionCode=world.unit)
    [other] = await singles(house, 1)
    world.keep("Participant", await arrived(host, other, at), own)
    made = await signed_up(youth, at)
    world.ids["code"] = made["checkInCode"]
    await host.done("checkInMatchmakingGuest", "attendee { id }", eventId=at, checkInCode=made["checkInCode"])
    world.keep("MatchmakingEvent", at, of_unit)
    world.keep("MatchmakingSignup", made["id"], own)
    row = decode(Tag.MatchmakingSignup, made["id"])
    world.keep("Attendee", encode(Tag.Attendee, row), of_unit)
    later = await held(host, house)
    world.keep("MatchmakingEvent to join", later, of_unit)
    world.keep("MatchmakingSignup to cancel", (await signed_up(youth, await held(host, house)))["id"], own)
    drawn = await held(host, house, admission="LOTTERY", signupClosesAt=instant(house, minutes=5))
    entered = await signed_up(youth, drawn)
    house.clock.move(minutes=6)
    await house.work()
    entry = (await signup(youth, entered["id"], "lotteryEntry"))["lotteryEntry"]
    world.keep("LotteryEntry", encode(Tag.LotteryEntry, UUID(entry)), of_unit)
    await youth.done(
        "reportParticipant",
        "__typename",
        eventId=at,
        participantId=world.ids["Participant"],
        reason="失礼",
        block=False,
    )
    async with house.looking() as db:
        report = await db.scalar(sa.select(col(ReportRow.id)))
    world.keep(
        "ParticipantReport", encode(Tag.ParticipantReport, report), Subject(unit_path=of_unit.unit_path)
    )


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
    inn = await opened(house, a_room("101", beds=20), unit=world.unit)
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


async def _mentorship(world: World, of_unit: Subject, path: tuple[Any, ...]) -> None:
    """The youth mentors, and asks another mentor of the unit; a minor asks too, and one in danger is the youth."""
    house, youth = world.house, world.youth
    own = Subject(youth_id=youth.key)
    of_both = Subject(youth_id=youth.key, unit_path=path)
    await youth.done("giveConsent", "youth { id }", purpose="MENTORSHIP", version="1")
    manager = await house.staff(StaffRole.PROGRAMME_MANAGER, unit=world.unit)
    mine = await guide(house, youth, unit=world.unit, divisionCode=world.unit, capacity=50)
    other = await guide(house, unit=world.unit, divisionCode=world.unit, capacity=50)
    world.keep("Mentor", mine.id, of_both)
    world.keep("Mentor of another", other.id, of_unit)
    world.keep("person to mentor", manager.id, of_unit)
    world.keep("MentorSlot", await slot(house, mine, 100), of_both)
    world.keep("MentorSlot to close", await slot(house, mine, 110), of_both)
    world.keep("MentorSlot of another", await slot(house, other, 120), of_unit)
    for name, number in (("WeeklySlots", 1), ("WeeklySlots to end", 2)):
        world.keep(name, (await weekly(house, mine, weekdays=[number]))["id"], of_both)
    await _asked_of_the_youth(world, mine, own)
    minor = await mentee(
        house, ConsentPurpose.GUARDIAN, verified=True, birth_date=born(house, 16), division_code=world.unit
    )
    made = await asked(minor, other)
    world.keep("MentorshipRequest of a minor", made["id"], Subject(youth_id=minor.key, unit_path=path))
    world.keep("MentorshipRequest to review", await completed_session(house, youth, other), own)
    for name in ("MentorshipRequest", "MentorshipRequest to answer", "MentorshipRequest to cancel"):
        world.keep(name, (await asked(youth, other))["id"], of_both)
    await answered(other, world.ids["MentorshipRequest to answer"], "ASK_FOR_INFORMATION", note="请补充")
    # Three wait for an answer: one more is refused, and the case is opened nevertheless.
    danger = {"mentorId": other.id, "topic": "求助", "message": "我不想活了", "idempotencyKey": "danger"}
    case = (await youth.mutate("requestMentorship", REQUEST, **danger))["openedCase"]
    world.keep("Case", case["id"], of_both)
    # Nobody can end a case by the API yet.
    key = decode(Tag.Case, case["id"])
    outcome = house.runtime.ports.sealer.seal("已联系上本人", place(*OUTCOME, key))
    async with house.database.write(System()) as tx:
        row = sa.update(CaseRow).where(col(CaseRow.id) == key)
        await tx.execute(row.values(outcome_sealed=outcome))


async def _asked_of_the_youth(world: World, mine: Guide, own: Subject) -> None:
    house = world.house
    one, two, three = await mentees(house, 3)
    world.keep("MentorshipRequest to respond", (await asked(one, mine))["id"], own)
    for name, who in (("MentorshipRequest to complete", two), ("MentorshipRequest not met", three)):
        request = (await asked(who, mine))["id"]
        await answered(mine, request)
        world.keep(name, request, own)


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
    world.keep("Certificate", (await certified(youth))["id"], of_both)
    world.keep("Certificate to revoke", (await certified(youth))["id"], of_both)
    another = await house.youth(verified=True, division_code=world.unit)
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
