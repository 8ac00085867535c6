"""
Redeeming: stars, division, dates, limit, stock and points are looked at and taken in one transaction.

Requests for one perk that come at once are gathered (`domain.core.gathering`). Locks: keys of idempotency, the perk, accounts
by id. Nobody who holds an account waits for a perk, so no circle can close. While nothing is left the perk is not locked:
a crowd that comes too late only reads.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.core.actors import Actor
from domain.core.clock import start_of
from domain.core.db import Write
from domain.core.gathering import AGAIN, Answer, Work
from domain.core.idempotency import Claim, Once, Outcome, claim_all, remember_all
from domain.core.outbox import emit
from domain.core.refusals import NotFound, SignInNeeded
from domain.core.rights import require_youth
from domain.core.states import record_by
from domain.volunteering.events import RedemptionMoved
from domain.volunteering.lapsing import lapse
from domain.volunteering.ledger import Account, Book, Posting, locked_accounts
from domain.volunteering.perks.codes import NewRedemption
from domain.volunteering.perks.eligibility import Standing, faults, standings
from domain.volunteering.perks.models import PerkRow, RedemptionRow
from domain.volunteering.perks.perk import PERKS, Perk
from domain.volunteering.states import LedgerKind, RedemptionStatus


@dataclass(frozen=True, slots=True)
class Asked:
    """One youth's request for a perk, with the code that it would get."""

    actor: Actor
    youth_id: UUID
    key: Once
    perk_id: UUID
    new: NewRedemption


def asked(actor: Actor, key: Once, perk_id: UUID, new: NewRedemption) -> Asked:
    """Who may not redeem at all is refused here."""
    return Asked(actor, require_youth(actor).id, key, perk_id, new)


async def redeem_all(tx: Write, wishes: Sequence[Asked]) -> list[Answer]:
    """Decide requests for one perk, in their order."""
    perk_id = wishes[0].perk_id
    claims = [Claim(one.actor.key, one.key) for one in wishes]
    claimed = await claim_all(tx, claims)
    answers: dict[int, Answer] = dict(claimed.answered)
    if claimed.fresh:
        fresh = {place: wishes[place] for place in claimed.fresh}
        answers |= await _decided(tx, perk_id, fresh)
        await remember_all(tx, [(claims[place], _outcome(answers[place])) for place in fresh])
    for place, other in claimed.twins.items():
        answers[place] = answers[other]
    return [answers[place] for place in range(len(wishes))]


def _outcome(answer: Answer) -> Outcome | None:
    return answer if isinstance(answer, Outcome) else None


async def _decided(tx: Write, perk_id: UUID, fresh: Mapping[int, Asked]) -> dict[int, Answer]:
    statement = PERKS.select().where(col(PerkRow.id) == perk_id)
    perk = await PERKS.first(tx, statement)
    if perk is None:
        return dict.fromkeys(fresh, Outcome(refusals=(NotFound("perk_id"),)))
    youths = {one.youth_id for one in fresh.values()}
    if perk.remaining == 0:
        known = await standings(tx, [perk_id], youths)
        return {place: _refused(tx, perk, known, one) for place, one in fresh.items()}
    perk = await PERKS.first(tx, statement.with_for_update(key_share=True))
    assert perk is not None  # nothing removes a perk
    book = Book(tx, await locked_accounts(tx, youths))
    await lapse(tx, book, list(book.accounts.values()))
    answers, taken = _chosen(tx, perk, fresh, await standings(tx, [perk_id], youths, book.accounts))
    await _take(tx, perk, book, [(fresh[place], turn) for place, turn in taken.items()])
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
) -> tuple[dict[int, Answer], dict[int, int]]:
    """The answers, and of those who get one the turn that it is. A youth's second request comes again."""
    answers: dict[int, Answer] = {}
    taken: dict[int, int] = {}
    seen: set[UUID] = set()
    left = len(fresh) if perk.remaining is None else perk.remaining
    for place, one in fresh.items():
        if one.youth_id in seen or (left == 0 and perk.remaining):
            answers[place] = AGAIN
            continue
        seen.add(one.youth_id)
        refused = _refused(tx, perk, known, one)
        if refused.refusals:
            answers[place] = refused
            continue
        answers[place] = Outcome(record_id=one.new.id)
        taken[place] = known[perk.id, one.youth_id].next_turn()
        left -= 1
    return answers, taken


async def _take(tx: Write, perk: Perk, book: Book, given: Sequence[tuple[Asked, int]]) -> None:
    """Write redemptions, points and stock; the CHECKs of the tables have the last word."""
    if given:
        await tx.execute(
            sa.update(PerkRow).where(col(PerkRow.id) == perk.id).values(taken=col(PerkRow.taken) + len(given))
        )
        await tx.insert(RedemptionRow, (_row(tx, perk, one, turn) for one, turn in given))
    if perk.points_cost:
        for one, _ in given:
            _charge(book, book.accounts[one.youth_id], perk, one)
    await book.write()
    await _tell(tx, perk, [one for one, _ in given])


def _charge(book: Book, account: Account, perk: Perk, one: Asked) -> None:
    posting = Posting(
        LedgerKind.REDEMPTION,
        consumes=perk.points_cost,
        organization_id=perk.merchant_id,
        redemption_id=one.new.id,
    )
    book.append(account, posting)


def _row(tx: Write, perk: Perk, one: Asked, turn: int) -> dict[str, Any]:
    """The code lives to the end of the last day."""
    last = tx.today + timedelta(days=perk.redeem_within_days)
    return {
        "id": one.new.id,
        "perk_id": perk.id,
        "volunteer_id": one.youth_id,
        "turn": turn,
        "most": perk.per_person_limit,
        "points": perk.points_cost,
        "status": RedemptionStatus.ISSUED,
        "code_sealed": one.new.code_sealed,
        "code_index": one.new.code_index,
        "key_id": one.new.key_id,
        "expires_at": start_of(last + timedelta(days=1)),
        "created_at": tx.now,
    }


async def _tell(tx: Write, perk: Perk, made: Iterable[Asked]) -> None:
    issued, told = RedemptionStatus.ISSUED, list(made)
    if told:
        await record_by(tx, ((one.actor.key, one.new.id, issued, None) for one in told))
        await emit(
            tx,
            *(
                RedemptionMoved(
                    redemption_id=one.new.id,
                    perk_id=perk.id,
                    youth_id=one.youth_id,
                    status=issued.value,
                )
                for one in told
            ),
        )


REDEEMING = Work(redeem_all, thing=lambda asked: asked.perk_id)
