"""Tables of organizations and tokens."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from domain.core import columns
from domain.core.actors import Scope
from domain.core.sealed_columns import hashing_key, keyed_hash


class OrganizationKind(StrEnum):
    GOVERNMENT = "GOVERNMENT"
    STATE_OWNED = "STATE_OWNED"
    PUBLIC_INSTITUTION = "PUBLIC_INSTITUTION"
    PRIVATE = "PRIVATE"
    SOCIAL = "SOCIAL"


class VerificationStatus(StrEnum):
    """The states of an organization's verification, as its history shows them."""

    UNVERIFIED = "UNVERIFIED"
    VERIFIED = "VERIFIED"
    REFUSED = "REFUSED"


class OrganizationRow(SQLModel, table=True):
    """A partner. `name_terms` are the search terms of its name."""

    __tablename__ = "partners_organization"
    __table_args__ = (
        columns.one_of("kind", OrganizationKind),
        columns.one_of("verification", VerificationStatus),
        columns.check("employee_count_positive", "employee_count > 0"),
        columns.check("name_length", "char_length(name) BETWEEN 1 AND 100"),
        sa.Index("partners_organization_newest", "created_at", "id"),
        # What a kind that is written elsewhere too refers to.
        sa.Index("partners_organization_kind", "id", "kind", unique=True),
        sa.Index("partners_organization_terms", "name_terms", postgresql_using="gin"),
        sa.Index("partners_organization_unit", "unit_id"),
        sa.Index("partners_organization_division", "division_code"),
    )

    id: UUID = columns.identifier()
    version: int = columns.version()
    name: str = columns.text()
    name_terms: list[str] = Field(default_factory=list, sa_type=ARRAY(sa.Text))
    kind: OrganizationKind = columns.enum(OrganizationKind)
    division_code: str = Field(sa_type=sa.Text, foreign_key="core_division.id")
    unit_id: UUID = columns.refers_to("accounts_unit.id")
    verification: VerificationStatus = columns.enum(VerificationStatus, VerificationStatus.UNVERIFIED)
    employee_count: int | None = None
    industry_code: str | None = columns.text(None)
    created_at: datetime = columns.instant()


class ApiTokenRow(SQLModel, table=True):
    """
    A token: its secret is shown once and kept as a keyed hash; `prefix` is what people recognise it by. A rotation makes
    the one that `replaces_id` names live on for its time of grace; it has one successor at most.
    """

    __tablename__ = "partners_api_token"
    __table_args__ = (
        columns.each_of("scopes", Scope),
        columns.check("name_length", "char_length(name) BETWEEN 1 AND 80"),
        sa.Index("partners_api_token_successor", "replaces_id", unique=True),
    )

    id: UUID = columns.identifier()
    organization_id: UUID = columns.refers_to("partners_organization.id", index=True)
    name: str = columns.text()
    prefix: str = columns.text()
    secret_hash: bytes = keyed_hash(
        "API token", live="revoked_at IS NULL AND expires_at > :now", named="prefix", unique=True
    )
    key_id: str | None = hashing_key()
    scopes: list[Scope] = columns.enum_array(Scope)
    created_at: datetime = columns.instant()
    expires_at: datetime = columns.instant()
    last_used_at: datetime | None = columns.instant(None)
    revoked_at: datetime | None = columns.instant(None)
    replaces_id: UUID | None = None
