"""A change of keys counts everything that is there: such a test begins with nobody."""

import pytest
from support.house import House

TABLES = (
    "accounts_consent",
    "accounts_recovery_code",
    "core_blind_index",
    "accounts_youth",
    "accounts_staff",
    "partners_api_token",
)


@pytest.fixture
async def emptied(house: House) -> House:
    """The house without people, staff and tokens."""
    async with house.database.engine.begin() as connection:
        for table in TABLES:
            await connection.exec_driver_sql(f"DELETE FROM {table}")
    return house
