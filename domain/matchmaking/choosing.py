"""
A guest chooses, and changes it until choosing closes. Nothing else is written: no time, no history, no event, no count.

Whoever chose nobody has the same row as whoever chose ten. What the database is asked is the same whoever was chosen.
"""

from collections.abc import Iterable, Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.accounts.consents import in_force
from domain.accounts.models import ConsentPurpose
from domain.accounts.requirements import ConsentNeeded
from domain.core.db import Read, Write
from domain.core.refusals import ErrorCode, Invalid, NotFound, Refusal
from domain.core.rights import require_youth
from domain.core.sealing import Sealer
from domain.matchmaking.choices import decrypted, encrypted, event_keys
from domain.matchmaking.event import events
from domain.matchmaking.models import ChoicesRow, SignupRow
from domain.matchmaking.participants import participants
from domain.matchmaking.signup import SIGNUPS, Signup, own
from domain.matchmaking.states import SignupStatus


class NotCheckedIn(Refusal):
    code = ErrorCode.INVALID_STATE
    zh = "签到后才能进行此操作。"
    en = "Only guests who are checked in may do this."


class ChoosingOver(Refusal):
    code = ErrorCode.INVALID_STATE
    zh = "选择已截止。"
    en = "Choosing has closed."


async def guest_of(tx: Write, event_id: UUID, *, locked: bool = False) -> Signup:
    """The youth's own sign-up, checked in and with the consent in force; a Refusal otherwise."""
    youth = require_youth(tx.actor)
    mine = sa.and_(
        col(SignupRow.event_id) == event_id, own(tx.actor), col(SignupRow.status) != SignupStatus.CANCELLED
    )
    statement = SIGNUPS.select().where(mine)
    found = await SIGNUPS.first(tx, statement.with_for_update(of=SignupRow) if locked else statement)
    if event_id not in await events(tx, [event_id]):
        raise NotFound("event_id")
    if found is None or found.status is not SignupStatus.CHECKED_IN:
        raise NotCheckedIn("event_id")
    if await in_force(tx, youth.id, ConsentPurpose.MATCHMAKING) is None:
        raise ConsentNeeded("event_id", purpose=ConsentPurpose.MATCHMAKING.value)
    return found


async def choose(tx: Write, sealer: Sealer, event_id: UUID, participant_ids: Sequence[UUID]) -> UUID:
    """Choose these and nobody else. NotFound for who is not there, or not for this guest to see."""
    guest = await guest_of(tx, event_id, locked=True)
    event = (await events(tx, [event_id]))[event_id]
    if event.choosing_is_over(tx.now):
        raise ChoosingOver("event_id")
    wanted = tuple(dict.fromkeys(participant_ids))
    if len(wanted) > event.max_choices:
        most = event.max_choices
        raise Invalid("participant_ids", zh=f"最多选择 {most} 人。", en=f"Choose {most} at most.")
    seen = await participants(tx, tx.actor, wanted)
    for number, one in enumerate(wanted):
        if one not in seen or seen[one].event_id != event_id or one == guest.participant_id:
            raise NotFound("participant_ids", str(number))
    keys = await event_keys(tx, sealer, [event_id])
    if event_id not in keys:
        raise ChoosingOver("event_id")
    await tx.execute(
        sa.update(ChoicesRow)
        .where(col(ChoicesRow.signup_id) == guest.id)
        .values(chosen=encrypted(keys[event_id], guest.id, wanted))
    )
    return guest.id


async def chosen_by(db: Read, sealer: Sealer, signups: Iterable[Signup]) -> dict[UUID, tuple[UUID, ...]]:
    """Whom each of these guests chose, by sign-up; the caller has made sure that they are the reader's own."""
    asked = {signup.id: signup for signup in signups}
    keys = await event_keys(db, sealer, {signup.event_id for signup in asked.values()})
    rows = await db.rows(
        sa.select(col(ChoicesRow.signup_id), col(ChoicesRow.chosen)).where(
            col(ChoicesRow.signup_id).in_(list(asked))
        )
    )
    stored = {row.signup_id: bytes(row.chosen) for row in rows}
    return {
        key: decrypted(keys[signup.event_id], key, stored[key])
        if key in stored and signup.event_id in keys
        else ()
        for key, signup in asked.items()
    }
