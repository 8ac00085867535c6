"""
`make bench`: every measurement in turn, on the embedded Postgres and Valkey, with data of their own.

    python -m bench [peers mixed …]

What lacks something (a program, the listings) says so and is passed over. First what one process does by itself, then whole
servers; last what takes the machine for itself.
"""

import os
import runpy
import sys
from pathlib import Path

from infra.embedded.services import services

DATA = Path(__file__).resolve().parents[1] / "var" / "bench"
MEASUREMENTS = (
    "execution.py",
    "search.py",
    "hostels.py",
    "rentals.py",
    "rotation.py",
    "matchmaking.py",
    "perks",
    "refusals.py",
    "booking.py",
    "mixed",
    "peers",
)


def main(chosen: list[str]) -> None:
    known = {name.removesuffix(".py"): name for name in MEASUREMENTS}
    unknown = [name for name in chosen if name not in known]
    if unknown:
        sys.exit(f"{', '.join(unknown)}: there are {', '.join(known)}")
    DATA.mkdir(parents=True, exist_ok=True)
    sys.argv = sys.argv[:1]
    with services(DATA) as running:
        os.environ["DATABASE_URL"] = running.database_url
        os.environ["REDIS_URL"] = running.redis_url
        for name in chosen or known:
            print(f"── {name}", flush=True)
            try:
                runpy.run_path(str(Path(__file__).parent / known[name]), run_name="__main__")
            except SystemExit as stopped:
                print(f"{name}: {stopped}", flush=True)


main(sys.argv[1:])
