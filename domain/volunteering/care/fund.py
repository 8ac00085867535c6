"""
What the care fund holds, and what of it is given. It never holds less than was approved, paid or not: a CHECK.

Whoever runs the deployment says how much is in it; each such change stands in the history under FUND_ID.
"""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlmodel import col

from domain.core.db import Write
from domain.core.faults import length_fault, range_fault
from domain.core.policy import policies
from domain.core.projection import projection
from domain.core.refusals import ErrorCode, Refusal, refuse_all
from domain.core.rights import Action, require
from domain.core.states import record
from domain.volunteering.care.models import FundRow
from domain.volunteering.policies import CARE_FUND_FEN

FUND_ID = UUID(int=1)
"""By which the one fund stands in the history."""
HOLDS_MOST_FEN = 10**15
REASON_MOST = 1_000


class FundMove(StrEnum):
    HOLDS_MORE = "HOLDS_MORE"
    HOLDS_LESS = "HOLDS_LESS"


class FundExhausted(Refusal):
    code = ErrorCode.QUOTA_EXCEEDED
    zh = "关爱基金余额不足。"
    en = "The care fund does not hold so much."


class MoreIsGiven(Refusal):
    code = ErrorCode.INVALID_STATE
    zh = "关爱基金已批准 {fen} 分，不能少于此数。"
    en = "The care fund has approved {fen} fen already; it cannot hold less."


@dataclass(frozen=True, slots=True)
class Fund:
    """In fen; `given_fen` is what was approved, paid or not."""

    number: int
    holds_fen: int
    given_fen: int


FUND = projection(Fund, FundRow, identity="number")


async def held_fund(tx: Write) -> Fund:
    """The fund, held; with what the policy says where it was never used."""
    (holds,) = await policies(tx, CARE_FUND_FEN)
    await tx.execute(pg_insert(FundRow).values(number=1, holds_fen=holds).on_conflict_do_nothing())
    found = await FUND.first(tx, FUND.select().with_for_update())
    assert found is not None  # nobody removes it
    return found


async def set_aside(tx: Write, amount_fen: int) -> None:
    """Take it from what the fund has not given yet; FundExhausted where that is less."""
    await held_fund(tx)
    given = col(FundRow.given_fen) + amount_fen
    statement = sa.update(FundRow).where(given <= col(FundRow.holds_fen)).values(given_fen=given)
    if not await tx.execute(statement):
        raise FundExhausted("amount_fen")


async def hold(tx: Write, fen: int, reason: str) -> Fund:
    """Say how much the fund holds in all. The same again changes nothing; MoreIsGiven where more was approved."""
    require(tx.actor, Action.DECIDE_CLAIMS)
    written = reason.strip()
    refuse_all(
        [*range_fault("fen", fen, 0, HOLDS_MOST_FEN), *length_fault("reason", written, 1, REASON_MOST)]
    )
    before = await held_fund(tx)
    if before.holds_fen == fen:
        return before
    statement = sa.update(FundRow).where(col(FundRow.given_fen) <= fen).values(holds_fen=fen)
    if not await tx.execute(statement):
        raise MoreIsGiven("fen", fen=before.given_fen)
    move = FundMove.HOLDS_MORE if fen > before.holds_fen else FundMove.HOLDS_LESS
    await record(tx, FUND_ID, move, f"{before.holds_fen} -> {fen}: {written}")
    return Fund(before.number, fen, before.given_fen)
