"""A youth who does everything that there is to do, and gives the house a canary wherever something can be given."""

from dataclasses import dataclass

from support.asking import sent
from support.hostels import a_room, booked, opened
from support.house import House, Partner, Person
from support.listings import a_listing, advanced, applied, posted
from support.matchmaking import arrived, choose, held, singles, tonight
from support.mentorship import answered, asked, guide, sheet, slot, weekly
from support.texts import Texts
from support.volunteering import a_perk, a_record, certified, claimed, entries_of, recorded, redeemed

from domain.accounts.doors import Proven, Subject
from domain.accounts.identity import check_character
from domain.accounts.linking import youth_of_proof
from domain.accounts.models import Provider
from domain.accounts.sessions import Bearer
from domain.core.actors import StaffRole, System
from graph.core.ids import parse

DEVICE = "canary-device/4711"


@dataclass(frozen=True, slots=True)
class Canaries:
    """What was given, by what it is; each is found nowhere else."""

    phone: str
    name: str
    number: str
    display_name: str
    school: str
    major: str
    letter: str
    resume: str
    search: str
    search_text: str
    note: str
    proof: str
    openid: str
    purpose: str
    nickname: str
    introduction: str
    contact: str
    report: str
    topic: str
    plea: str
    comment: str
    activity: str
    service_note: str
    illness: str
    decision: str

    @classmethod
    def of(cls, order: int) -> "Canaries":
        first17 = f"44010620020229{order:03d}".replace("20020229", "20020228")
        mark = f"金丝雀{order}"
        return cls(
            phone=f"+8613755{order:06d}",
            name="欧阳金丝雀" if order % 2 else "司徒画眉鸟",
            number=first17 + check_character(first17),
            display_name=f"{mark}昵称",
            school=f"{mark}大学",
            major=f"{mark}专业",
            letter=f"{mark}求职信：喜欢唱歌",
            resume=f"https://resume.example/canary-{order}.pdf",
            search=f"{mark}订阅",
            search_text=f"{mark}搜索",
            note=f"{mark}单位备注",
            proof=f"{mark}材料已核",
            openid=f"canary-openid-{order}",
            purpose=f"{mark}面试住宿",
            nickname=f"{mark}小名",
            introduction=f"{mark}自我介绍：爱唱歌",
            contact=f"canary-contact-{order}",
            report=f"{mark}举报：对方失礼",
            topic=f"{mark}辅导主题",
            plea=f"{mark}来信：我不想活了",
            comment=f"{mark}辅导评语",
            activity=f"{mark}服务内容",
            service_note=f"{mark}时长备注",
            illness=f"{mark}病情：住院治疗",
            decision=f"{mark}审批意见",
        )

    @property
    def given(self) -> tuple[str, ...]:
        """What the youth gave, and what was written about them; but for staff's own words in the access log, which stay."""
        return (
            *(self.phone, self.phone[3:], self.name, self.number, self.display_name, self.school, self.major),
            *(self.letter, self.resume, self.search, self.search_text, self.note, DEVICE),
            *(self.openid, self.purpose, self.nickname, self.introduction, self.contact, self.report),
            *(self.topic, self.plea, self.comment),
            *(self.activity, self.service_note, self.illness, self.decision),
        )


@dataclass(frozen=True, slots=True)
class Life:
    youth: Person
    canaries: Canaries
    partner: Partner
    refresh_token: str
    applications: dict[str, str]
    """By the state that they are in."""
    listings: dict[str, str]


SIGN_IN = "accessToken refreshToken viewer { youth { id } }"


async def signed_in(house: House, texts: Texts, phone: str) -> tuple[Person, str]:
    """The youth of a number, by the door that everybody takes, and the refresh token."""
    code = await texts.code(phone, "SIGN_IN")
    at_device = type(house.anyone)(house.http, None, {"user-agent": DEVICE})
    pair = await at_device.done("signInWithPhone", SIGN_IN, phone=phone, code=code)
    identity = pair["viewer"]["youth"]["id"]
    found = parse(identity)
    assert found is not None
    token = house._token(Bearer.YOUTH, found[1])  # lives as long as a test may move the clock
    person = Person(house.http, token, id=identity, key=found[1], phone=phone)
    return person, pair["refreshToken"]


async def lived(house: House, texts: Texts, order: int) -> Life:
    """Signs in, proves a name, consents, applies, keeps, searches, is found, is told."""
    canaries = Canaries.of(order)
    youth, refresh_token = await signed_in(house, texts, canaries.phone)
    await youth.done(
        "updateProfile",
        "youth { id }",
        displayName=canaries.display_name,
        school=canaries.school,
        major=canaries.major,
        graduationYear=2027,
        divisionCode="440106",
    )
    await sent(youth, "verifyRealName", "youth { id }", {"name": canaries.name, "idNumber": canaries.number})
    await youth.done("giveConsent", "youth { id }", purpose="MENTORSHIP", version="2026-01")
    await youth.done("giveConsent", "youth { id }", purpose="MENTORSHIP", version="2026-01", withdraw=True)

    partner = await house.partner()
    listings, applications = dict[str, str](), dict[str, str]()
    for state, headcount in (("ACCEPTED", 1), ("OFFERED", 2), ("SUBMITTED", 1), ("WITHDRAWN", 1)):
        # apart from each other, so that one acceptance does not withdraw the rest
        days = f"2027-{len(listings) * 3 + 1:02d}-01"
        made = await posted(partner, a_listing(headcount=headcount, startsOn=days, durationWeeks=4))
        listings[state] = made
        applications[state] = await applied(
            youth, made, f"key-{order}-{state}", coverLetter=canaries.letter, resumeUrl=canaries.resume
        )
    for state in ("ACCEPTED", "OFFERED"):
        await advanced(partner, applications[state], "SHORTLISTED", "INTERVIEW")
        await partner.done(
            "advanceInternshipApplication",
            "application { id }",
            applicationId=applications[state],
            to="OFFERED",
            note=canaries.note,
        )
    await youth.done(
        "respondToInternshipOffer",
        "application { id }",
        applicationId=applications["ACCEPTED"],
        accept=True,
    )
    await youth.done(
        "withdrawInternshipApplication", "application { id }", applicationId=applications["WITHDRAWN"]
    )
    await youth.done(
        "bookmarkInternship", "internship { id }", internshipId=listings["OFFERED"], bookmarked=True
    )
    for name, text in ((canaries.search, canaries.search_text), (f"{canaries.search}二", "策展")):
        given = {"name": name, "filter": {"text": text}}
        await sent(youth, "createInternshipSearch", "search { id }", given)
    await posted(partner, a_listing(title="策展助理"))
    await _linked(house, canaries)
    await booked(
        house, youth, await opened(house, a_room(beds=2)), after=25, nights=2, purpose=canaries.purpose
    )
    await _met(house, canaries, youth)
    await _mentored(house, canaries, youth)
    await _served(house, canaries, youth, partner)
    await _seen_by_staff(house, canaries, youth)
    await partner.run(
        "query ($id: ID!) { node(id: $id) { ...on InternshipApplication { applicant { legalName phone } } } }",
        id=applications["ACCEPTED"],
    )
    await house.work()
    house.clock.move(days=1)
    await house.work()
    return Life(youth, canaries, partner, refresh_token, applications, listings)


async def _met(house: House, canaries: Canaries, youth: Person) -> None:
    """At an event: chooses one, reports and blocks another."""
    await youth.done("giveConsent", "youth { id }", purpose="MATCHMAKING", version="2026-01")
    host = await house.staff(StaffRole.EVENT_HOST)
    at = await held(host, house, **tonight(house), femaleSeats=5, maleSeats=5)
    one, other = await singles(house, 2)
    chosen, reported = [await arrived(host, person, at) for person in (one, other)]
    await arrived(
        host,
        youth,
        at,
        nickname=canaries.nickname,
        introduction=canaries.introduction,
        contactForMatches=canaries.contact,
    )
    await choose(youth, at, chosen)
    await youth.done(
        "reportParticipant", "__typename", eventId=at, participantId=reported, reason=canaries.report
    )


async def _linked(house: House, canaries: Canaries) -> None:
    """By the door of a mini-program that has proved the number."""
    subject = Subject(Provider.WECHAT_OPENID, "canary-program", canaries.openid)
    async with house.database.write(System()) as tx:
        await youth_of_proof(tx, house.runtime.ports.sealer, Proven((subject,), canaries.phone, None))


async def _mentored(house: House, canaries: Canaries, youth: Person) -> None:
    """Asks in danger, is answered, meets, says how it was; and mentors as well."""
    await youth.done("giveConsent", "youth { id }", purpose="MENTORSHIP", version="2026-02")
    mentor = await guide(house)
    for topic in (canaries.topic, canaries.topic + "二"):
        made = (await asked(youth, mentor, topic=topic, message=canaries.plea))["id"]
    await answered(mentor, made, "ASK_FOR_INFORMATION", note=canaries.note)
    await youth.done("answerMentorshipRequest", "request { id }", requestId=made, message=canaries.plea)
    await answered(mentor, made, note=canaries.note, meetingUrl="https://meet.example/canary")
    done = {"requestId": made, "summary": canaries.note}
    await mentor.person.done("completeMentorshipSession", "request { id }", **done)
    await youth.done("reviewMentorship", "request { id }", requestId=made, rating=4, comment=canaries.comment)
    own = await guide(house, youth, name=canaries.display_name, headline=canaries.major)
    await slot(house, own)
    await weekly(house, own)
    for side in ("MENTOR", "MENTEE"):
        given = {"side": side, "idempotencyKey": f"canary-{side}"}
        await youth.done("renewMentorshipCalendar", "calendarUrl", **given)
    cadre_phone = canaries.phone.replace("+8613755", "+8613766")
    cadre = await guide(house, await house.staff(StaffRole.AUDITOR, phone=cadre_phone))
    workbook = sheet((canaries.phone, cadre_phone))
    assert (await cadre.manager.done("pairMentees", "paired", workbook=workbook))["paired"] == 1


async def _served(house: House, canaries: Canaries, youth: Person, partner: Partner) -> None:
    """Long enough that staff decide; of three perks uses one, gives one back and keeps one; claims on the care fund twice."""
    staff = await house.staff(StaffRole.PROGRAMME_MANAGER)
    for hours, days_ago in ((6, 2), (10, 3)):
        await recorded(
            partner, a_record(house, youth, hours=hours, days_ago=days_ago, activity=canaries.activity)
        )
    [waits] = [one["id"] for one in await entries_of(youth) if one["status"] == "PENDING"]
    await staff.done(
        "decideServiceRecord", "entry { id }", entryId=waits, approve=True, note=canaries.service_note
    )
    perk = await a_perk(staff, partner, pointsCost=2, stock=5, perPersonLimit=3)
    used, back, _ = [await redeemed(youth, perk) for _ in range(3)]
    await partner.done("consumePerkCode", "redemption { id }", code=used["code"], idempotencyKey="till")
    await youth.done("cancelPerkRedemption", "redemption { id }", redemptionId=back["id"])
    claim = await claimed(youth, description=canaries.illness)
    await staff.done(
        "decideCareFundClaim", "claim { id }", claimId=claim, to="APPROVED", note=canaries.decision
    )
    await claimed(youth, description=canaries.illness)
    await certified(youth)


async def _seen_by_staff(house: House, canaries: Canaries, youth: Person) -> None:
    staff = await house.staff(StaffRole.ADMIN)
    await staff.run(
        'query ($p: PhoneNumber!) { findYouth(phone: $p, reason: "窗口来访") { id } }', p=canaries.phone
    )
    await staff.done("confirmTracks", "youth { id }", youthId=youth.id, tracks=["RURAL"], note=canaries.proof)
