"""
Who may do what: one readable table of role × action × reach. What is not written is no (programmes.md, "Who").

`may` answers from it, for an action in general or for one subject. Lists and conditional writes ask the same in SQL
(`domain.accounts.reach`), so that who may see a row is part of its WHERE. Which action each field of the schema stands for is
written in `graph/contract/access.toml`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from domain.core.actors import (
    Actor,
    Anonymous,
    PartnerActor,
    Scope,
    StaffActor,
    StaffRole,
    System,
    YouthActor,
)
from domain.core.refusals import NotAllowed, ScopeMissing, SignInNeeded


class Action(StrEnum):
    TAKE_PART = "TAKE_PART"
    OWN_RECORDS = "OWN_RECORDS"
    READ_INBOX = "READ_INBOX"
    MANAGE_UNITS = "MANAGE_UNITS"
    MANAGE_STAFF = "MANAGE_STAFF"
    SEE_STAFF = "SEE_STAFF"
    FIND_YOUTHS = "FIND_YOUTHS"
    CONFIRM_TRACKS = "CONFIRM_TRACKS"
    SEE_ACCESS_LOG = "SEE_ACCESS_LOG"
    AUDIT = "AUDIT"
    MANAGE_ORGANIZATIONS = "MANAGE_ORGANIZATIONS"
    MANAGE_API_TOKENS = "MANAGE_API_TOKENS"
    ROTATE_API_TOKENS = "ROTATE_API_TOKENS"
    SEE_ORGANIZATION_RECORDS = "SEE_ORGANIZATION_RECORDS"
    MANAGE_JOB_FAIRS = "MANAGE_JOB_FAIRS"
    REVIEW_INTERNSHIPS = "REVIEW_INTERNSHIPS"
    POST_INTERNSHIPS = "POST_INTERNSHIPS"
    SEE_UNPUBLISHED_INTERNSHIPS = "SEE_UNPUBLISHED_INTERNSHIPS"
    SEE_APPLICATIONS = "SEE_APPLICATIONS"
    ANSWER_APPLICATIONS = "ANSWER_APPLICATIONS"
    SEE_PLACED_APPLICANTS = "SEE_PLACED_APPLICANTS"
    MANAGE_HOSTELS = "MANAGE_HOSTELS"
    WORK_AT_DESK = "WORK_AT_DESK"
    BOOK_STAYS = "BOOK_STAYS"
    SEE_STAYS = "SEE_STAYS"
    POST_RENTALS = "POST_RENTALS"
    MANAGE_RENTALS = "MANAGE_RENTALS"
    SEE_UNLISTED_RENTALS = "SEE_UNLISTED_RENTALS"
    MANAGE_EVENTS = "MANAGE_EVENTS"
    RECORD_SERVICE = "RECORD_SERVICE"
    DECIDE_SERVICE = "DECIDE_SERVICE"
    SEE_LEDGER = "SEE_LEDGER"
    SEE_IRREGULARITIES = "SEE_IRREGULARITIES"
    MANAGE_PERKS = "MANAGE_PERKS"
    VERIFY_PERKS = "VERIFY_PERKS"
    SEE_CLAIMS = "SEE_CLAIMS"
    DECIDE_CLAIMS = "DECIDE_CLAIMS"
    MANAGE_MENTORS = "MANAGE_MENTORS"
    OFFER_SLOTS = "OFFER_SLOTS"
    MENTOR = "MENTOR"
    MEET = "MEET"
    READ_MENTORSHIP = "READ_MENTORSHIP"
    SEE_MENTORSHIP = "SEE_MENTORSHIP"
    MANAGE_OFFERINGS = "MANAGE_OFFERINGS"
    SEE_OFFERING_APPLICATIONS = "SEE_OFFERING_APPLICATIONS"
    SEE_CASES = "SEE_CASES"
    READ_CASES = "READ_CASES"
    WORK_ON_CASES = "WORK_ON_CASES"
    ANSWER_SUGGESTIONS = "ANSWER_SUGGESTIONS"
    ISSUE_CERTIFICATES = "ISSUE_CERTIFICATES"
    SEE_CERTIFICATES = "SEE_CERTIFICATES"
    PUBLISH_BULLETINS = "PUBLISH_BULLETINS"
    SET_TARGETS = "SET_TARGETS"
    SEE_EVIDENCE = "SEE_EVIDENCE"
    PLEDGE = "PLEDGE"


class Reach(StrEnum):
    """How far a right goes."""

    ANYTHING = "ANYTHING"
    OWN = "OWN"
    """What belongs to the youth, the member of staff or the organization."""
    UNIT = "UNIT"
    """What belongs to the member's unit or to one below it; never beside or above."""


@dataclass(frozen=True, slots=True)
class Right:
    """Who has it: staff of these roles, tokens with this scope (or any token, for `partner`), youths; each with its reach. A partner's is always its own."""

    staff: frozenset[StaffRole] = frozenset()
    scope: Scope | None = None
    partner: bool = False
    youth: Reach | None = None
    staff_reach: Reach = Reach.UNIT


def _staff(*roles: StaffRole) -> frozenset[StaffRole]:
    """These roles, and ADMIN, who may whatever any role may."""
    return frozenset({*roles, StaffRole.ADMIN})


_ADMIN = _staff()
_EVERYBODY = frozenset(StaffRole)
_MANAGER = StaffRole.PROGRAMME_MANAGER
_OPERATOR = StaffRole.HOSTEL_OPERATOR
_HOST = StaffRole.EVENT_HOST
_CASE_WORKER = StaffRole.CASE_WORKER
_AUDITOR = StaffRole.AUDITOR

RIGHTS: Mapping[Action, Right] = {
    # people and units
    Action.TAKE_PART: Right(youth=Reach.ANYTHING),
    Action.OWN_RECORDS: Right(youth=Reach.OWN),
    Action.READ_INBOX: Right(_EVERYBODY, partner=True, youth=Reach.OWN, staff_reach=Reach.OWN),
    Action.MANAGE_UNITS: Right(_ADMIN),
    Action.MANAGE_STAFF: Right(_ADMIN),
    Action.SEE_STAFF: Right(_EVERYBODY),
    Action.FIND_YOUTHS: Right(_staff(_MANAGER, _OPERATOR, _CASE_WORKER)),
    Action.CONFIRM_TRACKS: Right(_staff(_MANAGER)),
    Action.SEE_ACCESS_LOG: Right(_staff(_AUDITOR), youth=Reach.OWN),
    Action.AUDIT: Right(_staff(_AUDITOR)),
    # partners
    Action.MANAGE_ORGANIZATIONS: Right(_staff(_MANAGER)),
    Action.MANAGE_API_TOKENS: Right(_ADMIN),
    Action.ROTATE_API_TOKENS: Right(_ADMIN, partner=True),
    Action.SEE_ORGANIZATION_RECORDS: Right(_staff(_MANAGER), partner=True),
    # internships
    Action.MANAGE_JOB_FAIRS: Right(_staff(_MANAGER)),
    Action.REVIEW_INTERNSHIPS: Right(_staff(_MANAGER)),
    Action.POST_INTERNSHIPS: Right(scope=Scope.INTERNSHIPS_WRITE),
    Action.SEE_UNPUBLISHED_INTERNSHIPS: Right(_staff(_MANAGER), scope=Scope.INTERNSHIPS_READ),
    Action.SEE_APPLICATIONS: Right(_staff(_MANAGER), scope=Scope.APPLICATIONS_READ, youth=Reach.OWN),
    Action.ANSWER_APPLICATIONS: Right(scope=Scope.APPLICATIONS_WRITE),
    Action.SEE_PLACED_APPLICANTS: Right(scope=Scope.APPLICATIONS_READ, youth=Reach.OWN),
    # hostels and rentals
    Action.MANAGE_HOSTELS: Right(_staff(_OPERATOR)),
    Action.WORK_AT_DESK: Right(_staff(_OPERATOR)),
    Action.BOOK_STAYS: Right(_staff(_OPERATOR), youth=Reach.ANYTHING),
    Action.SEE_STAYS: Right(_staff(_OPERATOR), youth=Reach.OWN),
    Action.POST_RENTALS: Right(scope=Scope.RENTALS_WRITE),
    Action.MANAGE_RENTALS: Right(_staff(_MANAGER)),
    Action.SEE_UNLISTED_RENTALS: Right(_staff(_MANAGER), scope=Scope.RENTALS_WRITE),
    # matchmaking: nobody has a right to a guest's choices
    Action.MANAGE_EVENTS: Right(_staff(_HOST)),
    # volunteering
    Action.RECORD_SERVICE: Right(scope=Scope.SERVICE_WRITE),
    Action.DECIDE_SERVICE: Right(_staff(_MANAGER)),
    Action.SEE_LEDGER: Right(_staff(_MANAGER), youth=Reach.OWN),
    # figures of what looks unlikely, with names masked
    Action.SEE_IRREGULARITIES: Right(_staff(_MANAGER, _AUDITOR)),
    Action.MANAGE_PERKS: Right(_staff(_MANAGER)),
    Action.VERIFY_PERKS: Right(scope=Scope.PERKS_VERIFY),
    Action.SEE_CLAIMS: Right(_staff(_MANAGER), youth=Reach.OWN),
    Action.DECIDE_CLAIMS: Right(_staff(_MANAGER)),
    # mentorship: a mentor is a youth or a member of staff, who acts on what is their own
    Action.MANAGE_MENTORS: Right(_staff(_MANAGER)),
    Action.OFFER_SLOTS: Right(_staff(_MANAGER), youth=Reach.OWN),
    Action.MENTOR: Right(_EVERYBODY, youth=Reach.OWN, staff_reach=Reach.OWN),
    # either side of a session: the mentee, who is a youth, or the mentor
    Action.MEET: Right(_EVERYBODY, youth=Reach.OWN, staff_reach=Reach.OWN),
    Action.SEE_MENTORSHIP: Right(_staff(_CASE_WORKER), youth=Reach.OWN),
    # what a minor and a mentor write to each other; an admin reads it no more than a case
    Action.READ_MENTORSHIP: Right(frozenset({_CASE_WORKER}), youth=Reach.OWN),
    # other services; an admin reads no case
    Action.MANAGE_OFFERINGS: Right(_staff(_MANAGER)),
    Action.SEE_OFFERING_APPLICATIONS: Right(_staff(_MANAGER), youth=Reach.OWN),
    Action.SEE_CASES: Right(_staff(_CASE_WORKER), youth=Reach.OWN),
    Action.READ_CASES: Right(frozenset({_CASE_WORKER}), youth=Reach.OWN),
    Action.WORK_ON_CASES: Right(frozenset({_CASE_WORKER})),
    Action.ANSWER_SUGGESTIONS: Right(_staff(_CASE_WORKER)),
    Action.ISSUE_CERTIFICATES: Right(_staff(_MANAGER)),
    # by id; whoever has the number looks it up by that
    Action.SEE_CERTIFICATES: Right(_staff(_MANAGER), youth=Reach.OWN),
    Action.PUBLISH_BULLETINS: Right(_staff(_MANAGER)),
    # progress
    Action.SET_TARGETS: Right(_staff(_MANAGER)),
    Action.SEE_EVIDENCE: Right(_staff(_MANAGER, _AUDITOR)),
    Action.PLEDGE: Right(_EVERYBODY, staff_reach=Reach.OWN),
}


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose a thing is: what reach is measured by. `unit_path` runs from the root of the tree to the thing's unit."""

    youth_id: UUID | None = None
    staff_id: UUID | None = None
    organization_id: UUID | None = None
    unit_path: tuple[UUID, ...] = ()


def may(actor: Actor, action: Action, subject: Subject | None = None) -> bool:
    """May the actor do this to the subject? Without one: may they do it to anything at all?"""
    right = RIGHTS[action]
    match actor:
        case System():
            return True
        case Anonymous():
            return False
        case YouthActor(id=own):
            return right.youth is not None and (
                subject is None or right.youth is Reach.ANYTHING or subject.youth_id == own
            )
        case StaffActor(id=own, roles=roles, unit_id=unit):
            return not roles.isdisjoint(right.staff) and (
                subject is None
                or (subject.staff_id == own if right.staff_reach is Reach.OWN else unit in subject.unit_path)
            )
        case PartnerActor(scopes=scopes, organization_id=own):
            return (right.partner or (right.scope is not None and right.scope in scopes)) and (
                subject is None or subject.organization_id == own
            )


def require(actor: Actor, action: Action) -> None:
    """SignInNeeded, ScopeMissing or NotAllowed unless `may`."""
    if may(actor, action):
        return
    if isinstance(actor, Anonymous):
        raise SignInNeeded
    scope = RIGHTS[action].scope
    if isinstance(actor, PartnerActor) and scope is not None:
        raise ScopeMissing(scope=scope.value)
    raise NotAllowed


def require_youth(actor: Actor) -> YouthActor:
    """The youth who asks; SignInNeeded or NotAllowed for anyone else."""
    require(actor, Action.TAKE_PART)
    assert isinstance(actor, YouthActor)
    return actor


def require_partner(actor: Actor, action: Action) -> PartnerActor:
    """The partner who asks, with the scope of the action."""
    require(actor, action)
    if not isinstance(actor, PartnerActor):
        raise NotAllowed
    return actor


def require_staff(actor: Actor, action: Action) -> StaffActor:
    """The member of staff who asks, with a role of the action."""
    require(actor, action)
    if not isinstance(actor, StaffActor):
        raise NotAllowed
    return actor
