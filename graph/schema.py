"""The whole schema: roots composed of the programmes' parts. Importing a programme here is what makes it served."""

import strawberry
from graphql import GraphQLError, GraphQLSchema
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from graph.accounts.consents import ConsentMutations
from graph.accounts.divisions import DivisionQueries
from graph.accounts.doors import DoorMutations
from graph.accounts.erasures import ErasureMutations
from graph.accounts.exports import ExportMutations
from graph.accounts.finding import FindingQueries, TrackMutations
from graph.accounts.notifications import NotificationMutations
from graph.accounts.profile import ProfileMutations
from graph.accounts.real_name import RealNameMutations
from graph.accounts.reviews import ReviewItem
from graph.accounts.sessions import SessionMutations
from graph.accounts.staff_sign_in import StaffSignInMutations
from graph.accounts.staffing import StaffMutations
from graph.accounts.unit_tree import UnitMutations
from graph.accounts.units import UnitQueries
from graph.accounts.viewer import ViewerQueries
from graph.certificates.certificates import CertificateQueries
from graph.certificates.mutations import CertificateMutations
from graph.core.access import require_declared
from graph.core.common import finish
from graph.core.documents import Documents, trusted_texts
from graph.core.node import NodeQueries
from graph.core.scalars import SCALARS
from graph.hostels.mutations import HostelMutations
from graph.hostels.queries import HostelQueries
from graph.hostels.rentals.mutations import RentalMutations
from graph.hostels.rentals.queries import RentalQueries
from graph.internships.mutations import InternshipMutations
from graph.internships.queries import InternshipQueries
from graph.matchmaking.events import MatchmakingQueries
from graph.matchmaking.mutations import MatchmakingMutations
from graph.matchmaking.reports import ParticipantReport
from graph.mentorship.calendars import CalendarMutations
from graph.mentorship.mutations import MentorshipMutations
from graph.mentorship.pairing import PairingMutations
from graph.mentorship.queries import MentorshipQueries
from graph.mentorship.weekly import WeeklyMutations
from graph.partners.mutations import OrganizationMutations
from graph.partners.organizations import OrganizationQueries
from graph.partners.rotation import RotationMutations
from graph.volunteering.care.mutations import CareFundMutations
from graph.volunteering.certificates import ServiceCertificateMutations
from graph.volunteering.irregularities import IrregularityQueries
from graph.volunteering.mutations import VolunteeringMutations
from graph.volunteering.perks.mutations import PerkMutations
from graph.volunteering.perks.queries import PerkQueries


@strawberry.type(description="Where reading begins.")
class Query(
    NodeQueries,
    ViewerQueries,
    DivisionQueries,
    UnitQueries,
    FindingQueries,
    OrganizationQueries,
    InternshipQueries,
    HostelQueries,
    RentalQueries,
    MatchmakingQueries,
    MentorshipQueries,
    PerkQueries,
    IrregularityQueries,
    CertificateQueries,
):
    pass


@strawberry.type(description="Where changing begins.")
class Mutation(
    SessionMutations,
    DoorMutations,
    StaffSignInMutations,
    StaffMutations,
    UnitMutations,
    ProfileMutations,
    RealNameMutations,
    ConsentMutations,
    ExportMutations,
    ErasureMutations,
    TrackMutations,
    OrganizationMutations,
    RotationMutations,
    InternshipMutations,
    HostelMutations,
    RentalMutations,
    MatchmakingMutations,
    MentorshipMutations,
    PairingMutations,
    CalendarMutations,
    WeeklyMutations,
    VolunteeringMutations,
    PerkMutations,
    CareFundMutations,
    ServiceCertificateMutations,
    CertificateMutations,
    NotificationMutations,
):
    pass


class QingyiSchema(strawberry.Schema):
    """
    Its operations are executed by `graph.core.executing`, compiled. Errors are put into words and logged by the door that
    answers, not printed with what was sent.
    """

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        pass


schema = QingyiSchema(
    query=Query,
    mutation=Mutation,
    types=[ReviewItem, ParticipantReport],
    config=StrawberryConfig(scalar_map=SCALARS),
)
core: GraphQLSchema = schema._schema  # noqa: SLF001  # the graphql-core schema below
finish(core)
require_declared(core)
documents = Documents(core, trusted_texts())
