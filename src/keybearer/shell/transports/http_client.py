"""The sync transport, on the standard library's http.client.

Strategy: http.client writes the request and reads the reply's head. This package adds what it lacks: connections opened under one
deadline (`dialing`) and kept for the next request (`pool`), reads and writes limited by the call's clock (`clocked`), and strict
framing of bodies (`http1_framing`).

Contract: however a call ends, by an error, a signal or Ctrl-C, its traceback has no frame of http.client, whose locals hold the
headers. A failure after the first byte of a reply is never retried.
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from http import client as http
from typing import Any, Final

from keybearer.errors import TransportError
from keybearer.shell.transports.base import (
    BAD_CHARACTER,
    IOClock,
    TransportOptions,
    closed_error,
    opens_stream,
    read_all,
)
from keybearer.shell.transports.clocked import ClockedSocket
from keybearer.shell.transports.dialing import dial
from keybearer.shell.transports.http1_framing import FramedBody, framed
from keybearer.shell.transports.http1_head import without_framing
from keybearer.shell.transports.pool import Pool
from keybearer.shell.transports.routes import Route, Routes
from keybearer.shell.transports.tracebacks import without_frames
from keybearer.shell.transports.unpacking import Unpacker, unpacker
from keybearer.types.http import Headers, Reply, Request

__all__ = ["HTTPClientTransport"]

_FAILURES: Final = (OSError, ValueError, http.HTTPException)

_FOLD: Final = re.compile(r"\r?\n[ \t]+")
"""The break inside a header on two lines, which older standards allowed (RFC 9112, section 5.2)."""


class HTTPClientTransport:
    """Send requests with http.client. Threads may share it.

    Args:
        options: How to connect.
    """

    def __init__(self, options: TransportOptions | None = None) -> None:
        self._options = options or TransportOptions()
        self._routes = Routes(self._options)
        self._pool = Pool(self._options.max_connections)

    def send(self, request: Request) -> Reply:
        """Send a request and give its reply."""
        clock = IOClock(request)
        route, target = self._routes.of(request.url)
        clock.proxied = route.proxy is not None
        sock = self._pool.take(route.key)
        if sock is None:
            sock = ClockedSocket(dial(route, clock, self._options.ca_file))
            self._pool.add(sock)
        sock.begin(clock)
        failure: TransportError
        try:
            body = _exchange(request, target, route, sock, self._pool)
        except _FAILURES as error:
            failure = _translate(error, "read" if sock.received else "first_byte", "first_byte", sock)
            failure.reused = clock.reused
            self._pool.drop(sock)
        except BaseException as error:  # noqa: BLE001 - it goes on
            self._pool.drop(sock)
            raise without_frames(error)  # noqa: B904 - it is the same one
        else:
            clock.head_received()
            if opens_stream(request, body.status, body.headers):
                return Reply(status=body.status, headers=body.headers, stream=body)
            return Reply(status=body.status, headers=body.headers, body=read_all(body))
        raise failure

    def close(self) -> None:
        """Close every connection; a read that waits in another thread ends with an error."""
        self._pool.close()


def _exchange(request: Request, target: str, route: Route, sock: ClockedSocket, pool: Pool) -> HTTPClientStream:
    """Send a request and read its reply's head."""
    connection: Any = http.HTTPConnection(route.origin.host, route.origin.port)
    connection.auto_open = 0
    connection.sock = sock
    connection.putrequest(request.method, target, skip_host=True, skip_accept_encoding=True)
    connection.putheader("host", route.host)
    for name, value in without_framing(request.headers).items():
        connection.putheader(name, value)
    if route.forwarded and route.login is not None:
        connection.putheader("proxy-authorization", route.login.reveal())
    if request.size or request.method == "POST":
        connection.putheader("content-length", str(request.size))
    connection.endheaders(request.body or None)
    sent = sock.flush(request.upload.pieces() if request.upload is not None else ())
    sock.clock.sent()
    response: http.HTTPResponse = connection.getresponse()
    while 100 < response.status < 200 and response.status != 101:
        response = _next(response)
    headers = Headers((name, _FOLD.sub(" ", value).strip()) for name, value in response.headers.items())
    body = framed(response, headers, sock)
    return HTTPClientStream(headers, body, sock, pool, route.key if sent and body.lasting else None)


def _next(response: http.HTTPResponse) -> http.HTTPResponse:
    """Read the head that follows an interim one."""
    response.headers = response.msg = None  # type: ignore[assignment] # as a response is before its head was read
    response.begin()
    return response


class HTTPClientStream:
    """A reply whose head was read; its body is still to be read."""

    __slots__ = ("_body", "_clock", "_closed", "_key", "_pool", "_sock", "_unpacker", "headers", "status")

    def __init__(
        self, headers: Headers, body: FramedBody, sock: ClockedSocket, pool: Pool, key: Hashable | None
    ) -> None:
        self.status: int = body.response.status
        self.headers = headers
        self._body, self._sock, self._pool, self._key = body, sock, pool, key
        self._clock = sock.clock
        self._closed = False
        self._unpacker: Unpacker | None = unpacker(headers.get("content-encoding", "identity"))

    def read(self) -> bytes:
        """Give the next bytes as they came; `b""` at the end."""
        if self._closed:
            raise closed_error()  # its connection may serve another request by now
        self._clock.resume()
        try:
            data = self._body.read() if self._unpacker is None else self._unpacked(self._unpacker)
        except _FAILURES as error:
            failure = _translate(error, "read", "idle", self._sock)
        except BaseException as error:  # noqa: BLE001 - it goes on
            self._give_up()
            raise without_frames(error)  # noqa: B904 - it is the same one
        else:
            self._clock.pause()
            if data or not self._sock.ended:
                return data
            failure = closed_error()
        self._give_up()
        raise failure

    def _give_up(self) -> None:
        """Close a connection that has failed, so that it is not used again."""
        self._key = None
        self.close()

    def _unpacked(self, unpacker: Unpacker) -> bytes:
        data = None
        while data is None:
            data = unpacker.feed(self._body.read() if unpacker.needs_input else b"")
        return data

    def finish(self) -> None:
        """Read the body's end, if it is there soon."""
        if not self._closed and self._key is not None:
            self._clock.drain()
            try:
                self._body.read()
            except _FAILURES:
                self._key = None  # the message is complete; the connection is only worth closing
        self.close()

    def close(self) -> None:
        """Keep the connection if the body was read to its end, else close it; a read that waits in another thread ends."""
        if self._closed:
            return
        self._closed = True
        if self._key is not None and self._body.ended():
            self._pool.keep(self._key, self._sock)
        else:
            self._sock.shut()
            self._pool.drop(self._sock)


def _translate(error: Exception, phase: str, limit: str, sock: ClockedSocket) -> TransportError:
    """Translate an exception of http.client or of the system into ours; this is the only place that does.

    Args:
        error: The exception.
        phase: Where it came: `first_byte`, or `read` once a byte of the reply had come.
        limit: The time limit that a time-out means, a field of `Timeouts`.
        sock: The connection.
    """
    clock = sock.clock
    if sock.ended:
        return closed_error()
    if clock.expired:
        return clock.timeout_error("total")
    if isinstance(error, TimeoutError):
        return clock.timeout_error(limit)
    if phase == "first_byte" and isinstance(error, ValueError | http.InvalidURL):
        reason = BAD_CHARACTER
        return clock.connection_error("url", reason, retryable=False)
    if isinstance(error, http.BadStatusLine) and not isinstance(error, http.RemoteDisconnected):
        return clock.connection_error("read", f"the answer is not HTTP: {error}")
    if isinstance(error, http.UnknownProtocol):
        return clock.connection_error("read", f"the answer is not HTTP/1.1 but {error}")
    return clock.connection_error(phase, error)
