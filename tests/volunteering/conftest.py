"""Service is counted by days of Shanghai: no test begins so late that another day comes before its end."""

import pytest
from support.house import House, Partner, Person


@pytest.fixture(autouse=True, scope="module")
def _morning_of_the_module(house: House) -> None:
    """Before what a module makes for all its tests."""
    house.clock.move_to_morning()


@pytest.fixture(autouse=True)
def _morning(house: House) -> None:
    """After whatever another test moved the clock by."""
    house.clock.move_to_morning()


@pytest.fixture
async def partner(house: House) -> Partner:
    return await house.partner(division_code="440106")


@pytest.fixture
async def youth(house: House) -> Person:
    return await house.youth(verified=True, division_code="440106")
