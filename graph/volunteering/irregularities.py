"""What looks unlikely in records of service, for staff in reach of the organizations."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import strawberry

from domain.volunteering.irregularities import bursts, peers, travel
from domain.volunteering.irregularities.peers import HUNDREDTHS
from domain.volunteering.irregularities.window import Window, window
from graph.accounts.divisions import Division, division
from graph.accounts.youths import YouthCard, youth_card
from graph.core.connection import After, Before, Connection, First, Last, Paging, connect
from graph.core.context import Context, Info
from graph.core.ids import Tag, encode
from graph.partners.organizations import Organization, organization

Since = Annotated[
    date | None,
    strawberry.argument(description="Records that came in from this day on; absent: a week up to `until`."),
]
Until = Annotated[
    date | None,
    strawberry.argument(description="To this day, at most 31 days in whole; absent: to today."),
]


async def _volunteer(context: Context, key: UUID | None) -> YouthCard | None:
    return None if key is None else await youth_card(context, key)


@strawberry.type(description="Many records that came in within a short time.")
class ServiceBurst:
    row: strawberry.Private[bursts.Burst]
    of_person: bool = strawberry.field(description="All of one person? Otherwise all of one organization.")
    first_at: datetime = strawberry.field(description="When the first of them came in.")
    last_at: datetime = strawberry.field(description="When the last of them came in.")
    records: int = strawberry.field(description="How many they are.")
    most_at_once: int = strawberry.field(
        description="How many came in within the time that counts as one burst."
    )
    minutes: int = strawberry.field(description="Minutes of service together.")

    @strawberry.field(description="Who recorded them.")
    async def organization(self, info: Info) -> Organization:
        return await organization(info.context, self.row.organization_id)

    @strawberry.field(
        description="Whose they are; null of an organization's, and while nobody knows the number."
    )
    async def volunteer(self, info: Info) -> YouthCard | None:
        return await _volunteer(info.context, self.row.volunteer_id)


@strawberry.type(description="One person at two places, with too little time between.")
class ImpossibleJourney:
    row: strawberry.Private[travel.Journey]
    from_entry_id: strawberry.ID = strawberry.field(description="The entry of the service that ended.")
    left_at: datetime = strawberry.field(description="When it ended.")
    to_entry_id: strawberry.ID = strawberry.field(description="The entry of the service that began.")
    arrived_at: datetime = strawberry.field(description="When it began.")
    meters: int = strawberry.field(description="Between the seats of the organizations' divisions.")

    @strawberry.field(description="Whose they are; null while nobody knows the number.")
    async def volunteer(self, info: Info) -> YouthCard | None:
        return await _volunteer(info.context, self.row.volunteer_id)

    @strawberry.field(description="Who recorded the service that ended.")
    async def from_organization(self, info: Info) -> Organization:
        return await organization(info.context, self.row.from_organization_id)

    @strawberry.field(description="Who recorded the service that began.")
    async def to_organization(self, info: Info) -> Organization:
        return await organization(info.context, self.row.to_organization_id)


@strawberry.type(description="An organization that records far more for each volunteer than its peers.")
class OrganizationAbovePeers:
    row: strawberry.Private[peers.AbovePeers]
    minutes: int = strawberry.field(description="Minutes that it recorded.")
    volunteers: int = strawberry.field(description="For how many people.")
    minutes_each: float = strawberry.field(description="Minutes for each of them.")
    peers: int = strawberry.field(description="How many organizations it is compared with.")
    peers_median: float = strawberry.field(description="Minutes for each volunteer, in the median of these.")
    score: float = strawberry.field(
        description="How far above: 0.6745 x distance from the median / median absolute deviation (at least a tenth of the"
        " median)."
    )

    @strawberry.field(description="Which organization.")
    async def organization(self, info: Info) -> Organization:
        return await organization(info.context, self.row.organization_id)

    @strawberry.field(
        description="The city whose organizations of the same kind are its peers; null: those everywhere, as the city has"
        " too few."
    )
    async def city(self, info: Info) -> Division | None:
        return await division(info.context, self.row.city_code)


def _burst(row: bursts.Burst) -> ServiceBurst:
    return ServiceBurst(
        row=row,
        of_person=row.of_person,
        first_at=row.first_at,
        last_at=row.last_at,
        records=row.records,
        most_at_once=row.at_once,
        minutes=row.minutes,
    )


def _journey(row: travel.Journey) -> ImpossibleJourney:
    return ImpossibleJourney(
        row=row,
        from_entry_id=encode(Tag.LedgerEntry, row.from_record_id),
        left_at=row.left_at,
        to_entry_id=encode(Tag.LedgerEntry, row.to_record_id),
        arrived_at=row.arrived_at,
        meters=row.meters,
    )


def _above(row: peers.AbovePeers) -> OrganizationAbovePeers:
    return OrganizationAbovePeers(
        row=row,
        minutes=row.minutes,
        volunteers=row.volunteers,
        minutes_each=row.minutes / row.volunteers,
        peers=row.peers,
        peers_median=row.median,
        score=row.score / HUNDREDTHS,
    )


@strawberry.type
class IrregularityQueries:
    @strawberry.field(
        description="Bursts: many records of a person by one organization, or of one organization, within minutes; the latest"
        " first. For programme managers and auditors, of organizations in reach."
    )
    async def service_bursts(
        self,
        info: Info,
        since: Since = None,
        until: Until = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[ServiceBurst]:
        async with info.context.read() as db:
            statement, order = await bursts.bursts(db, _seen(info, since, until))
        paging = Paging(first, after, last, before)
        return await connect(info.context, statement, bursts.Burst, order, paging, _burst)

    @strawberry.field(
        description="People at two places too far apart for the time between, one of them of an organization in reach; the"
        " latest first. For programme managers and auditors."
    )
    async def impossible_journeys(
        self,
        info: Info,
        since: Since = None,
        until: Until = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[ImpossibleJourney]:
        async with info.context.read() as db:
            statement, order = await travel.journeys(db, _seen(info, since, until))
        paging = Paging(first, after, last, before)
        return await connect(info.context, statement, travel.Journey, order, paging, _journey)

    @strawberry.field(
        description="Organizations in reach that record far more for each volunteer than organizations of their kind; the"
        " furthest first. For programme managers and auditors."
    )
    async def organizations_above_peers(
        self,
        info: Info,
        since: Since = None,
        until: Until = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[OrganizationAbovePeers]:
        async with info.context.read() as db:
            statement, order = await peers.above_peers(db, _seen(info, since, until))
        paging = Paging(first, after, last, before)
        return await connect(info.context, statement, peers.AbovePeers, order, paging, _above)


def _seen(info: Info, since: date | None, until: date | None) -> Window:
    return window(info.context.today, info.context.actor, since, until)
