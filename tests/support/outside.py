"""Real HTTP servers that play services of the outside."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True, slots=True)
class Played:
    """One answer: its status, its body, and how long it takes (all of it, or before each byte). `cut` hangs up instead."""

    status: int = 200
    body: bytes = b""
    after_seconds: float = 0
    trickling_seconds: float = 0
    location: str | None = None
    media: str = "application/json"
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """One request."""

    method: str
    path: str
    query: dict[str, str]
    authorization: str | None
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), strict_parsing=True))


def said(value: object, **others: Any) -> Played:
    """An answer in JSON."""
    return Played(body=json.dumps(value).encode(), **others)


class Server:
    """Answers as `answer` says; each request has a thread of its own."""

    def __init__(self) -> None:
        answering = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                url = urlsplit(self.path)
                query = dict(parse_qsl(url.query))
                played = answering.answer(
                    Asked(self.command, url.path, query, self.headers["authorization"], body)
                )
                time.sleep(played.after_seconds)
                try:
                    self._play(played)
                except OSError:  # the asker has gone
                    self.close_connection = True

            do_GET = do_POST  # noqa: N815  # the name that the handler is asked by

            def _play(self, played: Played) -> None:
                if played.cut:
                    self.close_connection = True
                    return
                self.send_response(played.status)
                self.send_header("content-length", str(len(played.body)))
                self.send_header("content-type", played.media)
                if played.location is not None:
                    self.send_header("location", played.location)
                self.end_headers()
                if not played.trickling_seconds:
                    self.wfile.write(played.body)
                    return
                for at in range(len(played.body)):
                    time.sleep(played.trickling_seconds)
                    self.wfile.write(played.body[at : at + 1])

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self.server.server_port}"

    def answer(self, asked: Asked) -> Played:
        raise NotImplementedError


class Outside(Server):
    """Gives the answers it is told to, one a request, the last again and again; keeps what it was sent."""

    def __init__(self, *answers: Played) -> None:
        super().__init__()
        self.answers = list(answers) or [Played()]
        self.sent: list[tuple[str | None, Any]] = []
        self.url = f"{self.address}/asked"
        self._one_by_one = threading.Lock()

    def plays(self, *answers: Played) -> None:
        """From now on."""
        self.answers = list(answers)

    def answer(self, asked: Asked) -> Played:
        with self._one_by_one:
            self.sent.append((asked.authorization, asked.json))
            return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


S = TypeVar("S", bound=Server)


@contextmanager
def open_to_all(made: S) -> Iterator[S]:
    """The server, answering until the block ends."""
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        made.server.shutdown()
        thread.join()
        made.server.server_close()


@contextmanager
def outside(*answers: Played) -> Iterator[Outside]:
    with open_to_all(Outside(*answers)) as made:
        yield made
