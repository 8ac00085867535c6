"""Certificates as they are read: by their holder, by staff in reach, and by whoever has the number."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlmodel import col

from domain.accounts.reach import reached
from domain.certificates.models import CertificateKind, CertificateRow, RevocationCause
from domain.certificates.numbers import hash_of
from domain.core.actors import Actor, YouthActor
from domain.core.db import Read
from domain.core.projection import projection
from domain.core.refusals import Language
from domain.core.rights import Action, may
from domain.core.sealing import Sealer, place
from domain.core.statements import StatementSigner

FORMAT = "qingyi-certificate/1"
STATEMENT = ("certificates_certificate", "statement")

CAUSES: dict[RevocationCause, dict[Language, str]] = {
    RevocationCause.CORRECTED: {
        Language.ZH: "所载内容已被更正。",
        Language.EN: "What it says has been corrected since.",
    },
    RevocationCause.BY_STAFF: {
        Language.ZH: "已由颁发单位撤销。",
        Language.EN: "It was revoked by the unit that issued it.",
    },
    RevocationCause.ERASED: {
        Language.ZH: "持有人的账号已注销。",
        Language.EN: "Its holder's account was erased.",
    },
}
"""What anybody is told of why a certificate no longer holds; never who, nor words of staff."""


@dataclass(frozen=True, slots=True)
class Certificate:
    id: UUID
    holder_id: UUID
    unit_id: UUID
    kind: CertificateKind
    title: str
    statement_sealed: bytes | None
    issued_on: date
    issued_at: datetime
    revoked_at: datetime | None
    cause: RevocationCause | None
    reason: str | None

    def statement(self, sealer: Sealer) -> str | None:
        """The signed statement, a compact JWS (EdDSA); None once its holder's account is erased."""
        sealed = self.statement_sealed
        return None if sealed is None else sealer.open(sealed, place(*STATEMENT, self.id))


def facts_of(signer: StatementSigner, statement: str | None) -> dict[str, Any]:
    """What a statement says; nothing where there is none."""
    found: dict[str, Any] = {} if statement is None else orjson.loads(signer.read(statement))
    return found


CERTIFICATES = projection(Certificate, CertificateRow)
_NEWEST = (col(CertificateRow.issued_at).desc(), col(CertificateRow.id).desc())


async def by_number(db: Read, typed: str) -> Certificate | None:
    """The certificate of a number as somebody typed it, whether or not it still holds."""
    return await CERTIFICATES.first(
        db, CERTIFICATES.select().where(col(CertificateRow.number_hash) == hash_of(typed))
    )


async def of_holder(db: Read, youth_id: UUID) -> list[Certificate]:
    """The latest first."""
    mine = CERTIFICATES.select().where(col(CertificateRow.holder_id) == youth_id)
    return await CERTIFICATES.all(db, mine.order_by(*_NEWEST))


def readable(actor: Actor) -> sa.ColumnElement[bool]:
    """By id: the holder's own, and those of units in the member's reach."""
    if not may(actor, Action.SEE_CERTIFICATES):
        return sa.false()
    if isinstance(actor, YouthActor):
        return col(CertificateRow.holder_id) == actor.id
    return reached(actor, col(CertificateRow.unit_id))


async def certificates(db: Read, actor: Actor, ids: Iterable[UUID]) -> dict[UUID, Certificate]:
    """Those of the certificates that the actor finds by id."""
    statement = CERTIFICATES.select().where(col(CertificateRow.id).in_(list(ids)), readable(actor))
    return {found.id: found for found in await CERTIFICATES.all(db, statement)}
