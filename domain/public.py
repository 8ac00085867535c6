"""
Tables whose rows may be kept for a moment, so that a crowd costs one statement: nothing in them is about a youth
(`tests/infra/test_keeping.py` compares with `domain.holdings`), and strangers see parts of each.
"""

from domain.accounts.models import UnitRow
from domain.core.divisions import DivisionRow
from domain.core.policy import PolicyRow
from domain.hostels.models import ClosedNightRow, HostelRow, RoomRow
from domain.hostels.rentals.models import RentalRow
from domain.internships.models import JobFairInternshipRow, JobFairOrganizationRow, JobFairRow, ListingRow
from domain.matchmaking.models import EventRow
from domain.partners.models import OrganizationRow
from domain.volunteering.perks.models import PerkRow

REFERENCE_TABLES = frozenset(str(table.__tablename__) for table in (DivisionRow, PolicyRow))
"""For everybody: no operation of the API changes them, so that nobody looks for a change of their own. A transaction reads them itself."""

TABLES_OF_STAFF = REFERENCE_TABLES | {
    str(table.__tablename__)
    for table in (UnitRow, OrganizationRow, JobFairRow, JobFairOrganizationRow, JobFairInternshipRow)
}
"""For youths: nothing that a youth does changes them (`tests/matrix/test_matrix.py` looks)."""

PUBLIC_TABLES = TABLES_OF_STAFF | {
    str(table.__tablename__)
    for table in (
        ListingRow,
        HostelRow,
        RoomRow,
        ClosedNightRow,
        RentalRow,
        EventRow,
        PerkRow,
    )
}
"""For strangers."""
