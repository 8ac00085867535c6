"""A certificate falls when a correction leaves less than what it says."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.certificates.issuing import revoke
from domain.certificates.models import CertificateRow, RevocationCause
from domain.core.db import Write
from domain.volunteering.certificates.models import ServiceCertificateRow
from domain.volunteering.certificates.service import between, counts
from domain.volunteering.models import AccountRow, ServiceRecordRow


async def revoke_fallen(tx: Write, volunteer_ids: Iterable[UUID]) -> None:
    """
    Revoke what the corrections of this transaction have made untrue. The accounts of the volunteers are held, records and
    accounts are written.
    """
    wanted = list(volunteer_ids)
    if not wanted:
        return
    said = ServiceCertificateRow
    now: Any = (
        sa.select(sa.func.coalesce(sa.func.sum(col(ServiceRecordRow.minutes)), 0))
        .where(
            col(ServiceRecordRow.volunteer_id) == col(said.volunteer_id),
            counts(),
            between(col(said.since_on), col(said.until_on)),
        )
        .scalar_subquery()
    )
    fallen = (
        sa.select(col(said.certificate_id))
        .join(CertificateRow, col(CertificateRow.id) == col(said.certificate_id))
        .join(AccountRow, col(AccountRow.volunteer_id) == col(said.volunteer_id))
        .where(
            col(said.volunteer_id).in_(wanted),
            col(CertificateRow.revoked_at).is_(None),
            sa.or_(now < col(said.minutes), col(AccountRow.stars) < col(said.stars)),
        )
    )
    await revoke(tx, await tx.scalars(fallen), RevocationCause.CORRECTED)
