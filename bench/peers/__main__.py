"""
Qingyi as `qingyi serve` runs it in production, with credentials, limits, metrics and logs on, beside bare peers over the
same rows.

    DATABASE_URL=postgresql://… REDIS_URL=redis://… python -m bench.peers [table] [prices] [half] [size]

`table` compares with the peers, `prices` ours with each thing off in turn, `half` tells latency at half load, `size` memory
and what a second process brings; without a word all of them. Each server is one process on the first core; Postgres, Valkey
and the load are on the others. QINGYI_BENCH_ROUNDS says how many rounds.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime

from bench.peers import half, size
from bench.peers.asking import QUESTIONS, check_equal
from bench.peers.cast import HERE, node_peers, ours, ours_alone, ours_without, python_peers
from bench.peers.processes import backing
from bench.peers.serving import serving
from bench.peers.slots import interleaved
from bench.peers.table import ALONE, OURS, goals, table
from bench.peers.world import World, world

NEEDED = ("wrk", "taskset")
ROUNDS = int(os.environ.get("QINGYI_BENCH_ROUNDS", "7"))
SECONDS = int(os.environ.get("QINGYI_BENCH_SECONDS", "2"))


def compared(held: World, postmaster: int | None) -> None:
    with serving(held, [ours(held), ours_alone(held), *node_peers(held), *python_peers(held)]) as servers:
        check_equal(servers)
        found = interleaved(servers, {"list": SECONDS, "one": SECONDS, "typename": 1}, ROUNDS, postmaster)
    table(servers, QUESTIONS, found)
    for name in (OURS, ALONE):
        goals(servers, name, found)


def prices(held: World, postmaster: int | None) -> None:
    with serving(held, [ours(held), *ours_without(held)]) as servers:
        check_equal(servers)
        found = interleaved(servers, dict.fromkeys(QUESTIONS, 1), ROUNDS, postmaster)
    table(servers, QUESTIONS, found)


PARTS: dict[str, Callable[[World, int | None], None]] = {
    "table": compared,
    "prices": prices,
    "half": lambda held, _postmaster: half.measure(held, ROUNDS),
    "size": size.measure,
}


def main(chosen: list[str]) -> None:
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if missing:
        print(f"not on the path: {', '.join(missing)}; nothing measured")
        return
    unknown = [name for name in chosen if name not in PARTS]
    if unknown:
        sys.exit(f"{', '.join(unknown)}: the parts are {', '.join(PARTS)}")
    held = world(HERE / "world.sql")
    with backing(held.database_url, held.redis_url) as postmaster:
        for name in chosen or PARTS:
            print(f"\n{name}, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, load average {_load()}", flush=True)
            PARTS[name](held, postmaster)
            print(f"\nload average {_load()}", flush=True)


def _load() -> str:
    return " ".join(f"{each:.1f}" for each in os.getloadavg())


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except subprocess.CalledProcessError as failed:
        sys.exit(f"{failed.cmd[0]} failed:\n{failed.stderr}")
