"""
Redeeming: stars, division, dates, limit, stock and points are looked at and taken in one transaction.

Requests for one perk that come at once are gathered (`domain.core.gathering`). Locks: keys of idempotency, the perk, accounts
by id. Nobody who holds an account waits for a perk, so no circle can close. While nothing is left nothing is locked:
a crowd that comes too late only reads, and its answers are kept with its keys.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.core.actors import Actor
from domain.core.claiming import Claim, decide_each, refuse_each
from domain.core.clock import start_of
from domain.core.db import Write
from domain.core.gathering import AGAIN, Answer, Work
from domain.core.idempotency import Once, Outcome
from domain.core.outbox import emit
from domain.core.refusals import NotFound, SignInNeeded
from domain.core.rights import require_youth
from domain.core.sealing import Sealer
from domain.core.states import record_by
from domain.volunteering.events import RedemptionMoved
from domain.volunteering.lapsing import lapse
from domain.volunteering.ledger import Account, Book, Posting, locked_accounts
from domain.volunteering.perks.codes import NewRedemption, new_redemption
from domain.volunteering.perks.eligibility import Standing, faults, standings
from domain.volunteering.perks.models import PerkRow, RedemptionRow
from domain.volunteering.perks.perk import PERKS, Perk
from domain.volunteering.states import LedgerKind, RedemptionStatus

AT_ONCE = 512
"""Requests of one transaction, at most. A crowd is mostly told that nothing is left: the more in one transaction, the sooner."""

_PERK = PERKS.select().where(col(PerkRow.id) == sa.bindparam("perk_id"))
_LOCKED = _PERK.with_for_update(key_share=True)


@dataclass(frozen=True, slots=True)
class Asked:
    """One youth's request for a perk."""

    actor: Actor
    youth_id: UUID
    key: Once
    perk_id: UUID
    sealer: Sealer
    """Seals the code, if it comes to one."""


def asked(actor: Actor, key: Once, perk_id: UUID, sealer: Sealer) -> Asked:
    """Who may not redeem at all is refused here."""
    return Asked(actor, require_youth(actor).id, key, perk_id, sealer)


@dataclass(frozen=True, slots=True)
class _Given:
    """A request that gets one: which turn of the youth's it is, and the code."""

    asked: Asked
    turn: int
    new: NewRedemption


async def redeem_all(tx: Write, wishes: Sequence[Asked]) -> list[Answer]:
    """Decide requests for one perk, in their order."""
    perk = await PERKS.first(tx, _PERK, {"perk_id": wishes[0].perk_id})
    claims = [Claim(one.actor.key, one.key) for one in wishes]
    if perk is None or perk.remaining == 0:
        return await refuse_each(tx, claims, await _too_late(tx, perk, wishes))
    return await decide_each(
        tx, claims, lambda fresh: _decided(tx, {place: wishes[place] for place in fresh})
    )


async def _too_late(tx: Write, perk: Perk | None, wishes: Sequence[Asked]) -> list[Outcome]:
    """While nothing is left every answer is a refusal; nothing is locked for it."""
    if perk is None:
        return [Outcome(refusals=(NotFound("perk_id"),))] * len(wishes)
    known = await standings(tx, [perk.id], {one.youth_id for one in wishes})
    return [_refused(tx, perk, known, one) for one in wishes]


async def _decided(tx: Write, fresh: Mapping[int, Asked]) -> dict[int, Answer]:
    [perk_id] = {one.perk_id for one in fresh.values()}
    perk = await PERKS.first(tx, _LOCKED, {"perk_id": perk_id})
    assert perk is not None  # nothing removes a perk
    youths = {one.youth_id for one in fresh.values()}
    book = Book(tx, await locked_accounts(tx, youths))
    await lapse(tx, book, list(book.accounts.values()))
    answers, given = _chosen(tx, perk, fresh, await standings(tx, [perk_id], youths, book.accounts))
    await _take(tx, perk, book, given)
    return answers


def _refused(tx: Write, perk: Perk, known: Mapping[tuple[UUID, UUID], Standing], one: Asked) -> Outcome:
    who = known.get((perk.id, one.youth_id))
    if who is None:
        return Outcome(refusals=(SignInNeeded(),))
    return Outcome(refusals=tuple(faults(perk, who, tx.today)))


def _chosen(
    tx: Write,
    perk: Perk,
    fresh: Mapping[int, Asked],
    known: Mapping[tuple[UUID, UUID], Standing],
) -> tuple[dict[int, Answer], list[_Given]]:
    """The answers, and who gets one. A youth's second request comes again."""
    answers: dict[int, Answer] = {}
    given: list[_Given] = []
    seen: set[UUID] = set()
    for place, one in fresh.items():
        if one.youth_id in seen:
            answers[place] = AGAIN
            continue
        seen.add(one.youth_id)
        refused = _refused(tx, perk, known, one)
        if refused.refusals:
            answers[place] = refused
            continue
        new = new_redemption(one.sealer)
        answers[place] = Outcome(record_id=new.id)
        given.append(_Given(one, known[perk.id, one.youth_id].next_turn(), new))
        perk = replace(perk, taken=perk.taken + 1)  # the next one finds one less
    return answers, given


async def _take(tx: Write, perk: Perk, book: Book, given: Sequence[_Given]) -> None:
    """Write redemptions, points and stock; the CHECKs of the tables have the last word."""
    if given:
        await tx.execute(
            sa.update(PerkRow).where(col(PerkRow.id) == perk.id).values(taken=col(PerkRow.taken) + len(given))
        )
        await tx.insert(RedemptionRow, (_row(tx, perk, one) for one in given))
    if perk.points_cost:
        for one in given:
            _charge(book, book.accounts[one.asked.youth_id], perk, one.new)
    await book.write()
    await _tell(tx, perk, given)


def _charge(book: Book, account: Account, perk: Perk, new: NewRedemption) -> None:
    posting = Posting(
        LedgerKind.REDEMPTION,
        consumes=perk.points_cost,
        organization_id=perk.merchant_id,
        redemption_id=new.id,
    )
    book.append(account, posting)


def _row(tx: Write, perk: Perk, one: _Given) -> dict[str, Any]:
    """The code lives to the end of the last day."""
    last = tx.today + timedelta(days=perk.redeem_within_days)
    return {
        "id": one.new.id,
        "perk_id": perk.id,
        "volunteer_id": one.asked.youth_id,
        "turn": one.turn,
        "most": perk.per_person_limit,
        "points": perk.points_cost,
        "status": RedemptionStatus.ISSUED,
        "code_sealed": one.new.code_sealed,
        "code_index": one.new.code_index,
        "key_id": one.new.key_id,
        "expires_at": start_of(last + timedelta(days=1)),
        "created_at": tx.now,
    }


async def _tell(tx: Write, perk: Perk, given: Sequence[_Given]) -> None:
    if not given:
        return
    issued = RedemptionStatus.ISSUED
    await record_by(tx, ((one.asked.actor.key, one.new.id, issued, None) for one in given))
    await emit(
        tx,
        *(
            RedemptionMoved(
                redemption_id=one.new.id,
                perk_id=perk.id,
                youth_id=one.asked.youth_id,
                status=issued.value,
            )
            for one in given
        ),
    )


REDEEMING = Work(redeem_all, thing=lambda asked: asked.perk_id, most=AT_ONCE)
