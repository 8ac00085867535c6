"""`make bench`: every measurement in turn, on the embedded Postgres and Valkey, with data of their own."""

import os
import runpy
from pathlib import Path

from infra.embedded.services import services

DATA = Path(__file__).resolve().parents[1] / "var" / "bench"
MEASUREMENTS = (
    "execution.py",
    "search.py",
    "hostels.py",
    "rentals.py",
    "refusals.py",
    "rotation.py",
    "booking.py",
    "matchmaking.py",
    "peers",
)


def main() -> None:
    DATA.mkdir(parents=True, exist_ok=True)
    with services(DATA) as running:
        os.environ["DATABASE_URL"] = running.database_url
        os.environ["REDIS_URL"] = running.redis_url
        for name in MEASUREMENTS:
            print(f"── {name}")
            runpy.run_path(str(Path(__file__).parent / name), run_name="__main__")


main()
