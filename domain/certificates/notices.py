"""The holder of a certificate is told when it no longer holds."""

from domain.certificates.certificate import CAUSES
from domain.certificates.events import CertificateRevoked
from domain.certificates.models import RevocationCause
from domain.core.db import Write
from domain.core.inbox import NOTICES, Notice, Recipient, Told, Words, tell
from domain.core.outbox import Delivery, Handlers
from domain.core.refusals import Language


def _notice(cause: RevocationCause) -> Notice:
    said = CAUSES[cause]
    return Notice(
        f"CERTIFICATE_REVOKED_{cause.value}",
        Words("证书已失效", f"您的一份证书已失效：{said[Language.ZH]}"),
        Words(
            "A certificate no longer holds", f"A certificate of yours no longer holds. {said[Language.EN]}"
        ),
        "Certificate",
    )


_TOLD = {cause: _notice(cause) for cause in (RevocationCause.CORRECTED, RevocationCause.BY_STAFF)}
NOTICES.add(*_TOLD.values())


async def revoked(tx: Write, event: Delivery) -> None:
    notice = _TOLD[RevocationCause(event.payload["cause"])]
    told = [Told(Recipient.YOUTH, event.uuid("youth_id"))]
    await tell(tx, event.id, notice, told, subject_id=event.uuid("certificate_id"))


def register(handlers: Handlers) -> None:
    handlers.on(CertificateRevoked.topic)(revoked)
