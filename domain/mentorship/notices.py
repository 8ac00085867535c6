"""Who is told what about mentorship. Handlers write inbox rows; the worker calls them. No mentee is named to a mentor."""

from datetime import datetime

from domain.core.clock import SHANGHAI
from domain.core.db import Write
from domain.core.inbox import NOTICES, Notice, Recipient, Told, Words, tell
from domain.core.outbox import Delivery, Handlers
from domain.mentorship.events import (
    AnswerDue,
    MentorshipMoved,
    MentorshipPaired,
    Rerouted,
    SessionMoved,
    SessionNear,
    TimesSkipped,
)
from domain.mentorship.mentor import Mentor, mentors
from domain.mentorship.states import MentorshipStatus, Side

_REQUEST = "MentorshipRequest"


def _notice(kind: str, zh: tuple[str, str], en: tuple[str, str]) -> Notice:
    return Notice(f"MENTORSHIP_{kind}", Words(*zh), Words(*en), _REQUEST)


# to the mentor
ASKED = _notice(
    "ASKED",
    ("有新的辅导申请", "一名青年向您提出了辅导申请，请在时限内答复。"),
    ("A youth asks you", "A youth asks you for mentorship; please answer in time."),
)
INFORMATION_CAME = _notice(
    "INFORMATION_CAME",
    ("申请人已补充说明", "您要求补充的内容已收到，请答复。"),
    ("The mentee answered", "What you asked for was said; please answer the request."),
)
LAPSED_ON_YOU = _notice(
    "LAPSED_ON_YOU",
    ("申请已过期", "一份辅导申请超时未答复，已自动过期。"),
    ("A request lapsed", "A request for mentorship lapsed without your answer."),
)
CANCELLED_BY_MENTEE = _notice(
    "CANCELLED_BY_MENTEE",
    ("申请已取消", "一份辅导申请或约谈已被取消。"),
    ("Cancelled", "A request or a session was cancelled."),
)
# to the mentee
ACCEPTED = _notice(
    "ACCEPTED",
    ("导师已接受", "“{mentor}”接受了您的申请。"),
    ("Accepted", "{mentor} took your request."),
)
DECLINED = _notice(
    "DECLINED",
    ("导师未能接受", "“{mentor}”未能接受您的申请，可以另约导师。"),
    ("Declined", "{mentor} cannot take your request; you may ask another mentor."),
)
INFORMATION_WANTED = _notice(
    "INFORMATION_WANTED",
    ("导师希望您补充说明", "“{mentor}”希望了解更多情况，请补充。"),
    ("More is asked", "{mentor} would like to know more; please answer."),
)
LAPSED = _notice(
    "LAPSED",
    ("申请已过期", "向“{mentor}”的申请超时未答复。"),
    ("Your request lapsed", "Your request to {mentor} was not answered in time."),
)
GOES_ON = _notice(
    "GOES_ON",
    ("已为您转给其他导师", "原导师未及时答复，申请已转给“{mentor}”。"),
    ("Another mentor is asked", "Your request went on to {mentor}."),
)
CANCELLED = _notice(
    "CANCELLED",
    ("约谈已取消", "与“{mentor}”的申请或约谈已取消。"),
    ("Cancelled", "Your request to {mentor}, or the session, was cancelled."),
)
COMPLETED = _notice(
    "COMPLETED",
    ("辅导已完成", "与“{mentor}”的辅导已完成，欢迎评价。"),
    ("Done", "Your session with {mentor} is done; say how it was."),
)
# to either side
NOT_MET = _notice(
    "NOT_MET",
    ("约谈未进行", "与“{mentor}”的约谈被记录为一方未到。"),
    ("Not met", "A session with {mentor} was recorded as a no-show."),
)
MOVED = _notice(
    "MOVED",
    ("约谈已改期", "与“{mentor}”的约谈改到 {when}。"),
    ("The session was moved", "The session with {mentor} is now at {when}."),
)
NEAR = _notice(
    "NEAR",
    ("约谈即将开始", "与“{mentor}”的约谈将于 {when} 开始。"),
    ("A session begins soon", "The session with {mentor} begins at {when}."),
)
ANSWER_DUE = _notice(
    "ANSWER_DUE",
    ("请尽快答复", "与“{mentor}”有关的申请等待您的答复，{when} 后将自动过期。"),
    ("Please answer", "A request to {mentor} waits for you; it lapses at {when}."),
)
PAIRED = Notice(
    "MENTORSHIP_PAIRED",
    Words("已为您结对导师", "“{mentor}”是您的结对导师，可随时向其提问。"),
    Words("A mentor for you", "{mentor} is your mentor from now on; ask whenever you like."),
    "Mentor",
)
SKIPPED = Notice(
    "MENTORSHIP_TIMES_SKIPPED",
    Words("每周时段有冲突", "以下日期的每周时段因与其他时段重叠而未开放：{days}。"),
    Words("Times of every week overlap", "On these days another time of yours is in the way: {days}."),
    "Mentor",
)
DAYS_SAID = 10

NOTICES.add(
    PAIRED,
    SKIPPED,
    ASKED,
    INFORMATION_CAME,
    LAPSED_ON_YOU,
    CANCELLED_BY_MENTEE,
    ACCEPTED,
    DECLINED,
    INFORMATION_WANTED,
    LAPSED,
    GOES_ON,
    CANCELLED,
    COMPLETED,
    NOT_MET,
    MOVED,
    NEAR,
    ANSWER_DUE,
)

_S = MentorshipStatus
_TO_MENTOR = {_S.EXPIRED: LAPSED_ON_YOU, _S.CANCELLED: CANCELLED_BY_MENTEE, _S.NO_SHOW: NOT_MET}
_TO_MENTEE = {
    _S.ACCEPTED: ACCEPTED,
    _S.DECLINED: DECLINED,
    _S.NEEDS_INFORMATION: INFORMATION_WANTED,
    _S.EXPIRED: LAPSED,
    _S.CANCELLED: CANCELLED,
    _S.COMPLETED: COMPLETED,
    _S.NO_SHOW: NOT_MET,
}


async def _mentor(tx: Write, event: Delivery) -> Mentor:
    key = event.uuid("mentor_id")
    return (await mentors(tx, [key]))[key]


def _when(text: str) -> str:
    return f"{datetime.fromisoformat(text).astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def _mentee(event: Delivery) -> list[Told]:
    return [Told(Recipient.YOUTH, event.uuid("youth_id"))]


async def _tell(
    tx: Write, event: Delivery, notice: Notice, recipients: list[Told], mentor: Mentor, **values: object
) -> None:
    subject = event.uuid("request_id")
    await tell(tx, event.id, notice, recipients, subject_id=subject, mentor=mentor.name, **values)


async def moved(tx: Write, event: Delivery) -> None:
    """The side that did not move it is told; of what the rules moved, both."""
    mentor, by = await _mentor(tx, event), event.payload["by"]
    status = MentorshipStatus(event.payload["status"])
    if by != Side.MENTOR:
        asks = INFORMATION_CAME if event.payload["again"] else ASKED
        notice = asks if status is MentorshipStatus.REQUESTED else _TO_MENTOR.get(status)
        if notice is not None:
            await _tell(tx, event, notice, mentor.told, mentor)
    if by != Side.MENTEE and status in _TO_MENTEE:
        await _tell(tx, event, _TO_MENTEE[status], _mentee(event), mentor)


async def rerouted(tx: Write, event: Delivery) -> None:
    await _tell(tx, event, GOES_ON, _mentee(event), await _mentor(tx, event))


async def session_moved(tx: Write, event: Delivery) -> None:
    mentor = await _mentor(tx, event)
    told = mentor.told if event.payload["by"] == Side.MENTEE else _mentee(event)
    await _tell(tx, event, MOVED, told, mentor, when=_when(event.payload["starts_at"]))


async def session_near(tx: Write, event: Delivery) -> None:
    mentor = await _mentor(tx, event)
    when = _when(event.payload["starts_at"])
    await _tell(tx, event, NEAR, [*mentor.told, *_mentee(event)], mentor, when=when)


async def answer_due(tx: Write, event: Delivery) -> None:
    mentor = await _mentor(tx, event)
    told = mentor.told if event.payload["waits"] == Side.MENTEE else _mentee(event)
    await _tell(tx, event, ANSWER_DUE, told, mentor, when=_when(event.payload["respond_by"]))


async def paired(tx: Write, event: Delivery) -> None:
    mentor = await _mentor(tx, event)
    await tell(tx, event.id, PAIRED, _mentee(event), subject_id=mentor.id, mentor=mentor.name)


async def times_skipped(tx: Write, event: Delivery) -> None:
    mentor, days = await _mentor(tx, event), event.payload["days"]
    words = "、".join(days[:DAYS_SAID]) + ("…" if len(days) > DAYS_SAID else "")
    await tell(tx, event.id, SKIPPED, mentor.told, subject_id=mentor.id, days=words)


def register(handlers: Handlers) -> None:
    handlers.on(MentorshipMoved.topic)(moved)
    handlers.on(Rerouted.topic)(rerouted)
    handlers.on(MentorshipPaired.topic)(paired)
    handlers.on(TimesSkipped.topic)(times_skipped)
    handlers.on(SessionMoved.topic)(session_moved)
    handlers.on(SessionNear.topic)(session_near)
    handlers.on(AnswerDue.topic)(answer_due)
