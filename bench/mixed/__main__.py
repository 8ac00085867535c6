"""
The real operations together: people search, look, see what is free, book and sign up, of `qingyi serve` with two processes in
production, everything on, over the data of `qingyi demo`.

    DATABASE_URL=postgresql://… REDIS_URL=redis://… python -m bench.mixed

First 64 connections ask as fast as they are answered, which tells the most that it bears; then half of that is offered at
random instants and each operation's latency is told. Each answer is looked at: an error ends the measurement, what the rules
refuse (a bed that another one has) is counted. Servers, client and Postgres share the machine. QINGYI_BENCH_DEMO is the scale
of the data, `plan` by default. The issue asked for k6, but no package source that the project uses has it, so the client is
`bench/offering.py`.
"""

import asyncio
import os
import subprocess
import sys
from collections import Counter
from datetime import UTC, date, datetime
from uuid import UUID

import asyncpg
import uvloop

from api.running.state import connect_arguments
from bench.mixed.operations import SHARES, Life, Town
from bench.offering import Client, Offered, Sample, share
from bench.peers.cast import PRODUCTION, SERVE, Peer
from bench.peers.processes import CORES, cpu, spent
from bench.peers.serving import serving
from bench.peers.world import KEYS, PLENTY, World, beside, comment, commented, run, version, youths
from domain.accounts.models import Gender
from domain.core.clock import day_of
from graph.core.ids import Tag, encode
from infra.migrate import upgrade

DATABASE = "bench_mixed"
SCALE = os.environ.get("QINGYI_BENCH_DEMO", "plan")
PEOPLE_OF_EACH_SEX = 1_000
WARM_SECONDS, MOST_SECONDS, HALF_SECONDS, ROUNDS = 3, 4, 6, 3
CONNECTIONS = 64


def prepared() -> World:
    """The demo data, made once and anew when a migration is another; who has booked in it stays."""
    url = os.environ["DATABASE_URL"]
    mine, made_by = beside(url, DATABASE), version(SCALE)
    environment = {**os.environ, **PLENTY, "DATABASE_URL": mine, "QINGYI_KEYS": KEYS}
    if uvloop.run(commented(url, DATABASE)) != made_by:
        print(f"  making demo data, {SCALE}", flush=True)
        run(url, f'DROP DATABASE IF EXISTS "{DATABASE}" WITH (FORCE)', f'CREATE DATABASE "{DATABASE}"')
        upgrade("postgresql+asyncpg://" + mine.partition("://")[2])
        command = [sys.executable, "-m", "api.cli", "demo", "--scale", SCALE]
        subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
        run(mine, "VACUUM ANALYZE", comment(DATABASE, made_by), "CHECKPOINT")
    year = str(day_of(datetime.now(UTC)).year)
    wish = ("--verified", "--graduation-year", year, "--consent", "MATCHMAKING", "--gender")
    tokens = [token for sex in Gender for token in youths(environment, PEOPLE_OF_EACH_SEX, *wish, sex.value)]
    return World(mine, os.environ["REDIS_URL"], environment, tuple(tokens))


async def town(held: World, today: date) -> Town:
    connection = await asyncpg.connect(**connect_arguments(held.database_url))

    async def ids(tag: Tag, statement: str) -> list[str]:
        return [encode(tag, UUID(str(row[0]))) for row in await connection.fetch(statement)]

    try:
        return Town(
            await ids(
                Tag.Internship,
                "SELECT id FROM internship_listing WHERE status = 'PUBLISHED' ORDER BY id LIMIT 5000",
            ),
            await ids(Tag.Hostel, "SELECT id FROM hostel_hostel ORDER BY id"),
            await ids(Tag.MatchmakingEvent, "SELECT id FROM matchmaking_event ORDER BY id"),
            held.tokens,
            today,
        )
    finally:
        await connection.close()


def counted(seen: Offered) -> tuple[Counter[str], list[Sample]]:
    """What the rules refused, and what was an error."""
    refused = Counter(one.fault for one in seen.samples if one.fault and one.fault.startswith("refused"))
    return refused, [one for one in seen.samples if one.fault and not one.fault.startswith("refused")]


async def measure(port: int, pid: int, place: Town) -> None:
    life = iter(Life(place, int(datetime.now(UTC).timestamp())))
    async with Client(port, CONNECTIONS) as client:
        await client.flat_out(life, WARM_SECONDS)
        whole, rates, costs = Offered(), [], []
        for _ in range(ROUNDS):
            before = cpu(pid)
            seen = await client.flat_out(life, MOST_SECONDS)
            costs.append(spent(before, cpu(pid)) / len(seen.samples) * 1_000_000)
            rates.append(len(seen.samples) / seen.seconds)
            whole.samples += seen.samples
            await asyncio.sleep(0.5)
        most, cost = sorted(rates)[len(rates) // 2], sorted(costs)[len(costs) // 2]
        shown = ", ".join(f"{rate:,.0f}" for rate in rates)
        print(
            f"\nAt most {most:,.0f} operations a second (of {shown}), {cost:,.0f} µs of the servers' CPU for one"
        )
        half = Offered()
        for number in range(ROUNDS):
            half.samples += (await client.at_rate(life, most / 2, HALF_SECONDS, number)).samples
    table(most / 2, whole, half)


def table(rate: float, whole: Offered, half: Offered) -> None:
    print(
        f"\n| Operation | share | flat out: p50, p99 | at {rate:,.0f} a second: p50, p99 |\n|---|---|---|---|"
    )
    for name in (*SHARES, None):
        cells = [
            f"{share(seen.of(name), 0.5):.1f} ms, {share(seen.of(name), 0.99):.1f} ms"
            for seen in (whole, half)
        ]
        print(f"| {name or 'all'} | {SHARES.get(name or '', 100)} % | {cells[0]} | {cells[1]} |")
    every = Offered(whole.samples + half.samples)
    refused, errors = counted(every)
    told = (
        ", ".join(f"{count} {what.removeprefix('refused: ')}" for what, count in refused.items()) or "nobody"
    )
    late = share(sorted(one.late for one in half.samples), 0.99) * 1000
    print(f"\n{len(every.samples):,} operations, {len(errors)} errors; refused by rules: {told}.")
    print(f"At half load 99 % were sent within {late:.2f} ms of when they were due.")
    if errors:
        sys.exit(f"{errors[0].name}: {errors[0].fault}")


def main() -> None:
    held = prepared()
    place = uvloop.run(town(held, day_of(datetime.now(UTC))))
    print(f"\nmixed, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, load average {os.getloadavg()[0]:.1f}")
    peer = Peer("Qingyi, two processes", "ours", (*SERVE, "--workers", "2"), PRODUCTION)
    with serving(held, [peer], CORES) as [server]:
        uvloop.run(measure(server.port, server.pid, place))
    print(f"load average {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as failed:
        sys.exit(f"{failed.cmd} failed:\n{failed.stderr}")
