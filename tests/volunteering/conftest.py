"""Service is counted by days; who serves, and for whom."""

import pytest
from support.house import House, Partner, Person
from support.mornings import morning, morning_of_the_module

__all__ = ["morning", "morning_of_the_module"]


@pytest.fixture
async def partner(house: House) -> Partner:
    return await house.partner(division_code="440106")


@pytest.fixture
async def youth(house: House) -> Person:
    return await house.youth(verified=True, division_code="440106")
