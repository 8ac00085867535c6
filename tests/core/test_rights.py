"""Who may do what: the whole table, read from the code and written out here once more."""

from uuid import UUID

import pytest

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
from domain.core.refusals import ErrorCode, NotAllowed, Refusal, ScopeMissing, SignInNeeded
from domain.core.rights import (
    RIGHTS,
    Action,
    Subject,
    may,
    require,
    require_partner,
    require_staff,
    require_youth,
)

NOBODY = UUID(int=0)
PRINCIPALS: dict[str, Actor] = {
    "anonymous": Anonymous(),
    "youth": YouthActor(NOBODY),
    **{role.value.lower(): StaffActor(NOBODY, NOBODY, frozenset({role})) for role in StaffRole},
    "no role": StaffActor(NOBODY, NOBODY, frozenset()),
    **{scope.value: PartnerActor(NOBODY, NOBODY, frozenset({scope})) for scope in Scope},
    "no scope": PartnerActor(NOBODY, NOBODY, frozenset()),
}

# What is not written is no (programmes.md, "Who").
ANY_PARTNER = {*(scope.value for scope in Scope), "no scope"}
ANY_STAFF = {role.value.lower() for role in StaffRole}
MANAGERS = {"admin", "programme_manager"}
TABLE: dict[Action, set[str]] = {
    Action.MANAGE_ORGANIZATIONS: MANAGERS,
    Action.MANAGE_API_TOKENS: {"admin"},
    Action.ROTATE_API_TOKENS: {"admin"} | ANY_PARTNER,
    Action.SEE_ORGANIZATION_RECORDS: MANAGERS | ANY_PARTNER,
    Action.MANAGE_JOB_FAIRS: MANAGERS,
    Action.REVIEW_INTERNSHIPS: MANAGERS,
    Action.POST_INTERNSHIPS: {"internships:write"},
    Action.SEE_UNPUBLISHED_INTERNSHIPS: MANAGERS | {"internships:read"},
    Action.SEE_APPLICATIONS: MANAGERS | {"applications:read", "youth"},
    Action.ANSWER_APPLICATIONS: {"applications:write"},
    Action.TAKE_PART: {"youth"},
    Action.OWN_RECORDS: {"youth"},
    Action.READ_INBOX: ANY_STAFF | ANY_PARTNER | {"youth"},
    Action.SEE_PLACED_APPLICANTS: {"applications:read", "youth"},
    Action.MANAGE_HOSTELS: {"admin", "hostel_operator"},
    Action.WORK_AT_DESK: {"admin", "hostel_operator"},
    Action.BOOK_STAYS: {"admin", "hostel_operator", "youth"},
    Action.SEE_STAYS: {"admin", "hostel_operator", "youth"},
    Action.POST_RENTALS: {"rentals:write"},
    Action.MANAGE_RENTALS: MANAGERS,
    Action.SEE_UNLISTED_RENTALS: MANAGERS | {"rentals:write"},
    Action.MANAGE_EVENTS: {"admin", "event_host"},
    Action.RECORD_SERVICE: {"service:write"},
    Action.DECIDE_SERVICE: MANAGERS,
    Action.SEE_LEDGER: MANAGERS | {"youth"},
    Action.SEE_IRREGULARITIES: MANAGERS | {"auditor"},
    Action.MANAGE_PERKS: MANAGERS,
    Action.VERIFY_PERKS: {"perks:verify"},
    Action.SEE_CLAIMS: MANAGERS | {"youth"},
    Action.DECIDE_CLAIMS: MANAGERS,
    Action.MANAGE_MENTORS: MANAGERS,
    Action.OFFER_SLOTS: MANAGERS | {"youth"},
    Action.MENTOR: ANY_STAFF | {"youth"},
    Action.MEET: ANY_STAFF | {"youth"},
    Action.READ_MENTORSHIP: {"case_worker", "youth"},
    Action.SEE_MENTORSHIP: {"admin", "case_worker", "youth"},
    Action.MANAGE_OFFERINGS: MANAGERS,
    Action.SEE_OFFERING_APPLICATIONS: MANAGERS | {"youth"},
    Action.SEE_CASES: {"admin", "case_worker", "youth"},
    Action.READ_CASES: {"case_worker", "youth"},
    Action.WORK_ON_CASES: {"case_worker"},
    Action.ANSWER_SUGGESTIONS: {"admin", "case_worker"},
    Action.ISSUE_CERTIFICATES: MANAGERS,
    Action.SEE_CERTIFICATES: MANAGERS | {"youth"},
    Action.PUBLISH_BULLETINS: MANAGERS,
    Action.SET_TARGETS: MANAGERS,
    Action.SEE_EVIDENCE: MANAGERS | {"auditor"},
    Action.PLEDGE: ANY_STAFF,
    Action.SEE_STAFF: ANY_STAFF,
    Action.MANAGE_UNITS: {"admin"},
    Action.MANAGE_STAFF: {"admin"},
    Action.FIND_YOUTHS: MANAGERS | {"hostel_operator", "case_worker"},
    Action.CONFIRM_TRACKS: MANAGERS,
    Action.AUDIT: {"admin", "auditor"},
    Action.SEE_ACCESS_LOG: {"admin", "auditor", "youth"},
}


def test_every_action_has_a_right() -> None:
    assert set(RIGHTS) == set(Action)


def test_every_action_of_the_first_programme_stands_in_the_table() -> None:
    """A later programme adds its rows here."""
    assert sorted(set(Action) - set(TABLE)) == []


@pytest.mark.parametrize("action", TABLE)
def test_the_table(action: Action) -> None:
    assert {name for name, actor in PRINCIPALS.items() if may(actor, action)} == TABLE[action]


NOT_FOR_ADMINS = {Action.READ_CASES, Action.WORK_ON_CASES, Action.READ_MENTORSHIP}


@pytest.mark.parametrize("action", Action)
def test_admins_may_what_any_role_may_but_read_no_case(action: Action) -> None:
    assert may(PRINCIPALS["admin"], action) == (bool(RIGHTS[action].staff) and action not in NOT_FOR_ADMINS)
    assert may(System(), action)
    assert not may(Anonymous(), action)


OWN, OTHER, ROOT, MINE, BESIDE = (UUID(int=number) for number in range(1, 6))
STAFF = StaffActor(OWN, MINE, frozenset({StaffRole.ADMIN}))


@pytest.mark.parametrize(
    ("actor", "action", "subject", "allowed"),
    [
        (YouthActor(OWN), Action.OWN_RECORDS, Subject(youth_id=OWN), True),
        (YouthActor(OWN), Action.OWN_RECORDS, Subject(youth_id=OTHER), False),
        (YouthActor(OWN), Action.TAKE_PART, Subject(organization_id=OTHER), True),
        (STAFF, Action.MANAGE_UNITS, Subject(unit_path=(ROOT, MINE)), True),
        (STAFF, Action.MANAGE_UNITS, Subject(unit_path=(ROOT, MINE, OTHER)), True),
        (STAFF, Action.MANAGE_UNITS, Subject(unit_path=(ROOT,)), False),
        (STAFF, Action.MANAGE_UNITS, Subject(unit_path=(ROOT, BESIDE)), False),
        (STAFF, Action.MANAGE_UNITS, Subject(), False),
        (
            PartnerActor(OWN, OWN, frozenset(Scope)),
            Action.SEE_APPLICATIONS,
            Subject(organization_id=OWN),
            True,
        ),
        (
            PartnerActor(OWN, OWN, frozenset(Scope)),
            Action.SEE_APPLICATIONS,
            Subject(organization_id=OTHER),
            False,
        ),
        (STAFF, Action.PLEDGE, Subject(staff_id=OWN), True),
        (STAFF, Action.PLEDGE, Subject(staff_id=OTHER, unit_path=(ROOT, MINE)), False),
        (System(), Action.SEE_APPLICATIONS, Subject(organization_id=OTHER), True),
    ],
)
def test_reach(actor: Actor, action: Action, subject: Subject, allowed: bool) -> None:
    assert may(actor, action, subject) is allowed


def test_the_reason_fits_who_asks() -> None:
    for actor, action, kind in (
        (Anonymous(), Action.TAKE_PART, SignInNeeded),
        (PRINCIPALS["admin"], Action.TAKE_PART, NotAllowed),
        (PRINCIPALS["auditor"], Action.MANAGE_API_TOKENS, NotAllowed),
        (PRINCIPALS["youth"], Action.POST_INTERNSHIPS, NotAllowed),
        (PRINCIPALS["internships:read"], Action.POST_INTERNSHIPS, ScopeMissing),
        (PRINCIPALS["internships:write"], Action.TAKE_PART, NotAllowed),
    ):
        with pytest.raises(kind):
            require(actor, action)
    with pytest.raises(ScopeMissing) as refusal:
        require(PRINCIPALS["no scope"], Action.ANSWER_APPLICATIONS)
    assert "applications:write" in str(refusal.value.words)
    assert refusal.value.code is ErrorCode.FORBIDDEN


def test_only_the_right_kind_of_principal_passes() -> None:
    """Also where several kinds may: a member of staff is no partner."""
    assert require_youth(PRINCIPALS["youth"]) == PRINCIPALS["youth"]
    assert require_staff(PRINCIPALS["admin"], Action.SEE_APPLICATIONS) == PRINCIPALS["admin"]
    reader = PRINCIPALS["applications:read"]
    assert require_partner(reader, Action.SEE_APPLICATIONS) == reader
    for fails in (
        lambda: require_staff(reader, Action.SEE_APPLICATIONS),
        lambda: require_partner(PRINCIPALS["admin"], Action.SEE_APPLICATIONS),
        lambda: require_partner(System(), Action.POST_INTERNSHIPS),
        lambda: require_staff(System(), Action.MANAGE_ORGANIZATIONS),
        lambda: require_youth(PRINCIPALS["no role"]),
    ):
        with pytest.raises(Refusal):
            fails()
