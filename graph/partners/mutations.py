"""Staff enter and verify organizations, make and revoke their tokens."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import strawberry

from domain.core import columns
from domain.core.db import Write
from domain.partners import organizations as domain
from domain.partners import secrets, tokens
from domain.partners.models import OrganizationKind
from graph.core.context import Info
from graph.core.errors import UserError
from graph.core.given import given_fields
from graph.core.ids import Tag, decode, decode_if
from graph.core.mutating import errors_of, mutate, record_of
from graph.partners.organizations import (
    ApiToken,
    Organization,
)


@strawberry.input(description="An organization's record; an id updates, none creates.")
class UpsertOrganizationInput:
    name: str = strawberry.field(description="Its registered name, 1 to 100 characters.")
    kind: OrganizationKind = strawberry.field(description="What kind of organization.")
    division_code: str = strawberry.field(
        description="Where it is; the unit of this division looks after it."
    )
    id: strawberry.ID | None = None
    expected_version: int | None = None
    idempotency_key: str | None = None
    employee_count: int | None = strawberry.field(description="People employed.", default=None)
    industry_code: str | None = strawberry.field(description="GB/T 4754 code.", default=None)


@strawberry.input(description="Is the organization who it says?")
class VerifyOrganizationInput:
    organization_id: strawberry.ID = strawberry.field(description="Which organization.")
    verified: bool = strawberry.field(description="True verifies, false refuses or takes it back.")
    note: str | None = strawberry.field(description="Why, for the organization to read.", default=None)


@strawberry.input(description="Expires after 365 days where nothing is said, at most after two years.")
class CreateApiTokenInput:
    organization_id: strawberry.ID = strawberry.field(description="Whose token.")
    name: str = strawberry.field(description="What to call it, 1 to 80 characters.")
    scopes: list[str] = strawberry.field(description="What it may do, e.g. `internships:write`.")
    expires_at: datetime | None = strawberry.field(description="When it ends.", default=None)
    idempotency_key: str | None = None


@strawberry.input(description="Which token to end.")
class RevokeApiTokenInput:
    api_token_id: strawberry.ID = strawberry.field(description="Which token.")


@strawberry.type(description="The organization as it is now.")
class OrganizationPayload:
    organization: Organization | None = strawberry.field(description="Null when refused.")
    user_errors: list[UserError]


@strawberry.type(description="The token, and its secret this once.")
class CreateApiTokenPayload:
    secret: str | None = strawberry.field(description="Shown once.")
    api_token: ApiToken | None = strawberry.field(description="Null when refused.")
    user_errors: list[UserError]


@strawberry.type(description="The token, dead.")
class RevokeApiTokenPayload:
    api_token: ApiToken | None = strawberry.field(description="Null when refused.")
    user_errors: list[UserError]


Secrets = Callable[[UUID], list[str]]


def secrets_of(info: Info, idempotency_key: str | None) -> Secrets:
    """
    What the secret of a token may be, by its id, a new one first. With an idempotency key it is the same for the same
    token and server key, so that a lost answer can be asked for again, also after the server's key was changed.
    """
    if idempotency_key is None:
        secret = secrets.new_secret()
        return lambda _: [secret]
    seed = f"api-token\0{info.context.actor.key}\0{idempotency_key}"
    keys = info.context.ports.secret_keys
    return lambda token: [secrets.derived_secret(key, f"{seed}\0{token}") for key in keys]


def shown_once(made: Secrets, token_id: UUID | None, token: ApiToken | None) -> str | None:
    """The secret of the token that was made; None when none was."""
    if token_id is None or token is None:
        return None
    return next((secret for secret in made(token_id) if secret.startswith(token.prefix)), None)


@strawberry.type
class OrganizationMutations:
    @strawberry.mutation(
        description="Enter an organization or change its record (programme managers in reach)."
    )
    async def upsert_organization(self, info: Info, input: UpsertOrganizationInput) -> OrganizationPayload:
        given = given_fields(info)

        async def act(tx: Write) -> UUID:
            key = decode_if(Tag.Organization, input.id, "id")
            fields = domain.OrganizationFields(
                name=input.name,
                kind=input.kind,
                division_code=input.division_code,
                employee_count=input.employee_count,
                industry_code=input.industry_code,
            )
            if key is None:
                return await domain.create(tx, fields)
            return await domain.update(tx, key, fields, given, input.expected_version)

        outcome = await mutate(info, input, act)
        found = await record_of(info, Tag.Organization, outcome)
        return OrganizationPayload(organization=found, user_errors=errors_of(info, outcome))

    @strawberry.mutation(
        description="Say whether an organization is who it says (programme managers in reach)."
    )
    async def verify_organization(self, info: Info, input: VerifyOrganizationInput) -> OrganizationPayload:
        async def act(tx: Write) -> UUID:
            key = decode(Tag.Organization, input.organization_id, "organization_id")
            return await domain.verify(tx, key, input.verified, input.note)

        outcome = await mutate(info, input, act)
        found = await record_of(info, Tag.Organization, outcome)
        return OrganizationPayload(organization=found, user_errors=errors_of(info, outcome))

    @strawberry.mutation(description="Make an API token (admins in reach); its secret is shown this once.")
    async def create_api_token(self, info: Info, input: CreateApiTokenInput) -> CreateApiTokenPayload:
        made, new = secrets_of(info, input.idempotency_key), columns.new_id()

        async def act(tx: Write) -> UUID:
            return await tokens.create(
                tx,
                info.context.ports.sealer,
                organization_id=decode(Tag.Organization, input.organization_id, "organization_id"),
                name=input.name,
                scopes=input.scopes,
                expires_at=input.expires_at,
                secret=made(new)[0],
                token_id=new,
            )

        outcome = await mutate(info, input, act)
        found: ApiToken | None = await record_of(info, Tag.ApiToken, outcome)
        return CreateApiTokenPayload(
            secret=shown_once(made, outcome.record_id, found),
            api_token=found,
            user_errors=errors_of(info, outcome),
        )

    @strawberry.mutation(description="End an API token at once (admins in reach).")
    async def revoke_api_token(self, info: Info, input: RevokeApiTokenInput) -> RevokeApiTokenPayload:
        async def act(tx: Write) -> UUID:
            return await tokens.revoke(tx, decode(Tag.ApiToken, input.api_token_id, "api_token_id"))

        outcome = await mutate(info, input, act)
        found = await record_of(info, Tag.ApiToken, outcome)
        return RevokeApiTokenPayload(api_token=found, user_errors=errors_of(info, outcome))
