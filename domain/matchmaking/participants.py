"""
Guests as other guests of the same event see them: those checked in, without name or contact, for guests checked in too.

Two of whom one has blocked the other do not meet, whichever of them looks. Who has withdrawn the consent neither sees nor is
seen. A guest sees so many others of an event and no more (policy), each guest others of them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement, SQLColumnExpression
from sqlmodel import col

from domain.accounts.consents import consents_now
from domain.accounts.models import ConsentPurpose, EducationLevel, Gender, YouthRow
from domain.accounts.youths import age_on
from domain.core.actors import Actor, YouthActor
from domain.core.clock import day_of
from domain.core.db import Read
from domain.core.policy import policy_value
from domain.core.sealing import Sealer
from domain.core.unnesting import Rows
from domain.matchmaking.models import BlockRow, EventRow, SignupRow
from domain.matchmaking.policies import PROFILES_MOST
from domain.matchmaking.signup import signup_place
from domain.matchmaking.states import SignupStatus


@dataclass(frozen=True, slots=True)
class Participant:
    """A guest; `signup_id` and `youth_id` are for the server alone."""

    participant_id: UUID
    event_id: UUID
    signup_id: UUID
    youth_id: UUID
    gender: Gender
    nickname_sealed: bytes
    introduction_sealed: bytes | None
    birth_date: date
    education: EducationLevel | None
    starts_at: datetime

    @property
    def age(self) -> int:
        """On the day of the event."""
        return age_on(self.birth_date, day_of(self.starts_at))

    def nickname(self, sealer: Sealer) -> str:
        return sealer.open(self.nickname_sealed, signup_place("nickname", self.signup_id))

    def introduction(self, sealer: Sealer) -> str | None:
        sealed = self.introduction_sealed
        return None if sealed is None else sealer.open(sealed, signup_place("introduction", self.signup_id))


COLUMNS: Sequence[SQLColumnExpression[Any]] = (
    col(SignupRow.participant_id),
    col(SignupRow.event_id),
    col(SignupRow.id),
    col(SignupRow.youth_id),
    col(SignupRow.gender),
    col(SignupRow.nickname_sealed),
    col(SignupRow.introduction_sealed),
    col(YouthRow.birth_date),
    col(YouthRow.education),
    col(EventRow.starts_at),
)


_EVENTS = Rows("events", id=sa.Uuid)


def _takes_part(row: type[SignupRow]) -> ColumnElement[bool]:
    return sa.and_(
        col(row.status) == SignupStatus.CHECKED_IN,
        col(row.nickname_sealed).is_not(None),
        consents_now(col(row.youth_id), ConsentPurpose.MATCHMAKING),
    )


def _apart(one: SQLColumnExpression[UUID], other: SQLColumnExpression[UUID]) -> ColumnElement[bool]:
    block = BlockRow
    either = sa.or_(
        sa.and_(col(block.youth_id) == one, col(block.other_id) == other),
        sa.and_(col(block.youth_id) == other, col(block.other_id) == one),
    )
    return sa.select(sa.literal(1)).select_from(block).where(either).exists()


def seen_by(actor: Actor, *others: SQLColumnExpression[Any]) -> sa.Select[Any]:
    """Every guest, of whatever event, whom the actor may see; `others` are further columns."""
    is_viewer: ColumnElement[bool] = sa.false()
    viewer = sa.orm.aliased(SignupRow, name="viewer")
    if isinstance(actor, YouthActor):
        is_viewer = col(viewer.youth_id) == actor.id
    return (
        sa.select(*COLUMNS, *others)
        .select_from(SignupRow)
        .join(YouthRow, col(YouthRow.id) == col(SignupRow.youth_id))
        .join(EventRow, col(EventRow.id) == col(SignupRow.event_id))
        .join(
            viewer,
            sa.and_(
                col(viewer.event_id) == col(SignupRow.event_id),
                is_viewer,
                _takes_part(viewer),
            ),
        )
        .where(
            _takes_part(SignupRow),
            col(YouthRow.birth_date).is_not(None),
            ~_apart(col(SignupRow.youth_id), col(viewer.youth_id)),
        )
    )


async def at_events(db: Read, actor: Actor, event_ids: Iterable[UUID]) -> dict[UUID, list[Participant]]:
    """The others at each event, in an order that is the viewer's own and tells nothing."""
    found: dict[UUID, list[Participant]] = {event: [] for event in event_ids}
    if not isinstance(actor, YouthActor):
        return found
    most = await policy_value(db, PROFILES_MOST)
    chance = sa.func.md5(sa.cast(col(SignupRow.participant_id), sa.Text) + str(actor.id)).label("chance")
    there = (
        seen_by(actor, chance)
        .where(col(SignupRow.event_id) == _EVENTS.c.id, col(SignupRow.youth_id) != actor.id)
        .order_by(chance, col(SignupRow.participant_id))
        .limit(most)
        .lateral("there")
    )
    statement = sa.select(*there.c).select_from(_EVENTS.table).join(there, sa.true())
    in_order = statement.order_by(there.c.chance, there.c.participant_id)
    for *fields, _ in await db.rows(in_order, _EVENTS.bound((event,) for event in found)):
        guest = Participant(*fields)
        found[guest.event_id].append(guest)
    return found


async def participants(db: Read, actor: Actor, ids: Iterable[UUID]) -> dict[UUID, Participant]:
    """Those of the participants whom the actor may see, by id; a guest sees their own entry too."""
    if not isinstance(actor, YouthActor):
        return {}
    wanted = [*ids]
    most = await policy_value(db, PROFILES_MOST)
    rows = await db.rows(seen_by(actor).where(col(SignupRow.participant_id).in_(wanted)).limit(most))
    return {row[0]: Participant(*row) for row in rows}
