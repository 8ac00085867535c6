"""Fixtures for what is counted by days of Shanghai: no test begins so late that another day comes before its end."""

import pytest
from support.house import House


@pytest.fixture(autouse=True, scope="module")
def morning_of_the_module(house: House) -> None:
    """Before what a module makes for all its tests."""
    house.clock.move_to_morning()


@pytest.fixture(autouse=True)
def morning(house: House) -> None:
    """After whatever another test moved the clock by."""
    house.clock.move_to_morning()
