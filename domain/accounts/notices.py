"""What youths are told about their accounts."""

from datetime import datetime
from uuid import UUID

from domain.accounts.events import (
    DataExportReady,
    DeletionAsked,
    DeletionCancelled,
    LateAnswer,
    RealNameAnswered,
    TracksConfirmed,
)
from domain.accounts.youths import still_there
from domain.core.clock import SHANGHAI
from domain.core.db import Write
from domain.core.inbox import NOTICES, STILL_THERE, Notice, Recipient, Told, Words, tell
from domain.core.outbox import Delivery, Handlers

REAL_NAME = {
    LateAnswer.VERIFIED: Notice(
        "REAL_NAME_VERIFIED",
        zh=Words("实名认证通过", "您的姓名和证件号码已核验通过。"),
        en=Words("Real name verified", "Your name and identity number have been verified."),
        tag="Youth",
    ),
    LateAnswer.MISMATCHED: Notice(
        "REAL_NAME_REJECTED",
        zh=Words("实名认证未通过", "姓名与证件号码不一致，请核对后重新提交。"),
        en=Words(
            "Real name not verified",
            "The name and the number do not belong together. Please check them and try again.",
        ),
        tag="Youth",
    ),
    LateAnswer.TAKEN: Notice(
        "REAL_NAME_TAKEN",
        zh=Words("实名认证未通过", "该证件号码在等待核验期间已用于另一账号。如非本人操作，请联系工作人员。"),
        en=Words(
            "Real name not verified",
            "The identity number came to serve another account while it waited to be checked. If that was not you,"
            " please turn to our staff.",
        ),
        tag="Youth",
    ),
}
TRACKS_CONFIRMED = Notice(
    "TRACKS_CONFIRMED",
    zh=Words("专项身份已更新", "工作人员已核对您的专项身份材料。{note}"),
    en=Words("Special tracks updated", "Staff have looked at the proof of your special tracks. {note}"),
    tag="Youth",
)
DATA_EXPORT_READY = Notice(
    "DATA_EXPORT_READY",
    zh=Words("个人数据副本已备好", "请在 {when} 前下载。如非本人操作，请立即退出所有设备。"),
    en=Words(
        "Your data are ready",
        "Download them before {when}. If it was not you who asked, sign out everywhere.",
    ),
    tag="Youth",
)
DELETION_ASKED = Notice(
    "ACCOUNT_DELETION_ASKED",
    zh=Words(
        "账号将被注销", "您的账号及个人数据将于 {when} 删除，此前可随时撤回。如非本人操作，请立即撤回。"
    ),
    en=Words(
        "Your account will be erased",
        "Account and data are erased at {when}; until then you may take it back. If it was not you who asked, do so now.",
    ),
    tag="Youth",
)
DELETION_CANCELLED = Notice(
    "ACCOUNT_DELETION_CANCELLED",
    zh=Words("已撤回注销", "您的账号将继续保留。"),
    en=Words("Your account stays", "The erasure was taken back."),
    tag="Youth",
)
NOTICES.add(TRACKS_CONFIRMED, *REAL_NAME.values(), DATA_EXPORT_READY, DELETION_ASKED, DELETION_CANCELLED)
STILL_THERE[Recipient.YOUTH] = still_there


def _when(text: str) -> str:
    return f"{datetime.fromisoformat(text).astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


async def _tell(tx: Write, event: Delivery, notice: Notice, **values: object) -> None:
    youth: UUID = event.uuid("youth_id")
    await tell(tx, event.id, notice, [Told(Recipient.YOUTH, youth)], subject_id=youth, **values)


def register(handlers: Handlers) -> None:
    """Tell youths what became of their accounts."""

    @handlers.on(TracksConfirmed.topic)
    async def tracks_confirmed(tx: Write, event: Delivery) -> None:
        await _tell(tx, event, TRACKS_CONFIRMED, note=event.payload["note"])

    @handlers.on(DataExportReady.topic)
    async def data_export_ready(tx: Write, event: Delivery) -> None:
        await _tell(tx, event, DATA_EXPORT_READY, when=_when(event.payload["until"]))

    @handlers.on(DeletionAsked.topic)
    async def deletion_asked(tx: Write, event: Delivery) -> None:
        await _tell(tx, event, DELETION_ASKED, when=_when(event.payload["erases_at"]))

    @handlers.on(DeletionCancelled.topic)
    async def deletion_cancelled(tx: Write, event: Delivery) -> None:
        await _tell(tx, event, DELETION_CANCELLED)

    @handlers.on(RealNameAnswered.topic)
    async def real_name_answered(tx: Write, event: Delivery) -> None:
        await _tell(tx, event, REAL_NAME[LateAnswer(event.payload["answer"])])
