"""
Qingyi as `qingyi serve` runs it in production, with credentials, limits and metrics on, beside bare peers over the same rows.

    DATABASE_URL=postgresql://… REDIS_URL=redis://… python -m bench.peers

Needs `wrk`, `node`, `npm` and `taskset` on the path; without them it says so and measures nothing. Each server is one process
on core 0; Postgres, Valkey and the load are on the others. Rounds are interleaved; the table has medians.
"""

import os
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

from bench.peers.asking import QUESTIONS, Server, check_equal, measured
from bench.peers.serving import peers, world

HERE = Path(__file__).parent
NEEDED = ("wrk", "node", "npm", "taskset")
ROUNDS = int(os.environ.get("QINGYI_BENCH_ROUNDS", "3"))
SECONDS = int(os.environ.get("QINGYI_BENCH_SECONDS", "3"))


def main() -> None:
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if missing:
        print(f"not on the path: {', '.join(missing)}; nothing measured")
        return
    held = world(HERE / "world.sql")
    with peers(held, HERE) as servers:
        check_equal(servers)
        found: dict[tuple[str, str], list[tuple[float, float]]] = {}
        for _ in range(ROUNDS):
            for question in QUESTIONS:
                for server in servers:
                    found.setdefault((server.name, question), []).append(measured(server, question, SECONDS))
    table(servers, found)


def table(servers: list[Server], found: dict[tuple[str, str], list[tuple[float, float]]]) -> None:
    def of(name: str, question: str, place: int) -> float:
        return statistics.median(each[place] for each in found[name, question])

    ours = servers[0].name
    print("| server | " + " | ".join(f"{question} a second (CPU, ratio)" for question in QUESTIONS) + " |")
    print("|---|" + "---|" * len(QUESTIONS))
    for server in servers:
        cells = [
            f"{of(server.name, question, 0):,.0f} ({of(server.name, question, 1):,.0f} µs,"
            f" {of(server.name, question, 1) / of(ours, question, 1):.2f})"
            for question in QUESTIONS
        ]
        print(f"| {server.name} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as failed:
        sys.exit(f"{failed.cmd[0]} failed:\n{failed.stderr}")
