"""A certificate as its holder, staff in reach, and whoever has its number see it."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry

from domain.certificates import certificate as domain
from domain.certificates.models import CertificateKind
from domain.core.actors import Actor, StaffActor, YouthActor
from graph.accounts.units import Unit, known_unit
from graph.accounts.youths import Youth, youth_rows
from graph.core.context import Context, Info
from graph.core.enums import served
from graph.core.extending import extends
from graph.core.ids import Tag, encode
from graph.core.node import Node, loads

served(CertificateKind, "What a certificate is about.")

NOBODY = "*"
PAGE = "/certificates/"
"""Served by `api.certificates`."""


@strawberry.type(
    description="What a unit states of a youth, signed; whoever has its code checks it, also on the page at `url`."
)
class Certificate(Node):
    row: strawberry.Private[domain.Certificate]
    facts: strawberry.Private[Mapping[str, Any]]
    code: str = strawberry.field(
        description="Its number, 24 characters in four groups; empty once its holder's account is erased."
    )
    kind: CertificateKind = strawberry.field(description="What it is about.")
    title: str = strawberry.field(description="What stands above it.")
    issued_on: date = strawberry.field(description="The day on which it was issued.")
    revoked_at: datetime | None = strawberry.field(description="Since when it no longer holds.")
    signature: str = strawberry.field(
        description="Signed (EdDSA) token: can be checked offline with the keys at /.well-known/certificate-keys.json."
    )

    @strawberry.field(description="Masked unless the holder looks.")
    async def holder_name(self, info: Info) -> str:
        context = info.context
        if isinstance(context.actor, YouthActor) and context.actor.id == self.row.holder_id:
            youth = await context.loader(youth_rows).load(self.row.holder_id)
            name = None if youth is None else youth.legal_name(context.ports.sealer)
            if name is not None:
                return name
        return str(self.facts.get("holder", NOBODY))

    @strawberry.field(description="The unit that issued it.")
    async def issuer(self, info: Info) -> Unit:
        return await known_unit(info.context, self.row.unit_id)

    @strawberry.field(
        description="Why it no longer holds; what staff wrote of that is for the holder and for staff."
    )
    def revocation_reason(self, info: Info) -> str | None:
        if self.row.cause is None:
            return None
        if self.row.reason is not None and _is_told(info.context.actor, self.row):
            return self.row.reason
        return domain.CAUSES[self.row.cause][info.context.language]

    @strawberry.field(
        description="The page by which anybody checks it; null once its holder's account is erased."
    )
    def url(self, info: Info) -> str | None:
        return f"{info.context.origin}{PAGE}{self.code}" if self.code else None


def _is_told(actor: Actor, row: domain.Certificate) -> bool:
    return isinstance(actor, StaffActor) or (isinstance(actor, YouthActor) and actor.id == row.holder_id)


def show(context: Context, row: domain.Certificate) -> Certificate:
    statement = row.statement(context.ports.sealer)
    facts = domain.facts_of(context.ports.certificates, statement)
    return Certificate(
        id=encode(Tag.Certificate, row.id),
        row=row,
        facts=facts,
        code=facts.get("number", ""),
        kind=row.kind,
        title=row.title,
        issued_on=row.issued_on,
        revoked_at=row.revoked_at,
        signature=statement or "",
    )


@loads(Tag.Certificate)
async def load_certificates(context: Context, ids: list[UUID]) -> dict[UUID, Certificate]:
    async with context.read() as db:
        found = await domain.certificates(db, context.actor, ids)
    return {key: show(context, row) for key, row in found.items()}


@extends(Youth)
class YouthCertificates:
    @strawberry.field(description="The certificates that were issued to the youth, the latest first.")
    async def certificates(self: Youth, info: Info) -> list[Certificate]:
        async with info.context.read() as db:
            found = await domain.of_holder(db, self.key)
        return [show(info.context, row) for row in found]


@strawberry.type
class CertificateQueries:
    @strawberry.field(
        description="The certificate of a code, also one that no longer holds; null when there is none."
    )
    async def verify_certificate(
        self,
        info: Info,
        code: Annotated[str, strawberry.argument(description="As it is printed, in any letters.")],
    ) -> Certificate | None:
        async with info.context.read() as db:
            found = await domain.by_number(db, code)
        return None if found is None else show(info.context, found)
