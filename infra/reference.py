"""Reference data that every deployment has: divisions and the units that look after them."""

from domain.accounts.units import load_territorial_units
from domain.core.actors import System
from domain.core.db import Database
from domain.core.divisions import load_reference


async def load(database: Database) -> None:
    """Bring the reference tables up to the project's files; changes nothing when they are."""
    async with database.write(System("reference")) as tx:
        await load_reference(tx)
        await load_territorial_units(tx)
