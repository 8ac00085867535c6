"""Who asks. The doors make one of these from the credentials; everything below takes it as given."""

from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID


class StaffRole(StrEnum):
    ADMIN = "ADMIN"
    PROGRAMME_MANAGER = "PROGRAMME_MANAGER"
    HOSTEL_OPERATOR = "HOSTEL_OPERATOR"
    EVENT_HOST = "EVENT_HOST"
    CASE_WORKER = "CASE_WORKER"
    AUDITOR = "AUDITOR"


class Scope(StrEnum):
    """What an API token may do."""

    INTERNSHIPS_READ = "internships:read"
    INTERNSHIPS_WRITE = "internships:write"
    APPLICATIONS_READ = "applications:read"
    APPLICATIONS_WRITE = "applications:write"
    RENTALS_WRITE = "rentals:write"
    PERKS_VERIFY = "perks:verify"
    SERVICE_WRITE = "service:write"


_READ_OF = {
    Scope.INTERNSHIPS_WRITE: Scope.INTERNSHIPS_READ,
    Scope.APPLICATIONS_WRITE: Scope.APPLICATIONS_READ,
}


@dataclass(frozen=True, slots=True)
class Anonymous:
    """No credentials."""

    @property
    def key(self) -> str:
        return "anonymous"


@dataclass(frozen=True, slots=True)
class YouthActor:
    """A youth; `session_id` is None for a granted token."""

    id: UUID
    session_id: UUID | None = None

    @property
    def key(self) -> str:
        return f"youth:{self.id}"


@dataclass(frozen=True, slots=True)
class StaffActor:
    id: UUID
    unit_id: UUID
    roles: frozenset[StaffRole]
    session_id: UUID | None = None

    @property
    def key(self) -> str:
        return f"staff:{self.id}"


@dataclass(frozen=True, slots=True)
class PartnerActor:
    """An organization, by one of its API tokens."""

    organization_id: UUID
    token_id: UUID
    scopes: frozenset[Scope]

    @property
    def reading_own_writes(self) -> "PartnerActor":
        """As this partner reads what it has just written: whoever may write a thing is shown what became of it."""
        reads = {_READ_OF[scope] for scope in self.scopes if scope in _READ_OF}
        return replace(self, scopes=self.scopes | reads)

    @property
    def key(self) -> str:
        """The organization, not the token: a retry after a rotation is still the same caller's."""
        return f"organization:{self.organization_id}"


@dataclass(frozen=True, slots=True)
class System:
    """The worker, or a rule that acts by itself."""

    name: str = "system"

    @property
    def key(self) -> str:
        return f"system:{self.name}"


Actor = Anonymous | YouthActor | StaffActor | PartnerActor | System
