"""What is done to certificates, whatever programme issued them."""

from uuid import UUID

import strawberry

from domain.certificates import issuing
from domain.core.db import Write
from graph.certificates.certificates import Certificate
from graph.core.context import Info
from graph.core.errors import UserError
from graph.core.ids import Tag, decode
from graph.core.mutating import Act, errors_of, mutate, record_of


@strawberry.input(description="Which certificate no longer holds, and why.")
class RevokeCertificateInput:
    certificate_id: strawberry.ID = strawberry.field(description="Which certificate.")
    reason: str = strawberry.field(description="For the holder and staff to read, 1 to 500 characters.")


@strawberry.type(description="The certificate as it is now.")
class CertificatePayload:
    certificate: Certificate | None = strawberry.field(description="Null when refused.")
    user_errors: list[UserError]


async def certified(info: Info, given: object, act: Act) -> CertificatePayload:
    """Run an action that gives a certificate's id."""
    outcome = await mutate(info, given, act)
    found = await record_of(info, Tag.Certificate, outcome)
    return CertificatePayload(certificate=found, user_errors=errors_of(info, outcome))


@strawberry.type
class CertificateMutations:
    @strawberry.mutation(
        description="Revoke a certificate (programme managers in reach of its unit); again changes nothing."
    )
    async def revoke_certificate(self, info: Info, input: RevokeCertificateInput) -> CertificatePayload:
        async def act(tx: Write) -> UUID:
            key = decode(Tag.Certificate, input.certificate_id, "certificate_id")
            return await issuing.revoke_one(tx, key, input.reason)

        return await certified(info, input, act)
