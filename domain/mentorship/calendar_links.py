"""
The links of calendars are numbered: a new one ends all before it, at once.

A link is a signature over whose calendar it is and its number (`LinkSigner`), so that nothing of it is kept but the number.
"""

from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlmodel import col

from domain.core.db import Read, Write
from domain.core.refusals import NotFound
from domain.core.rights import Action, require, require_youth
from domain.mentorship.mentor import mentor_of
from domain.mentorship.models import CalendarRow
from domain.mentorship.states import Side


async def numbers(db: Read, side: Side, owner_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Of the links that open these calendars; 0 for one that was never renewed."""
    ids = list(owner_ids)
    statement = sa.select(col(CalendarRow.owner_id), col(CalendarRow.number))
    rows = await db.rows(statement.where(col(CalendarRow.side) == side, col(CalendarRow.owner_id).in_(ids)))
    return dict.fromkeys(ids, 0) | dict(map(tuple, rows))


async def renew(tx: Write, side: Side) -> UUID:
    """End the link to one's own calendar and make another; the mentor's or the youth's id. NotFound for who does not mentor."""
    require(tx.actor, Action.MEET)
    if side is Side.MENTEE:
        owner_id = require_youth(tx.actor).id
    else:
        mentor = await mentor_of(tx, tx.actor)
        if mentor is None:
            raise NotFound("side")
        owner_id = mentor.id
    first = pg_insert(CalendarRow).values(side=side, owner_id=owner_id, number=1)
    await tx.execute(
        first.on_conflict_do_update(
            index_elements=[col(CalendarRow.side), col(CalendarRow.owner_id)],
            set_={"number": col(CalendarRow.number) + 1},
        )
    )
    return owner_id
