"""Everything that is held about youths, by all programmes: what an export shows and an erasure erases."""

from domain.accounts import holdings as accounts
from domain.core import holdings as core
from domain.core.holding import Holdings
from domain.hostels import holdings as hostels
from domain.internships import holdings as internships
from domain.partners import holdings as partners
from domain.volunteering import holdings as volunteering

HOLDINGS = Holdings(
    # The youth's own row comes last: it is what the others refer to.
    tables=(
        *internships.HOLDINGS,
        *hostels.HOLDINGS,
        *volunteering.HOLDINGS,
        *core.HOLDINGS,
        *accounts.HOLDINGS,
    ),
    endings=(*internships.ENDINGS, *hostels.ENDINGS, *volunteering.ENDINGS, *accounts.ENDINGS),
    no_youths={**core.NO_YOUTHS, **accounts.NO_YOUTHS, **partners.NO_YOUTHS, **volunteering.NO_YOUTHS},
)
