"""One request and its reply on a connection of urllib3's, each read and write under the call's clock.

Strategy: urllib3 does what is hard about connections: pools, TLS, proxies, tunnels; http.client reads the reply. What urllib3 does
between them for any program (its own retries, redirects, time limits, replies) costs as much again as all the rest, and is the
exchange's here, so a request is written to the connection in one call, and its reply's head read from there. What http.client
reads from is a `ClockedReader`, so that no read, of a head that drips byte by byte neither, outlasts what is left of the call.

Contract: a connection goes back to its pool when its reply was read to the end, and is closed otherwise.
"""

from __future__ import annotations

import contextlib
import io
import socket
from collections.abc import Callable
from http import client as http
from typing import Any, Final, NamedTuple

from urllib3 import exceptions as x
from urllib3.connectionpool import HTTPConnectionPool

from keybearer.shell.head import request_head
from keybearer.shell.transport import Clock
from keybearer.types.http import Request

__all__ = ["Response", "Route", "exchange"]

_SMALL: Final = 16 << 10
"""A body up to this length, in bytes, goes out in one call with its request's head: one packet, one wake-up of the other side."""

_HEAD: Final = 64 << 10
"""The most bytes of a reply's head."""


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
    """A reply, and the connection that it comes on.

    Args:
        pool: The connection's pool.
        connection: The connection.
        clock: The call's clock.
        method: The request's method.

    Attributes:
        pairs: Its headers, in the order they came.
    """

    _read_status: Callable[[], tuple[str, int, str]]  # http.client's; the stubs do not have it

    def __init__(self, pool: HTTPConnectionPool, connection: Any, clock: Clock, method: str) -> None:
        self.reader = ClockedReader(connection.sock, clock)
        self._pool = pool
        self._connection = connection
        self._bodiless = method == "HEAD"
        self.pairs: list[tuple[str, str]] = []
        super().__init__(self.reader, method=method)  # type: ignore[arg-type] # it calls makefile, and nothing else

    def begin(self) -> None:
        """Read the reply's head, interim ones (1xx) before it too.

        http.client reads headers with the email package's parser, which takes a quarter of a plain request's time.
        """
        status, version = 100, ""
        while 100 <= status < 200:
            version, status, self.reason = self._read_status()
            self.pairs = self._fields()
        self.code = self.status = status
        fields = {name.lower(): value.lower() for name, value in self.pairs}
        coding = fields.get("transfer-encoding")
        if coding not in {None, "chunked", "identity"}:
            raise http.HTTPException("its transfer coding is not known")
        self.chunked = coding == "chunked"
        self.chunk_left = None
        self.length = None if self.chunked else self._length(fields.get("content-length"))
        lasting = "close" not in fields.get("connection", "") and (version == "HTTP/1.1" or "connection" in fields)
        self.will_close = not lasting or not (self.chunked or self.length is not None)

    def _fields(self) -> list[tuple[str, str]]:
        pairs: list[tuple[str, str]] = []
        left = _HEAD
        while (line := self.fp.readline(left)) not in {b"\r\n", b"\n"}:
            left -= len(line)
            if not line.endswith(b"\n"):
                raise http.HTTPException("the head is too long" if left <= 0 else "it ended inside the head")
            if line[:1] in b" \t" and pairs:  # a header on two lines, as older standards had it
                pairs[-1] = (pairs[-1][0], f"{pairs[-1][1]} {line.decode('latin-1').strip()}")
                continue
            name, colon, value = line.decode("latin-1").partition(":")
            if not colon or not name or name != name.strip():
                raise http.HTTPException("a line of the head is not a header")
            pairs.append((name, value.strip()))
        return pairs

    def _length(self, text: str | None) -> int | None:
        """Return how long the body is; None until the connection ends."""
        if self.status in {204, 304} or self._bodiless:
            return 0
        if text is None:
            return None
        said = {value for name, value in self.pairs if name.lower() == "content-length"}
        if len(said) > 1 or not text.isdecimal():
            raise http.HTTPException("the length of its body is not a number")
        return int(text)

    def release(self) -> None:
        """Give the connection back to its pool: the body was read to its end."""
        again = not self.will_close
        self.close()
        if again:
            self._pool._put_conn(self._connection)  # noqa: SLF001 - as urllib3's own reply does
        else:
            self._connection.close()

    def discard(self) -> None:
        """Close the connection; a read of it in another thread ends."""
        self.reader.shut()
        self.close()
        self._connection.close()


class Route(NamedTuple):
    """How an origin is reached, found out once: reading the environment and a URL costs more than the rest of a request.

    Attributes:
        pool: Its connections, or the proxy's.
        host: Its `host` header.
        forwarded: Whether a proxy is asked for whole URLs.
        headers: Headers for that proxy.
        proxied: Whether there is a proxy.
    """

    pool: HTTPConnectionPool
    host: str
    forwarded: bool
    headers: dict[str, str]
    proxied: bool


def exchange(route: Route, target: str, request: Request, clock: Clock) -> Response:
    """Send a request and read its reply's head.

    Args:
        route: How its origin is reached.
        target: What its first line asks for: a path, or for a proxy the whole URL.
        request: The request.
        clock: The call's clock; it is told whether the connection had served another request.

    Raises:
        Exception: What went wrong, in the words of urllib3, http.client or the system.
    """
    connection: Any = route.pool._get_conn()  # noqa: SLF001 - this is what a pool's own request begins with
    clock.reused = not connection.is_closed
    response: Response | None = None
    try:
        if not clock.reused:
            _connect(route.pool, connection, clock)
        sock: socket.socket = connection.sock
        sock.settimeout(clock.to_write())
        head = request_head(request, target, route.host, route.headers)
        whole = _write(sock, head, request.body)
        clock.sent()
        response = Response(route.pool, connection, clock, request.method)
        response.begin()
        response.will_close = response.will_close or not whole
    except BaseException:
        if response is not None:
            response.close()
        connection.close()
        raise
    clock.body()
    return response


def _write(sock: socket.socket, head: bytes, body: bytes) -> bool:
    """Send a request; return whether all of it went out. Who hung up before that may have answered: an error, mostly."""
    try:
        if len(body) <= _SMALL:
            sock.sendall(head + body)
        else:
            sock.sendall(head)
            sock.sendall(body)
    except (BrokenPipeError, ConnectionResetError):
        return False
    return True


def _connect(pool: HTTPConnectionPool, connection: Any, clock: Clock) -> None:
    connection.timeout = clock.to_connect()
    try:
        if pool.proxy is not None and pool.scheme == "https":
            pool._prepare_proxy(connection)  # noqa: SLF001 - the tunnel; a pool's own request begins so too
        else:
            connection.connect()
    except (OSError, x.HTTPError, http.HTTPException) as error:
        refused = isinstance(error, OSError) and "Tunnel connection failed" in str(error)
        if pool.proxy is not None and (refused or not connection.has_connected_to_proxy):
            raise x.ProxyError("no connection through the proxy", error) from error
        raise
