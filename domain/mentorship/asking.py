"""
A youth asks a mentor, with a time or without. What has lapsed is written down first, so that it does not stand in the way.
"""

from uuid import UUID

from domain.core.db import Write
from domain.core.refusals import NotFound, Refusal, SignInNeeded, refuse_all
from domain.core.rights import require_youth
from domain.core.sealing import Sealer
from domain.mentorship.eligibility import faults, standing
from domain.mentorship.entering import Wish, enter
from domain.mentorship.lapsing import lapse_those_of
from domain.mentorship.mentor import listed
from domain.mentorship.moving import SlotTaken
from domain.mentorship.slots import slots


async def _slot_faults(tx: Write, wish: Wish) -> list[Refusal]:
    if wish.slot_id is None:
        return []
    slot = (await slots(tx, [wish.slot_id])).get(wish.slot_id)
    if slot is None or slot.mentor_id != wish.mentor_id:
        return [NotFound("slot_id")]
    return [] if slot.free(tx.now) else [SlotTaken("slot_id")]


async def ask(tx: Write, sealer: Sealer, wish: Wish) -> UUID:
    """Ask a mentor; Refused with every reason why not."""
    youth = require_youth(tx.actor)
    mentor = (await listed(tx, [wish.mentor_id])).get(wish.mentor_id)
    if mentor is None:
        raise NotFound("mentor_id")
    await lapse_those_of(tx, sealer, youth.id)
    who = await standing(tx, youth.id)
    if who is None:
        raise SignInNeeded
    refuse_all([*wish.faults(), *faults(tx, mentor, who), *await _slot_faults(tx, wish)])
    return await enter(tx, sealer, who, mentor, wish)
