"""A Postgres cluster of our own: made once, started, seen to be ready."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from functools import partial
from pathlib import Path

from infra.embedded.errors import ServicesFailed
from infra.embedded.plan import CLUSTER, DATABASE, LOGS, OWNER, Plan
from infra.embedded.server import ENVIRONMENT, HERE, Server, open_log

INITDB_TIMEOUT_SECONDS = 120
OLD_SERVER_TIMEOUT_SECONDS = 30
STATUS_LINE = 7

# The built-in C.UTF-8 locale is the same on every machine; with plain C, pg_trgm sees no Chinese at all.
LOCALE = (
    "-E",
    "UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C",
    "--lc-ctype=C.UTF-8",
)

SETTINGS = {
    "listen_addresses": "",  # reached through the socket alone, which lies in the private data folder
    "unix_socket_directories": ".",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "jit": "off",  # its compile time exceeds our longest query
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "log_line_prefix": "%m [%p] %u@%d ",
}


def postgres(plan: Plan) -> Server:
    cluster = plan.data_dir / CLUSTER
    options = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
    return Server(
        name="Postgres",
        command=[plan.postgres_bin / "postgres", "-D", HERE, *options],
        folder=cluster,
        log=_log(plan),
        account=plan.account,
        lock=plan.lock,
        stop_signal=signal.SIGINT,  # "fast": open transactions roll back, nothing committed is lost
        is_ready=partial(_is_ready, cluster / "postmaster.pid"),
        before_start=partial(_wait_out_old_server, cluster / "postmaster.pid"),
    )


def _log(plan: Plan) -> Path:
    return plan.data_dir / LOGS / "postgres.log"


def _is_ready(pid_file: Path, pid: int) -> bool:
    """Postgres itself says so in the last line of its pid file, as pg_ctl reads it."""
    try:
        lines = pid_file.read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) > STATUS_LINE and lines[0] == str(pid) and lines[STATUS_LINE].strip() == "ready"


def make_cluster(plan: Plan) -> None:
    """
    Run initdb beside the place and move the result there: an interrupted first start leaves nothing half made.

    Raises ServicesFailed when initdb fails.
    """
    cluster = plan.data_dir / CLUSTER
    if (cluster / "PG_VERSION").exists():
        return
    fresh = plan.data_dir / f"{CLUSTER}.new"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    plan.account.own(fresh)
    with tempfile.TemporaryFile() as password, open_log(_log(plan)) as log:
        password.write(plan.secret.encode() + b"\n")
        password.flush()
        if plan.account.uid is not None:  # it opens the file anew, under its own account
            os.chown(password.fileno(), plan.account.uid, -1)
        done = subprocess.run(  # noqa: S603 - our own binary
            [
                plan.postgres_bin / "initdb",
                *("-D", HERE, "-U", OWNER, "--auth=scram-sha-256", f"--pwfile=/dev/fd/{password.fileno()}"),
                *LOCALE,
                # The password is 256 random bits: stretching it would only slow every connection down.
                *("-c", "scram_iterations=1"),
            ],
            cwd=fresh,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=ENVIRONMENT,
            pass_fds=(plan.lock, password.fileno()),
            timeout=INITDB_TIMEOUT_SECONDS,
            **plan.account.spawn(),
        )
    if done.returncode != 0:
        raise ServicesFailed(f"initdb fails, see {_log(plan)}")
    if cluster.exists():  # an empty folder, or what is left of an interrupted removal
        cluster.replace(plan.data_dir / f"{CLUSTER}.broken-{time.time_ns()}")
    fresh.rename(cluster)


def make_database(plan: Plan) -> None:
    """Create the application's database when it is absent, with what reads an index into memory. Raises ServicesFailed."""
    statement = (
        f"SELECT 'CREATE DATABASE {DATABASE}' "  # noqa: S608 - a constant of ours
        f"WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{DATABASE}') \\gexec\n"
        f"\\connect {DATABASE}\nCREATE EXTENSION IF NOT EXISTS pg_prewarm;\n"
    )
    with open_log(_log(plan)) as log:
        done = subprocess.run(  # noqa: S603 - our own binary
            [plan.postgres_bin / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-U", OWNER, "-d", "postgres"],
            check=False,
            input=statement.encode(),
            stdout=log,
            stderr=log,
            env={**ENVIRONMENT, "PGHOST": str(plan.door / CLUSTER), "PGPASSWORD": plan.secret},
            timeout=OLD_SERVER_TIMEOUT_SECONDS,
        )
    if done.returncode != 0:
        raise ServicesFailed(f"the database {DATABASE} cannot be made, see {_log(plan)}")


def _wait_out_old_server(pid_file: Path) -> None:
    """
    A pid file of before: its server may still be shutting down; or it is gone and the number belongs to something else.

    Postgres would refuse to start in the second case, which is usual after a power cut in a container.
    """
    deadline = time.monotonic() + OLD_SERVER_TIMEOUT_SECONDS
    while (pid := _pid_in(pid_file)) is not None and _is_postgres(pid):
        if time.monotonic() > deadline:
            raise ServicesFailed(f"another Postgres (process {pid}) uses {pid_file.parent}")
        time.sleep(0.05)
    pid_file.unlink(missing_ok=True)


def _pid_in(pid_file: Path) -> int | None:
    try:
        return abs(int(pid_file.read_text().split("\n", 1)[0]))
    except (FileNotFoundError, ValueError):
        return None


def _is_postgres(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # alive, somebody else's
    try:
        name, _, state = Path(f"/proc/{pid}/stat").read_text().partition("(")[2].rpartition(")")
    except OSError:  # it ended just now (the next round sees), or there is no /proc here: believe the file
        return not Path("/proc/self").exists()
    # A dead process that nobody collects stays as a zombie for ever where a container's first process is careless.
    return name == "postgres" and state.split()[0] not in {"Z", "X"}
