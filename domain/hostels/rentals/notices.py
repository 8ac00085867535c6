"""What landlords are told about their flats."""

import sqlalchemy as sa
from sqlmodel import col

from domain.core.db import Write
from domain.core.inbox import NOTICES, Notice, Recipient, Told, Words, tell
from domain.core.outbox import Delivery, Handlers
from domain.hostels.rentals.events import RentalDecided
from domain.hostels.rentals.models import RentalRow

TAKEN_DOWN = Notice(
    "RENTAL_TAKEN_DOWN",
    zh=Words("房源已下架", "“{title}”已被下架：{note}"),
    en=Words("Flat taken down", "“{title}” was taken down: {note}"),
    tag="Rental",
)
RESTORED = Notice(
    "RENTAL_RESTORED",
    zh=Words("房源已恢复", "“{title}”不再被下架。{note}"),
    en=Words("Flat restored", "“{title}” is no longer taken down. {note}"),
    tag="Rental",
)
NOTICES.add(TAKEN_DOWN, RESTORED)


async def rental_decided(tx: Write, event: Delivery) -> None:
    notice = TAKEN_DOWN if event.payload["taken_down"] else RESTORED
    rental = event.uuid("rental_id")
    title = str(await tx.scalar(sa.select(col(RentalRow.title)).where(col(RentalRow.id) == rental)))
    told = [Told(Recipient.ORGANIZATION, event.uuid("organization_id"))]
    await tell(tx, event.id, notice, told, subject_id=rental, title=title, note=event.payload["note"])


def register(handlers: Handlers) -> None:
    """Tell landlords what was decided about their flats."""
    handlers.on(RentalDecided.topic)(rental_decided)
