"""urllib3's connections, with each request written and each reply read by http.client, every read under the call's clock.

Strategy: urllib3 does what is hard about connections: pools, TLS, proxies, tunnels. Of its reply object, which costs as much as all of
http.client, nothing is needed here: `getresponse`, its place for another, gives http.client's. What http.client reads from is a
`ClockedReader`, so that no read, of a reply's head neither, outlasts what is left of the call.

Contract: a connection carries the request of the thread that uses it: `call` says under which clock, and whether it was reused.
"""

from __future__ import annotations

import contextlib
import io
import socket
import threading
from http import client as http
from typing import TYPE_CHECKING, Any, Final

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from keybearer.shell.transport import Clock
from keybearer.types.http import Timeouts

if TYPE_CHECKING:
    from urllib3._base_connection import BaseHTTPConnection

__all__ = ["POOLS", "Response", "call"]

_SMALL: Final = 16 << 10
"""A body up to this length, in bytes, goes out in one call with its request's head."""


class _Call(threading.local):
    """What this thread's request is sent under.

    Attributes:
        clock: Its time limits.
        reused: Whether it went out on a connection that had served another.
    """

    clock = Clock(Timeouts())
    reused = False


call: Final = _Call()


class ClockedReader(io.RawIOBase):
    """What comes in on a connection, each read as long as the clock allows; `shut` ends one that waits in another thread."""

    def __init__(self, sock: socket.socket, clock: Clock) -> None:
        super().__init__()
        self._sock = sock
        self._file = sock.makefile("rb", buffering=0)  # holds the socket open, whatever becomes of the connection
        self._timeout: float | None = -1.0
        self.clock = clock

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read what has come into a buffer."""
        timeout = self.clock.next_read()
        if timeout != self._timeout:
            self._timeout = timeout
            self._sock.settimeout(timeout)
        return self._sock.recv_into(buffer)

    def makefile(self, _mode: str) -> io.BufferedReader:
        """Open itself, as http.client opens a socket."""
        return io.BufferedReader(self)

    def shut(self) -> None:
        """End the connection, and with it a read that waits for it."""
        with contextlib.suppress(OSError):  # it has ended
            self._sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Let go of the socket."""
        super().close()
        self._file.close()


class Response(http.HTTPResponse):
    """http.client's reply, as urllib3's pool wants one: it sets `_connection` and `_pool`, to be given back to each other."""

    _connection: BaseHTTPConnection
    _pool: HTTPConnectionPool
    retries: urllib3.Retry
    version_string = "HTTP/1.1"  # the pool logs these two
    length_remaining = None

    def __init__(self, sock: socket.socket, debuglevel: int = 0, method: str | None = None) -> None:
        self.reader = ClockedReader(sock, call.clock)
        super().__init__(self.reader, debuglevel, method)  # type: ignore[arg-type] # it calls makefile, and nothing else

    def release(self) -> None:
        """Give the connection back to its pool: the body was read to its end."""
        self.close()
        self._pool._put_conn(self._connection)  # noqa: SLF001 - as urllib3's own reply does

    def discard(self) -> None:
        """Close the connection; a read of it in another thread ends."""
        self.reader.shut()
        self.close()
        self._connection.close()


class _Exchange:
    """A connection that knows how many requests it has carried, and sends a small one in one call.

    http.client sends head and body apart: two system calls, two packets, and two wake-ups of the other side.
    """

    sock: socket.socket | None
    response_class = Response
    putheader = http.HTTPConnection.putheader  # urllib3's looks for marks that nobody here sets
    getresponse = http.HTTPConnection.getresponse

    _requests = 0
    _head: bytes | None = None  # while a request is written: its head, kept back until the body's first bytes come

    def connect(self) -> None:
        self._requests = 0
        super().connect()  # type: ignore[misc] # mixed into a connection

    def request(self, method: str, url: str, body: Any = None, headers: Any = None, **_options: Any) -> None:
        call.reused = self._requests > 0
        if self.sock is None:
            self.connect()
        if self.sock is not None:
            self.sock.settimeout(call.clock.to_write())  # not the time to connect: a large body takes its own
        self._head = b""
        try:
            http.HTTPConnection.request(self, method, url, body, headers)  # type: ignore[arg-type] # as above
            self._flush(b"")
        finally:
            self._head = None
        self._requests += 1
        call.clock.sent()

    def send(self, data: Any) -> None:
        if self._head == b"" and len(data) <= _SMALL:
            self._head = data
        else:
            self._flush(data)

    def _flush(self, data: Any) -> None:
        head, self._head = self._head, None
        if head and len(data) > _SMALL:
            super().send(head)  # type: ignore[misc] # mixed into a connection
            head = b""
        if head or data:
            super().send(head + data if head else data)  # type: ignore[misc] # mixed into a connection


class _Connection(_Exchange, HTTPConnection):  # type: ignore[misc] # its `getresponse` is http.client's
    pass


class _TLSConnection(_Exchange, HTTPSConnection):  # type: ignore[misc] # as above
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection  # type: ignore[assignment] # its `getresponse` gives another reply


class _TLSPool(HTTPSConnectionPool):
    ConnectionCls = _TLSConnection  # type: ignore[assignment] # as above


POOLS: Final = {"http": _Pool, "https": _TLSPool}
"""The pools of urllib3, by scheme, with these connections."""
