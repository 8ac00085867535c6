"""Latency at half load: each server is offered half of what it can bear at most, at random instants."""

import itertools
from collections.abc import Iterator, Sequence

import uvloop

from bench.offering import Client, Offered, Request, post, share
from bench.peers.asking import TITLES, Server, asked, check_equal
from bench.peers.cast import node_peers, ours
from bench.peers.serving import serving
from bench.peers.slots import interleaved, middle
from bench.peers.table import LOADER, NARROW
from bench.peers.world import World

QUESTIONS = ("list", "one")
MOST_ROUNDS, MOST_SECONDS, SECONDS = 3, 1, 2
CONNECTIONS = 64


def measure(held: World, rounds: int) -> None:
    """A table of medians of the rounds, ours and Mercurius."""
    peers = [ours(held), *(peer for peer in node_peers(held) if peer.name in {LOADER, NARROW})]
    with serving(held, peers) as servers:
        check_equal(servers)
        most = interleaved(servers, dict.fromkeys(QUESTIONS, MOST_SECONDS), MOST_ROUNDS, None)
        rates = {key: middle(slot.rate for slot in slots) / 2 for key, slots in most.items()}
        found: dict[tuple[str, str], list[Offered]] = {}
        for number in range(rounds):
            for question, server in itertools.product(QUESTIONS, servers):
                rate = rates[server.name, question]
                seen = uvloop.run(_offered(server, question, rate, number))
                if seen.faults:
                    raise SystemExit(f"{server.name}, {question}: {seen.faults[0]}")
                found.setdefault((server.name, question), []).append(seen)
            print(f"  round {number + 1} of {rounds}", flush=True)
    _table(servers, rates, found)


async def _offered(server: Server, question: str, rate: float, seed: int) -> Offered:
    async with Client(server.port, CONNECTIONS) as client:
        return await client.at_rate(_requests(server, question), rate, SECONDS, seed)


def _requests(server: Server, question: str) -> Iterator[Request]:
    """Every request, each by the next of the tokens, over and over."""
    wanted = asked(server.form, question)
    tokens: Sequence[str | None] = server.tokens or [None]
    made = [
        Request(
            question, post(wanted[number % len(wanted)][1], wanted[number % len(wanted)][2].encode(), token)
        )
        for number, token in zip(range(max(len(wanted), len(tokens))), itertools.cycle(tokens), strict=False)
    ]
    return itertools.cycle(made)


def _table(
    servers: Sequence[Server],
    rates: dict[tuple[str, str], float],
    found: dict[tuple[str, str], list[Offered]],
) -> None:
    print(
        "\n| Server | "
        + " | ".join(f"{TITLES[question]}: a second, p50, p99 (late p99)" for question in QUESTIONS)
        + " |"
    )
    print("|---|" + "---|" * len(QUESTIONS))
    tails: dict[tuple[str, str], float] = {}
    for server in servers:
        cells = []
        for question in QUESTIONS:
            seen = found[server.name, question]
            half, tail = (middle(share(one.of(), part) for one in seen) for part in (0.5, 0.99))
            late = middle(share(sorted(each.late for each in one.samples), 0.99) for one in seen) * 1000
            tails[server.name, question] = tail
            cells.append(f"{rates[server.name, question]:,.0f}, {half:.2f} ms, {tail:.2f} ms ({late:.2f} ms)")
        print(f"| {server.name} | " + " | ".join(cells) + " |")
    print("\n| Goal | |\n|---|---|")
    for question in QUESTIONS:
        mine = tails[servers[0].name, question]
        for server in servers[1:]:
            word = "met" if mine < tails[server.name, question] else "not met"
            print(f"| {TITLES[question]}: p99 below {server.name}'s | {word} |")
