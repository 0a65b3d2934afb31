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

from msgspec import Struct

from keybearer.errors import ConnectionFailed, TimedOut
from keybearer.types.http import Headers, Reply, Request, Timeouts, media_type

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
        """Read the body's end, if it is there within `DRAIN` seconds, so that the connection can be used again."""
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
        """Read the body's end, if it is there within `DRAIN` seconds, so that the connection can be used again."""
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
    """

    proxy: str | None = None
    trust_env: bool = True
    ca_file: str | None = None
    max_connections: int = 100


class Clock:
    """What is left of a request's time, for a transport that must watch it itself: of the total, and of what it now waits for.

    It starts with the request, counts the first byte from `sent`, and the idle time from each read once `body` was called.
    """

    __slots__ = ("_end", "_first", "_head_end", "_idle", "_in_body")

    def __init__(self, timeouts: Timeouts) -> None:
        self._end = math.inf if timeouts.total is None else time.monotonic() + timeouts.total
        self._first = math.inf if timeouts.first_byte is None else timeouts.first_byte
        self._idle = timeouts.idle
        self._head_end = math.inf
        self._in_body = False

    def sent(self) -> None:
        """Note that the request is on its way: the time to the first byte begins."""
        self._head_end = time.monotonic() + self._first

    def body(self) -> None:
        """Note that the reply's head has come: from here on each read has the idle time."""
        self._in_body = True

    def to_write(self) -> float | None:
        """Return how long sending the request may take, in seconds; None for as long as it likes.

        Raises:
            TimeoutError: The total time has passed.
        """
        return self._left(self._end - time.monotonic())

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


def total_passed() -> TimedOut:
    """Return the error for a call whose total time has passed."""
    return TimedOut("The call's total time has passed.", phase="total", delivered=True, retryable=False)


def no_progress(limit: float) -> TimedOut:
    """Return the error for a stream that has had nothing but pings for that many seconds."""
    return TimedOut(f"Nothing but pings came for {limit:g} s.", phase="progress", delivered=True)


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
