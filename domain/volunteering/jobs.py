"""Scheduled work of the ledger. Each is safe to run late, twice, or after a crash."""

from datetime import timedelta

from domain.core.db import Write
from domain.core.schedule import Job
from domain.core.sealing import Sealer
from domain.volunteering import unknown
from domain.volunteering.lapsing import lapse_due


def jobs(sealer: Sealer) -> tuple[Job, ...]:
    async def look_up_again(tx: Write) -> None:
        await unknown.look_up_again(tx, sealer)

    return (
        Job("volunteering.lapse_points", timedelta(seconds=30), lapse_due),
        Job("volunteering.look_up_numbers", timedelta(minutes=10), look_up_again),
        Job("volunteering.forget_numbers", timedelta(hours=1), unknown.forget),
    )
