"""Slots: one server is asked one question for a second or two by wrk, and what it cost everybody is looked at."""

import json
import re
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from bench.peers.asking import Asked, Server, asked
from bench.peers.processes import ELSEWHERE, cpu, spent

CONNECTIONS = 16


@dataclass(frozen=True, slots=True)
class Slot:
    """What was seen: requests a second, and microseconds of CPU for each of the server and of Postgres."""

    rate: float
    cpu: float
    database: float


Found = dict[tuple[str, str], list[Slot]]
"""By server's name and question, a slot for each round."""


def measured(server: Server, question: str, seconds: int, postmaster: int | None) -> Slot:
    with ExitStack() as stack:
        script = stack.enter_context(tempfile.NamedTemporaryFile("w", suffix=".lua"))
        script.write(_script(asked(server.form, question), server.tokens))
        script.flush()
        before, before_behind = cpu(server.pid), cpu(postmaster)
        said = _loaded(server, script.name, seconds)
        used, used_behind = spent(before, cpu(server.pid)), spent(before_behind, cpu(postmaster))
    if "Non-2xx" in said or "Socket errors" in said:
        raise SystemExit(f"{server.name} refused some of {question}:\n{said}")
    count = re.search(r"(\d+) requests in", said)
    rate = re.search(r"Requests/sec:\s*([\d.]+)", said)
    assert count is not None
    assert rate is not None
    each = 1_000_000 / int(count[1])
    return Slot(float(rate[1]), used * each, used_behind * each)


def _loaded(server: Server, script: str, seconds: int) -> str:
    cores = ",".join(map(str, ELSEWHERE))
    load = ["taskset", "-c", cores, "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", script]
    url = f"http://127.0.0.1:{server.port}"
    return subprocess.run([*load, url], check=True, capture_output=True, text=True).stdout


def _script(requests: Sequence[Asked], tokens: Sequence[str]) -> str:
    """For wrk: every request made once, each by the next of the tokens."""
    whole = [
        f"{{{json.dumps(method)}, {json.dumps(path)}, [==[{body}]==]}}" for method, path, body in requests
    ]
    return f"""
local asked, tokens, made, turn = {{{", ".join(whole)}}}, {{{", ".join(map(json.dumps, tokens))}}}, {{}}, 0
function init()
  for i = 1, math.max(#asked, #tokens) do
    local one = asked[1 + i % #asked]
    local headers = {{["content-type"] = "application/json"}}
    if #tokens > 0 then headers["authorization"] = "Bearer " .. tokens[1 + i % #tokens] end
    made[i] = wrk.format(one[1], one[2], headers, one[3] ~= "" and one[3] or nil)
  end
end
function request() turn = turn + 1; return made[1 + turn % #made] end
"""


def interleaved(
    servers: Sequence[Server], seconds: Mapping[str, int], rounds: int, postmaster: int | None
) -> Found:
    """
    So many rounds in which each server is asked each question once, in turn; each round begins with another server.

    Before them a round that does not count: code is compiled in it, statements are prepared.
    """
    found: Found = {}
    begun = time.monotonic()
    for server in servers:
        for question in seconds:
            measured(server, question, 1, postmaster)
    for number in range(rounds):
        turned = [*servers[number % len(servers) :], *servers[: number % len(servers)]]
        for question, length in seconds.items():
            for server in turned:
                slot = measured(server, question, length, postmaster)
                found.setdefault((server.name, question), []).append(slot)
        print(f"  round {number + 1} of {rounds}, {time.monotonic() - begun:.0f} s", flush=True)
    return found


def middle(values: Iterable[float]) -> float:
    return statistics.median(values)


def paired(found: Found, one: str, other: str, question: str, what: str) -> float:
    """The median of what `one` has in a round relative to what `other` has in the same round."""
    pairs = zip(found[one, question], found[other, question], strict=True)
    return middle(getattr(left, what) / getattr(right, what) for left, right in pairs)
