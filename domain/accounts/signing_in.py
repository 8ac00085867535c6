"""Sign-in with a phone: whoever reads a number's messages is the youth of that number, new or known."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlmodel import col

from domain.accounts.enrolling import PHONE_INDEX, TERMS_VERSION
from domain.accounts.models import ConsentPurpose, ConsentRow, RealNameStatus, YouthRow
from domain.accounts.youths import phone_place
from domain.core import columns
from domain.core.db import Write
from domain.core.sealing import Sealer


async def youth_of_phone(tx: Write, sealer: Sealer, phone: str) -> UUID:
    """
    The youth of a number, made when there is none; the caller has proved the number. Signing in is agreeing to the TERMS.

    Two sign-ins of a new number at once make one youth: the unique index on the number decides.
    """
    known = sa.select(col(YouthRow.id)).where(
        col(YouthRow.phone_index).in_(sealer.blinds(phone, PHONE_INDEX))
    )
    found = await tx.scalar(known)
    if found is None:
        identity = columns.new_id()
        made = await tx.execute(
            pg_insert(YouthRow)
            .values(
                id=identity,
                phone_sealed=sealer.seal(phone, phone_place(identity)),
                phone_index=sealer.blind(phone, PHONE_INDEX),
                real_name_status=RealNameStatus.NONE,
                tracks=[],
                created_at=tx.now,
            )
            .on_conflict_do_nothing(index_elements=[col(YouthRow.phone_index)])
        )
        found = identity if made else await tx.scalar(known)
    youth_id = UUID(str(found))
    await tx.execute(
        pg_insert(ConsentRow)
        .values(
            id=columns.new_id(),
            youth_id=youth_id,
            purpose=ConsentPurpose.TERMS,
            version=TERMS_VERSION,
            given_at=tx.now,
        )
        .on_conflict_do_nothing()
    )
    return youth_id
