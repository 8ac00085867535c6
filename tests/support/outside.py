"""A real HTTP server that plays a service of the outside."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True, slots=True)
class Played:
    """One answer: its status, its body, and how long it takes (all of it, or before each byte)."""

    status: int = 200
    body: bytes = b""
    after_seconds: float = 0
    trickling_seconds: float = 0
    location: str | None = None


class Outside:
    """Gives the answers it is told to, one a request, the last again and again; keeps what it was sent."""

    def __init__(self, *answers: Played) -> None:
        self.answers = list(answers) or [Played()]
        self.sent: list[tuple[str | None, Any]] = []
        self._one_by_one = threading.Lock()
        outside = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                played = outside._next(self.headers["authorization"], json.loads(body))
                time.sleep(played.after_seconds)
                try:
                    self._play(played)
                except OSError:  # the asker has gone
                    self.close_connection = True

            def _play(self, played: Played) -> None:
                self.send_response(played.status)
                self.send_header("content-length", str(len(played.body)))
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
        self.url = f"http://127.0.0.1:{self.server.server_port}/asked"

    def plays(self, *answers: Played) -> None:
        """From now on."""
        self.answers = list(answers)

    def _next(self, authorization: str | None, body: Any) -> Played:
        with self._one_by_one:
            self.sent.append((authorization, body))
            return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def outside(*answers: Played) -> Iterator[Outside]:
    made = Outside(*answers)
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        made.server.shutdown()
        thread.join()
        made.server.server_close()
