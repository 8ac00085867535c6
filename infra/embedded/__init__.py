"""
Real Postgres and Valkey beside the application, for machines that have neither.

`infra.embedded.services.services(data_dir)` is the only door; the other modules are its parts. Who does what:

    services.py   starts the servers or attaches to those that run already
    watchdog.py   a small process of its own: parent of both servers, stops them when nobody needs them any more
    postgres.py   how a cluster is made, started, seen to be ready, stopped
    valkey.py     the same for Valkey
    programs.py   where the binaries lie, and a readable copy of them when the account cannot reach the originals
    account.py    the system account that the servers run as
    lease.py      the pipe by which a process says "I still need them"

Everything the watchdog imports is standard library only, so that it starts in milliseconds. This file stays free of
imports for the same reason.
"""
