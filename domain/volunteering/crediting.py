"""Entering what a service record says: its hours once, and what a correction changes of them."""

from datetime import datetime

from domain.volunteering.chain import evidence_of
from domain.volunteering.ledger import Book, Posting
from domain.volunteering.records import ServiceRecord
from domain.volunteering.states import LedgerKind


def credit(book: Book, record: ServiceRecord, expires_at: datetime) -> None:
    """The hours of a posted record; its entry has the record's id. The points of it lapse at `expires_at`."""
    assert record.volunteer_id is not None
    book.append(
        book.accounts[record.volunteer_id],
        Posting(
            LedgerKind.SERVICE,
            minutes=record.minutes,
            id=record.id,
            expires_at=expires_at,
            organization_id=record.organization_id,
            record_id=record.id,
            evidence=evidence_of(record),
        ),
    )


def correct(book: Book, record: ServiceRecord, minutes: int) -> None:
    """So many minutes more (or less) than were entered; also none, where the record now says something else."""
    assert record.volunteer_id is not None
    book.append(
        book.accounts[record.volunteer_id],
        Posting(
            LedgerKind.CORRECTION,
            minutes=minutes,
            organization_id=record.organization_id,
            record_id=record.id,
            evidence=evidence_of(record),
        ),
    )
