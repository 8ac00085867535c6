"""All tables that are searched by words."""

from domain.core.search.rewriting import Rewriting
from domain.hostels.rentals.wording import REWRITING as RENTALS
from domain.hostels.wording import REWRITING as HOSTELS
from domain.internships.wording import REWRITING as LISTINGS
from domain.mentorship.wording import REWRITING as MENTORS
from domain.volunteering.perks.wording import REWRITING as PERKS

REWRITINGS: tuple[Rewriting, ...] = (LISTINGS, HOSTELS, RENTALS, MENTORS, PERKS)
