"""What youths are told about their accounts."""

from domain.accounts.events import LateAnswer, RealNameAnswered, TracksConfirmed
from domain.core.db import Write
from domain.core.inbox import NOTICES, Notice, Recipient, Told, Words, tell
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
NOTICES.add(TRACKS_CONFIRMED, *REAL_NAME.values())


def register(handlers: Handlers) -> None:
    """Tell youths what became of their accounts."""

    @handlers.on(TracksConfirmed.topic)
    async def tell_of_tracks(tx: Write, event: Delivery) -> None:
        youth = event.uuid("youth_id")
        told = [Told(Recipient.YOUTH, youth)]
        await tell(tx, event.id, TRACKS_CONFIRMED, told, subject_id=youth, note=event.payload["note"])

    @handlers.on(RealNameAnswered.topic)
    async def tell_of_real_name(tx: Write, event: Delivery) -> None:
        youth = event.uuid("youth_id")
        notice = REAL_NAME[LateAnswer(event.payload["answer"])]
        await tell(tx, event.id, notice, [Told(Recipient.YOUTH, youth)], subject_id=youth)
