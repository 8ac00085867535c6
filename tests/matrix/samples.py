"""
An input for each mutation that is served, and whose thing it is about.

A sample is sent again and again, by every kind of principal: those who may do it do it. So it must leave the world as fit for
the next as it was; a wrong code, a repeated decision or a thing kept for this sample alone are good. `lawful` are codes of a
gate that the mutation gives for other reasons.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from matrix.principals import UNIT
from matrix.world import STAFF_PHONE, World
from support.asking import day, instant
from support.hostels import a_hostel
from support.listings import a_listing
from support.matchmaking import a_signup, an_event
from support.mentorship import a_mentor, between
from support.rentals import a_flat
from support.volunteering import a_perk_input, a_record

_PHONE, _CODE = "+8614000000001", "000000"
_numbers = count(1)
_minutes = count(10)

Given = Callable[[World], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Sample:
    given: Given
    about: str | None = None
    """The world's name of the thing; None where the caller acts for itself."""
    lawful: frozenset[str] = field(default_factory=frozenset)


def _key() -> str:
    return f"matrix-{next(_numbers)}"


def _on(about: str, argument: str, /, **others: Any) -> Sample:
    """About one thing of the world, named by its id."""
    return Sample(lambda world: {argument: world.ids[about], **others}, about)


SAMPLES: dict[str, Sample] = {
    # identity
    "requestPhoneCode": Sample(lambda _: {"phone": _PHONE}),
    "signInWithPhone": Sample(lambda _: {"phone": _PHONE, "code": _CODE}),
    "signInStaff": Sample(lambda _: {"phone": _PHONE, "code": _CODE, "totp": _CODE}),
    # No door is set up in the matrix's house: it says so to everybody.
    "signInWithWechat": Sample(lambda _: {"code": "none"}),
    "signInWithOidc": Sample(
        lambda _: {"code": "none", "codeVerifier": "v" * 43, "redirectUri": "https://client.example/"}
    ),
    "refreshSession": Sample(lambda _: {"refreshToken": "qyr_none"}, lawful=frozenset({"UNAUTHENTICATED"})),
    "signOut": Sample(lambda _: {}),
    "changePhone": Sample(lambda _: {"phone": _PHONE, "code": _CODE}),
    "updateProfile": Sample(lambda _: {"displayName": "小青"}),
    "verifyRealName": Sample(lambda _: {"name": "x", "idNumber": "x"}),
    "giveConsent": Sample(lambda _: {"purpose": "MENTORSHIP", "version": "1"}),
    "exportMyData": Sample(lambda _: {"idempotencyKey": _key()}),
    "deleteMyAccount": Sample(lambda _: {"code": _CODE}),
    "cancelAccountDeletion": Sample(lambda _: {}),
    "confirmTracks": _on("Youth", "youthId", tracks=["RURAL"], note="已看证明"),
    # staff
    "upsertUnit": _on("Unit to change", "id", name="新名", level="SCHOOL"),
    "upsertStaffMember": Sample(
        lambda world: {
            "id": world.ids["StaffMember to change"],
            "unitId": world.ids["Unit"],
            "name": "新名",
            "phone": STAFF_PHONE,
            "roles": ["CASE_WORKER"],
        },
        "StaffMember to change",
    ),
    # partners
    "upsertOrganization": Sample(
        lambda world: {"name": "新单位", "kind": "PRIVATE", "divisionCode": "440100"}, "Unit"
    ),
    "verifyOrganization": _on("Organization", "organizationId", verified=True),
    "createApiToken": _on("Organization", "organizationId", name="x", scopes=["internships:read"]),
    "revokeApiToken": _on("ApiToken", "apiTokenId"),
    # Of an organization's tokens each rotates itself alone, and none of those that ask here is the one that is asked about.
    "rotateApiToken": Sample(
        lambda world: {"apiTokenId": world.ids["ApiToken"]}, "ApiToken", lawful=frozenset({"FORBIDDEN"})
    ),
    # internships
    "upsertJobFair": Sample(
        lambda world: {
            "title": "招聘会",
            "unitId": world.ids["Unit"],
            "online": True,
            "startsAt": instant(world.house, days=3),
            "endsAt": instant(world.house, days=4),
        },
        "Unit",
    ),
    "upsertInternships": Sample(lambda _: {"internships": [a_listing(externalRef="matrix")]}),
    "closeInternship": _on("Internship to close", "internshipId"),
    "reviewInternship": _on("Internship to review", "internshipId", approve=True),
    "advanceInternshipApplication": _on("InternshipApplication", "applicationId", to="SHORTLISTED"),
    "applyToInternship": Sample(
        lambda world: {"internshipId": world.ids["Internship"], "idempotencyKey": _key()}
    ),
    "withdrawInternshipApplication": _on("InternshipApplication to withdraw", "applicationId"),
    "respondToInternshipOffer": _on("InternshipApplication OFFERED", "applicationId", accept=False),
    "bookmarkInternship": Sample(lambda world: {"internshipId": world.ids["Internship"]}),
    "createInternshipSearch": Sample(lambda _: {"name": "x", "filter": {}}),
    "deleteInternshipSearch": _on("InternshipSearch to delete", "searchId"),
    # hostels
    "upsertHostel": Sample(lambda world: {**a_hostel(), "unitId": world.ids["Unit"]}, "Unit"),
    "closeHostelRoom": Sample(
        lambda world: {
            "roomId": world.ids["HostelRoom"],
            "from": day(world.house, 60),
            "to": day(world.house, 61),
            "reason": "维修",
        },
        "Hostel",
    ),
    "reopenHostelRoom": Sample(
        lambda world: {
            "roomId": world.ids["HostelRoom"],
            "from": day(world.house, 60),
            "to": day(world.house, 61),
        },
        "Hostel",
    ),
    # the desk books for somebody: at another desk it is turned away
    "bookHostelStay": Sample(
        lambda world: {
            "hostelId": world.ids["Hostel"],
            "checkIn": day(world.house, 30),
            "nights": 1,
            "idempotencyKey": _key(),
        },
        "Hostel for booking",
    ),
    "cancelHostelBooking": _on("HostelBooking to cancel", "bookingId"),
    "joinHostelWaitlist": Sample(
        lambda world: {
            "hostelId": world.ids["Hostel"],
            "checkIn": day(world.house, 40),
            "nights": 1,
            "idempotencyKey": _key(),
        }
    ),
    "checkInHostelGuest": Sample(
        lambda world: {"hostelId": world.ids["Hostel"], "checkInCode": world.ids["code of another"]}, "Hostel"
    ),
    "checkOutHostelGuest": _on("HostelBooking of another", "bookingId"),
    "markHostelNoShow": _on("HostelBooking of another", "bookingId"),
    "moveHostelGuest": Sample(
        lambda world: {"bookingId": world.ids["HostelBooking"], "roomId": world.ids["HostelRoom"]},
        "HostelBooking",
    ),
    # rentals
    "upsertRentals": Sample(lambda _: {"rentals": [a_flat(externalRef="matrix")]}),
    "withdrawRentals": Sample(lambda _: {"externalRefs": ["matrix"]}),
    "takeDownRental": _on("Rental to decide", "rentalId", reason="核查中"),
    "restoreRental": _on("Rental to decide", "rentalId"),
    # matchmaking
    "upsertMatchmakingEvent": Sample(
        lambda world: an_event(world.house, world.ids["Unit"], divisionCode="440100"), "Unit"
    ),
    "signUpForMatchmaking": Sample(
        lambda world: a_signup(world.ids["MatchmakingEvent to join"], idempotencyKey=_key())
    ),
    "cancelMatchmakingSignup": _on("MatchmakingSignup to cancel", "signupId"),
    "checkInMatchmakingGuest": Sample(
        lambda world: {"eventId": world.ids["MatchmakingEvent"], "checkInCode": world.ids["code"]},
        "MatchmakingEvent",
    ),
    "syncMatchmakingCheckIns": _on("MatchmakingEvent", "eventId", checkIns=[]),
    "chooseMatches": _on("MatchmakingEvent", "eventId", participantIds=[]),
    "reportParticipant": Sample(
        lambda world: {
            "eventId": world.ids["MatchmakingEvent"],
            "participantId": world.ids["Participant"],
            "reason": "言语冒犯",
            "block": False,
        }
    ),
    "drawMatchmakingLottery": _on("MatchmakingEvent", "eventId"),
    # mentorship
    "upsertMentor": Sample(
        lambda world: {
            **a_mentor(world.youth, divisionCode=UNIT, personId=world.ids["person to mentor"]),
            "id": None,
        },
        "Mentor of another",
    ),
    "openMentorSlots": Sample(
        lambda world: {"mentorId": world.ids["Mentor"], "slots": [between(world.house, 500, next(_minutes))]},
        "Mentor",
    ),
    "closeMentorSlots": Sample(
        lambda world: {"slotIds": [world.ids["MentorSlot to close"]]}, "MentorSlot to close"
    ),
    "changeWeeklySlots": _on("WeeklySlots", "weeklyId", ends="21:00"),
    "endWeeklySlots": _on("WeeklySlots to end", "weeklyId"),
    "renewMentorshipCalendar": Sample(
        lambda _: {"side": "MENTOR", "idempotencyKey": _key()}, lawful=frozenset({"NOT_FOUND"})
    ),
    "requestMentorship": Sample(
        lambda world: {
            "mentorId": world.ids["Mentor of another"],
            "topic": "x",
            "message": "x",
            "idempotencyKey": _key(),
        }
    ),
    "respondToMentorshipRequest": _on("MentorshipRequest to respond", "requestId", response="DECLINE"),
    "answerMentorshipRequest": _on("MentorshipRequest to answer", "requestId", message="已补充"),
    "rescheduleMentorship": Sample(
        lambda world: {
            "requestId": world.ids["MentorshipRequest to complete"],
            "slotId": world.ids["MentorSlot"],
        },
        "MentorshipRequest to complete",
    ),
    "cancelMentorshipRequest": _on("MentorshipRequest to cancel", "requestId"),
    "completeMentorshipSession": _on("MentorshipRequest to complete", "requestId"),
    "reviewMentorship": _on("MentorshipRequest to review", "requestId", rating=9),
    "reportMentorshipNoShow": _on("MentorshipRequest not met", "requestId"),
    "pairMentees": Sample(lambda _: {"workbook": ""}),
    # volunteering
    "recordServiceHours": Sample(
        lambda world: {"records": [a_record(world.house, world.youth, ref="matrix")]}
    ),
    "decideServiceRecord": _on("LedgerEntry to decide", "entryId", approve=False),
    "correctServiceRecord": _on("LedgerEntry to correct", "entryId", minutes=480, reason="核对签到表"),
    "upsertPerk": Sample(lambda world: a_perk_input(world.house, world.partner), "Organization"),
    "redeemPerk": Sample(lambda world: {"perkId": world.ids["Perk"], "idempotencyKey": _key()}),
    "cancelPerkRedemption": _on("PerkRedemption to cancel", "redemptionId"),
    # A code that was used before is no secret of anybody: to the till it is unknown.
    "consumePerkCode": Sample(
        lambda _: {"code": "00000-00000", "idempotencyKey": _key()}, lawful=frozenset({"NOT_FOUND"})
    ),
    "claimCareFund": Sample(
        lambda _: {
            "reason": "ACCIDENT",
            "description": "意外受伤",
            "amountFen": 100_00,
            "idempotencyKey": _key(),
        }
    ),
    "decideCareFundClaim": _on("CareFundClaim to decide", "claimId", to="REJECTED"),
    "requestServiceCertificate": Sample(lambda _: {"idempotencyKey": _key()}),
    # other services
    "revokeCertificate": _on("Certificate to revoke", "certificateId", reason="信息有误"),
    # notifications
    "markNotificationsRead": Sample(lambda _: {}),
}
