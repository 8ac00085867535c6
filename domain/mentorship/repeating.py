"""A mentor, or staff who look after one, offers times of every week: a rule is made, changed and ended, and unfolded at once."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlmodel import col

from domain.core import columns
from domain.core.db import Write
from domain.core.refusals import ErrorCode, NotFound, Refusal, refuse_all
from domain.core.rights import Action, require
from domain.mentorship.mentor import mentor_in_hand
from domain.mentorship.models import WeeklyRow
from domain.mentorship.rule import RULES, Rule, columns_of
from domain.mentorship.unfolding import unfold
from domain.mentorship.weekly import Weekly, faults_of

RULES_MOST = 20


class RuleThere(Refusal):
    code = ErrorCode.ALREADY_EXISTS
    zh = "已有同一每周时段，请直接修改。"
    en = "There is such a weekly rule already; change it instead."


class TooManyRules(Refusal):
    code = ErrorCode.QUOTA_EXCEEDED
    zh = "每周时段最多 {most} 条。"
    en = "{most} weekly rules at most."


class RuleEnded(Refusal):
    code = ErrorCode.INVALID_STATE
    zh = "该每周时段已结束。"
    en = "This weekly rule has been ended."


async def _running(tx: Write, mentor_id: UUID) -> list[Rule]:
    return await RULES.all(
        tx, RULES.select().where(col(WeeklyRow.mentor_id) == mentor_id, col(WeeklyRow.ended_at).is_(None))
    )


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """As the unique index compares them."""
    return all(one[name] == other[name] for name in ("starts", "ends", "weekdays", "time_zone", "first_on"))


async def repeat(tx: Write, mentor_id: UUID, weekly: Weekly) -> None:
    """A new rule of a mentor who is locked; the same again changes nothing. Refused below `weekly`."""
    refuse_all(fault.at("weekly") for fault in faults_of(weekly, tx.today))
    values, running = columns_of(weekly), await _running(tx, mentor_id)
    before = next((rule for rule in running if _same(columns_of(rule.weekly), values)), None)
    if before is not None:
        if columns_of(before.weekly) != values:
            raise RuleThere("weekly")
        return
    if len(running) >= RULES_MOST:
        raise TooManyRules("weekly", most=RULES_MOST)
    identity = columns.new_id()
    row = {
        "id": identity,
        "mentor_id": mentor_id,
        **values,
        "skipped_on": [],
        "due_at": tx.now,
        "created_at": tx.now,
        "updated_at": tx.now,
    }
    await tx.execute(pg_insert(WeeklyRow).values(row))
    await unfold(tx, identity)


async def _in_hand(tx: Write, rule_id: UUID) -> Rule:
    """A rule whose mentor is locked; NotFound for who does not offer times in the mentor's name."""
    owner = await tx.scalar(sa.select(col(WeeklyRow.mentor_id)).where(col(WeeklyRow.id) == rule_id))
    if owner is None:
        require(tx.actor, Action.OFFER_SLOTS)
        raise NotFound("weekly_id")
    await mentor_in_hand(tx, owner, "weekly_id")
    (rule,) = await RULES.by_ids(tx, [rule_id])
    return rule


async def _write(tx: Write, rule_id: UUID, **values: Any) -> None:
    changed = sa.update(WeeklyRow).where(col(WeeklyRow.id) == rule_id)
    await tx.execute(changed.values(**values, updated_at=tx.now))


async def change(tx: Write, rule_id: UUID, changes: Mapping[str, Any]) -> UUID:
    """Change some fields of a rule. Free times to come that it has no more are taken back; those given stay with whoever has them."""
    rule = await _in_hand(tx, rule_id)
    if rule.ended_at is not None:
        raise RuleEnded("weekly_id")
    weekly = replace(rule.weekly, **changes)
    refuse_all(faults_of(weekly, tx.today))
    values = columns_of(weekly)
    others = [other for other in await _running(tx, rule.mentor_id) if other.id != rule_id]
    if any(_same(columns_of(other.weekly), values) for other in others):
        raise RuleThere("weekly_id")
    await _write(tx, rule_id, **values)
    await unfold(tx, rule_id)
    return rule.mentor_id


async def end(tx: Write, rule_id: UUID) -> UUID:
    """End a rule; again changes nothing. Its free times to come are taken back."""
    rule = await _in_hand(tx, rule_id)
    if rule.ended_at is None:
        await _write(tx, rule_id, ended_at=tx.now, due_at=None)
        await unfold(tx, rule_id)
    return rule.mentor_id


async def leave_out(tx: Write, days: Mapping[UUID, set[date]]) -> None:
    """A mentor who is locked took times of rules back: those days are exceptions from now on. What is past is forgotten."""
    for rule in await RULES.by_ids(tx, days):
        kept = {day for day in rule.except_on if day >= tx.today}
        await _write(tx, rule.id, except_on=sorted(kept | days[rule.id]))
