"""One request and its reply, as ASGI's `receive` and `send`: the body's pieces as they arrive, and the framing of the reply.

The head of a reply is written together with the first piece of its body, so that nearly every reply is one write.
"""

from __future__ import annotations

import asyncio
import time
from functools import lru_cache
from http import HTTPStatus
from typing import Any, Final, Protocol

from keybearer.simulator.core.clock import http_date
from keybearer.simulator.http.asgi import Message
from keybearer.simulator.http.head import RequestHead

__all__ = ["ServedExchange", "Wire"]

PHRASES: Final = {status.value: status.phrase.encode() for status in HTTPStatus}
BODILESS: Final = (204, 304)
CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"


class Wire(Protocol):
    """What an exchange asks of its connection."""

    def write(self, data: bytes) -> None:
        """Write bytes; after the connection's end they are dropped."""

    async def drain(self) -> None:
        """Wait until the client has read enough for more to be written."""

    def read_on(self) -> None:
        """Go on reading: the pieces that had arrived are taken."""


@lru_cache(maxsize=1)
def _date(second: int) -> bytes:
    return b"date: %b\r\n" % http_date(second).encode()


class ServedExchange:
    """One request and its reply.

    Args:
        head: The request's head.
        wire: The connection.
    """

    def __init__(self, head: RequestHead, wire: Wire) -> None:
        self.head = head
        self.held = 0  # bytes of the body that have arrived and are not taken
        self.keep_alive = head.keep_alive
        self.is_started = self.is_done = False
        self._wire = wire
        self._pieces: list[bytes] = []
        self._ended = self._gone = False
        self._given = False  # the end of the body, to the application
        self._waits = head.waits
        self._changed = asyncio.Event()
        self._start = b""
        self._is_chunked = self._is_bare = False
        self._left: int | None = None  # of the length that the reply's head says

    def arrived(self, piece: bytes, *, ended: bool) -> None:
        """Add a piece of the body."""
        self._pieces.append(piece)
        self.held += len(piece)
        self._ended = ended
        self._changed.set()

    def lost(self) -> None:
        """Note that the connection has ended."""
        self._gone = True
        self._changed.set()

    @property
    def has_ended(self) -> bool:
        """Whether the whole body has arrived."""
        return self._ended

    @property
    def whole(self) -> bytes | None:
        """The whole body, if it is here in one piece already, as nearly every one is."""
        return self._pieces[0] if self._ended and len(self._pieces) == 1 else None

    async def receive(self) -> Message:
        """Return what has arrived of the body; after its end, wait for the end of the connection or of the reply."""
        while not self._pieces and not self._gone and not self.is_done:
            if self._waits and not self.is_started:
                self._waits = False
                self._wire.write(CONTINUE)
            self._changed.clear()
            await self._changed.wait()
        if not self._pieces:
            return {"type": "http.disconnect"}
        body = self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
        self._pieces.clear()
        self.held = 0
        self._wire.read_on()
        return {"type": "http.request", "body": body, "more_body": not self._ended}

    async def send(self, message: Message) -> None:
        """Send the head of the reply, or a piece of its body.

        Raises:
            RuntimeError: The body is longer or shorter than the length that its head says.
        """
        if message["type"] == "http.response.start":
            self.is_started = True
            self._start = self._head(message["status"], message.get("headers", ()))
            return
        more = message.get("more_body", False)
        data = self._framed(message.get("body", b""), more=more)
        start, self._start = self._start, b""
        self._wire.write(start + data)
        if more:
            await self._wire.drain()
        elif self._left:
            raise RuntimeError(f"the reply ends {self._left} bytes before its content-length")
        else:
            self.is_done = True
            self._changed.set()

    def _head(self, status: int, headers: Any) -> bytes:
        named = dict(headers)
        lines = [b"HTTP/1.1 %d %b\r\n" % (status, PHRASES.get(status, b""))]
        lines += [b"%b: %b\r\n" % pair for pair in headers]
        lines.append(_date(int(time.time())))
        self._is_bare = self.head.method == "HEAD" or status in BODILESS
        if b"content-length" in named:
            self._left = None if self._is_bare else int(named[b"content-length"])
        elif not self._is_bare and self.head.version == "1.1":
            self._is_chunked = True
            lines.append(b"transfer-encoding: chunked\r\n")
        elif not self._is_bare:
            self.keep_alive = False  # the end of the connection is the end of the body
        if b"close" in named.get(b"connection", b"").lower() or not self._ended:
            self.keep_alive = False
        if not self.keep_alive and b"connection" not in named:
            lines.append(b"connection: close\r\n")
        return b"%b\r\n" % b"".join(lines)

    def _framed(self, body: bytes, *, more: bool) -> bytes:
        if self._is_bare:
            return b""
        if self._is_chunked:
            end = b"" if more else b"0\r\n\r\n"
            return b"%x\r\n%b\r\n%b" % (len(body), body, end) if body else end
        if self._left is not None:
            self._left -= len(body)
            if self._left < 0:
                raise RuntimeError(f"the reply goes on {-self._left} bytes after its content-length")
        return body
