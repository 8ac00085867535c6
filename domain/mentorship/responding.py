"""A mentor answers a request: takes it, turns it down, or asks for more; and the mentee says more."""

from collections.abc import Iterable
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.core.db import Write
from domain.core.faults import https_fault, length_fault
from domain.core.refusals import Invalid, Refusal, refuse_all
from domain.core.rights import Action, require, require_youth
from domain.core.sealing import Sealer
from domain.mentorship.eligibility import ConsentWithdrawn, standing
from domain.mentorship.entering import MESSAGE_MOST, answer_by
from domain.mentorship.lapsing import due_after
from domain.mentorship.mentor import mentors, own_mentor_ids
from domain.mentorship.models import MentorRow, RequestRow
from domain.mentorship.moving import (
    in_hand,
    in_hand_with_others,
    move,
    require_edge,
    say,
    slot_in_hand,
    take_on,
)
from domain.mentorship.request import Request, said, text_place
from domain.mentorship.slots import SLOTS, Slot
from domain.mentorship.states import MentorshipStatus, Side

NOTE_MOST, URL_MOST = 1_000, 500
ANSWERED_ELSEWHERE = "同一主题已有导师接受 (another mentor took this topic)"


class MentorResponse(StrEnum):
    ACCEPT = "ACCEPT"
    DECLINE = "DECLINE"
    ASK_FOR_INFORMATION = "ASK_FOR_INFORMATION"


_LEADS_TO = {
    MentorResponse.ACCEPT: MentorshipStatus.ACCEPTED,
    MentorResponse.DECLINE: MentorshipStatus.DECLINED,
    MentorResponse.ASK_FOR_INFORMATION: MentorshipStatus.NEEDS_INFORMATION,
}


def _faults(
    response: MentorResponse, slot_id: UUID | None, note: str | None, meeting_url: str | None
) -> Iterable[Refusal]:
    yield from length_fault("note", note, 0, NOTE_MOST)
    yield from https_fault("meeting_url", meeting_url, URL_MOST)
    if response is not MentorResponse.ACCEPT:
        for field, value in (("slot_id", slot_id), ("meeting_url", meeting_url)):
            if value is not None:
                yield Invalid(field, zh="仅在接受时填写。", en="Only when accepting.")
    if response is MentorResponse.ASK_FOR_INFORMATION and not (note or "").strip():
        yield Invalid("note", zh="请写明需要补充什么。", en="Say what is missing.")


async def respond(
    tx: Write,
    sealer: Sealer,
    request_id: UUID,
    response: MentorResponse,
    *,
    slot_id: UUID | None,
    note: str | None,
    meeting_url: str | None,
) -> UUID:
    """The mentor's answer; the same again changes nothing. MoveImpossible off the edges, and once the time is over."""
    require(tx.actor, Action.MENTOR)
    mine = col(RequestRow.mentor_id).in_(own_mentor_ids(tx.actor))
    request, others = await in_hand_with_others(tx, request_id, mine)
    after = _LEADS_TO[response]
    if request.status is after:
        return request_id
    require_edge(tx, request, after)
    refuse_all(_faults(response, slot_id, note, meeting_url))
    if after is MentorshipStatus.ACCEPTED:
        await _accept(tx, sealer, request, others, slot_id, meeting_url)
    elif after is MentorshipStatus.DECLINED:
        await move(tx, [request], after, by=Side.MENTOR)
    else:
        mentor = (await mentors(tx, [request.mentor_id]))[request.mentor_id]
        await move(tx, [request], after, by=Side.MENTOR, **await answer_by(tx, mentor))
    await say(tx, sealer, request, Side.MENTOR, note)
    table = MentorRow
    counted = sa.update(table).where(col(table.id) == request.mentor_id)
    await tx.execute(counted.values(answered=col(table.answered) + 1))
    return request_id


async def _accept(
    tx: Write,
    sealer: Sealer,
    request: Request,
    others: Iterable[Request],
    slot_id: UUID | None,
    meeting_url: str | None,
) -> None:
    """
    Take a mentee on at the time named, else at the one wished for where it is free, else without a time.

    The youth's other open requests on the same topic are over. ConsentWithdrawn when they took it back meanwhile.
    """
    who = await standing(tx, request.youth_id)
    if who is None or not who.consents_hold(tx):
        raise ConsentWithdrawn("request_id")
    await take_on(tx, request.mentor_id)
    slot = await _slot(tx, request, slot_id)
    mentor = (await mentors(tx, [request.mentor_id]))[request.mentor_id]
    url = None if meeting_url is None else sealer.seal(meeting_url, text_place("meeting_url", request.id))
    await move(
        tx,
        [request],
        MentorshipStatus.ACCEPTED,
        by=Side.MENTOR,
        slot_id=None if slot is None else slot.id,
        meeting_url_sealed=url,
        **await due_after(tx, slot, mentor.division_code),
    )
    topic = _folded(request.text(sealer, "topic"))
    same = [
        other
        for other in others
        if not other.lapsed(tx.now) and _folded(other.text(sealer, "topic")) == topic
    ]
    await move(tx, same, MentorshipStatus.CANCELLED, note=ANSWERED_ELSEWHERE)


def _folded(topic: str | None) -> str:
    return "".join((topic or "").casefold().split())


async def _slot(tx: Write, request: Request, named: UUID | None) -> Slot | None:
    if named is not None:
        return await slot_in_hand(tx, named, request, "slot_id")
    if request.slot_id is None:
        return None
    (wished,) = await SLOTS.by_ids(tx, [request.slot_id])
    return await slot_in_hand(tx, wished.id, request, "slot_id") if wished.free(tx.now) else None


async def answer(tx: Write, sealer: Sealer, request_id: UUID, message: str) -> UUID:
    """The mentee says what the mentor asked for; the same words again change nothing. The mentor's time begins anew."""
    youth = require_youth(tx.actor)
    request = await in_hand(tx, request_id, col(RequestRow.youth_id) == youth.id)
    if request.status is MentorshipStatus.REQUESTED:
        heard = await said(tx, sealer, [request_id])
        if any(one.author is Side.MENTEE and one.text == message.strip() for one in heard.values()):
            return request_id
    require_edge(tx, request, MentorshipStatus.REQUESTED)
    refuse_all(length_fault("message", message.strip(), 1, MESSAGE_MOST))
    mentor = (await mentors(tx, [request.mentor_id]))[request.mentor_id]
    await move(tx, [request], MentorshipStatus.REQUESTED, by=Side.MENTEE, **await answer_by(tx, mentor))
    await say(tx, sealer, request, Side.MENTEE, message)
    return request_id
