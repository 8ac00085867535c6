"""A guest asks for a copy of what hostels hold of them, and is erased."""

from typing import Any

import pytest
import sqlalchemy as sa
from support.hostels import booked, guests, in_line, opened, status
from support.house import House, Person
from support.texts import Texts, played

from domain.core.actors import System
from domain.core.holding import shown
from domain.hostels.holdings import HOLDINGS

PURPOSE = "到广州参加金丝雀公司的面试"


@pytest.fixture
def texts(house: House, monkeypatch: pytest.MonkeyPatch) -> Texts:
    return played(house, monkeypatch)


async def held(house: House, youth: Person) -> dict[str, list[dict[str, Any]]]:
    """What an export says of the youth, by holding."""
    sealer = house.runtime.ports.sealer
    async with house.database.write(System()) as tx:
        return {
            holding.name: [row async for row in shown(tx, sealer, holding, youth.key)] for holding in HOLDINGS
        }


async def test_an_erased_guest_frees_the_bed_and_leaves_a_stay_of_nobody(house: House, texts: Texts) -> None:
    # given a guest with a bed, in another hostel's line too, and somebody who waits for the bed
    inn, other = await opened(house), await opened(house)
    leaving, waiting, first = await guests(house, 3)
    stay = await booked(house, leaving, inn, after=20, nights=2, purpose=PURPOSE)
    await booked(house, first, other, after=30)
    await in_line(house, leaving, other, after=30)
    entry = await in_line(house, waiting, inn, after=20, nights=2)
    before = await held(house, leaving)
    assert {row["purpose"] for row in before["hostelBookings"]} == {PURPOSE, None}
    assert len(before["hostelNights"]) == 2
    assert [row["nights"] for row in before["hostelAllowances"]] == [2]

    # when the account is erased
    code = await texts.code(leaving.phone, "DELETE_ACCOUNT")
    await leaving.done("deleteMyAccount", "erasesAt", code=code)
    house.clock.move(days=7)
    try:
        await house.work()
        # then the bed is offered on, and what stays says nothing of the guest
        assert await status(waiting, entry["id"]) == "HELD"
        after = await held(house, leaving)
        assert [(row["status"], row["purpose"]) for row in after["hostelBookings"]] == [
            ("CANCELLED", None)
        ] * 2
        assert after["hostelNights"] == after["hostelAllowances"] == []
        async with house.looking() as db:
            kept = await db.rows(
                sa.text(
                    "SELECT purpose, code_sealed, code_index, key_id FROM hostel_booking WHERE guest_id = :guest"
                ).bindparams(guest=leaving.key)
            )
        assert [tuple(row) for row in kept] == [(None, None, None, None)] * 2
        assert stay["status"] == "CONFIRMED"
    finally:
        house.clock.move(days=-7)
