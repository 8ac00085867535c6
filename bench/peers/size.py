"""Memory after load, and what a second serving process brings."""

from dataclasses import replace

from bench.peers.asking import QUESTIONS, TITLES
from bench.peers.cast import node_peers, ours, python_peers
from bench.peers.processes import CORES, family, memory
from bench.peers.serving import serving
from bench.peers.slots import Found, interleaved, measured, middle, paired
from bench.peers.world import World

LOADED_SECONDS, SCALING_ROUNDS, SCALING_SECONDS = 2, 3, 2
WORKERS = (1, 2)


def measure(held: World, postmaster: int | None) -> None:
    remembered(held, postmaster)
    scaled(held, postmaster)


def remembered(held: World, postmaster: int | None) -> None:
    """Each server alone on the machine, after it was asked everything."""
    rows = []
    for peer in [ours(held), *node_peers(held), *python_peers(held)]:
        with serving(held, [peer]) as [server]:
            before = memory(family(server.pid))[0]
            for question in QUESTIONS:
                measured(server, question, LOADED_SECONDS, postmaster)
            resident, peak, _ = memory(family(server.pid))
        rows.append(f"| {peer.name} | {before:,.0f} | {resident:,.0f} | {peak:,.0f} |")
    print("\n| Megabytes resident | started | after load | peak |\n|---|---|---|---|", *rows, sep="\n")


def scaled(held: World, postmaster: int | None) -> None:
    """`qingyi serve` with one process and with two, on all cores, which load and Postgres use too."""
    one = ours(held)
    peers = [
        replace(one, name=f"{workers} serving", command=(*one.command, "--workers", str(workers)))
        for workers in WORKERS
    ]
    found: Found = {}
    with serving(held, peers, CORES) as servers:
        found = interleaved(servers, dict.fromkeys(QUESTIONS, SCALING_SECONDS), SCALING_ROUNDS, postmaster)
        sizes = {server.name: memory(family(server.pid)) for server in servers}
    print(f"\n| Processes, on {len(CORES)} cores with load and Postgres | ", end="")
    print(" | ".join(TITLES[question] for question in QUESTIONS), "| resident | shared pages once |")
    print("|---|" + "---|" * (len(QUESTIONS) + 2))
    first = servers[0].name
    for server in servers:
        cells = []
        for question in QUESTIONS:
            slots = found[server.name, question]
            rate, cpu = middle(slot.rate for slot in slots), middle(slot.cpu for slot in slots)
            cells.append(
                f"{rate:,.0f} ({cpu:,.0f} µs; × {paired(found, server.name, first, question, 'rate'):.2f})"
            )
        resident, _, shared_out = sizes[server.name]
        print(f"| {server.name} | " + " | ".join(cells) + f" | {resident:,.0f} MB | {shared_out:,.0f} MB |")
