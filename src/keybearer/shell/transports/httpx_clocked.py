"""Network backends for httpcore2 that keep a call's clock.

Strategy: httpcore2 takes its time limits once per request and begins each anew with every read, so a server that drips a reply's head
byte by byte would outlast all of them. A connection pool takes a `network_backend`, which opens its connections. The backends here
pass every step on to httpcore2's own, with the time that the call has left. A context variable says which call that is: httpcore2
reads and writes in the thread or task of the caller.

Contract: a step after its time raises `TimeoutError`. `HttpxCall` knows how far its request has come, which decides whether a failure
may be retried.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextvars import ContextVar
from ssl import SSLWantReadError, SSLWantWriteError
from typing import Any, Final

import httpcore2

from keybearer.shell.runtime import current_runtime, on_trio
from keybearer.shell.transports.base import IOClock
from keybearer.shell.transports.dialing import look_up, probe_options
from keybearer.shell.transports.early import SMALL, Early, readable_when_writable
from keybearer.shell.transports.routes import Address

__all__ = ["AsyncClockedBackend", "ClockedBackend", "HttpxCall"]

_PIECE: Final = 256 << 10
"""How much is written under one time limit, in bytes."""


class HttpxCall:
    """One request while it is under way.

    Args:
        clock: Its clock.

    Attributes:
        received: How many bytes of the reply have arrived; over HTTP/2 it stays 0, where many replies share a connection.
        connecting: Whether a connection is being opened, a proxy's tunnel and TLS included.
    """

    def __init__(self, clock: IOClock) -> None:
        self.clock = clock
        self.received = 0
        self.connecting = False
        self._sent = 0
        self._connect_end: float | None = None
        clock.reused = True

    @contextlib.contextmanager
    def current(self) -> Iterator[None]:
        """Make this the call that the backends' connections serve."""
        token = _CALL.set(self)
        try:
            yield
        finally:
            _CALL.reset(token)

    def connect(self) -> float | None:
        """Note that a connection is being opened; return until when, on the monotonic clock."""
        limit = self.clock.to_connect()
        self._connect_end = None if limit is None else time.monotonic() + limit
        self.connecting, self.clock.reused = True, False
        return self._connect_end

    def to_connect(self) -> float | None:
        """Return how long the next step of opening the connection may take, in seconds; None for no limit."""
        if self._connect_end is None:
            return None
        left = self._connect_end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def to_read(self) -> float | None:
        """Return how long the next read may take, in seconds; None for no limit."""
        return self.to_connect() if self.connecting else self.clock.next_read()

    def to_write(self) -> float | None:
        """Return how long the next write may take, in seconds; None for no limit."""
        return self.to_connect() if self.connecting else self.clock.to_write()

    def sends_much(self, size: int) -> bool:
        """Count what is written, in bytes; return whether the request is long enough to be answered while it is sent."""
        self._sent += size
        return self._sent > SMALL

    def trace(self, event: str, info: dict[str, Any]) -> None:
        """Take an event of httpcore2's `trace` extension. A request to open a tunnel has events too; it is not the call's."""
        request = info.get("request")
        if request is None or request.method == b"CONNECT":
            return
        if event.endswith("send_request_headers.started"):
            self.connecting, self.received, self._sent = False, 0, 0
        elif event.endswith("receive_response_headers.started"):
            self.clock.sent()

    async def async_trace(self, event: str, info: dict[str, Any]) -> None:
        """Take an event, awaited."""
        self.trace(event, info)


_CALL: ContextVar[HttpxCall | None] = ContextVar("_CALL", default=None)


def _speaks_http2(stream: Any) -> bool:
    tls = stream.get_extra_info("ssl_object")
    return tls is not None and tls.selected_alpn_protocol() == "h2"


class ClockedBackend(httpcore2.NetworkBackend):
    """Open connections, blocking. A name look-up has its part of the time to connect, as in `dialing`."""

    def __init__(self) -> None:
        self._backend = httpcore2.SyncBackend()

    def connect_tcp(self, host: str, port: int, *_: Any, **__: Any) -> httpcore2.NetworkStream:
        """Connect to the first of a host's addresses that answers."""
        call = _running()
        end = call.connect()
        found = look_up(Address(host, port, secure=False), end)
        failure: Exception = OSError("it has no address")
        for number, (_, _, _, _, place) in enumerate(found):
            left = call.to_connect()
            share = None if left is None else left / (len(found) - number)
            try:
                stream = self._backend.connect_tcp(place[0], port, share, socket_options=probe_options())
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
            else:
                return _ClockedStream(stream)
        raise failure


class _ClockedStream(httpcore2.NetworkStream):
    """A connection of httpcore2 under the call's clock."""

    def __init__(self, stream: httpcore2.NetworkStream) -> None:
        self._stream = stream
        self._shared = _speaks_http2(stream)
        self._early = Early()

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if early := self._early.take(max_bytes):
            return early
        call = _CALL.get()
        if call is None:
            return self._stream.read(max_bytes, timeout)
        data = self._stream.read(max_bytes, call.to_read())
        if not self._shared:
            call.received += len(data)
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        call = _CALL.get()
        if call is None or call.connecting or self._shared or not call.sends_much(len(buffer)):
            for at in range(0, len(buffer), _PIECE):
                self._stream.write(buffer[at : at + _PIECE], timeout if call is None else call.to_write())
            return
        sock = self._stream.get_extra_info("socket")
        for at in range(0, len(buffer), SMALL):
            while self._early.is_refusal() is None and readable_when_writable(sock, call.to_write()):
                self._look(call)
            self._stream.write(buffer[at : at + SMALL], call.to_write())

    def _look(self, call: HttpxCall) -> None:
        """Keep what has come for the next read.

        Raises:
            WriteError: It is a refusal, or the end; httpcore2 then reads the answer.
        """
        try:
            data = self._stream.read(SMALL, 0)
        except httpcore2.ReadError as error:
            if isinstance(error.__cause__, BlockingIOError | SSLWantReadError | SSLWantWriteError):
                return  # part of a TLS record, or one without data of ours
            raise httpcore2.WriteError("the connection broke") from error
        call.received += len(data)
        self._early.data += data
        if not data or self._early.is_refusal():
            raise httpcore2.WriteError("the service has answered already")

    def close(self) -> None:
        self._stream.close()

    def start_tls(self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None) -> Any:
        call = _CALL.get()
        limit = timeout if call is None else call.to_connect()
        return _ClockedStream(self._stream.start_tls(ssl_context, server_hostname, limit))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class AsyncClockedBackend(httpcore2.AsyncNetworkBackend):
    """Open connections, awaited: on trio with httpcore2's backend for it, on asyncio with the one on anyio."""

    async def connect_tcp(self, host: str, port: int, *_: Any, **__: Any) -> httpcore2.AsyncNetworkStream:
        """Connect to a host."""
        call = _running()
        call.connect()
        backend: httpcore2.AsyncNetworkBackend = httpcore2.TrioBackend() if on_trio() else httpcore2.AnyIOBackend()
        stream = await backend.connect_tcp(host, port, call.to_connect())
        sock = stream.get_extra_info("socket")
        for option in probe_options():
            with contextlib.suppress(OSError):  # not on every system
                sock.setsockopt(*option)
        return _AsyncClockedStream(stream)


class _AsyncClockedStream(httpcore2.AsyncNetworkStream):
    """A connection of httpcore2 under the call's clock."""

    def __init__(self, stream: httpcore2.AsyncNetworkStream) -> None:
        self._stream = stream
        self._shared = _speaks_http2(stream)
        self._early = Early()

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 - httpcore2's signature
        if early := self._early.take(max_bytes):
            return early
        call = _CALL.get()
        if call is None:
            return await self._stream.read(max_bytes, timeout)
        data = await self._stream.read(max_bytes, call.to_read())
        if not self._shared:
            call.received += len(data)
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109 - httpcore2's signature
        call = _CALL.get()
        if call is None or call.connecting or self._shared or not call.sends_much(len(buffer)):
            await self._stream.write(buffer, timeout if call is None else call.to_write())
        else:
            await self._write_and_look(buffer, call)

    async def _write_and_look(self, buffer: bytes, call: HttpxCall) -> None:
        """Write, and read what comes meanwhile.

        Raises:
            WriteError: A refusal came, or the end; httpcore2 then reads the answer.
        """
        written = False
        failed: list[Exception] = []
        ended: Future[None] = Future()

        def end() -> None:
            if not ended.done():
                ended.set_result(None)

        async def write() -> None:
            nonlocal written
            try:
                await self._stream.write(buffer, call.to_write())
                written = True
            except Exception as error:  # noqa: BLE001 - it is raised below
                failed.append(error)
            end()

        async def look() -> None:
            with contextlib.suppress(httpcore2.NetworkError):  # the writing fails too
                await self._look(call)
                end()

        async with current_runtime().tasks() as start:
            start(look)
            start(write)
            await current_runtime().wait(ended)
        if failed:
            raise failed[0]
        if not written:
            raise httpcore2.WriteError("the service has answered already")

    async def _look(self, call: HttpxCall) -> None:
        """Keep what comes for the next read, until it is a refusal or the end."""
        while not self._early.is_refusal():
            data = await self._stream.read(SMALL, None)
            if not data:
                return
            call.received += len(data)
            self._early.data += data

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(
        self,
        ssl_context: Any,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore2's signature
    ) -> Any:
        call = _CALL.get()
        limit = timeout if call is None else call.to_connect()
        return _AsyncClockedStream(await self._stream.start_tls(ssl_context, server_hostname, limit))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _running() -> HttpxCall:
    call = _CALL.get()
    if call is None:
        raise RuntimeError("a connection is opened for no call")
    return call
