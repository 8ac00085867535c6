"""
A youth signs up: what one request asks for, and how those that wait for one event are decided in one transaction.

Who asks first is seated first; see `seats` for the order of locks. A request whose youth another transaction has in hand
comes again a moment later, so nobody waits here for anything but keys, the event and its seats.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.accounts.models import Gender, YouthRow
from domain.core import columns
from domain.core.actors import Actor
from domain.core.claiming import Claim, decide_each
from domain.core.db import Write
from domain.core.gathering import AGAIN, Answer, Work
from domain.core.idempotency import Once, Outcome
from domain.core.refusals import Invalid, NotFound, Refusal, SignInNeeded
from domain.core.rights import require_youth
from domain.core.sealing import Sealer
from domain.core.states import record_by
from domain.core.unnesting import any_of
from domain.matchmaking import seats
from domain.matchmaking.codes import code_hash, new_code
from domain.matchmaking.contact_details import all_contact_faults
from domain.matchmaking.eligibility import NotSingle, Rules, Standing, faults, locked_standings, rules_of
from domain.matchmaking.event import Event, seats_of, shared
from domain.matchmaking.models import EventRow, SignupRow
from domain.matchmaking.names import lottery_entry, participant_id
from domain.matchmaking.signup import Signup, signup_place
from domain.matchmaking.states import SignupStatus

NICKNAME_MOST = 20
INTRODUCTION_MOST = 500
CONTACT_MOST = 100


@dataclass(frozen=True, slots=True)
class Wish:
    """A sign-up as it was asked for."""

    event_id: UUID
    nickname: str
    introduction: str | None
    contact: str = field(repr=False)
    declares_single: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """A request with everything that can be made before it waits with others: what it is called, and what is sealed."""

    actor: Actor
    key: Once | None
    event_id: UUID
    youth_id: UUID
    problems: tuple[Refusal, ...]
    row: Mapping[str, Any] = field(repr=False)


def _length_faults(name: str, text: str, least: int, most: int) -> Iterable[Refusal]:
    written = text.replace("\n", "")
    if not least <= len(text) <= most or (written and not written.isprintable()):
        yield Invalid(
            name,
            zh=f"需为 {least} 至 {most} 个可显示字符。",
            en=f"Must have {least} to {most} printable characters.",
        )


def _input_faults(wish: Wish) -> Iterable[Refusal]:
    introduction = wish.introduction or ""
    yield from _length_faults("nickname", wish.nickname, 1, NICKNAME_MOST)
    yield from _length_faults("introduction", introduction, 0, INTRODUCTION_MOST)
    yield from _length_faults("contact_for_matches", wish.contact, 1, CONTACT_MOST)
    yield from all_contact_faults(
        [("nickname", wish.nickname[:NICKNAME_MOST]), ("introduction", introduction[:INTRODUCTION_MOST])]
    )
    if not wish.declares_single:
        yield NotSingle("declares_single")


def prepared(sealer: Sealer, actor: Actor, wish: Wish, key: Once | None) -> Asked:
    """The request, ready to wait with others; who may not take part at all is refused here."""
    youth = require_youth(actor)
    wish = Wish(
        wish.event_id,
        wish.nickname.strip(),
        (wish.introduction or "").strip() or None,
        wish.contact.strip(),
        wish.declares_single,
    )
    identity, code = columns.new_id(), new_code()
    sealed = {
        "nickname": wish.nickname,
        "introduction": wish.introduction,
        "contact": wish.contact,
        "code": code,
    }
    row = {
        "id": identity,
        "event_id": wish.event_id,
        "youth_id": youth.id,
        "participant_id": participant_id(sealer, wish.event_id, youth.id),
        "lottery_entry": lottery_entry(sealer, wish.event_id, youth.id),
        "code_hash": code_hash(wish.event_id, code),
    }
    for name, text in sealed.items():
        row[f"{name}_sealed"] = None if text is None else sealer.seal(text, signup_place(name, identity))
    return Asked(actor, key, wish.event_id, youth.id, tuple(_input_faults(wish)), row)


async def _sign_up_all(tx: Write, asked: Sequence[Asked]) -> list[Answer]:
    """Decide requests for one event, in their order."""
    event_id = asked[0].event_id
    claims = [Claim(one.actor.key, one.key) for one in asked]
    return await decide_each(
        tx, claims, lambda fresh: _decided(tx, event_id, {place: asked[place] for place in fresh})
    )


SIGNING_UP = Work(_sign_up_all, lambda asked: asked.event_id)
"""Sign-ups for an event wait for one another; those for different events do not."""


async def _decided(tx: Write, event_id: UUID, asked: Mapping[int, Asked]) -> dict[int, Answer]:
    answers: dict[int, Answer] = {}
    known = await locked_standings(tx, [one.youth_id for one in asked.values()])
    busy = await _exist(tx, {one.youth_id for one in asked.values()} - known.keys())
    event = await shared(tx, event_id)
    if event is None:
        return dict.fromkeys(asked, Outcome(refusals=(NotFound("event_id"),)))
    seats_now = (await seats_of(tx, [event_id]))[event_id]
    rules = (await rules_of(tx, [event.division_code]))[event.division_code]
    going: dict[int, tuple[Asked, Standing]] = {}
    seen: set[UUID] = set()
    for place, one in asked.items():
        who = known.get(one.youth_id)
        if one.youth_id in busy or one.youth_id in seen:
            answers[place] = AGAIN  # once the youth's other request is decided
            continue
        seen.add(one.youth_id)
        if who is None:
            answers[place] = Outcome(refusals=(SignInNeeded(),))
            continue
        reasons = [*one.problems, *faults(event, seats_now, who, rules, tx.now)]
        if reasons:
            answers[place] = Outcome(refusals=tuple(reasons))
        else:
            going[place] = one, who
    if going:
        made = await _seat(tx, event, rules, list(going.values()))
        for place, (one, _) in going.items():
            signup = made[one.youth_id]
            answers[place] = Outcome(record_id=signup.id, record=signup)
    return answers


_THERE = sa.select(col(YouthRow.id)).where(col(YouthRow.id) == any_of("youths", sa.Uuid))


async def _exist(tx: Write, youth_ids: set[UUID]) -> frozenset[UUID]:
    """Those of the youths that there are: somebody else has them in hand."""
    return frozenset(await tx.scalars(_THERE, {"youths": list(youth_ids)}) if youth_ids else ())


async def _seat(
    tx: Write, event: Event, rules: Rules, going: Sequence[tuple[Asked, Standing]]
) -> dict[UUID, Signup]:
    """Seats as far as they last, in turn; the rest wait. In a lottery everybody is entered. Sign-ups by youth."""
    await _free_slots(tx, [who for _, who in going])
    by_gender: dict[Gender, list[tuple[Asked, Standing]]] = {}
    for one, who in going:
        assert who.youth.gender is not None  # `faults` refuses who has no verified sex
        by_gender.setdefault(who.youth.gender, []).append((one, who))
    rows = []
    for gender in sorted(by_gender):
        members = by_gender[gender]
        granted = None if event.is_lottery else await seats.take(tx, event.id, gender, len(members))
        for place, (one, who) in enumerate(members):
            status, number = SignupStatus.ENTERED, None
            if granted is not None and place < granted.seated:
                status = SignupStatus.CONFIRMED
            elif granted is not None:
                status, number = SignupStatus.WAITLISTED, granted.first_number + place - granted.seated
            taken = who.open_slots(tx.now)
            rows.append(
                {
                    **one.row,
                    "gender": gender,
                    "status": status,
                    "queue_number": number,
                    "open_slot": min(set(range(1, rules.open_most + 1)) - taken),
                    "lottery_entry": one.row["lottery_entry"] if event.is_lottery else None,
                    "created_at": tx.now,
                    "updated_at": tx.now,
                }
            )
    await tx.insert(SignupRow, rows)
    actors = {one.row["id"]: one.actor.key for one, _ in going}
    await record_by(tx, ((actors[row["id"]], row["id"], row["status"], None) for row in rows))
    return {row["youth_id"]: _made(row, event) for row in rows}


def _made(row: Mapping[str, Any], event: Event) -> Signup:
    return Signup(
        id=row["id"],
        event_id=event.id,
        youth_id=row["youth_id"],
        gender=row["gender"],
        status=row["status"],
        participant_id=row["participant_id"],
        lottery_entry=row["lottery_entry"],
        queue_number=row["queue_number"],
        code_sealed=row["code_sealed"],
        checked_in_at=None,
        created_at=row["created_at"],
        ends_at=event.ends_at,
    )


async def _free_slots(tx: Write, standing: Iterable[Standing]) -> None:
    """Sign-ups for events that are over no longer count, whether or not the worker has been by."""
    stale = [
        who.youth.id
        for who in standing
        if any(part.open_slot is not None and part.ends_at <= tx.now for part in who.parts)
    ]
    if stale:
        await free_slots(tx, col(SignupRow.youth_id).in_(stale))


async def free_slots(tx: Write, where: sa.ColumnElement[bool]) -> None:
    """Give back the numbers of sign-ups whose event is over."""
    over = sa.select(col(EventRow.id)).where(col(EventRow.ends_at) <= tx.now)
    await tx.execute(
        sa.update(SignupRow)
        .where(where, col(SignupRow.open_slot).is_not(None), col(SignupRow.event_id).in_(over))
        .values(open_slot=None)
    )
