"""Sign-in with a phone: whoever reads a number's messages is the youth of that number, new or known."""

from uuid import UUID

from domain.accounts.consents import give
from domain.accounts.enrolling import TERMS_VERSION, NewYouth, PhoneTaken, enrol_youths
from domain.accounts.models import PHONE_INDEX, ConsentPurpose
from domain.core.blind_index import owner
from domain.core.db import Write
from domain.core.sealing import Sealer


async def youth_of_phone(tx: Write, sealer: Sealer, phone: str) -> UUID:
    """
    The youth of a number, made when there is none; the caller has proved the number. Signing in is agreeing to the TERMS.

    Two sign-ins of a new number at once make one youth: the blind index of the number decides.
    """
    known = await owner(tx, sealer, PHONE_INDEX, phone)
    if known is None:
        try:
            async with tx.savepoint():
                (made,) = await enrol_youths(tx, sealer, [NewYouth(phone=phone)])
                return made
        except PhoneTaken:
            known = await owner(tx, sealer, PHONE_INDEX, phone)
    assert known is not None  # whoever took it has committed
    await give(tx, known, ConsentPurpose.TERMS, TERMS_VERSION)
    return known
