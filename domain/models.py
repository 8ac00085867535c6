"""Every table of every programme, for migrations and tests: importing this fills `SQLModel.metadata`."""

from domain.accounts import access_log, erasures, exports, second_factor, sessions
from domain.accounts import models as accounts
from domain.cases import models as cases
from domain.certificates import models as certificates
from domain.core import blind_index, divisions, idempotency, inbox, outbox, policy, schedule, states
from domain.hostels import models as hostels
from domain.hostels.rentals import models as rentals
from domain.internships import models as internships
from domain.matchmaking import models as matchmaking
from domain.mentorship import models as mentorship
from domain.partners import models as partners
from domain.volunteering import models as volunteering
from domain.volunteering.care import models as care
from domain.volunteering.certificates import models as service_certificates
from domain.volunteering.perks import models as perks

__all__ = [
    "access_log",
    "accounts",
    "blind_index",
    "care",
    "cases",
    "certificates",
    "divisions",
    "erasures",
    "exports",
    "hostels",
    "idempotency",
    "inbox",
    "internships",
    "matchmaking",
    "mentorship",
    "outbox",
    "partners",
    "perks",
    "policy",
    "rentals",
    "schedule",
    "second_factor",
    "service_certificates",
    "sessions",
    "states",
    "volunteering",
]
