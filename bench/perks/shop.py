"""What is wanted: a perk with a stock, and whether it is right afterwards."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import asyncpg

from api.commands.ledger import verified
from bench.crowd import RING, SEALER
from domain.core.actors import StaffActor, StaffRole
from domain.volunteering.perks import saving
from domain.volunteering.perks.models import PerkCategory
from domain.volunteering.perks.saving import PerkFields
from infra.database import EngineDatabase
from infra.demo.bulk.loading import load_province
from infra.demo.bulk.shape import Shape
from infra.grants import grant_staff

EXACT = """
    SELECT p.taken, count(r.id), count(DISTINCT r.volunteer_id), count(DISTINCT r.code_index), p.stock FROM volunteering_perk p
    JOIN volunteering_redemption r ON r.perk_id = p.id WHERE p.id = $1 GROUP BY p.id
"""
OVERDRAWN = "SELECT count(*) FROM volunteering_account WHERE points < 0 OR consumed > service_minutes / 60"
LAPSING = "SELECT count(*) FROM volunteering_account WHERE lapses_at <= now() + interval '1 hour'"


@dataclass(frozen=True, slots=True)
class Shop:
    """A merchant, who enters perks for it, and who wants them."""

    url: str
    database: EngineDatabase
    manager: StaffActor
    merchant: UUID
    people: list[UUID]

    async def perk(self, stock: int, cost: int = 1, stars: int = 0, *divisions: str) -> UUID:
        """A new one, one for each person."""
        async with self.database.write(self.manager) as tx:
            fields = PerkFields(
                merchant_id=self.merchant,
                title="热门权益",
                description="测量",
                category=PerkCategory.CULTURE,
                division_codes=divisions,
                min_stars=stars,
                points_cost=cost,
                stock=stock,
                per_person_limit=1,
                starts_on=tx.today,
                ends_on=None,
                redeem_within_days=30,
            )
            return await saving.save(tx, None, fields, frozenset(), None)

    async def check(self, looking: asyncpg.Connection, perks: list[UUID]) -> None:
        """Print what is right and what is not, of perks that nothing is left of."""
        found = [await looking.fetchrow(EXACT, perk) for perk in perks]
        exact = sum(len(set(row)) == 1 for row in found if row is not None)
        print(f"stock exact: {exact} of {len(perks)}; overdrawn: {await looking.fetchval(OVERDRAWN)}")
        print(f"faults that verify found: {len(await verified(self.database, None))}")


async def opened(url: str, database: EngineDatabase, crowd: int) -> Shop:
    """A shop with so many volunteers, none of whose points are about to lapse."""
    shape = Shape(organizations=10, blocks=-(-crowd // 74))
    [merchant, *_] = await load_province(url, RING, shape, datetime.now(UTC), lambda *_: None)
    [member] = await grant_staff(database, SEALER, [StaffRole.PROGRAMME_MANAGER], "440000", 1)
    manager = StaffActor(member.id, member.unit_id, frozenset({StaffRole.PROGRAMME_MANAGER}))
    async with database.engine.connect() as connection:
        lapsing = (await connection.exec_driver_sql(LAPSING)).scalar()
        rows = await connection.exec_driver_sql("SELECT id FROM accounts_youth ORDER BY id")
        people = [row[0] for row in rows][:crowd]
    assert not lapsing, "plain SQL does not enter what lapses"
    return Shop(url, database, manager, merchant, people)
