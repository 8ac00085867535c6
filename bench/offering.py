"""
A client for HTTP that can offer requests at a rate, whatever becomes of them (an open loop), or as fast as they are answered.

At a rate, latency counts from when a request was due, also when every connection was waiting for an answer then: a server that
stalls is charged for all who would have come meanwhile. Requests come as people do, at random (Poisson); a timer of the
kernel wakes the client, as those of event loops know milliseconds only.
"""

import asyncio
import ctypes
import gc
import math
import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any, Self

_CLOCK_MONOTONIC, _NONBLOCKING, _ABSOLUTE = 1, os.O_NONBLOCK, 1
_PATIENCE_SECONDS = 30


@dataclass(slots=True)
class Request:
    """What is sent, what it is called in the figures, and what is made of a good answer's body: None, or a complaint."""

    name: str
    sent: bytes
    judge: Callable[[bytes], str | None] | None = None


@dataclass(slots=True)
class Sample:
    """Seconds from when it was due to the last byte of the answer; how late it was sent; what was wrong with it."""

    name: str
    seconds: float
    late: float
    fault: str | None


@dataclass(slots=True)
class Offered:
    samples: list[Sample] = field(default_factory=list)
    seconds: float = 0.0

    def of(self, name: str | None = None) -> list[float]:
        """Milliseconds that those of this name took, in order."""
        return sorted(one.seconds * 1000 for one in self.samples if name in {None, one.name})

    @property
    def faults(self) -> list[str]:
        return [one.fault for one in self.samples if one.fault is not None]


def share(values: list[float], part: float) -> float:
    """The value below which this part of the ordered values lies; not a number where there are none."""
    if not values:
        return math.nan
    return values[min(int(len(values) * part), len(values) - 1)]


def post(path: str, body: bytes, token: str | None = None) -> bytes:
    """The bytes of a POST with JSON, by the bearer of this token."""
    bearer = "" if token is None else f"authorization: Bearer {token}\r\n"
    head = f"POST {path} HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\n{bearer}"
    return f"{head}content-length: {len(body)}\r\n\r\n".encode() + body


class _Connection(asyncio.Protocol):
    """One request at a time; tells its client when the answer is whole."""

    def __init__(self, done: "Callable[[_Connection, str | None], None]") -> None:
        self._done, self._buffer, self._whole = done, bytearray(), -1
        self.transport: Any = None
        self.request: Request | None = None
        self.due = self.begun = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def send(self, request: Request, due: float) -> None:
        self.request, self.due, self.begun = request, due, time.monotonic()
        self.transport.write(request.sent)

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer
        buffer += data
        if self._whole < 0:
            end = buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            length = bytes(buffer[:end]).lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0]
            self._whole = end + 4 + int(length)
        if len(buffer) < self._whole:
            return
        assert self.request is not None
        fault: str | None = None
        if not buffer.startswith(b"HTTP/1.1 200"):
            fault = bytes(buffer[:200]).decode(errors="replace")
        elif self.request.judge is not None:
            fault = self.request.judge(bytes(buffer))
        self._buffer, self._whole = bytearray(), -1
        self._done(self, fault)

    def connection_lost(self, exc: Exception | None) -> None:
        if self.request is not None:
            self._done(self, f"connection lost: {exc}")


class Client:
    """So many connections to one server, for as long as the block lasts."""

    def __init__(self, port: int, connections: int) -> None:
        self._port, self._most = port, connections
        self._all: list[_Connection] = []
        self._idle: deque[_Connection] = deque()
        self._waiting: deque[tuple[Request, float]] = deque()
        self._found = Offered()
        self._more: Iterator[Request] | None = None
        self._until = 0.0

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        for _ in range(self._most):
            _, made = await loop.create_connection(
                lambda: _Connection(self._answered), "127.0.0.1", self._port
            )
            self._all.append(made)
        self._idle.extend(self._all)
        return self

    async def __aexit__(self, *_: object) -> None:
        for one in self._all:
            one.transport.close()

    async def at_rate(
        self, requests: Iterator[Request], rate: float, seconds: float, seed: int = 0
    ) -> Offered:
        """`rate` a second on average, for so many seconds; then the last answers are waited for."""
        chance, self._found, self._more = Random(seed), Offered(), None
        over = asyncio.get_running_loop().create_future()
        due = until = 0.0

        def sent(timer: "_Timer") -> None:
            nonlocal due
            now = time.monotonic()
            while due <= now and due < until:
                self._send(next(requests), due)
                due += chance.expovariate(rate)
            if due < until:
                timer.set(due)
            elif not over.done():
                over.set_result(None)

        with _collecting_nothing():
            begun = time.monotonic()
            due, until = begun + chance.expovariate(rate), begun + seconds
            with _Timer(sent):
                await over
                await self._all_idle()
        self._found.seconds = time.monotonic() - begun
        return self._found

    async def flat_out(self, requests: Iterator[Request], seconds: float) -> Offered:
        """Each connection asks again as soon as it has its answer."""
        self._found, self._more = Offered(), requests
        with _collecting_nothing():
            begun = time.monotonic()
            self._until = begun + seconds
            while self._idle:
                self._send(next(requests), time.monotonic())
            await asyncio.sleep(seconds)
            await self._all_idle()
        self._found.seconds = time.monotonic() - begun
        return self._found

    async def at_once(self, requests: Iterable[Request]) -> Offered:
        """All of them are due now, and are sent as connections come free."""
        self._found, self._more = Offered(), None
        with _collecting_nothing():
            begun = time.monotonic()
            for request in requests:
                self._send(request, begun)
            await self._all_idle()
        self._found.seconds = time.monotonic() - begun
        return self._found

    def _send(self, request: Request, due: float) -> None:
        if self._idle:
            self._idle.popleft().send(request, due)
        else:
            self._waiting.append((request, due))

    def _answered(self, one: _Connection, fault: str | None) -> None:
        now, request = time.monotonic(), one.request
        assert request is not None
        one.request = None
        self._found.samples.append(Sample(request.name, now - one.due, one.begun - one.due, fault))
        if self._more is not None and now < self._until:
            one.send(next(self._more), now)
        elif self._waiting:
            one.send(*self._waiting.popleft())
        else:
            self._idle.append(one)

    async def _all_idle(self) -> None:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while len(self._idle) < len(self._all):
            if time.monotonic() > deadline:
                raise SystemExit(f"{len(self._all) - len(self._idle)} requests were never answered")
            await asyncio.sleep(0.005)


@contextmanager
def _collecting_nothing() -> Iterator[None]:
    """The client's own collector of garbage must not be taken for the server's slowness."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


class _Timer:
    """Linux's timer as a file, good to some microseconds; calls back when its time has come."""

    _libc = ctypes.CDLL(None, use_errno=True)

    def __init__(self, call: "Callable[[_Timer], None]") -> None:
        self._call = call
        self._file = self._libc.timerfd_create(_CLOCK_MONOTONIC, _NONBLOCKING)
        if self._file < 0:
            raise OSError(ctypes.get_errno(), "timerfd_create")

    def __enter__(self) -> Self:
        asyncio.get_running_loop().add_reader(self._file, self._due)
        self.set(time.monotonic())
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.get_running_loop().remove_reader(self._file)
        os.close(self._file)

    def set(self, at: float) -> None:
        whole = int(at)
        wanted = (ctypes.c_long * 4)(0, 0, whole, int((at - whole) * 1e9))
        self._libc.timerfd_settime(self._file, _ABSOLUTE, ctypes.byref(wanted), None)

    def _due(self) -> None:
        try:
            os.read(self._file, 8)
        except BlockingIOError:
            return
        self._call(self)
