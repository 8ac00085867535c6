"""
Plain SQL through asyncpg, by hand, that redeems a perk: what a programmer would write who has no house around it.

`bare` does what the tables need: one read decides whether to try; who tries locks the account, seals a code, and writes stock,
redemption, entry and account in one statement, in a transaction of its own. A refusal says nothing and nothing is kept.

`whole` does the same work as ours. One statement collects every reason with how far it is, in both languages, and keeps it with the
key, so that the same key gives the same answer; who is not refused takes as above, with key, history and event in the same
statement. Points that have lapsed are entered by neither: nobody of the crowd has any.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from bench.crowd import SEALER, plain
from domain.core import columns
from domain.core.clock import day_of, start_of
from domain.volunteering.chain import HASHED, hash_of
from domain.volunteering.perks.codes import NewRedemption, new_redemption

STANDING = """
    SELECT p.taken < p.stock AND p.min_stars <= COALESCE(a.stars, 0) AND p.points_cost <= COALESCE(a.points, 0)
        AND p.starts_on <= $3 AND (p.ends_on IS NULL OR p.ends_on >= $3)
        AND (cardinality(p.division_codes) = 0 OR y.division_code = ANY (p.division_codes))
        AND (y.birth_date IS NULL OR y.birth_date <= $3::date - interval '18 years' OR EXISTS (SELECT 1 FROM accounts_consent c
            WHERE c.youth_id = y.id AND c.purpose = 'GUARDIAN' AND c.withdrawn_at IS NULL))
        AND (SELECT count(*) FROM volunteering_redemption r WHERE r.perk_id = p.id AND r.volunteer_id = y.id
            AND r.status IN ('ISSUED', 'USED')) < p.per_person_limit
    FROM volunteering_perk p, accounts_youth y LEFT JOIN volunteering_account a ON a.volunteer_id = y.id
    WHERE p.id = $1 AND y.id = $2 AND y.erased_at IS NULL
"""
REFUSE = """
    WITH standing AS (
        SELECT p.*, y.birth_date, COALESCE(y.division_code, '') AS lives_in, COALESCE(a.stars, 0) AS stars,
            COALESCE(a.service_minutes, 0) AS minutes, COALESCE(a.points, 0) AS points,
            date_part('year', age($3::date, y.birth_date)) AS years,
            (SELECT count(*) FROM volunteering_redemption r WHERE r.perk_id = p.id AND r.volunteer_id = y.id
                AND r.status IN ('ISSUED', 'USED')) AS turns
        FROM volunteering_perk p, accounts_youth y LEFT JOIN volunteering_account a ON a.volunteer_id = y.id
        WHERE p.id = $1 AND y.id = $2 AND y.erased_at IS NULL
    ), reasons AS (
        SELECT array_remove(ARRAY[
            CASE WHEN years NOT BETWEEN 14 AND 45 THEN jsonb_build_object('code', 'NOT_ELIGIBLE', 'zh', '服务面向 14 至 45 岁青年。',
                'en', 'The service is for those 14 to 45 years old.', 'field', '[]'::jsonb)
            WHEN years < 18 AND NOT EXISTS (SELECT 1 FROM accounts_consent c WHERE c.youth_id = $2 AND c.purpose = 'GUARDIAN'
                AND c.withdrawn_at IS NULL) THEN jsonb_build_object('code', 'CONSENT_REQUIRED', 'zh', '未满 18 岁需监护人同意（GUARDIAN）。',
                'en', 'Those under 18 need their guardian''s consent (GUARDIAN).', 'field', '[]'::jsonb) END,
            CASE WHEN stars < min_stars THEN jsonb_build_object('code', 'NOT_ELIGIBLE',
                'zh', format('需要 %s 星，还需服务 %s 分钟。', min_stars, (ARRAY[6000, 18000, 36000, 60000, 90000])[min_stars] - minutes),
                'en', format('It takes %s stars: %s minutes of service more.', min_stars,
                    (ARRAY[6000, 18000, 36000, 60000, 90000])[min_stars] - minutes), 'field', '["perk_id"]'::jsonb) END,
            CASE WHEN cardinality(division_codes) > 0 AND NOT EXISTS (SELECT 1 FROM unnest(division_codes) AS d (code)
                WHERE starts_with(lives_in, regexp_replace(d.code, '(00){1,2}$', ''))) THEN jsonb_build_object('code', 'NOT_ELIGIBLE',
                'zh', '该权益仅限指定地区的志愿者。', 'en', 'This perk is for volunteers of other divisions.',
                'field', '["perk_id"]'::jsonb) END,
            CASE WHEN $3 < starts_on THEN jsonb_build_object('code', 'INVALID_STATE', 'zh', format('该权益自 %s 起可兑换。', starts_on),
                'en', format('It can be redeemed from %s on.', starts_on), 'field', '["perk_id"]'::jsonb) END,
            CASE WHEN ends_on < $3 THEN jsonb_build_object('code', 'INVALID_STATE', 'zh', format('该权益已于 %s 结束。', ends_on),
                'en', format('It ended on %s.', ends_on), 'field', '["perk_id"]'::jsonb) END,
            CASE WHEN turns >= per_person_limit THEN jsonb_build_object('code', 'QUOTA_EXCEEDED',
                'zh', format('每人最多兑换 %s 份。', per_person_limit), 'en', format('%s a person at most.', per_person_limit),
                'field', '["perk_id"]'::jsonb) END,
            CASE WHEN taken >= stock THEN jsonb_build_object('code', 'SOLD_OUT', 'zh', '已兑完。', 'en', 'None is left.',
                'field', '["perk_id"]'::jsonb) END,
            CASE WHEN points < points_cost THEN jsonb_build_object('code', 'QUOTA_EXCEEDED',
                'zh', format('需要 %s 积分，还差 %s 积分。', points_cost, points_cost - points),
                'en', format('It takes %s points: %s more.', points_cost, points_cost - points), 'field', '["perk_id"]'::jsonb) END
        ], NULL) AS found FROM standing
    )
    INSERT INTO core_idempotency_key (caller, key_hash, input_hash, refusals, created_at)
    SELECT $4, $5, $6, to_jsonb(found), $7 FROM reasons WHERE cardinality(found) > 0
    ON CONFLICT DO NOTHING RETURNING 1
"""
KEPT = "SELECT record_id, refusals FROM core_idempotency_key WHERE caller = $1 AND key_hash = $2"
ACCOUNT = """
    SELECT service_minutes, consumed, points, stars, entries, head, lapses_at <= now() AS lapses FROM volunteering_account
    WHERE volunteer_id = $1 FOR NO KEY UPDATE
"""
TAKEN = """
    stock AS (
        UPDATE volunteering_perk SET taken = taken + 1 {only} WHERE id = $1 AND taken < stock RETURNING id, per_person_limit
    ), redemption AS (
        INSERT INTO volunteering_redemption (id, perk_id, volunteer_id, turn, most, points, status, code_sealed, code_index,
            key_id, expires_at, created_at)
        SELECT $2, id, $3, 1, per_person_limit, $4, 'ISSUED', $5, $6, $7, $8, $9 FROM stock
    ), entry AS (
        INSERT INTO volunteering_entry (id, volunteer_id, sequence, kind, minutes, points, minutes_after, consumed_after,
            balance_after, stars_after, at, organization_id, redemption_id, previous_hash, hash)
        SELECT $10, $3, $11, 'REDEMPTION', 0, -$4::int, $12, $13, $14, $15, $9, $16, $2, $17, $18 FROM stock
    )
"""
ACCOUNTED = """
    UPDATE volunteering_account SET consumed = $13, points = $14, entries = $11, head = $18 FROM stock
    WHERE volunteer_id = $3 RETURNING 1
"""
TAKE = "WITH" + TAKEN.format(only="") + ACCOUNTED
TAKE_AND_TELL = (
    """WITH key AS (
        INSERT INTO core_idempotency_key (caller, key_hash, input_hash, record_id, created_at) VALUES ($19, $20, $21, $2, $9)
        ON CONFLICT DO NOTHING RETURNING 1
    ),"""
    + TAKEN.format(only="FROM key")
    + """, history AS (
        INSERT INTO core_state_event (id, subject_id, status, at, actor) SELECT $22, $2, 'ISSUED', $9, $19 FROM stock
    ), event AS (
        INSERT INTO core_outbox_event (id, topic, payload, created_at, due_at, attempts)
        SELECT $23, 'volunteering.redemption_moved', $24::jsonb, $9, $9, 0 FROM stock
    )"""
    + ACCOUNTED
)


@dataclass(frozen=True, slots=True)
class Wish:
    perk: UUID
    merchant: UUID
    youth: UUID
    key: str


Redeem = Callable[[asyncpg.Connection, Wish], Awaitable[bool]]


def _values(wish: Wish, held: Any, new: NewRedemption, now: datetime, cost: int) -> tuple[Any, ...]:
    """The eighteen of TAKE, the entry with its hash among them."""
    consumed, balance, sequence = held["consumed"] + cost, held["points"] - cost, held["entries"] + 1
    said = {
        "id": columns.new_id(),
        "volunteer_id": wish.youth,
        "sequence": sequence,
        "kind": "REDEMPTION",
        "minutes": 0,
        "points": -cost,
        "minutes_after": held["service_minutes"],
        "consumed_after": consumed,
        "balance_after": balance,
        "stars_after": held["stars"],
        "at": now,
        "organization_id": wish.merchant,
        "redemption_id": new.id,
        "previous_hash": held["head"],
    }
    until = start_of(day_of(now) + timedelta(days=31))
    return (
        *(wish.perk, new.id, wish.youth, cost, new.code_sealed, new.code_index, new.key_id, until, now),
        *(said["id"], sequence, held["service_minutes"], consumed, balance, held["stars"], wish.merchant),
        *(held["head"], hash_of(said.get(name) for name in HASHED)),
    )


async def bare(connection: asyncpg.Connection, wish: Wish, cost: int = 1) -> bool:
    now = datetime.now(UTC)
    if not await connection.fetchval(STANDING, wish.perk, wish.youth, day_of(now)):
        return False
    async with connection.transaction():
        held = await connection.fetchrow(ACCOUNT, wish.youth)
        if held["points"] < cost or held["lapses"]:
            return False
        values = _values(wish, held, new_redemption(SEALER), now, cost)
        return await connection.fetchval(TAKE, *values) is not None


async def whole(connection: asyncpg.Connection, wish: Wish, cost: int = 1) -> bool:
    now, caller = datetime.now(UTC), f"youth:{wish.youth}"
    keys = caller, sha256(wish.key.encode()).digest(), b"0" * 32
    while not await connection.fetchval(REFUSE, wish.perk, wish.youth, day_of(now), *keys, now):
        new = new_redemption(SEALER)
        event = {"redemption_id": str(new.id), "perk_id": str(wish.perk), "youth_id": str(wish.youth)}
        told = orjson.dumps({**event, "status": "ISSUED"}).decode()
        taking = connection.transaction()
        await taking.start()
        held = await connection.fetchrow(ACCOUNT, wish.youth)
        if held["points"] >= cost and not held["lapses"]:
            values = (*_values(wish, held, new, now, cost), *keys, columns.new_id(), columns.new_id(), told)
            if await connection.fetchval(TAKE_AND_TELL, *values):
                await taking.commit()
                return True
        await taking.rollback()  # the key goes with it: whoever came too late is told so at the next turn
        if kept := await connection.fetchrow(KEPT, *keys[:2]):
            return kept["record_id"] is not None
    return False


async def crowded(
    url: str, redeem: Redeem, perk: UUID, merchant: UUID, crowd: Sequence[UUID], connections: int
) -> float:
    """Seconds until everybody is answered."""
    pool = [await asyncpg.connect(plain(url)) for _ in range(connections)]
    line, now, nothing = deque(crowd), datetime.now(UTC), columns.new_id()
    for connection in pool:  # what is prepared at first is prepared by now
        await connection.fetchval(STANDING, nothing, crowd[0], day_of(now))
        await connection.fetchval(REFUSE, nothing, crowd[0], day_of(now), "", b"", b"", now)

    async def serve(connection: asyncpg.Connection) -> None:
        while line:
            youth = line.popleft()
            await redeem(connection, Wish(perk, merchant, youth, f"{perk.hex}{youth.hex}"))

    began = time.perf_counter()
    await asyncio.gather(*map(serve, pool))
    took = time.perf_counter() - began
    for connection in pool:
        await connection.close()
    return took
