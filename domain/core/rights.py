"""
Who may do what: one readable table. What is not written is no (programmes.md, "Who").

Reach (a unit and those below it; an organization's own things; a youth's own things) is part of each statement's
WHERE, never of this table: see `domain.accounts.reach`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

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
    MANAGE_ORGANIZATIONS = "MANAGE_ORGANIZATIONS"
    MANAGE_API_TOKENS = "MANAGE_API_TOKENS"
    SEE_ORGANIZATION_RECORDS = "SEE_ORGANIZATION_RECORDS"
    MANAGE_JOB_FAIRS = "MANAGE_JOB_FAIRS"
    REVIEW_INTERNSHIPS = "REVIEW_INTERNSHIPS"
    POST_INTERNSHIPS = "POST_INTERNSHIPS"
    SEE_UNPUBLISHED_INTERNSHIPS = "SEE_UNPUBLISHED_INTERNSHIPS"
    SEE_APPLICATIONS = "SEE_APPLICATIONS"
    ANSWER_APPLICATIONS = "ANSWER_APPLICATIONS"
    TAKE_PART = "TAKE_PART"
    MANAGE_HOSTELS = "MANAGE_HOSTELS"
    WORK_AT_DESK = "WORK_AT_DESK"
    SEE_STAFF = "SEE_STAFF"


@dataclass(frozen=True, slots=True)
class Right:
    """Roles of staff, the scope of a partner's token, and whether youths may. ADMIN may whatever any role may."""

    roles: frozenset[StaffRole] = frozenset()
    scope: Scope | None = None
    partner: bool = False
    youth: bool = False


def _staff(*roles: StaffRole) -> frozenset[StaffRole]:
    return frozenset({*roles, StaffRole.ADMIN})


_MANAGER, _AUDITOR = StaffRole.PROGRAMME_MANAGER, StaffRole.AUDITOR
_OPERATOR = StaffRole.HOSTEL_OPERATOR

RIGHTS: Mapping[Action, Right] = {
    Action.MANAGE_ORGANIZATIONS: Right(_staff(_MANAGER)),
    Action.MANAGE_API_TOKENS: Right(_staff()),
    Action.SEE_ORGANIZATION_RECORDS: Right(_staff(_MANAGER), partner=True),
    Action.MANAGE_JOB_FAIRS: Right(_staff(_MANAGER)),
    Action.REVIEW_INTERNSHIPS: Right(_staff(_MANAGER)),
    Action.POST_INTERNSHIPS: Right(scope=Scope.INTERNSHIPS_WRITE),
    Action.SEE_UNPUBLISHED_INTERNSHIPS: Right(_staff(_MANAGER), scope=Scope.INTERNSHIPS_READ),
    Action.SEE_APPLICATIONS: Right(_staff(_MANAGER), scope=Scope.APPLICATIONS_READ),
    Action.ANSWER_APPLICATIONS: Right(scope=Scope.APPLICATIONS_WRITE),
    Action.TAKE_PART: Right(youth=True),
    Action.MANAGE_HOSTELS: Right(_staff(_OPERATOR)),
    Action.WORK_AT_DESK: Right(_staff(_OPERATOR)),
    Action.SEE_STAFF: Right(_staff(*StaffRole)),
}


def may(actor: Actor, action: Action) -> bool:
    """Has the actor the role, the scope or the standing that the action asks for?"""
    right = RIGHTS[action]
    match actor:
        case System():
            return True
        case Anonymous():
            return False
        case YouthActor():
            return right.youth
        case StaffActor(roles=roles):
            return not roles.isdisjoint(right.roles)
        case PartnerActor(scopes=scopes):
            return right.partner or (right.scope is not None and right.scope in scopes)


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
