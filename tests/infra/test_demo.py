"""Demo data keep every rule: nothing of them was refused that should be there."""

from races.racing import rows
from support.house import House

from api.commands.ledger import verified
from infra.demo.load import SIZES, Scale, load


async def test_service_and_perks_of_the_demo(house: House) -> None:
    sizes = SIZES[Scale.SMALL]

    await load(house.database, house.runtime.ports.sealer, Scale.SMALL, lambda *_: None)

    [(volunteers, records)] = await rows(
        house,
        "SELECT count(DISTINCT volunteer_id), count(*) FROM volunteering_record WHERE status = 'POSTED'",
    )
    assert (volunteers, records) == (sizes.volunteers, sizes.volunteers * 5)
    [(perks,)] = await rows(house, "SELECT count(*) FROM volunteering_perk")
    [(codes,)] = await rows(house, "SELECT count(*) FROM volunteering_redemption WHERE status = 'ISSUED'")
    assert perks == sizes.perks
    assert 1 <= codes <= sizes.redemptions
    assert await verified(house.database, None) == []
