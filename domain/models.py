"""Every table of every programme, for migrations and tests: importing this fills `SQLModel.metadata`."""

from domain.accounts import models as accounts
from domain.accounts import sessions
from domain.core import divisions, idempotency, inbox, outbox, policy, schedule, states
from domain.hostels import models as hostels
from domain.internships import models as internships
from domain.partners import models as partners

__all__ = [
    "accounts",
    "divisions",
    "hostels",
    "idempotency",
    "inbox",
    "internships",
    "outbox",
    "partners",
    "policy",
    "schedule",
    "sessions",
    "states",
]
