"""Everything that is held about youths, by all programmes: what an export shows and an erasure erases."""

from domain.accounts import holdings as accounts
from domain.cases import holdings as cases
from domain.certificates import holdings as certificates
from domain.core import holdings as core
from domain.core.holding import Holdings
from domain.hostels import holdings as hostels
from domain.internships import holdings as internships
from domain.matchmaking import holdings as matchmaking
from domain.mentorship import holdings as mentorship
from domain.partners import holdings as partners
from domain.volunteering import holdings as volunteering

HOLDINGS = Holdings(
    # The youth's own row comes last: it is what the others refer to.
    tables=(
        *internships.HOLDINGS,
        *hostels.HOLDINGS,
        *matchmaking.HOLDINGS,
        *mentorship.HOLDINGS,
        *cases.HOLDINGS,
        *volunteering.HOLDINGS,
        # What a programme says on a certificate refers to it.
        *certificates.HOLDINGS,
        *core.HOLDINGS,
        *accounts.HOLDINGS,
    ),
    endings=(
        *internships.ENDINGS,
        *hostels.ENDINGS,
        *matchmaking.ENDINGS,
        *mentorship.ENDINGS,
        *volunteering.ENDINGS,
        *certificates.ENDINGS,
        *accounts.ENDINGS,
    ),
    no_youths={
        **core.NO_YOUTHS,
        **accounts.NO_YOUTHS,
        **cases.NO_YOUTHS,
        **partners.NO_YOUTHS,
        **volunteering.NO_YOUTHS,
    },
)
