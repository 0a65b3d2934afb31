"""What a transport is: the small protocol behind which an HTTP library stands.

Strategy: an adapter translates, in both directions, and does nothing that its library already does. Each has one function that turns
the library's exceptions into `TransportError`s; they are raised outside the `except` block, so that no frame of the library, whose
locals hold the headers, hangs on our error.

Contract of `send`: one request, one reply, no redirect followed, no retry. A reply to `request.stream` with status 200 and an
event-stream type comes open; every other reply comes whole, up to `MAX_BODY`. `Reply.stream` gives chunks as they come, `b""` at
the end; both it and `send` raise only `TransportError`.
"""

from __future__ import annotations

import math
import time
from typing import Final, Protocol

from msgspec import Struct, structs

from keybearer.config.urls import proxy_problem, proxy_url
from keybearer.errors import ConfigError, ConnectionFailed, TimedOut
from keybearer.shell.transports.failures import failed, late
from keybearer.types.http import Headers, Reply, Request, media_type

__all__ = [
    "MAX_BODY",
    "AsyncByteStream",
    "AsyncTransport",
    "ByteStream",
    "Transport",
    "TransportOptions",
    "opens_stream",
]

MAX_BODY: Final = 64 << 20
"""The most bytes of a reply that comes whole."""

READ_SIZE: Final = 64 << 10
"""The most bytes of one read."""


DRAIN: Final = 0.1
"""How long to wait for a body's end after the message's, in seconds."""


class ByteStream(Protocol):
    """The open body of a reply."""

    def read(self) -> bytes:
        """Give the next bytes as they came; `b""` at the end."""
        ...

    def finish(self) -> None:
        """Read the body's end, if it is there within `DRAIN` seconds, to use the connection again; close it, whatever came."""
        ...

    def close(self) -> None:
        """Release the connection; it is closed unless the body was read to its end."""
        ...


class AsyncByteStream(Protocol):
    """The open body of a reply."""

    async def read(self) -> bytes:
        """Give the next bytes as they came; `b""` at the end."""
        ...

    async def finish(self) -> None:
        """Read the body's end, if it is there within `DRAIN` seconds, to use the connection again; close it, whatever came."""
        ...

    async def close(self) -> None:
        """Release the connection; it is closed unless the body was read to its end."""
        ...


class Transport(Protocol):
    """Sends requests, blocking."""

    def send(self, request: Request) -> Reply:
        """Send a request and give its reply."""
        ...

    def close(self) -> None:
        """Close every connection."""
        ...


class AsyncTransport(Protocol):
    """Sends requests, awaited."""

    async def send(self, request: Request) -> Reply:
        """Send a request and give its reply."""
        ...

    async def close(self) -> None:
        """Close every connection."""
        ...


class TransportOptions(Struct, frozen=True, kw_only=True):
    """How a transport connects.

    Attributes:
        proxy: The proxy's URL; None for what the environment says.
        trust_env: Whether HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY are read.
        ca_file: A PEM file of certificates to trust instead of the system's store.
        max_connections: How many connections are kept for reuse.

    Raises:
        ConfigError: The proxy's URL cannot be used, or the file of certificates.
    """

    proxy: str | None = None
    trust_env: bool = True
    ca_file: str | None = None
    max_connections: int = 100

    def __post_init__(self) -> None:
        if self.proxy:
            if problem := proxy_problem(self.proxy):
                raise ConfigError(f"The proxy {problem}.", key="proxy")
            structs.force_setattr(self, "proxy", proxy_url(self.proxy))
        if self.ca_file is not None:
            from keybearer.shell.transports.tls import ca_problem

            if problem := ca_problem(self.ca_file):
                raise ConfigError(f"The ca_file {self.ca_file} {problem}.", key="ca_file")


class Clock:
    """A request's time limits while it is under way: what is left for what it now waits for, and the error for one that has passed.

    It starts with the request, counts the first byte from `sent`, and the idle time from each read once `body` was called. It stands
    still from `leave` to `resume`: what the reader of a stream does between two reads is no wait for the service.
    """

    __slots__ = ("_away", "_end", "_head_end", "_idle", "_in_body", "_request", "proxied", "reused")

    def __init__(self, request: Request) -> None:
        limits = request.timeouts
        self._end = math.inf if limits.total is None else time.monotonic() + limits.total
        self._idle = limits.idle
        self._head_end = math.inf
        self._in_body = False
        self._away: float | None = None
        self._request = request
        self.proxied = False
        """Whether the request goes through a proxy: then it is that which cannot be connected to."""
        self.reused = False
        """Whether it goes out on a connection that has served another."""

    def to_connect(self) -> float | None:
        """Return how long connecting may take, in seconds; None for as long as it likes.

        Raises:
            TimeoutError: The total time has passed.
        """
        limit = self._request.timeouts.connect
        left = self.to_write()
        return left if limit is None or (left is not None and left < limit) else limit

    def to_write(self) -> float | None:
        """Return how long sending the request may take, in seconds; None for as long as it likes.

        Raises:
            TimeoutError: The total time has passed.
        """
        return self._left(self._end - time.monotonic())

    def sent(self) -> None:
        """Note that the request is on its way: the time to the first byte begins."""
        first = self._request.timeouts.first_byte
        self._head_end = math.inf if first is None else time.monotonic() + first

    def body(self) -> None:
        """Note that the reply's head has come: from here on each read has the idle time."""
        self._in_body = True

    def drain(self) -> None:
        """Note that the message is complete: what is left of the body is worth a short wait."""
        self._in_body, self._idle = True, DRAIN

    def leave(self) -> None:
        """Note that the reader has what came, and is busy with it."""
        self._away = time.monotonic()

    def resume(self) -> None:
        """Note that the reader waits for more."""
        if self._away is not None:
            self._end += time.monotonic() - self._away
            self._away = None

    def next_read(self) -> float | None:
        """Return how long the next read may take, in seconds; None for as long as it likes.

        Raises:
            TimeoutError: The time has passed: the total, or in the reply's head the first byte's.
        """
        now = time.monotonic()
        if not self._in_body:
            return self._left(min(self._head_end, self._end) - now)
        left = self._end - now
        return self._idle if self._idle is not None and left > self._idle else self._left(left)

    @property
    def expired(self) -> bool:
        """Whether the total time has passed."""
        return time.monotonic() >= self._end

    @staticmethod
    def _left(seconds: float) -> float | None:
        if seconds <= 0:
            raise TimeoutError
        return None if seconds == math.inf else seconds

    def late(self, phase: str) -> TimedOut:
        """Return the error for the limit that has passed: `connect`, `first_byte`, `idle` or `total`."""
        limits = self._request.timeouts
        # What the request has as its total time is what the attempts before it have left of the call's.
        whole = self._request.deadline or limits.total
        return late(phase, whole if phase == "total" else getattr(limits, phase))

    def failed(self, phase: str, reason: str | BaseException, *, retryable: bool = True) -> ConnectionFailed:
        """Return the error for a connection that failed, for a reason in the library's words."""
        if self.proxied and phase in {"dns", "connect"}:
            phase = "proxy"
        return failed(phase, self._request.url, reason, retryable=retryable)


def no_progress(limit: float) -> TimedOut:
    """Return the error for a stream that has had nothing but pings for that many seconds."""
    return late("progress", limit)


def opens_stream(request: Request, status: int, headers: Headers) -> bool:
    """Return whether a reply's body is handed over open."""
    return request.stream and status == 200 and media_type(headers) == "text/event-stream"


def whole(stream: ByteStream) -> bytes:
    """Read a body to its end and close it; raise when it is over `MAX_BODY`."""
    chunks, size = [], 0
    try:
        while chunk := stream.read():
            size += len(chunk)
            if size > MAX_BODY:
                raise too_large()
            chunks.append(chunk)
    finally:
        stream.close()
    return b"".join(chunks)


async def awaited_whole(stream: AsyncByteStream) -> bytes:
    """Read a body to its end and close it; raise when it is over `MAX_BODY`."""
    chunks, size = [], 0
    try:
        while chunk := await stream.read():
            size += len(chunk)
            if size > MAX_BODY:
                raise too_large()
            chunks.append(chunk)
    finally:
        await stream.close()
    return b"".join(chunks)


def closed_here() -> ConnectionFailed:
    """Return the error for a body that somebody closed while it was read."""
    return ConnectionFailed("It was closed on this side.", phase="read", delivered=True, retryable=False)


def too_large() -> ConnectionFailed:
    """Return the error for a whole body over the limit."""
    return ConnectionFailed(
        f"The reply's body is larger than {MAX_BODY >> 20} MiB.", phase="read", delivered=True, retryable=False
    )
