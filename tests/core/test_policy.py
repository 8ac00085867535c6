"""A policy's most specific row wins: county, city, province, everywhere, then the default."""

import sqlalchemy as sa
from support.house import House

from domain.core.actors import System
from domain.core.policy import EVERYWHERE, Policy, PolicyRow, policies, policy_value

NIGHTS = Policy("test.nights", 7, "Nights.")
NAMES = Policy("test.names", ["a"], "Names.")


async def test_the_nearest_row_wins(house: House) -> None:
    places = ("440106", "440100", "440000", None, "449999")
    expected = [7] * len(places)
    for code, value in ((EVERYWHERE, 1), ("440000", 2), ("440100", 3), ("440106", 4), ("440300", 9)):
        async with house.database.write(System("test")) as tx:
            assert [await policy_value(tx, NIGHTS, place) for place in places] == expected
            await tx.insert(PolicyRow, [{"name": NIGHTS.name, "division_code": code, "value": value}])
            expected = {
                "": [1, 1, 1, 1, 1],
                "440000": [2, 2, 2, 1, 2],
                "440100": [3, 3, 2, 1, 2],
                "440106": [4, 3, 2, 1, 2],
                "440300": [4, 3, 2, 1, 2],
            }[code]
            assert [await policy_value(tx, NIGHTS, place) for place in places] == expected


async def test_several_are_read_at_once_in_their_order(house: House) -> None:
    async with house.database.write(System("test")) as tx:
        await tx.execute(sa.delete(PolicyRow).where(PolicyRow.name.like("test.%")))
        await tx.insert(PolicyRow, [{"name": NAMES.name, "division_code": "440000", "value": []}])
        assert await policies(tx, NAMES, NIGHTS, division_code="440106") == ([], 7)
        assert await policies(tx, NIGHTS, NAMES) == (7, ["a"])
