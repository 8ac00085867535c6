"""
Keys of idempotency for many requests of one transaction (`domain.core.gathering`), in a statement or two for all of them.

Keys are taken in rising order, so that two transactions with the same keys cannot wait for each other in a circle.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlmodel import col

from domain.core.db import Write
from domain.core.gathering import Answer
from domain.core.idempotency import IdempotencyKey, Once, Outcome, kept_answer
from domain.core.refusals import KeyReused
from domain.core.unnesting import Rows


@dataclass(frozen=True, slots=True)
class Claim:
    """A request among others of one transaction: whose it is and its key, when it came with one."""

    caller: str
    asked: Once | None


@dataclass(slots=True)
class _Claims:
    """The requests of one transaction by what their keys say. Positions are those of the list that was claimed."""

    fresh: list[int]
    """To be decided now; their keys are this transaction's."""
    answered: dict[int, Outcome]
    """Decided before, or their key was used for something else."""
    twins: dict[int, int]
    """The same key with the same input once more: what becomes of the other position becomes of this one."""

    def answers(self, decided: Mapping[int, Answer]) -> list[Answer]:
        """One for each request, when those that are fresh are decided."""
        found: dict[int, Answer] = {**decided, **self.answered}
        found |= {place: found[other] for place, other in self.twins.items()}
        return [found[place] for place in range(len(found))]


_Key = tuple[str, bytes]
_CLAIMED = Rows(
    "claimed",
    caller=sa.Text,
    key_hash=sa.LargeBinary,
    input_hash=sa.LargeBinary,
    refusals=sa.Text,
)
_CLAIMING = (
    pg_insert(IdempotencyKey)
    .from_select(
        ["caller", "key_hash", "input_hash", "refusals", "created_at"],
        sa.select(
            _CLAIMED.c.caller,
            _CLAIMED.c.key_hash,
            _CLAIMED.c.input_hash,
            sa.cast(_CLAIMED.c.refusals, JSONB),
            sa.bindparam("now", type_=sa.DateTime(timezone=True)),
        ),
    )
    .on_conflict_do_nothing()
    .returning(col(IdempotencyKey.caller), col(IdempotencyKey.key_hash))
)
_GIVEN = Rows("given", caller=sa.Text, key_hash=sa.LargeBinary, record_id=sa.Uuid, refusals=sa.Text)
_REMEMBERING = (
    sa.update(IdempotencyKey)
    .where(col(IdempotencyKey.caller) == _GIVEN.c.caller, col(IdempotencyKey.key_hash) == _GIVEN.c.key_hash)
    .values(record_id=_GIVEN.c.record_id, refusals=sa.cast(_GIVEN.c.refusals, JSONB))
)


async def decide_each(
    tx: Write, claims: Sequence[Claim], decide: Callable[[Sequence[int]], Awaitable[Mapping[int, Answer]]]
) -> list[Answer]:
    """
    As `once`, for many requests: `decide` is given the positions of those that are to be decided now. What it answers by
    AGAIN has its key forgotten, as if it had not been sent.
    """
    claimed = await _claimed(tx, claims, None)
    decided = await decide(claimed.fresh) if claimed.fresh else {}
    await _remember(tx, [(claims[place], answer) for place, answer in decided.items()])
    return claimed.answers(decided)


async def refuse_each(tx: Write, claims: Sequence[Claim], refused: Sequence[Outcome]) -> list[Answer]:
    """
    For requests whose refusals are known before anything is written: keys and refusals in one statement. Whose key is there
    already gets its first answer instead.
    """
    claimed = await _claimed(tx, claims, refused)
    return claimed.answers({place: refused[place] for place in claimed.fresh})


async def _remember(tx: Write, answers: Sequence[tuple[Claim, Answer]]) -> None:
    """Write what became of claimed requests into their keys' rows."""
    undone, decided = [], []
    for claim, answer in answers:
        if claim.asked is None:
            continue
        if isinstance(answer, Outcome):
            decided.append((claim.caller, claim.asked.key_hash, answer.record_id, _refusals(answer)))
        else:
            undone.append((claim.caller, claim.asked.key_hash))
    if undone:
        await tx.execute(
            sa.delete(IdempotencyKey).where(
                sa.tuple_(col(IdempotencyKey.caller), col(IdempotencyKey.key_hash)).in_(undone)
            )
        )
    if decided:
        await tx.execute(_REMEMBERING, _GIVEN.bound(decided))


def _refusals(outcome: Outcome) -> str | None:
    if not outcome.refusals:
        return None
    return orjson.dumps([reason.to_json() for reason in outcome.refusals]).decode()


def _sorted_out(claims: Sequence[Claim]) -> tuple[_Claims, dict[_Key, int]]:
    """What can be said before the database is asked, and each key with the first position that it came with."""
    found, first = _Claims([], {}, {}), dict[_Key, int]()
    for place, claim in enumerate(claims):
        if claim.asked is None:
            found.fresh.append(place)
            continue
        other = first.setdefault((claim.caller, claim.asked.key_hash), place)
        if other == place:
            continue
        same = claims[other].asked
        assert same is not None
        if same.fingerprint == claim.asked.fingerprint:
            found.twins[place] = other
        else:
            found.answered[place] = Outcome(refusals=(KeyReused("idempotency_key"),))
    return found, first


async def _claimed(tx: Write, claims: Sequence[Claim], refused: Sequence[Outcome] | None) -> _Claims:
    found, first = _sorted_out(claims)
    if not first:
        return found
    keys = [
        (*key, asked.fingerprint, None if refused is None else _refusals(refused[place]))
        for key, place in sorted(first.items())
        if (asked := claims[place].asked) is not None
    ]
    inserted = await tx.rows(_CLAIMING, {**_CLAIMED.bound(keys), "now": tx.now})
    mine = {(row.caller, bytes(row.key_hash)) for row in inserted}
    theirs = {key: place for key, place in first.items() if key not in mine}
    found.fresh = sorted({*found.fresh, *first.values()} - set(theirs.values()))
    if theirs:
        kept = await _kept(tx, list(theirs))
        for key, place in theirs.items():
            asked = claims[place].asked
            assert asked is not None
            found.answered[place] = kept_answer(kept.get(key), asked)
    return found


async def _kept(tx: Write, keys: Sequence[_Key]) -> dict[_Key, Any]:
    table = IdempotencyKey
    statement = sa.select(
        col(table.caller),
        col(table.key_hash),
        col(table.input_hash),
        col(table.record_id),
        col(table.refusals),
    ).where(sa.tuple_(col(table.caller), col(table.key_hash)).in_(keys))
    return {(row.caller, bytes(row.key_hash)): row for row in await tx.rows(statement)}
