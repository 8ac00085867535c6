"""A small HTTP server that plays the GraphQL endpoint: real sockets, scripted misfortunes."""

import json
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest


@dataclass(frozen=True)
class Reply:
    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    drop: bool = False


Judge = Callable[[dict[str, Any]], dict[str, Any]]


def accept(listing: dict[str, Any]) -> dict[str, Any]:
    return {"externalRef": listing["externalRef"], "outcome": "CREATED", "userErrors": []}


@dataclass
class FakeEndpoint:
    """Answers as the contract says, unless `script` has something else for the next upsert."""

    url: str = ""
    organization: dict[str, str] | None = field(default_factory=lambda: {"id": "org-1", "name": "样例茶馆"})
    judge: Judge = accept
    script: deque[Reply] = field(default_factory=deque)
    tokens: list[str | None] = field(default_factory=list)
    upserts: list[list[str]] = field(default_factory=list)
    stored: set[str] = field(default_factory=set)

    def then(
        self,
        status: int = 200,
        body: Any = None,
        headers: dict[str, str] | None = None,
        *,
        drop: bool = False,
        times: int = 1,
    ) -> None:
        """What the next upserts get instead of an answer; `drop` closes the connection without a word."""
        self.script.extend([Reply(status, body, headers or {}, drop)] * times)

    def answer(self, request: dict[str, Any]) -> Reply:
        if "viewer" in request["query"]:
            return Reply(body={"data": {"viewer": {"organization": self.organization}}})
        listings = request["variables"]["input"]["internships"]
        self.upserts.append([listing["externalRef"] for listing in listings])
        if self.script:
            return self.script.popleft()
        results = []
        for listing in listings:
            result = self.judge(listing)
            if result["outcome"] == "CREATED" and listing["externalRef"] in self.stored:
                result = {**result, "outcome": "UNCHANGED"}
            self.stored.add(listing["externalRef"])
            results.append(result)
        return Reply(body={"data": {"upsertInternships": {"results": results, "userErrors": []}}})


@pytest.fixture
def endpoint() -> Iterator[FakeEndpoint]:
    fake = FakeEndpoint()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            fake.tokens.append(self.headers["Authorization"])
            reply = fake.answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            if reply.drop:
                self.close_connection = True
                return
            body = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
            self.send_response(reply.status)
            for name, value in {"Content-Length": str(len(body)), **reply.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Say nothing: a test's output is its own."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        fake.url = f"http://127.0.0.1:{server.server_port}/graphql"
        yield fake
        server.shutdown()
        thread.join()
