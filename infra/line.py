"""
One line to Valkey for one script: requests of all callers go down it as they come, answers come back in order.

A usual client takes a connection for each call and costs a request more time than the script itself. Whoever asks waits
`patience` seconds at most, unless this very process was too busy to read the answer.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from hashlib import sha1
from typing import Any

import hiredis
from redis.asyncio.connection import parse_url
from redis.exceptions import ConnectionError as LineBroken
from redis.exceptions import ResponseError

_LATE_SECONDS = 0.02


class _Wire(asyncio.Protocol):
    """A connection; `waiting` are those whose answers are still to come, the first first."""

    def __init__(self, patience: Callable[[], float]) -> None:
        self.waiting: deque[asyncio.Future[Any]] = deque()
        self._loop = asyncio.get_running_loop()
        self._reader = hiredis.Reader()
        self._patience = patience
        self._transport: asyncio.Transport | None = None
        self._watch: asyncio.TimerHandle | None = None
        self._oldest: asyncio.Future[Any] | None = None
        self._due = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # of a stream

    @property
    def open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    def ask(self, command: bytes) -> asyncio.Future[Any]:
        assert self._transport is not None
        answer = self._loop.create_future()
        self.waiting.append(answer)
        self._transport.write(command)
        if self._watch is None:
            self._look_later()
        return answer

    def data_received(self, data: bytes) -> None:
        self._reader.feed(data)
        while (found := self._reader.gets()) is not False:
            answer = self.waiting.popleft()
            if answer.done():
                continue
            if isinstance(found, hiredis.ReplyError):
                answer.set_exception(ResponseError(str(found)))
            else:
                answer.set_result(found)

    def connection_lost(self, exc: Exception | None) -> None:
        self.break_off(LineBroken(str(exc or "closed")))

    def break_off(self, why: Exception) -> None:
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None
        if self._transport is not None:
            self._transport.abort()
        while self.waiting:
            answer = self.waiting.popleft()
            if not answer.done():
                answer.set_exception(why)

    def _look_later(self) -> None:
        self._oldest = self.waiting[0]
        patience = self._patience()
        self._due = self._loop.time() + patience
        self._watch = self._loop.call_later(patience, self._look)

    def _look(self) -> None:
        """Has the one who waited longest been answered? A busy process hears its timer late and must not blame Valkey."""
        self._watch = None
        if not self.waiting:
            return
        late = self._loop.time() - self._due >= _LATE_SECONDS
        if self.waiting[0] is self._oldest and not late:
            self.break_off(TimeoutError())
        else:
            self._look_later()


class ScriptLine:
    """Runs `source` for each call. RedisError or OSError when there is no answer; the next call tries anew."""

    def __init__(self, url: str, source: str, patience: Callable[[], float]) -> None:
        self._address = parse_url(url)
        self._source = source
        self._digest = sha1(source.encode()).hexdigest()  # noqa: S324  # the name by which Valkey knows a script
        self._patience = patience
        self._wire: _Wire | None = None
        self._connecting: asyncio.Task[_Wire] | None = None

    async def __call__(self, keys: Sequence[str], args: Sequence[float]) -> Any:
        wire = self._wire
        if wire is None or not wire.open:
            wire = await self._connected()
        return await wire.ask(command("EVALSHA", self._digest, len(keys), *keys, *args))

    def close(self) -> None:
        if self._connecting is not None:
            self._connecting.cancel()
        if self._wire is not None:
            self._wire.break_off(LineBroken("closed"))

    async def _connected(self) -> _Wire:
        if self._connecting is None:
            self._connecting = asyncio.create_task(self._connect())
            self._connecting.add_done_callback(self._settled)
        return await asyncio.shield(self._connecting)

    def _settled(self, task: asyncio.Task[_Wire]) -> None:
        self._connecting = None
        if not task.cancelled() and task.exception() is None:
            self._wire = task.result()

    async def _connect(self) -> _Wire:
        loop, place = asyncio.get_running_loop(), self._address
        async with asyncio.timeout(self._patience()):
            if "path" in place:
                _, wire = await loop.create_unix_connection(lambda: _Wire(self._patience), place["path"])
            else:
                encrypted = True if "ssl" in place.get("connection_class", object).__name__.lower() else None
                _, wire = await loop.create_connection(
                    lambda: _Wire(self._patience),
                    place.get("host", "localhost"),
                    place.get("port", 6379),
                    ssl=encrypted,
                )
            if "password" in place:
                names = [place["username"]] if "username" in place else []
                await wire.ask(command("AUTH", *names, place["password"]))
            if "db" in place:
                await wire.ask(command("SELECT", place["db"]))
            await wire.ask(command("SCRIPT", "LOAD", self._source))
        return wire


def command(*parts: str | float) -> bytes:
    """A command in Valkey's own protocol."""
    packed: bytes = hiredis.pack_command(tuple(parts))  # type: ignore[arg-type]  # its stub names one of them alone
    return packed
