"""
Organizations, volunteers, tills, staff and the clock in any order and at the same time: the ledger is whole after every step.

A step is a handful of actions that begin at once. What each comes to is not foretold; what is left must be lawful.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import strategies as st
from hypothesis.stateful import rule
from races.at_random import Act, Living, World, a_world, act, at_once, run_at_random
from races.racing import rows
from support.house import House, Partner, Person
from support.volunteering import a_perk, a_record, entries_of, given_hours, recorded, redeem

from api.commands.ledger import verified
from domain.core.actors import StaffRole, System
from domain.partners.models import ApiTokenRow
from infra.embedded.services import Services

LAWFUL = {"SOLD_OUT", "QUOTA_EXCEEDED", "INVALID_STATE", "NOT_ELIGIBLE", "NOT_FOUND", "CONFLICT"}
REFUSED_RECORDS = {"ALREADY_EXISTS", "NOT_ELIGIBLE", "INVALID_STATE", "INVALID_INPUT"}
WHO, WHICH, HOURS = st.integers(0, 3), st.integers(0, 10_000), st.integers(1, 11)
SERVICE = WHO, st.integers(0, 1), st.integers(1, 3), HOURS, st.integers(0, 3)

UNLAWFUL = {
    "the balance is the sum of the entries": """
        SELECT a.volunteer_id FROM volunteering_account a LEFT JOIN volunteering_entry e USING (volunteer_id)
        GROUP BY a.volunteer_id
        HAVING a.points <> COALESCE(sum(e.points), 0) OR a.service_minutes <> COALESCE(sum(e.minutes), 0)""",
    "the stock is exact": """
        SELECT p.id FROM volunteering_perk p
        LEFT JOIN volunteering_redemption r ON r.perk_id = p.id AND r.status IN ('ISSUED', 'USED')
        GROUP BY p.id HAVING p.taken <> count(r.id) OR p.taken > p.stock""",
    "a code is used or given back once": """
        SELECT subject_id FROM core_state_event WHERE status IN ('USED', 'CANCELLED', 'EXPIRED')
        AND subject_id IN (SELECT id FROM volunteering_redemption) GROUP BY subject_id HAVING count(*) > 1""",
}


@dataclass(slots=True)
class Town:
    """Two organizations that are shops too, one perk of little stock, four volunteers, and all the codes so far."""

    house: House
    partners: list[Partner]
    staff: Person
    people: list[Person]
    perk: str
    codes: list[tuple[Person, dict[str, Any]]] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)
    """Redemptions, once for each time that a till was told their code is good."""
    keys: int = 0

    def key(self) -> str:
        self.keys += 1
        return f"key-{self.keys}"

    async def serves(self, who: int, by: int, ago: int, hours: int, ref: int) -> None:
        """The same reference again with other hours is a correction, a reference of somebody else's a refusal."""
        record = a_record(
            self.house, self.people[who], hours=hours, days_ago=ago, start=1 + ref, ref=f"{self.perk}-{ref}"
        )
        [result] = await recorded(self.partners[by], record)
        codes = {error["code"] for error in result["userErrors"]}
        assert codes <= REFUSED_RECORDS, codes

    async def corrects(self, who: int, which: int, hours: int) -> None:
        """Staff post what waits and correct what is posted."""
        found = [one for one in await entries_of(self.people[who]) if one["kind"] == "SERVICE"]
        if not found:
            return
        one = found[which % len(found)]
        name, given = "decideServiceRecord", dict[str, Any](approve=which % 2 == 0)
        if one["status"] != "PENDING":
            name, given = "correctServiceRecord", {"minutes": hours * 35, "reason": "核对签到表"}
        payload = await self.staff.mutate(name, "entry { id }", entryId=one["id"], **given)
        assert {error["code"] for error in payload["userErrors"]} <= LAWFUL, payload

    async def redeems(self, who: int) -> None:
        payload = await redeem(self.people[who], self.perk, self.key())
        assert {error["code"] for error in payload["userErrors"]} <= LAWFUL, payload
        if payload["redemption"] is not None:
            self.codes.append((self.people[who], payload["redemption"]))

    def some(self, which: int) -> tuple[Person, dict[str, Any]] | None:
        recent = self.codes[-8:]
        return recent[which % len(recent)] if recent else None

    async def uses(self, which: int) -> None:
        if found := self.some(which):
            payload = await self.partners[0].mutate(
                "consumePerkCode", "redemption { id }", code=found[1]["code"], idempotencyKey=self.key()
            )
            assert {error["code"] for error in payload["userErrors"]} <= LAWFUL, payload
            if payload["redemption"] is not None:
                self.accepted.append(payload["redemption"]["id"])

    async def cancels(self, which: int) -> None:
        if found := self.some(which):
            payload = await found[0].mutate(
                "cancelPerkRedemption", "redemption { id }", redemptionId=found[1]["id"]
            )
            assert {error["code"] for error in payload["userErrors"]} <= LAWFUL, payload

    async def works(self) -> None:
        await self.house.work()


ACTS = at_once(
    act(Town.serves, *SERVICE),
    act(Town.corrects, WHO, WHICH, HOURS),
    act(Town.redeems, WHO),
    act(Town.redeems, WHO),
    act(Town.uses, WHICH),
    act(Town.cancels, WHICH),
    act(Town.works),
)


async def a_town(house: House) -> Town:
    partners = [await house.partner(), await house.partner()]
    staff, people = await house.staff(StaffRole.PROGRAMME_MANAGER), await house.youths(4)
    for number, who in enumerate(people):
        await given_hours(house, partners[1], who, 16 + 8 * number, until_days_ago=10)
    # Organizations' tokens outlive any number of years.
    async with house.database.write(System("test")) as tx:
        await tx.execute(sa.update(ApiTokenRow).values(expires_at=house.clock() + timedelta(days=36_500)))
    perk = await a_perk(
        staff, partners[0], pointsCost=3, stock=5, perPersonLimit=3, redeemWithinDays=2
    )  # few, dear and short-lived: each bound is met
    return Town(house, partners, staff, people, perk)


async def assert_lawful(town: Town) -> None:
    for what, statement in UNLAWFUL.items():
        assert await rows(town.house, statement) == [], what
    assert len(town.accepted) == len(set(town.accepted)), "a code was good twice"
    assert await verified(town.house.database, None) == []


@pytest.fixture
def world(database_url: str, servers: Services) -> Iterator[World]:
    with a_world(database_url, servers) as found:
        yield found


class Volunteering(Living[Town]):
    @rule(acts=ACTS)
    def at_once(self, acts: list[Act]) -> None:
        self.together(acts)

    @rule(days=st.sampled_from((1, 1, 1, 3, 367)))
    def time_goes_by(self, days: int) -> None:
        """In three days every code has run out, in three years all points have lapsed."""
        with self.step(f"{days} days go by"):
            self.world.house.clock.move(days=days)


@pytest.mark.timeout(600)
def test_every_invariant_holds(world: World) -> None:
    run_at_random(world, lambda: Volunteering(world, a_town, assert_lawful), examples=12, steps=18)


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_for_long(world: World) -> None:
    run_at_random(world, lambda: Volunteering(world, a_town, assert_lawful), examples=300, steps=50)
