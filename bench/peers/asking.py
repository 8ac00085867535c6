"""What is asked of every peer, whether they say the same, and what it costs them."""

import base64
import json
import os
import re
import subprocess
import tempfile
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import md5
from pathlib import Path
from typing import Any
from uuid import UUID

QUESTIONS = ("list", "one")
CONNECTIONS = 16
ONES = 500
LIST_FIELDS = "id title kind track education headcount daysPerWeek durationWeeks startsOn publishedAt"
ONE_FIELDS = "id title kind description headcount daysPerWeek startsOn publishedAt"
EDGES = "organization { name } division { name }"
_TICKS = os.sysconf("SC_CLK_TCK")

Asked = tuple[str, str, str]
"""Method, path and body."""


@dataclass(frozen=True, slots=True)
class Server:
    """One that runs: how it is asked, and as whom."""

    name: str
    port: int
    pid: int
    form: str
    tokens: Sequence[str] = ()


def listing_id(number: int) -> UUID:
    return UUID(md5(f"listing {number}".encode(), usedforsecurity=False).hexdigest())


def asked(form: str, question: str) -> list[Asked]:
    """The requests, in the peer's own form."""
    ids = [listing_id(1 + number * 97) for number in range(ONES)]
    if form in {"rest", "plain"}:
        if question == "list":
            return [("GET", "/listings?first=20" if form == "rest" else "/listings", "")]
        return [("GET", f"/listings/{key}", "") for key in ids]
    if form == "ours":
        if question == "list":
            bodies = [{"query": f"{{ internships(first: 20) {{ nodes {{ {LIST_FIELDS} {EDGES} }} }} }}"}]
        else:
            query = f"query ($id: ID!) {{ node(id: $id) {{ ... on Internship {{ {ONE_FIELDS} }} }} }}"
            bodies = [{"query": query, "variables": {"id": _encoded(key)}} for key in ids]
    elif question == "list":
        bodies = [{"query": f"{{ listings(first: 20) {{ {LIST_FIELDS} {EDGES} }} }}"}]
    else:
        query = f"query ($id: ID!) {{ listing(id: $id) {{ {ONE_FIELDS} }} }}"
        bodies = [{"query": query, "variables": {"id": str(key)}} for key in ids]
    return [("POST", "/graphql", json.dumps(body)) for body in bodies]


def _encoded(key: UUID) -> str:
    return base64.urlsafe_b64encode(b"In" + key.bytes).decode()


def _plain(value: Any) -> Any:
    """One spelling of ids, instants and order, whoever says it."""
    if isinstance(value, list):
        return [_plain(part) for part in value]
    if isinstance(value, dict):
        shown = {name: _plain(part) for name, part in value.items()}
        if "id" in shown and len(shown["id"]) < 36:
            shown["id"] = str(UUID(bytes=base64.urlsafe_b64decode(shown["id"])[2:]))
        if "publishedAt" in shown:
            shown["publishedAt"] = datetime.fromisoformat(shown["publishedAt"]).timestamp()
        return dict(sorted(shown.items()))
    return value


def said(server: Server, request: Asked) -> Any:
    method, path, body = request
    headers = {"content-type": "application/json"}
    if server.tokens:
        headers["authorization"] = f"Bearer {server.tokens[0]}"
    url = f"http://127.0.0.1:{server.port}{path}"
    wanted = urllib.request.Request(url, body.encode() if body else None, headers, method=method)
    with urllib.request.urlopen(wanted, timeout=10) as answer:
        found = json.load(answer)
    if isinstance(found, dict) and "data" in found:
        (found,) = found["data"].values()
        found = found.get("nodes", found) if isinstance(found, dict) else found
    return _plain(found)


def check_equal(servers: Sequence[Server]) -> None:
    for question in QUESTIONS:
        first = said(servers[0], asked(servers[0].form, question)[0])
        for server in servers[1:]:
            other = said(server, asked(server.form, question)[0])
            if other != first:
                raise SystemExit(f"{server.name} says something else of {question}:\n{first}\n{other}")


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def measured(server: Server, question: str, seconds: int) -> tuple[float, float]:
    """Requests a second, and the server's CPU for one in microseconds; a second of warming comes before."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(_script(asked(server.form, question), server.tokens))
        script.flush()
        _loaded(server, script.name, 1)
        before = _cpu_seconds(server.pid)
        found = _loaded(server, script.name, seconds)
        spent = _cpu_seconds(server.pid) - before
    if "Non-2xx" in found:
        raise SystemExit(f"{server.name} refused some of {question}:\n{found}")
    count = re.search(r"(\d+) requests in", found)
    rate = re.search(r"Requests/sec:\s*([\d.]+)", found)
    assert count is not None
    assert rate is not None
    return float(rate[1]), spent / int(count[1]) * 1_000_000


def _loaded(server: Server, script: str, seconds: int) -> str:
    load = ["taskset", "-c", "1", "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", script]
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
