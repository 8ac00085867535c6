"""Who is told what about listings and applications. Handlers write inbox rows; the worker calls them."""

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col

from domain.core.clock import SHANGHAI
from domain.core.db import Write
from domain.core.inbox import NOTICES, Notice, Recipient, Told, Words, tell
from domain.core.outbox import Delivery, Handlers
from domain.internships.alerts import digests_due
from domain.internships.events import (
    AnswerOverdue,
    ApplicationMoved,
    DigestsDue,
    ListingReviewed,
    MatchesFound,
)
from domain.internships.models import ListingRow
from domain.internships.states import ApplicationStatus

_APPLICATION, _LISTING, _SEARCH = "InternshipApplication", "Internship", "InternshipSearch"


def _of_application(status: ApplicationStatus, zh: tuple[str, str], en: tuple[str, str]) -> Notice:
    return Notice(f"INTERNSHIP_APPLICATION_{status.value}", Words(*zh), Words(*en), _APPLICATION)


TO_YOUTH: Mapping[ApplicationStatus, Notice] = {
    ApplicationStatus.SHORTLISTED: _of_application(
        ApplicationStatus.SHORTLISTED,
        ("简历通过初选", "您申请的“{title}”已通过初选。{note}"),
        ("Shortlisted", "Your application to “{title}” was shortlisted. {note}"),
    ),
    ApplicationStatus.INTERVIEW: _of_application(
        ApplicationStatus.INTERVIEW,
        ("面试邀请", "“{title}”邀请您面试{when}。{note}"),
        ("Invitation to an interview", "You are invited to an interview for “{title}”{when}. {note}"),
    ),
    ApplicationStatus.OFFERED: _of_application(
        ApplicationStatus.OFFERED,
        ("录用通知", "“{title}”向您发出录用意向，请尽快答复。{note}"),
        ("An offer", "You have an offer for “{title}”; please answer soon. {note}"),
    ),
    ApplicationStatus.REJECTED: _of_application(
        ApplicationStatus.REJECTED,
        ("申请未通过", "您申请的“{title}”未通过。{note}"),
        ("Not this time", "Your application to “{title}” was turned down. {note}"),
    ),
    ApplicationStatus.ONBOARDED: _of_application(
        ApplicationStatus.ONBOARDED,
        ("已到岗", "“{title}”确认您已到岗。{note}"),
        ("Started", "“{title}” confirmed that you have started. {note}"),
    ),
    ApplicationStatus.COMPLETED: _of_application(
        ApplicationStatus.COMPLETED,
        ("实习完成", "您已完成“{title}”。{note}"),
        ("Completed", "You have completed “{title}”. {note}"),
    ),
    ApplicationStatus.WITHDRAWN: Notice(
        "INTERNSHIP_APPLICATION_WITHDRAWN_FOR_YOU",
        Words("申请已自动撤回", "您对“{title}”的申请已撤回：{note}"),
        Words("Application withdrawn", "Your application to “{title}” was withdrawn: {note}"),
        _APPLICATION,
    ),
}

TO_ORGANIZATION: Mapping[ApplicationStatus, Notice] = {
    ApplicationStatus.SUBMITTED: _of_application(
        ApplicationStatus.SUBMITTED,
        ("收到新申请", "“{title}”收到一份新申请。"),
        ("A new application", "“{title}” has a new application."),
    ),
    ApplicationStatus.ACCEPTED: _of_application(
        ApplicationStatus.ACCEPTED,
        ("录用已被接受", "“{title}”的一位申请人接受了录用。"),
        ("Offer accepted", "An applicant accepted your offer for “{title}”."),
    ),
    ApplicationStatus.DECLINED: _of_application(
        ApplicationStatus.DECLINED,
        ("录用被婉拒", "“{title}”的一位申请人婉拒了录用。"),
        ("Offer declined", "An applicant declined your offer for “{title}”."),
    ),
    ApplicationStatus.WITHDRAWN: _of_application(
        ApplicationStatus.WITHDRAWN,
        ("申请已撤回", "“{title}”的一位申请人撤回了申请。{note}"),
        ("Application withdrawn", "An applicant withdrew from “{title}”. {note}"),
    ),
}

LISTING_APPROVED = Notice(
    "INTERNSHIP_APPROVED",
    Words("岗位审核通过", "“{title}”已发布。{note}"),
    Words("Listing approved", "“{title}” is published. {note}"),
    _LISTING,
)
LISTING_REFUSED = Notice(
    "INTERNSHIP_REFUSED",
    Words("岗位审核未通过", "“{title}”未通过审核：{note}"),
    Words("Listing refused", "“{title}” was not approved: {note}"),
    _LISTING,
)
ANSWER_OVERDUE = Notice(
    "INTERNSHIP_ANSWER_OVERDUE",
    Words("申请待答复", "“{title}”有一份申请已等待 {days} 天，请尽快答复。"),
    Words("An application waits", "An application to “{title}” has waited {days} days for an answer."),
    _APPLICATION,
)
MATCHES_FOUND = Notice(
    "INTERNSHIP_SEARCH_MATCHED",
    Words("有新的匹配岗位", "您订阅的“{name}”有 {count} 个新岗位。"),
    Words("New matches", "Your search “{name}” has {count} new listings."),
    _SEARCH,
)

NOTICES.add(
    *TO_YOUTH.values(),
    *TO_ORGANIZATION.values(),
    LISTING_APPROVED,
    LISTING_REFUSED,
    ANSWER_OVERDUE,
    MATCHES_FOUND,
)


async def _title(tx: Write, event: Delivery) -> str:
    statement = sa.select(col(ListingRow.title)).where(col(ListingRow.id) == event.uuid("internship_id"))
    return str(await tx.scalar(statement))


async def application_moved(tx: Write, event: Delivery) -> None:
    """The side that did not move is told; a withdrawal that a rule made, both."""
    status = ApplicationStatus(event.payload["status"])
    by_youth, note = event.payload["by_youth"], event.payload["note"]
    title, subject = await _title(tx, event), event.uuid("application_id")
    interview = event.payload.get("interview_at")
    when = f" ({datetime.fromisoformat(interview).astimezone(SHANGHAI):%Y-%m-%d %H:%M})" if interview else ""
    if by_youth and status in TO_ORGANIZATION:
        told = [Told(Recipient.ORGANIZATION, event.uuid("organization_id"))]
        await tell(tx, event.id, TO_ORGANIZATION[status], told, subject_id=subject, title=title, note=note)
    by_rule = status is ApplicationStatus.WITHDRAWN and bool(note)
    if (not by_youth or by_rule) and status in TO_YOUTH:
        told = [Told(Recipient.YOUTH, event.uuid("youth_id"))]
        words = {"title": title, "note": note, "when": when}
        await tell(tx, event.id, TO_YOUTH[status], told, subject_id=subject, **words)


async def listing_reviewed(tx: Write, event: Delivery) -> None:
    notice = LISTING_APPROVED if event.payload["approved"] else LISTING_REFUSED
    told = [Told(Recipient.ORGANIZATION, event.uuid("organization_id"))]
    listing = event.uuid("internship_id")
    title = await _title(tx, event)
    await tell(tx, event.id, notice, told, subject_id=listing, title=title, note=event.payload["note"])


async def answer_overdue(tx: Write, event: Delivery) -> None:
    told = [Told(Recipient.ORGANIZATION, event.uuid("organization_id"))]
    title = await _title(tx, event)
    subject = event.uuid("application_id")
    await tell(
        tx, event.id, ANSWER_OVERDUE, told, subject_id=subject, title=title, days=event.payload["days"]
    )


async def matches_found(tx: Write, event: Delivery) -> None:
    told = [Told(Recipient.YOUTH, event.uuid("youth_id"))]
    name, count = event.payload["name"], event.payload["count"]
    await tell(tx, event.id, MATCHES_FOUND, told, subject_id=event.uuid("search_id"), name=name, count=count)


def register(handlers: Handlers) -> None:
    handlers.on(ApplicationMoved.topic)(application_moved)
    handlers.on(ListingReviewed.topic)(listing_reviewed)
    handlers.on(AnswerOverdue.topic)(answer_overdue)
    handlers.on(DigestsDue.topic)(digests_due)
    handlers.on(MatchesFound.topic)(matches_found)
