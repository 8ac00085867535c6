"""Processes: on which core they run, how much CPU and memory they have used."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import asyncpg
import uvloop
from redis import Redis

from api.running.state import connect_arguments

CORES = sorted(os.sched_getaffinity(0))
SERVING, ELSEWHERE = CORES[:1], CORES[1:] or CORES
_TICKS = os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    """The process and all that came of it."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            children.setdefault(int(_stat(path)[1]), []).append(int(path.parent.name))
    found = [pid]
    for one in found:
        found += children.get(one, ())
    return found


def _stat(path: Path) -> list[str]:
    """The fields after the name: state, parent, …"""
    return path.read_text().rpartition(")")[2].split()


def cpu(pid: int | None) -> dict[int, float]:
    """
    Seconds of user's and system's time together of each process of the family, to the nanosecond where the kernel keeps it so.
    """
    return {} if pid is None else {one: found for one in family(pid) if (found := _seconds(one)) is not None}


def _seconds(pid: int) -> float | None:
    with suppress(OSError):
        if tasks := list(Path(f"/proc/{pid}/task").glob("*/schedstat")):
            return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9
        fields = _stat(Path(f"/proc/{pid}/stat"))
        return (int(fields[11]) + int(fields[12])) / _TICKS
    return None


def spent(before: dict[int, float], after: dict[int, float]) -> float:
    """Seconds between two looks; what a process used that ended meanwhile is not in it."""
    return sum(seconds - before.get(pid, 0.0) for pid, seconds in after.items())


def memory(pids: Sequence[int]) -> tuple[float, float, float]:
    """Megabytes: resident now, the sum of each one's peak, and what is theirs with shared pages shared out."""
    whole = {"VmRSS:": 0, "VmHWM:": 0, "Pss:": 0}
    for pid in pids:
        for name in ("status", "smaps_rollup"):
            for line in Path(f"/proc/{pid}/{name}").read_text().splitlines():
                title, _, rest = line.partition(":")
                if f"{title}:" in whole:
                    whole[f"{title}:"] += int(rest.split()[0])
    resident, peak, shared_out = (kilobytes / 1024 for kilobytes in whole.values())
    return resident, peak, shared_out


@contextmanager
def backing(database_url: str, redis_url: str) -> Iterator[int | None]:
    """
    Keep Postgres, Valkey and ourselves off the core that serves until the block ends, where they run on this machine.

    Gives the process that all of Postgres' come from; None when it is elsewhere.
    """
    postmaster = uvloop.run(_postmaster(database_url))
    cache = int(Redis.from_url(redis_url).info("server")["process_id"])
    ours = [pid for pid in (postmaster, cache) if pid is not None and _is_ours(pid)]
    if len(ours) < 2:
        print("Postgres or Valkey run elsewhere: they are not kept off the core that serves")
    moved = [os.getpid(), *(one for pid in ours for one in family(pid))]
    tasks = [task for one in moved for task in _tasks(one)]
    for task in tasks:
        with suppress(OSError):
            os.sched_setaffinity(task, ELSEWHERE)
    try:
        yield postmaster if postmaster in ours else None
    finally:
        for task in tasks:
            with suppress(OSError):
                os.sched_setaffinity(task, CORES)


def _tasks(pid: int) -> list[int]:
    """Its threads; none of a process that has ended meanwhile."""
    with suppress(OSError):
        return [int(task.name) for task in Path(f"/proc/{pid}/task").iterdir()]
    return []


def _is_ours(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/comm").read_text().strip() in {"postgres", "valkey-server", "redis-server"}
    return False


async def _postmaster(url: str) -> int | None:
    connection = await asyncpg.connect(**connect_arguments(url))
    try:
        pid = await connection.fetchval("SELECT pg_backend_pid()")
        with suppress(OSError):
            return int(_stat(Path(f"/proc/{pid}/stat"))[1])
        return None
    finally:
        await connection.close()
