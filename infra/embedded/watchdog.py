"""
The parent of both servers: starts them, starts them anew should one die, stops them when nobody needs them any more.

It runs as a session of its own (no Ctrl-C of a terminal reaches it), reads the lease on standard input (see lease.py)
and writes one line to standard output: `ready`, or what failed. Its own log is `log/services.log`.
"""

import os
import shutil
import signal
import sys
import time
from datetime import UTC, datetime
from types import FrameType

from infra.embedded import lease
from infra.embedded.errors import ServicesFailed
from infra.embedded.plan import LEASE_BEFORE_READY, Plan
from infra.embedded.postgres import make_cluster, make_database, postgres
from infra.embedded.server import Server
from infra.embedded.valkey import make_folder, valkey

START_TIMEOUT_SECONDS = 300.0  # recovery after a crash reads up to 2 GB of log
STOP_TIMEOUT_SECONDS = 20.0
LOOK_AFTER_SECONDS = 0.5


class Stopped(BaseException):
    """SIGTERM: stop in order, whoever still holds a lease."""


def _on_sigterm(_signal: int, _frame: FrameType | None) -> None:
    raise Stopped


def _say(text: str) -> None:
    sys.stderr.write(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} {text}\n")
    sys.stderr.flush()


def _answer(text: str) -> None:
    """To the process that started us, which may be gone already."""
    try:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        _say("the starter is gone")
    # Later writes must not fail at exit either.
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, sys.stdout.fileno())
    os.close(null)


def _bring_up(plan: Plan, servers: list[Server]) -> None:
    make_folder(plan)
    make_cluster(plan)
    for server in servers:
        server.start()
    for server in servers:
        server.wait_ready(START_TIMEOUT_SECONDS)
    make_database(plan)


def _look_after(plan: Plan, servers: list[Server]) -> None:
    """Until the last lease has ended."""
    read_end, pipe = sys.stdin.fileno(), plan.data_dir / lease.PIPE
    while True:
        if lease.let_go(read_end, LOOK_AFTER_SECONDS):
            if lease.withdraw(pipe, read_end):
                return
            continue
        for server in servers:
            if not server.runs():
                _say(f"{server.name} ended by itself, starting it again")
                _start_again(server)


def _start_again(server: Server) -> None:
    try:
        server.start()
        server.wait_ready(START_TIMEOUT_SECONDS)
    except ServicesFailed as failure:
        _say(str(failure))
        time.sleep(LOOK_AFTER_SECONDS)


def _bring_down(servers: list[Server]) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # twice changes nothing
    for server in servers:
        server.ask_to_stop()
    for server in servers:
        server.wait_stopped(STOP_TIMEOUT_SECONDS)


def main() -> int:
    plan = Plan.loads(sys.argv[1])
    os.chdir(plan.data_dir)
    signal.signal(signal.SIGTERM, _on_sigterm)
    servers = [postgres(plan), valkey(plan)]
    starting, public = plan.data_dir / LEASE_BEFORE_READY, plan.data_dir / lease.PIPE
    try:
        _bring_up(plan, servers)
        starting.rename(public)
        _say("both servers are ready")
        _answer("ready")
        _look_after(plan, servers)
        _say("nobody needs the servers any more")
    except ServicesFailed as failure:
        _say(str(failure))
        _answer(str(failure))
        return 1
    except Stopped:
        _say("told to stop")
        public.unlink(missing_ok=True)
    except Exception as failure:
        _answer(f"{type(failure).__name__}: {failure}, see {plan.data_dir}/log/services.log")
        raise
    finally:
        _bring_down(servers)
        shutil.rmtree(plan.data_dir / "postgres.new", ignore_errors=True)
        _say("both servers are stopped")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
