"""
Those who chose each other, once choosing has closed: a function of time, the same moment for both, nothing is written.

For a guest the same is asked of the database, and the same opened, whoever chose them: all whom they chose, with contact and
choices, and only then is it looked who chose back.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.core.actors import Actor
from domain.core.db import Read, Write
from domain.core.sealing import Sealer
from domain.matchmaking.choices import decrypted, event_keys
from domain.matchmaking.choosing import chosen_by
from domain.matchmaking.event import events
from domain.matchmaking.models import CHOICES_MOST, ChoicesRow, EventRow, SignupRow
from domain.matchmaking.participants import Participant, seen_by
from domain.matchmaking.signup import Signup, signup_place
from domain.matchmaking.states import SignupStatus

LEAST_SHOWN = 5
"""Figures below are withheld from hosts, zero too."""

_NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Match:
    """Somebody who chose the guest, and whom the guest chose."""

    participant: Participant
    contact: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Chosen:
    participant: Participant
    contact: str = field(repr=False)
    chose: frozenset[UUID] = field(repr=False)


async def matches(
    db: Read, sealer: Sealer, actor: Actor, signups: Iterable[Signup]
) -> dict[UUID, list[Match]]:
    """The matches of each of the actor's own sign-ups whose event has closed its choosing."""
    asked = [*signups]
    known = await events(db, {signup.event_id for signup in asked})
    over = [signup for signup in asked if known[signup.event_id].choosing_is_over(db.now)]
    mine = await chosen_by(db, sealer, over)
    others = await _chosen(db, sealer, actor, [one for chosen in mine.values() for one in _padded(chosen)])
    found: dict[UUID, list[Match]] = {signup.id: [] for signup in asked}
    for signup in over:
        for one in mine[signup.id]:
            other = others.get(one)
            if other is not None and signup.participant_id in other.chose:
                found[signup.id].append(Match(other.participant, other.contact))
    return found


def _padded(chosen: tuple[UUID, ...]) -> tuple[UUID, ...]:
    return (*chosen, *[_NOBODY] * (CHOICES_MOST - len(chosen)))


async def _chosen(db: Read, sealer: Sealer, actor: Actor, participant_ids: list[UUID]) -> dict[UUID, _Chosen]:
    """All of these whom the actor may see, with everything opened."""
    statement = seen_by(actor, col(SignupRow.contact_sealed), col(ChoicesRow.chosen)).join(
        ChoicesRow, col(ChoicesRow.signup_id) == col(SignupRow.id)
    )
    rows = await db.rows(statement.where(col(SignupRow.participant_id).in_(participant_ids)))
    keys = await event_keys(db, sealer, {row.event_id for row in rows})
    found = {}
    for *fields, contact, chosen in rows:
        one = Participant(*fields)
        if one.event_id in keys and contact is not None:
            found[one.participant_id] = _Chosen(
                one,
                sealer.open(contact, signup_place("contact", one.signup_id)),
                frozenset(decrypted(keys[one.event_id], one.signup_id, bytes(chosen))),
            )
    return found


@dataclass(frozen=True, slots=True)
class Results:
    """Figures for the host; None for one that is withheld."""

    signed_up: int | None
    checked_in: int | None
    matches: int | None


def _shown(count: int | None) -> int | None:
    return None if count is None or count < LEAST_SHOWN else count


async def results(db: Read, event_ids: Iterable[UUID]) -> dict[UUID, Results]:
    """How each went. Pairs are counted by `count_pairs`, once, and shown after choosing has closed."""
    known = await events(db, event_ids)
    counted = await db.rows(
        sa.select(
            col(SignupRow.event_id),
            sa.func.count().filter(col(SignupRow.status) != SignupStatus.CANCELLED).label("signed_up"),
            sa.func.count().filter(col(SignupRow.status) == SignupStatus.CHECKED_IN).label("checked_in"),
        )
        .where(col(SignupRow.event_id).in_(list(known)))
        .group_by(col(SignupRow.event_id))
    )
    guests = {row.event_id: (row.signed_up, row.checked_in) for row in counted}
    found = {}
    for key, event in known.items():
        signed_up, checked_in = guests.get(key, (0, 0))
        pairs = event.matches if event.choosing_is_over(db.now) else None
        found[key] = Results(_shown(signed_up), _shown(checked_in), _shown(pairs))
    return found


async def count_pairs(tx: Write, sealer: Sealer, event_id: UUID) -> None:
    """
    Count the pairs of an event whose choosing has closed, once and for all.

    Not again later: a count that went down by one when somebody withdraws would tell that they had a match.
    """
    event = (await events(tx, [event_id]))[event_id]
    if event.matches is not None or not event.choosing_is_over(tx.now):
        return
    keys = await event_keys(tx, sealer, [event_id])
    rows = await tx.rows(
        sa.select(col(SignupRow.id), col(SignupRow.participant_id), col(ChoicesRow.chosen))
        .join(ChoicesRow, col(ChoicesRow.signup_id) == col(SignupRow.id))
        .where(col(SignupRow.event_id) == event_id)
    )
    chosen = {
        (row.participant_id, other)
        for row in rows
        if event_id in keys
        for other in decrypted(keys[event_id], row.id, bytes(row.chosen))
    }
    pairs = sum(1 for one, other in chosen if (other, one) in chosen) // 2
    await tx.execute(
        sa.update(EventRow)
        .where(col(EventRow.id) == event_id, col(EventRow.matches).is_(None))
        .values(matches=pairs)
    )
