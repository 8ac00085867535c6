"""What youths are told about their accounts."""

from domain.accounts.events import TracksConfirmed
from domain.core.db import Write
from domain.core.inbox import NOTICES, Notice, Recipient, Told, Words, tell
from domain.core.outbox import Delivery, Handlers

TRACKS_CONFIRMED = Notice(
    "TRACKS_CONFIRMED",
    zh=Words("专项身份已更新", "工作人员已核对您的专项身份材料。{note}"),
    en=Words("Special tracks updated", "Staff have looked at the proof of your special tracks. {note}"),
    tag="Youth",
)
NOTICES.add(TRACKS_CONFIRMED)


def register(handlers: Handlers) -> None:
    """Tell youths what became of their accounts."""

    @handlers.on(TracksConfirmed.topic)
    async def tell_youth(tx: Write, event: Delivery) -> None:
        youth = event.uuid("youth_id")
        told = [Told(Recipient.YOUTH, youth)]
        await tell(tx, event.id, TRACKS_CONFIRMED, told, subject_id=youth, note=event.payload["note"])
