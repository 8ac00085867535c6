"""What internships hold about youths: applications with their history, bookmarks, saved searches and what these told."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.core.actors import YouthActor
from domain.core.db import Write
from domain.core.holding import Fate, Holding, Said, blank, opened, owned_by
from domain.core.inbox import NotificationRow, Recipient
from domain.core.refusals import ChangedMeanwhile
from domain.core.states import StateEvent
from domain.internships.models import ApplicationRow, BookmarkRow, ListingRow, SavedSearchRow, ToldMatchRow
from domain.internships.moving import listing_held
from domain.internships.states import APPLICATION_STATES, ApplicationStatus
from domain.internships.withdrawing import withdraw
from domain.partners.models import OrganizationRow

_ROUNDS_MOST = 20
"""Of those who go on applying while they are erased; a last one is found when the worker looks again."""


def _applications(youth_id: UUID) -> sa.Select[Any]:
    return sa.select(col(ApplicationRow.id)).where(col(ApplicationRow.youth_id) == youth_id)


def _searches(youth_id: UUID) -> sa.Select[Any]:
    return sa.select(col(SavedSearchRow.id)).where(col(SavedSearchRow.youth_id) == youth_id)


def _named(table: Any, youth: Any, youth_id: UUID) -> sa.Select[Any]:
    """Rows of a table together with the listing that they are about, and whose it is."""
    return (
        sa.select(
            *sa.inspect(table).columns,
            col(ListingRow.title).label("internship"),
            col(OrganizationRow.name).label("organization"),
        )
        .join(ListingRow, col(ListingRow.id) == col(table.internship_id))
        .join(OrganizationRow, col(OrganizationRow.id) == col(ListingRow.organization_id))
        .where(col(youth) == youth_id)
    )


async def withdraw_all(tx: Write, youth_id: UUID) -> None:
    """
    Withdraw every application that may be, in the youth's name: places are given back, organizations are told.

    Several listings are held at once, by rising id as posting holds them, and before any application (see `moving`).
    """
    in_their_name = Write(tx.connection, tx.now, YouthActor(youth_id))
    open_ones = sa.and_(
        col(ApplicationRow.youth_id) == youth_id,
        col(ApplicationRow.status).in_(APPLICATION_STATES.sources(ApplicationStatus.WITHDRAWN)),
    )
    for _ in range(_ROUNDS_MOST):
        listings = sa.select(col(ApplicationRow.internship_id)).where(open_ones)
        for listing in sorted(set(await tx.scalars(listings))):
            await listing_held(tx, listing)
        found = await tx.scalars(
            sa.select(col(ApplicationRow.id)).where(open_ones).order_by(col(ApplicationRow.id))
        )
        if not found:
            return
        for application in found:
            await withdraw(in_their_name, application)
    raise ChangedMeanwhile


ENDINGS = (withdraw_all,)

HOLDINGS = (
    Holding(
        "internshipApplicationHistory",
        StateEvent,
        Said("实习申请的每一步", "Each step of your applications for internships"),
        owned_by(StateEvent.subject_id, _applications),
        {"application": "subject_id", "status": "status", "at": "at", "note": "note"},
        Fate.ANONYMISED,
        Said(
            "只留状态与时间，用于单位答复率等统计",
            "State and time alone stay, for figures such as how fast organizations answer",
        ),
        {"note": None},
    ),
    Holding(
        "internshipNoticesToOrganizations",
        NotificationRow,
        Said("用人单位收到的、与您的申请有关的通知", "What organizations were told of your applications"),
        lambda youth: sa.and_(
            col(NotificationRow.recipient_kind) != Recipient.YOUTH,
            col(NotificationRow.subject_id).in_(_applications(youth)),
        ),
        {"kind": "kind", "createdAt": "created_at"},
        Fate.KEPT,
        Said(
            "属用人单位自己的收件箱，只称“一位申请人”，不指向任何人",
            "They are the organizations' own, speak of “an applicant” and name nobody",
        ),
    ),
    Holding(
        "internshipApplications",
        ApplicationRow,
        Said("实习申请", "Your applications for internships"),
        lambda youth: col(ApplicationRow.youth_id) == youth,
        {
            "id": "id",
            "internship": "internship",
            "organization": "organization",
            "status": "status",
            "coverLetter": opened(ApplicationRow, "cover_letter"),
            "resumeUrl": opened(ApplicationRow, "resume_url"),
            "interviewAt": "interview_at",
            "submittedAt": "submitted_at",
            "updatedAt": "updated_at",
        },
        Fate.ANONYMISED,
        Said(
            "只留一条无名记录，用于名额和答复率统计",
            "A record of nobody stays, for the counts of places and of answers",
        ),
        blank(
            ApplicationRow,
            *("id", "internship_id", "organization_id", "youth_id", "status", "open_slot", "may_apply_again"),
            *("submitted_at", "updated_at", "answered_at", "reminded_at"),
        ),
        lambda youth: _named(ApplicationRow, ApplicationRow.youth_id, youth),
    ),
    Holding(
        "internshipBookmarks",
        BookmarkRow,
        Said("收藏的岗位", "Listings that you kept"),
        lambda youth: col(BookmarkRow.youth_id) == youth,
        {"internship": "internship", "organization": "organization", "createdAt": "created_at"},
        rows=lambda youth: _named(BookmarkRow, BookmarkRow.youth_id, youth),
    ),
    Holding(
        "internshipSearchMatches",
        ToldMatchRow,
        Said("订阅推送过的岗位", "Listings that your saved searches told you of"),
        owned_by(ToldMatchRow.search_id, _searches),
        {"search": "search_id", "internship": "internship_id", "toldAt": "told_at"},
    ),
    Holding(
        "internshipSearches",
        SavedSearchRow,
        Said("岗位订阅", "Your saved searches"),
        lambda youth: col(SavedSearchRow.youth_id) == youth,
        {
            "id": "id",
            "name": "name",
            "filter": "filter",
            "createdAt": "created_at",
            "lastNotifiedAt": "last_notified_at",
        },
    ),
)
