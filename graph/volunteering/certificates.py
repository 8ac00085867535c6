"""Certificates of service: asked for by volunteers, and what they say."""

from datetime import date
from uuid import UUID

import strawberry

from domain.core.db import Write
from domain.volunteering.certificates import requesting
from graph.certificates.certificates import Certificate
from graph.certificates.mutations import CertificatePayload, certified
from graph.core.context import Info
from graph.core.extending import extends


@strawberry.type(description="What a certificate of service says, as it was when it was issued.")
class CertifiedService:
    since: date = strawberry.field(description="The first day that it is about.")
    until: date = strawberry.field(description="The last day that it is about.")
    minutes: int = strawberry.field(description="Minutes served on these days, in whole.")
    stars: int = strawberry.field(description="The volunteer's stars, 0 to 5.")
    served_since: date = strawberry.field(description="The first day of all their service.")
    organizations: int = strawberry.field(description="For how many organizations they served on these days.")


@extends(Certificate)
class CertificateOfService:
    @strawberry.field(description="Of a VOLUNTEER certificate; null of others.")
    def service(self: Certificate) -> CertifiedService | None:
        said = self.facts.get("volunteer")
        if said is None:
            return None
        return CertifiedService(
            since=date.fromisoformat(said["since"]),
            until=date.fromisoformat(said["until"]),
            minutes=said["minutes"],
            stars=said["stars"],
            served_since=date.fromisoformat(said["servedSince"]),
            organizations=said["organizations"],
        )


@strawberry.input(description="Of which service; without days of all of it.")
class RequestServiceCertificateInput:
    since: date | None = strawberry.field(
        description="The first day; null: of the first service.", default=None
    )
    until: date | None = strawberry.field(
        description="The last day, at most today; null: today.", default=None
    )
    idempotency_key: str


@strawberry.type
class ServiceCertificateMutations:
    @strawberry.mutation(
        description="A certificate of the volunteer's service, for anybody to check; it falls when a correction leaves less."
    )
    async def request_service_certificate(
        self, info: Info, input: RequestServiceCertificateInput
    ) -> CertificatePayload:
        async def act(tx: Write) -> UUID:
            ports = info.context.ports
            return await requesting.request(tx, ports.sealer, ports.certificates, input.since, input.until)

        return await certified(info, input, act)
