"""A certificate is issued, signed so that anybody can check it without asking us; and revoked."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlmodel import col

from domain.accounts.finding import unit_of_youth
from domain.accounts.models import UnitRow
from domain.accounts.reach import in_reach
from domain.accounts.requirements import NameNotVerified
from domain.accounts.youths import Youth, mask_name
from domain.certificates.certificate import FORMAT, STATEMENT
from domain.certificates.events import CertificateRevoked
from domain.certificates.models import REASON_MOST, CertificateKind, CertificateRow, RevocationCause
from domain.certificates.numbers import hash_of, new_number, spelled
from domain.core import columns
from domain.core.db import Write
from domain.core.faults import length_fault
from domain.core.outbox import emit
from domain.core.refusals import NotFound, refuse_all
from domain.core.rights import Action, require_staff
from domain.core.sealing import Sealer, place
from domain.core.statements import StatementSigner


async def issue(
    tx: Write,
    sealer: Sealer,
    signer: StatementSigner,
    youth: Youth,
    kind: CertificateKind,
    title: str,
    **said: Mapping[str, Any],
) -> UUID:
    """
    A new certificate; its id. `said` is what its programme states beside whose it is, by the programme's name.

    NameNotVerified for who has no verified name. The name is stated masked.
    """
    name = youth.legal_name(sealer)
    if name is None:
        raise NameNotVerified
    unit_id = await unit_of_youth(tx, youth)
    issuer = await tx.scalar(sa.select(col(UnitRow.name)).where(col(UnitRow.id) == unit_id))
    identity, number = columns.new_id(), new_number()
    facts = {
        "format": FORMAT,
        "number": spelled(number),
        "kind": kind.value,
        "title": title,
        "holder": mask_name(name),
        "issuer": issuer,
        "issuedOn": tx.today.isoformat(),
        **said,
    }
    statement = signer.sign(orjson.dumps(facts, option=orjson.OPT_SORT_KEYS))
    row = {
        "id": identity,
        "holder_id": youth.id,
        "unit_id": unit_id,
        "kind": kind,
        "title": title,
        "number_hash": hash_of(number),
        "statement_sealed": sealer.seal(statement, place(*STATEMENT, identity)),
        "issued_on": tx.today,
        "issued_at": tx.now,
    }
    await tx.insert(CertificateRow, [row])
    return identity


async def revoke(tx: Write, ids: Iterable[UUID], cause: RevocationCause, reason: str | None = None) -> None:
    """Those that still hold do so no longer, from this instant on."""
    revoked = await tx.rows(
        sa.update(CertificateRow)
        .where(col(CertificateRow.id).in_(list(ids)), col(CertificateRow.revoked_at).is_(None))
        .values(revoked_at=tx.now, cause=cause, reason=reason)
        .returning(col(CertificateRow.id), col(CertificateRow.holder_id))
    )
    if cause is not RevocationCause.ERASED:
        await emit(tx, *(CertificateRevoked(row.id, row.holder_id, cause.value) for row in revoked))


async def revoke_one(tx: Write, certificate_id: UUID, reason: str) -> UUID:
    """By staff of the unit that issued it, or of one above. Again changes nothing."""
    staff = require_staff(tx.actor, Action.ISSUE_CERTIFICATES)
    written = reason.strip()
    known = sa.select(col(CertificateRow.id)).where(
        col(CertificateRow.id) == certificate_id, in_reach(staff, col(CertificateRow.unit_id))
    )
    if not await tx.exists(known):
        raise NotFound("certificate_id")
    refuse_all(length_fault("reason", written, 1, REASON_MOST))
    await revoke(tx, [certificate_id], RevocationCause.BY_STAFF, written)
    return certificate_id
