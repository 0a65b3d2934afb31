"""The transport protocol: the small interface behind which an HTTP library works.

Strategy: an adapter translates between the two and leaves HTTP to its library. One function per adapter turns the library's exceptions
into `TransportError`s. They are raised outside the `except` block, so that our error carries no frame of the library, whose locals
hold the headers.

Contract of `send`: one request, one reply, no redirect, no retry. When `request.stream` is set, a good reply of the event-stream type
has its body open as `Reply.stream`, and when `request.opened` is, any good reply has; every other body is read to its end, up to
`MAX_BODY`. `Reply.stream.read()`
returns chunks as they arrive and `b""` at the end. It and `send` raise only `TransportError`.
"""

from __future__ import annotations

import math
import time
from typing import Final, Protocol

from msgspec import Struct, structs

from keybearer.config.urls import proxy_problem, proxy_url
from keybearer.errors import ConfigError, ConnectionFailed, TimedOut
from keybearer.shell.transports.failures import connection_error, timeout_error
from keybearer.types.http import EVENT_STREAMS, Headers, Reply, Request, media_type

__all__ = [
    "MAX_BODY",
    "AsyncByteStream",
    "AsyncTransport",
    "ByteStream",
    "Transport",
    "TransportOptions",
    "opens_stream",
    "read_all",
    "read_all_async",
]

MAX_BODY: Final = 64 << 20
"""The most bytes of a reply's body that is not read as a stream."""

READ_SIZE: Final = 64 << 10
"""The most bytes of one read."""

BAD_CHARACTER: Final = "the URL or a header has a character that may not be there"
"""Why such a request cannot be sent. The libraries' own words quote the header, which may hold a secret."""

DRAIN: Final = 0.1
"""How long `finish` waits for the end of a body whose message is complete, in seconds."""


class ByteStream(Protocol):
    """The open body of a reply, read by blocking calls."""

    def read(self) -> bytes:
        """Return the next bytes as they came; `b""` at the end.

        Raises:
            TransportError: The body broke off, or a time limit passed.
        """
        ...

    def finish(self) -> None:
        """Read the rest of the body for up to `DRAIN` seconds, so that the connection can be used again; then close."""
        ...

    def close(self) -> None:
        """Keep the connection if the body was read to its end, else close it."""
        ...


class AsyncByteStream(Protocol):
    """The open body of a reply, read by awaiting."""

    async def read(self) -> bytes:
        """Return the next bytes as they came; `b""` at the end.

        Raises:
            TransportError: The body broke off, or a time limit passed.
        """
        ...

    async def finish(self) -> None:
        """Read the rest of the body for up to `DRAIN` seconds, so that the connection can be used again; then close."""
        ...

    async def close(self) -> None:
        """Keep the connection if the body was read to its end, else close it."""
        ...


class Transport(Protocol):
    """Sends requests by blocking calls."""

    def send(self, request: Request) -> Reply:
        """Send a request and return its reply.

        Args:
            request: The signed request.

        Returns:
            The reply with its whole body; for an event stream, with its open body as `Reply.stream`.

        Raises:
            TransportError: No reply came, or not all of it.
        """
        ...

    def close(self) -> None:
        """Close every connection."""
        ...


class AsyncTransport(Protocol):
    """Sends requests by awaiting."""

    async def send(self, request: Request) -> Reply:
        """Send a request and return its reply.

        Args:
            request: The signed request.

        Returns:
            The reply with its whole body; for an event stream, with its open body as `Reply.stream`.

        Raises:
            TransportError: No reply came, or not all of it.
        """
        ...

    async def close(self) -> None:
        """Close every connection."""
        ...


class TransportOptions(Struct, frozen=True, kw_only=True):
    """How a transport connects.

    Attributes:
        proxy: The proxy's URL; None to use the environment's, if `trust_env`.
        trust_env: Whether HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY are read.
        ca_file: A PEM file of certificates to trust instead of the system's store.
        max_connections: The most idle connections that are kept for reuse: for each route on http.client, for each proxy on httpcore2.
            aiohttp has no such limit; it drops idle connections after 15 s, as the others do.

    Raises:
        ConfigError: `proxy` or `ca_file` cannot be used.
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


class IOClock:
    """The time limits of one request: how long its next step may take, and the error for a limit that has passed.

    The total time runs from the start. The time to the first byte runs from `sent`. After `head_received` each read has the idle
    time. Between `pause` and `resume` the clock stands still: the caller works, and the service is not waited for.
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
        """Whether the request goes through a proxy; a failure to connect is then the proxy's."""
        self.reused = False
        """Whether its connection has served another request."""

    def to_connect(self) -> float | None:
        """Return how long connecting may take, in seconds; None for no limit.

        Raises:
            TimeoutError: The total time has passed.
        """
        limit = self._request.timeouts.connect
        left = self.to_write()
        return left if limit is None or (left is not None and left < limit) else limit

    def to_write(self) -> float | None:
        """Return how long sending the request may take, in seconds; None for no limit.

        Raises:
            TimeoutError: The total time has passed.
        """
        return self._left(self._end - time.monotonic())

    def sent(self) -> None:
        """Note that the request was sent: the time to the first byte begins."""
        first = self._request.timeouts.first_byte
        self._head_end = math.inf if first is None else time.monotonic() + first

    def head_received(self) -> None:
        """Note that the reply's head was read: each read of the body has the idle time."""
        self._in_body = True

    def drain(self) -> None:
        """Note that the message is complete: the rest of the body has `DRAIN` seconds."""
        self._in_body, self._idle = True, DRAIN

    def pause(self) -> None:
        """Note that the caller works on what was read."""
        self._away = time.monotonic()

    def resume(self) -> None:
        """Note that the caller waits for more."""
        if self._away is not None:
            self._end += time.monotonic() - self._away
            self._away = None

    def next_read(self) -> float | None:
        """Return how long the next read may take, in seconds; None for no limit.

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

    def timeout_error(self, phase: str) -> TimedOut:
        """Return the error for a limit that has passed: `connect`, `first_byte`, `idle` or `total`."""
        limits = self._request.timeouts
        # An attempt's total time is what earlier attempts left; the error names the limit of the whole call.
        total = self._request.deadline or limits.total
        return timeout_error(phase, total if phase == "total" else getattr(limits, phase))

    def connection_error(self, phase: str, reason: str | BaseException, *, retryable: bool = True) -> ConnectionFailed:
        """Return the error for a connection that failed, with the reason that the library gives."""
        if self.proxied and phase in {"dns", "connect"}:
            phase = "proxy"
        return connection_error(phase, self._request.url, reason, retryable=retryable)


def no_progress(limit: float) -> TimedOut:
    """Return the error for a stream that had only pings for that many seconds."""
    return timeout_error("progress", limit)


def opens_stream(request: Request, status: int, headers: Headers) -> bool:
    """Return whether a reply's body is returned open, as a stream."""
    if not 200 <= status < 300:
        return False
    return request.opened or (request.stream and media_type(headers) in EVENT_STREAMS)


def read_all(stream: ByteStream) -> bytes:
    """Read a body to its end and close it; raise when it is over `MAX_BODY`."""
    chunks, size = [], 0
    try:
        while chunk := stream.read():
            size += len(chunk)
            if size > MAX_BODY:
                raise too_large_error()
            chunks.append(chunk)
    finally:
        stream.close()
    return b"".join(chunks)


async def read_all_async(stream: AsyncByteStream) -> bytes:
    """Read a body to its end and close it; raise when it is over `MAX_BODY`."""
    chunks, size = [], 0
    try:
        while chunk := await stream.read():
            size += len(chunk)
            if size > MAX_BODY:
                raise too_large_error()
            chunks.append(chunk)
    finally:
        await stream.close()
    return b"".join(chunks)


def closed_error() -> ConnectionFailed:
    """Return the error for a read of a body that was closed on this side."""
    return ConnectionFailed("It was closed on this side.", phase="read", delivered=True, retryable=False)


def too_large_error() -> ConnectionFailed:
    """Return the error for a body over `MAX_BODY`."""
    return ConnectionFailed(
        f"The reply's body is larger than {MAX_BODY >> 20} MiB.", phase="read", delivered=True, retryable=False
    )
