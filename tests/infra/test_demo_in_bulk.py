"""The province's ledger by COPY is as true as one that grew, and leaves the database's rules as it found them."""

from random import Random

import pytest
from races.racing import rows
from support.house import TEST_KEYS, House

from api.commands.ledger import verified
from domain.core.actors import YouthActor
from domain.core.blind_index import owner
from domain.core.gathering import Gatherings
from domain.core.idempotency import Once
from domain.volunteering.perks.redeeming import REDEEMING, asked
from infra.demo.bulk.loading import NotEmpty, load_province
from infra.demo.bulk.shape import Shape
from infra.demo.volunteering import load_perks
from infra.grants import MADE_UP_PHONE_PREFIX
from infra.keys import parse_keys

SHAPE = Shape(organizations=5, blocks=3)

RULES = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), convalidated FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace
    UNION ALL
    SELECT tablename, indexname, indexdef, true FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL
    SELECT relname, 'options', COALESCE(reloptions::text, ''), true FROM pg_class WHERE relnamespace = 'public'::regnamespace
    ORDER BY 1, 2, 3
"""


async def load(house: House) -> None:
    url = house.database.engine.url.render_as_string(hide_password=False)
    await load_province(url, parse_keys(TEST_KEYS), SHAPE, house.clock(), lambda *_: None)


@pytest.fixture(scope="module")
async def rules_before(house: House) -> list[tuple[object, ...]]:
    """What the database asked before the load, which then happens."""
    found = [tuple(row) for row in await rows(house, RULES)]
    await load(house)
    return found


async def test_the_databases_rules_stand_again(house: House, rules_before: list[tuple[object, ...]]) -> None:
    assert [tuple(row) for row in await rows(house, RULES)] == rules_before


async def test_the_ledger_is_whole(house: House, rules_before: object) -> None:
    [(entries, volunteers)] = await rows(
        house, "SELECT count(*), count(DISTINCT volunteer_id) FROM volunteering_entry"
    )
    assert (entries, volunteers) == (SHAPE.entries, SHAPE.volunteers)
    kinds = await rows(house, "SELECT DISTINCT kind FROM volunteering_entry ORDER BY kind")
    assert [row[0] for row in kinds] == ["CORRECTION", "EXPIRY", "SERVICE"]
    assert await verified(house.database, None) == []


async def test_names_and_numbers_are_sealed_for_their_owners(house: House, rules_before: object) -> None:
    async with house.looking() as db:
        key = await owner(db, house.runtime.ports.sealer, "phone", f"{MADE_UP_PHONE_PREFIX}00000002")
    [(stored,)] = await rows(
        house,
        "SELECT phone_sealed FROM accounts_youth WHERE id = :key",
        key=key,
    )
    opened = house.runtime.ports.sealer.open(bytes(stored), f"accounts_youth.phone:{key}")
    assert opened == f"{MADE_UP_PHONE_PREFIX}00000002"


async def test_its_volunteers_live_on_by_the_domains_actions(house: House, rules_before: object) -> None:
    # given a perk and a volunteer with points
    owners = [row[0] for row in await rows(house, "SELECT id FROM partners_organization")]
    sealer = house.runtime.ports.sealer
    [perk] = await load_perks(house.database, sealer, 1, Random(1), owners, lambda *_: None)
    [(youth, points)] = await rows(
        house, "SELECT volunteer_id, points FROM volunteering_account ORDER BY points DESC LIMIT 1"
    )

    # when they redeem it
    wish = asked(YouthActor(youth), Once("bulk", b""), perk, sealer)
    outcome = await Gatherings(house.database).ask(REDEEMING, wish)

    # then the points are gone and the chain goes on
    assert outcome.refusals == ()
    [(left,)] = await rows(
        house,
        "SELECT points FROM volunteering_account WHERE volunteer_id = :key",
        key=youth,
    )
    assert left < points
    assert await verified(house.database, None) == []


async def test_it_is_loaded_into_an_empty_database_only(house: House, rules_before: object) -> None:
    before = await rows(house, "SELECT count(*) FROM accounts_youth")
    with pytest.raises(NotEmpty, match="not empty"):
        await load(house)
    assert await rows(house, "SELECT count(*) FROM accounts_youth") == before
