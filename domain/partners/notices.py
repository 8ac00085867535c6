"""What organizations are told about themselves."""

from domain.core.db import Write
from domain.core.inbox import NOTICES, Notice, Recipient, Told, Words, tell
from domain.core.outbox import Delivery, Handlers
from domain.partners.events import OrganizationDecided

VERIFIED = Notice(
    "ORGANIZATION_VERIFIED",
    zh=Words("单位审核通过", "贵单位已通过审核，可以发布信息。{note}"),
    en=Words("Organization verified", "Your organization was verified and may post. {note}"),
    tag="Organization",
)
REFUSED = Notice(
    "ORGANIZATION_REFUSED",
    zh=Words("单位审核未通过", "贵单位未通过审核。{note}"),
    en=Words("Organization not verified", "Your organization was not verified. {note}"),
    tag="Organization",
)
NOTICES.add(VERIFIED, REFUSED)


def register(handlers: Handlers) -> None:
    """Tell organizations what was decided about them."""

    @handlers.on(OrganizationDecided.topic)
    async def tell_organization(tx: Write, event: Delivery) -> None:
        organization = event.uuid("organization_id")
        notice = VERIFIED if event.payload["verified"] else REFUSED
        told = [Told(Recipient.ORGANIZATION, organization)]
        await tell(tx, event.id, notice, told, subject_id=organization, note=event.payload["note"])
