"""What the kernel of certificates holds about youths."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.certificates.issuing import revoke
from domain.certificates.models import CertificateRow, RevocationCause
from domain.core.db import Write
from domain.core.holding import Fate, Holding, Said, blank, opened


def _of(youth_id: UUID) -> sa.ColumnElement[bool]:
    return col(CertificateRow.holder_id) == youth_id


async def end_certificates(tx: Write, youth_id: UUID) -> None:
    """Whoever holds a number is told that it no longer holds, and nothing more."""
    held: Any = await tx.scalars(sa.select(col(CertificateRow.id)).where(_of(youth_id)))
    await revoke(tx, held, RevocationCause.ERASED)


ENDINGS = (end_certificates,)

HOLDINGS = (
    Holding(
        "certificates",
        CertificateRow,
        Said("颁发给您的证书", "Certificates that were issued to you"),
        _of,
        {
            "id": "id",
            "kind": "kind",
            "title": "title",
            "signature": opened(CertificateRow, "statement"),
            "issuedOn": "issued_on",
            "revokedAt": "revoked_at",
        },
        Fate.ANONYMISED,
        Said(
            "只留证书编号的摘要与失效时间，使失效的证书可被识别；不含任何内容",
            "The hash of a number and when it ended stay, so that a certificate is known as revoked; nothing that it said",
        ),
        blank(
            CertificateRow,
            *("id", "holder_id", "unit_id", "kind", "title", "number_hash", "issued_on", "issued_at"),
            *("revoked_at", "cause"),
        ),
    ),
)
