"""The tables and the goals, in Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.peers.asking import TITLES, Server
from bench.peers.slots import Found, middle, paired


@dataclass(frozen=True, slots=True)
class Goal:
    """Ours is so many times as good as the peer, by CPU for a request and by throughput."""

    question: str
    peer: str
    times: float


LOADER, JOIN, NARROW = "Mercurius JIT, loader", "Mercurius JIT, join", "Mercurius JIT, join of what is asked"
POSTGRAPHILE, STRAWBERRY = "PostGraphile", "Strawberry, cached, raw rows"
REST, PLAIN = "FastAPI REST, asyncpg, orjson", "plain ASGI, JSON by Postgres"
OURS, ALONE = "Qingyi, everything on", "Qingyi, nothing shared between requests"
GOALS = (
    Goal("list", NARROW, 1.1),
    Goal("list", JOIN, 1.7),
    Goal("list", POSTGRAPHILE, 3.5),
    Goal("list", REST, 2),
    Goal("list", STRAWBERRY, 10),
    Goal("one", NARROW, 1.6),
    Goal("one", LOADER, 1.6),
    Goal("one", POSTGRAPHILE, 4.4),
    Goal("one", REST, 3.4),
)


def table(servers: Sequence[Server], questions: Sequence[str], found: Found) -> None:
    """Each cell: requests a second, the server's CPU for one, relative to the first server's, and Postgres' for one."""
    ours = servers[0].name
    print("\n| Server | " + " | ".join(TITLES[question] for question in questions) + " |")
    print("|---|" + "---|" * len(questions))
    for server in servers:
        cells = []
        for question in questions:
            slots = found[server.name, question]
            rate, cpu, database = (
                middle(getattr(slot, what) for slot in slots) for what in ("rate", "cpu", "database")
            )
            ratio = paired(found, server.name, ours, question, "cpu")
            cells.append(f"{rate:,.0f} ({cpu:,.0f} µs, {ratio:.2f}; {database:,.0f} µs)")
        print(f"| {server.name} | " + " | ".join(cells) + " |")


def goals(servers: Sequence[Server], ours: str, found: Found) -> None:
    present = {server.name for server in servers}
    print(f"\n{ours}:\n\n| Goal | by CPU | by throughput | |\n|---|---|---|---|")
    for goal in GOALS:
        title = f"{TITLES[goal.question]}: {goal.times} × {goal.peer}"
        if goal.peer not in present:
            print(f"| {title} | | | not measured |")
            continue
        by_cpu = paired(found, goal.peer, ours, goal.question, "cpu")
        by_rate = paired(found, ours, goal.peer, goal.question, "rate")
        met = [by_cpu >= goal.times, by_rate >= goal.times]
        word = (
            "met"
            if all(met)
            else "by CPU alone"
            if met[0]
            else "by throughput alone"
            if met[1]
            else "not met"
        )
        print(f"| {title} | {by_cpu:.2f} | {by_rate:.2f} | {word} |")
