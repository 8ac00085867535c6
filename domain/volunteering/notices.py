"""Who is told what about hours, perks and claims. Handlers write inbox rows; the worker calls them."""

from domain.accounts.events import PhoneBound
from domain.core.db import Write
from domain.core.inbox import NOTICES, Notice, Recipient, Told, Words, tell
from domain.core.outbox import Delivery, Handlers
from domain.core.sealing import Sealer
from domain.volunteering.events import (
    ClaimMoved,
    HoursCredited,
    PointsLapsed,
    RecordDecided,
    RedemptionMoved,
)
from domain.volunteering.states import ClaimStatus, RedemptionStatus
from domain.volunteering.unknown import credit_number_of


def _notice(kind: str, tag: str | None, zh: tuple[str, str], en: tuple[str, str]) -> Notice:
    return Notice(f"VOLUNTEERING_{kind}", Words(*zh), Words(*en), tag)


SERVICE_POSTED = _notice(
    "SERVICE_POSTED",
    "LedgerEntry",
    ("服务时长已核准", "一条 {minutes} 分钟的服务记录已核准入账。"),
    ("Service approved", "A record of {minutes} minutes of service was approved and entered."),
)
RECORD_POSTED = _notice(
    "RECORD_POSTED",
    "LedgerEntry",
    ("服务记录已核准", "记录 {ref} 已核准。{note}"),
    ("Record approved", "The record {ref} was approved. {note}"),
)
RECORD_REJECTED = _notice(
    "RECORD_REJECTED",
    "LedgerEntry",
    ("服务记录未通过", "记录 {ref} 未通过。{note}"),
    ("Record rejected", "The record {ref} was rejected. {note}"),
)
POINTS_LAPSED = _notice(
    "POINTS_LAPSED",
    None,
    ("积分已到期", "您有 {points} 积分到期。"),
    ("Points have lapsed", "{points} of your points have lapsed."),
)
HOURS_CREDITED = _notice(
    "HOURS_CREDITED",
    None,
    ("此前的服务已入账", "您注册前登记的 {minutes} 分钟服务已记入您的账户。"),
    ("Earlier service entered", "{minutes} minutes of service from before you signed up are yours now."),
)
CODE_USED = _notice(
    "CODE_USED",
    "PerkRedemption",
    ("权益已核销", "您的一个权益码已在商家使用。"),
    ("Perk used", "A code of yours was used at the merchant's."),
)
CODE_RAN_OUT = _notice(
    "CODE_RAN_OUT",
    "PerkRedemption",
    ("权益码已过期", "您的一个权益码已过期，积分已退回。"),
    ("Code ran out", "A code of yours ran out; its points are back."),
)
CLAIM_APPROVED = _notice(
    "CLAIM_APPROVED",
    "CareFundClaim",
    ("关爱基金申请已批准", "您的关爱基金申请已批准。"),
    ("Claim approved", "Your claim on the care fund was approved."),
)
CLAIM_REJECTED = _notice(
    "CLAIM_REJECTED",
    "CareFundClaim",
    ("关爱基金申请未通过", "您的关爱基金申请未通过。"),
    ("Claim rejected", "Your claim on the care fund was rejected."),
)
CLAIM_PAID = _notice(
    "CLAIM_PAID",
    "CareFundClaim",
    ("关爱基金已发放", "您的关爱基金已发放。"),
    ("Claim paid", "Your claim on the care fund was paid."),
)

NOTICES.add(
    SERVICE_POSTED,
    RECORD_POSTED,
    RECORD_REJECTED,
    POINTS_LAPSED,
    HOURS_CREDITED,
    CODE_USED,
    CODE_RAN_OUT,
    CLAIM_APPROVED,
    CLAIM_REJECTED,
    CLAIM_PAID,
)

_OF_CODES = {RedemptionStatus.USED: CODE_USED, RedemptionStatus.EXPIRED: CODE_RAN_OUT}
_OF_CLAIMS = {
    ClaimStatus.APPROVED: CLAIM_APPROVED,
    ClaimStatus.REJECTED: CLAIM_REJECTED,
    ClaimStatus.PAID: CLAIM_PAID,
}


def _youth(event: Delivery) -> list[Told]:
    return [Told(Recipient.YOUTH, event.uuid("youth_id"))]


async def record_decided(tx: Write, event: Delivery) -> None:
    """The organization is told of both decisions, the volunteer of what counts."""
    said = event.payload
    organization = [Told(Recipient.ORGANIZATION, event.uuid("organization_id"))]
    notice = RECORD_POSTED if said["posted"] else RECORD_REJECTED
    subject = event.uuid("record_id")
    words = {"ref": said["external_ref"], "note": said["note"]}
    await tell(tx, event.id, notice, organization, subject_id=subject, **words)
    if said["posted"] and said["youth_id"] is not None:
        minutes = said["minutes"]
        await tell(tx, event.id, SERVICE_POSTED, _youth(event), subject_id=subject, minutes=minutes)


async def points_lapsed(tx: Write, event: Delivery) -> None:
    await tell(tx, event.id, POINTS_LAPSED, _youth(event), points=event.payload["points"])


async def hours_credited(tx: Write, event: Delivery) -> None:
    await tell(tx, event.id, HOURS_CREDITED, _youth(event), minutes=event.payload["minutes"])


async def redemption_moved(tx: Write, event: Delivery) -> None:
    """The volunteer is told of moves that are not their own."""
    notice = _OF_CODES.get(RedemptionStatus(event.payload["status"]))
    if notice is not None:
        await tell(tx, event.id, notice, _youth(event), subject_id=event.uuid("redemption_id"))


async def claim_moved(tx: Write, event: Delivery) -> None:
    notice = _OF_CLAIMS.get(ClaimStatus(event.payload["status"]))
    if notice is not None:
        await tell(tx, event.id, notice, _youth(event), subject_id=event.uuid("claim_id"))


def register(handlers: Handlers, sealer: Sealer) -> None:
    async def phone_bound(tx: Write, event: Delivery) -> None:
        await credit_number_of(tx, sealer, event.uuid("youth_id"))

    handlers.on(RecordDecided.topic)(record_decided)
    handlers.on(PointsLapsed.topic)(points_lapsed)
    handlers.on(HoursCredited.topic)(hours_credited)
    handlers.on(RedemptionMoved.topic)(redemption_moved)
    handlers.on(ClaimMoved.topic)(claim_moved)
    handlers.on(PhoneBound.topic, alone=True)(phone_bound)
