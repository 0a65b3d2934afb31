"""One connection of a client: HTTP/1.1 on an asyncio transport, in front of an ASGI application.

Requests on a connection are answered one after another; what the client sends meanwhile is kept up to a limit, and then not
read. A connection whose next request has no whole head in time is closed, and so is one after a request that cannot be read.

A server for any application would do more (WebSockets, a lifespan, workers), and costs several times as much a request.
"""

from __future__ import annotations

import asyncio
import logging
from functools import lru_cache
from typing import Any, Final, cast

from keybearer.simulator.http.asgi import ASGIApp
from keybearer.simulator.http.connections import Address, Connections
from keybearer.simulator.http.exchange import ServedExchange
from keybearer.simulator.http.head import LARGEST_HEAD, RequestHead, UnreadableError, read_head
from keybearer.simulator.http.incoming import ChunkedBody, SizedBody, body_reader

__all__ = ["HEAD_SECONDS", "HttpConnection"]

HEAD_SECONDS: Final = 60.0
HEADS: Final = 32
SMALL_HEAD: Final = 1024
"""So many heads, of at most so many bytes, are remembered as they were read: as long as their connection is open."""
MOST_UNREAD: Final = 256 * 1024
"""The bytes that are kept while nobody takes them; then the client has to wait."""

log = logging.getLogger("keybearer.simulator")


class HttpConnection(asyncio.Protocol):
    """One connection.

    Args:
        app: What answers the requests.
        connections: The open connections, to which it adds itself.
        head_seconds: How long it may wait for the next request's head, on the wall clock.
    """

    def __init__(self, app: ASGIApp, connections: Connections, *, head_seconds: float = HEAD_SECONDS) -> None:
        self._app = app
        self._connections = connections
        self._head_seconds = head_seconds
        self._loop = asyncio.get_running_loop()
        self._read_small = lru_cache(maxsize=HEADS)(read_head)  # those of one client are mostly the same
        self._unread = b""
        self._exchange: ServedExchange | None = None
        self._body: SizedBody | ChunkedBody = SizedBody(0)
        self._task: asyncio.Task[None] | None = None
        self._is_paused = False
        self._writable = asyncio.Event()
        self._writable.set()

    # ---- what asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Add the connection to the open ones."""
        self._transport = cast("asyncio.Transport", transport)
        peer = transport.get_extra_info("peername")  # None for one that has left already
        self._client: Address = peer[:2] if peer else ("", id(self))
        self._server: Address = transport.get_extra_info("sockname")[:2]
        self._connections.made(self._client, self._transport)
        self._waits_since = self._loop.time()
        self._timer = self._loop.call_later(self._head_seconds, self._end_a_long_wait)

    def connection_lost(self, _exc: Exception | None) -> None:
        """End what waits for the client."""
        self._timer.cancel()
        self._writable.set()
        if self._exchange is not None:
            self._exchange.lost()
        self._connections.lost(self._client)

    def data_received(self, data: bytes) -> None:
        """Read on in what has arrived."""
        self._unread = self._unread + data if self._unread else data
        self._advance()

    def pause_writing(self) -> None:
        """Make the reply wait until the client reads."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """Let the reply go on."""
        self._writable.set()

    # ---- what the exchange asks for

    def write(self, data: bytes) -> None:
        """Write bytes; after the connection's end they are dropped."""
        if not self._transport.is_closing():
            self._transport.write(data)

    async def drain(self) -> None:
        """Wait until the client has read enough for more to be written."""
        await self._writable.wait()

    def read_on(self) -> None:
        """Go on reading: the pieces that had arrived are taken."""
        if self._is_paused and not self._transport.is_closing():
            self._is_paused = False
            self._transport.resume_reading()

    # ---- from bytes to requests

    def _advance(self) -> None:
        """Read what has arrived: a head, or more of the body."""
        try:
            if self._exchange is None:
                self._begin()
            elif not self._body.ended:
                self._feed(self._exchange)
        except UnreadableError as error:
            self._refuse(error)
            return
        held = self._exchange.held if self._exchange else 0
        if len(self._unread) + held > MOST_UNREAD and not self._is_paused:
            self._is_paused = True
            self._transport.pause_reading()

    def _begin(self) -> None:
        """Start the next exchange, if the head of its request is here."""
        data = self._unread.lstrip(b"\r\n") if self._unread[:1] in b"\r\n" else self._unread
        end = data.find(b"\r\n\r\n")
        if end > LARGEST_HEAD or (end < 0 and len(data) > LARGEST_HEAD):
            raise UnreadableError(f"The head of the request is larger than {LARGEST_HEAD} bytes.", 431)
        if end < 0:
            return
        head = self._read_small(data[: end + 2]) if end < SMALL_HEAD else read_head(data[: end + 2])
        self._unread = data[end + 4 :]
        self._body = body_reader(head.length)
        self._exchange = exchange = ServedExchange(head, self)
        self._feed(exchange)
        self._task = self._loop.create_task(self._answer(exchange, head))

    def _feed(self, exchange: ServedExchange) -> None:
        """Give the exchange what has arrived of its body."""
        piece, self._unread = self._body.feed(self._unread)
        if piece or self._body.ended:
            exchange.arrived(piece, ended=self._body.ended)

    def _refuse(self, error: UnreadableError) -> None:
        """Answer a request that cannot be read, unless its reply has begun, and close the connection."""
        if self._exchange is None or not self._exchange.is_started:
            words = str(error).encode()
            self.write(
                b"HTTP/1.1 %d Bad Request\r\ncontent-type: text/plain; charset=utf-8\r\n"
                b"content-length: %d\r\nconnection: close\r\n\r\n%b" % (error.status, len(words), words)
            )
        self._unread = b""
        self._transport.close()

    # ---- one exchange

    async def _answer(self, exchange: ServedExchange, head: RequestHead) -> None:
        try:
            await self._app(self._scope(exchange, head), exchange.receive, exchange.send)
        except asyncio.CancelledError:
            self._transport.abort()  # close() would wait for a client that does not read
            raise
        except Exception:
            log.exception("the simulator failed on %s %s", head.method, head.path)
        finally:
            self._finish(exchange)

    def _scope(self, exchange: ServedExchange, head: RequestHead) -> dict[str, Any]:
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": head.version,
            "method": head.method,
            "scheme": "http",
            "path": head.path,
            "raw_path": head.raw_path,
            "query_string": head.query,
            "root_path": "",
            "headers": head.headers,
            "client": self._client,
            "server": self._server,
            "whole_body": exchange.whole,  # ours: what need not be waited for
        }

    def _finish(self, exchange: ServedExchange) -> None:
        """Go on to the next request, or close the connection."""
        self._exchange = self._task = None
        self._waits_since = self._loop.time()
        if self._transport.is_closing():
            return
        if not exchange.is_started:
            self._refuse(UnreadableError("The simulator did not answer.", 500))
        elif not exchange.is_done or not exchange.keep_alive or not exchange.has_ended:
            self._transport.close()
        else:
            self.read_on()
            if self._unread:
                self._advance()

    def _end_a_long_wait(self) -> None:
        """Close the connection if it has waited for a head for too long; look again when it would have."""
        left = self._waits_since + self._head_seconds - self._loop.time()
        if self._exchange is not None:
            left = self._head_seconds
        if left <= 0:
            self._transport.close()
        else:
            self._timer = self._loop.call_later(left, self._end_a_long_wait)

    def stop(self) -> asyncio.Task[None] | None:
        """Cancel the exchange that is running, and return its task."""
        if self._task is not None:
            self._task.cancel()
        return self._task
