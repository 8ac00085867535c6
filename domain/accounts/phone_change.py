"""
The number of a youth is bound or changed by a code sent to the new one.

The code comes first: only who reads a number's messages learns that it has an account. Of two accounts that take one number
at once, and of a sign-in that makes an account for it meanwhile, the blind index of the number decides.
"""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.accounts.codes import PhoneCodePurpose, PhoneCodes
from domain.accounts.enrolling import PhoneTaken
from domain.accounts.events import PhoneBound
from domain.accounts.models import PHONE_INDEX, YouthRow
from domain.accounts.youths import locked_youth, phone_place
from domain.core.blind_index import claim
from domain.core.db import Write
from domain.core.outbox import emit
from domain.core.sealing import Sealer


async def change_phone(
    tx: Write, sealer: Sealer, codes: PhoneCodes, youth_id: UUID, phone: str, code: str
) -> UUID:
    """CodeWrong or PhoneTaken; the youth's own number is answered as it is."""
    youth = await locked_youth(tx, youth_id)
    if youth.phone(sealer) == phone:
        return youth_id
    await codes.take(phone, PhoneCodePurpose.CHANGE_PHONE, code)
    await claim(tx, sealer, PHONE_INDEX, phone, youth_id, PhoneTaken("phone"))
    await tx.execute(
        sa.update(YouthRow)
        .where(col(YouthRow.id) == youth_id)
        .values(phone_sealed=sealer.seal(phone, phone_place(youth_id)))
    )
    await emit(tx, PhoneBound(youth_id=youth_id))
    return youth_id
