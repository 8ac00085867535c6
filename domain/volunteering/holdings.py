"""What volunteering holds about youths: the ledger, service records, redemptions, claims."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import col

from domain.core.actors import YouthActor
from domain.core.db import Write
from domain.core.holding import Fate, Holding, Said, blank, opened, owned_by
from domain.core.inbox import NotificationRow, Recipient
from domain.core.states import StateEvent
from domain.volunteering.care.models import ClaimRow
from domain.volunteering.certificates.models import ServiceCertificateRow
from domain.volunteering.models import AccountRow, EntryRow, ServiceRecordRow
from domain.volunteering.perks.models import RedemptionRow
from domain.volunteering.perks.redemptions import REDEMPTIONS, give_back
from domain.volunteering.states import ClaimStatus, RedemptionStatus

_FOR_THE_LEDGER = Said(
    "账本依法只增不改，供公益时长核验与统计；编号不再指向任何人",
    "The ledger only grows, for the proof and the figures of service; the id points at nobody any more",
)


def _records(youth_id: UUID) -> sa.Select[Any]:
    return sa.select(col(ServiceRecordRow.id)).where(col(ServiceRecordRow.volunteer_id) == youth_id)


def _redemptions(youth_id: UUID) -> sa.Select[Any]:
    return sa.select(col(RedemptionRow.id)).where(col(RedemptionRow.volunteer_id) == youth_id)


def _claims(youth_id: UUID) -> sa.Select[Any]:
    return sa.select(col(ClaimRow.id)).where(col(ClaimRow.claimant_id) == youth_id)


def _without_note() -> sa.ColumnElement[Any]:
    values = sa.inspect(NotificationRow).columns["values"]
    return values.concat(sa.cast({"note": ""}, JSONB))


async def end_redemptions(tx: Write, youth_id: UUID) -> None:
    """Codes that are not used go back to stock, claims that wait are closed."""
    in_their_name = Write(tx.connection, tx.now, YouthActor(youth_id))
    statement = REDEMPTIONS.select().where(
        col(RedemptionRow.volunteer_id) == youth_id, col(RedemptionRow.status) == RedemptionStatus.ISSUED
    )
    held = await REDEMPTIONS.all(tx, statement.order_by(col(RedemptionRow.id)).with_for_update())
    await give_back(in_their_name, held, RedemptionStatus.CANCELLED)
    await tx.execute(
        sa.update(ClaimRow)
        .where(col(ClaimRow.claimant_id) == youth_id, col(ClaimRow.status) == ClaimStatus.SUBMITTED)
        .values(status=ClaimStatus.REJECTED, approved_fen=None, approvers=[], updated_at=tx.now)
    )


ENDINGS = (end_redemptions,)

HOLDINGS = (
    Holding(
        "serviceHistory",
        StateEvent,
        Said("服务记录的每一步", "Each step of your service records"),
        owned_by(StateEvent.subject_id, _records),
        {"record": "subject_id", "status": "status", "at": "at", "note": "note"},
        Fate.ANONYMISED,
        Said("只留状态与时间，用于统计", "State and time alone stay, for figures"),
        {"note": None},
    ),
    Holding(
        "perkHistory",
        StateEvent,
        Said("权益兑换的每一步", "Each step of the perks that you redeemed"),
        owned_by(StateEvent.subject_id, _redemptions),
        {"redemption": "subject_id", "status": "status", "at": "at"},
        Fate.ANONYMISED,
        Said("只留状态与时间，用于商家结算", "State and time alone stay, for merchants' accounts"),
        {"note": None},
    ),
    Holding(
        "careFundHistory",
        StateEvent,
        Said("关爱基金申请的每一步", "Each step of your claims on the care fund"),
        owned_by(StateEvent.subject_id, _claims),
        {"claim": "subject_id", "status": "status", "at": "at"},
        Fate.ANONYMISED,
        Said("只留状态与时间，供基金审计", "State and time alone stay, for the fund's audit"),
        {"note": None},
    ),
    Holding(
        "serviceNotices",
        NotificationRow,
        Said("单位收到的、关于您的服务记录的通知", "What organizations were told about your service records"),
        lambda youth: sa.and_(
            col(NotificationRow.recipient_kind) == Recipient.ORGANIZATION,
            col(NotificationRow.subject_id).in_(_records(youth)),
        ),
        {},
        Fate.ANONYMISED,
        Said("只留编号，供单位对账", "The reference alone stays, for the organization's accounts"),
        {"values": _without_note()},
    ),
    Holding(
        "ledger",
        EntryRow,
        Said("服务时长与积分账本", "Your ledger of hours and points"),
        lambda youth: col(EntryRow.volunteer_id) == youth,
        {
            "id": "id",
            "kind": "kind",
            "minutes": "minutes",
            "points": "points",
            "balanceAfter": "balance_after",
            "at": "at",
            "expiresAt": "expires_at",
            "hash": lambda row, _: row.hash.hex(),
        },
        Fate.KEPT,
        _FOR_THE_LEDGER,
    ),
    Holding(
        "serviceRecords",
        ServiceRecordRow,
        Said("单位登记的服务记录", "Service that organizations recorded for you"),
        lambda youth: col(ServiceRecordRow.volunteer_id) == youth,
        {
            "id": "id",
            "activity": "activity",
            "startedAt": "started_at",
            "endedAt": "ended_at",
            "minutes": "minutes",
            "status": "status",
            "note": "note",
        },
        Fate.ANONYMISED,
        Said(
            "只留一条无名记录，供单位对账；不留活动与说明",
            "A record of nobody stays, for the organization's accounts; its words go",
        ),
        {"activity": "-", "note": None},
    ),
    Holding(
        "perkRedemptions",
        RedemptionRow,
        Said("兑换的权益", "The perks that you redeemed"),
        lambda youth: col(RedemptionRow.volunteer_id) == youth,
        {
            "id": "id",
            "perk": "perk_id",
            "points": "points",
            "status": "status",
            "expiresAt": "expires_at",
            "usedAt": "used_at",
            "createdAt": "created_at",
        },
        Fate.ANONYMISED,
        Said("只留一条无名记录，供商家结算", "A record of nobody stays, for merchants' accounts"),
        blank(
            RedemptionRow,
            *("id", "perk_id", "volunteer_id", "turn", "most", "points", "status", "expires_at"),
            *("used_at", "created_at"),
        ),
    ),
    Holding(
        "careFundClaims",
        ClaimRow,
        Said("关爱基金申请", "Your claims on the care fund"),
        lambda youth: col(ClaimRow.claimant_id) == youth,
        {
            "id": "id",
            "reason": "reason",
            "description": opened(ClaimRow, "description"),
            "amountFen": "amount_fen",
            "approvedFen": "approved_fen",
            "decisionNote": opened(ClaimRow, "note"),
            "status": "status",
            "createdAt": "created_at",
        },
        Fate.ANONYMISED,
        Said("只留金额与状态，供基金审计", "Amount and state alone stay, for the fund's audit"),
        {"description_sealed": None, "note_sealed": None},
    ),
    Holding(
        "serviceCertificates",
        ServiceCertificateRow,
        Said("服务时长证明所载的数字", "The numbers on your certificates of service"),
        lambda youth: col(ServiceCertificateRow.volunteer_id) == youth,
        {
            "certificate": "certificate_id",
            "since": "since_on",
            "until": "until_on",
            "minutes": "minutes",
            "stars": "stars",
        },
    ),
    Holding(
        "volunteerAccount",
        AccountRow,
        Said("志愿服务账户", "Your account of hours, stars and points"),
        lambda youth: col(AccountRow.volunteer_id) == youth,
        {"serviceMinutes": "service_minutes", "stars": "stars", "points": "points"},
        Fate.KEPT,
        _FOR_THE_LEDGER,
    ),
)

NO_YOUTHS = {
    "volunteering_entry.record_id": "a service record; the row is found by its volunteer",
    "volunteering_entry.redemption_id": "a redemption; the row is found by its volunteer",
}
