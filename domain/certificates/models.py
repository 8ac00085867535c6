"""Tables of certificates."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from domain.core import columns
from domain.core.sealed_columns import sealed

TITLE_MOST = 100
REASON_MOST = 500


class CertificateKind(StrEnum):
    HONOUR = "HONOUR"
    INTERNSHIP = "INTERNSHIP"
    VOLUNTEER = "VOLUNTEER"
    COURSE = "COURSE"


class RevocationCause(StrEnum):
    """Why a certificate no longer holds."""

    CORRECTED = "CORRECTED"
    """What it says was true when it was issued, and no longer is."""
    BY_STAFF = "BY_STAFF"
    ERASED = "ERASED"
    """Its holder's account is gone."""


class CertificateRow(SQLModel, table=True):
    """
    A certificate of a unit for a youth. All that it says stands in the signed statement, which is sealed and goes with the
    account; the row stays, so that a number that was given stays known as revoked.
    """

    __tablename__ = "certificates_certificate"
    __table_args__ = (
        columns.one_of("kind", CertificateKind),
        columns.one_of("cause", RevocationCause),
        columns.check("title_length", f"char_length(title) BETWEEN 1 AND {TITLE_MOST}"),
        columns.check("reason_length", f"char_length(reason) BETWEEN 1 AND {REASON_MOST}"),
        columns.check("number_is_a_hash", "octet_length(number_hash) = 32"),
        columns.check("revoked_with_cause", "(revoked_at IS NULL) = (cause IS NULL)"),
        columns.check("holds_with_statement", "revoked_at IS NOT NULL OR statement_sealed IS NOT NULL"),
        sa.Index("certificates_certificate_of_holder", "holder_id", "issued_at", "id"),
    )

    id: UUID = columns.identifier()
    holder_id: UUID = columns.refers_to("accounts_youth.id")
    unit_id: UUID = columns.refers_to("accounts_unit.id", index=True)
    kind: CertificateKind = columns.enum(CertificateKind)
    title: str = columns.text()
    number_hash: bytes = Field(sa_type=sa.LargeBinary, unique=True)
    statement_sealed: bytes | None = sealed(None)
    issued_on: date
    issued_at: datetime = columns.instant()
    revoked_at: datetime | None = columns.instant(None)
    cause: RevocationCause | None = columns.enum(RevocationCause, None)
    reason: str | None = columns.text(None)
