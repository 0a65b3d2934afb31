"""The sync transport, on the standard library's http.client.

Strategy: http.client writes the request and reads the reply's head. Around it stands what it does not do: connections opened under one
deadline (`dialing`), kept for the next request (`pool`), each read and write under the call's clock (`clocked`), and bodies that are
held to their framing (`framing`).

Contract: however a call ends, by an error, a signal or Ctrl-C, no frame of http.client, whose locals hold the headers, is in the
traceback. Once a byte of a reply has come, a failure is one that is not tried again.
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from http import client as http
from typing import Any, Final

from keybearer.errors import TransportError
from keybearer.shell.transports.base import Clock, TransportOptions, closed_here, opens_stream, whole
from keybearer.shell.transports.clocked import ClockedSocket
from keybearer.shell.transports.dialing import dial
from keybearer.shell.transports.http1_framing import FramedBody, framed
from keybearer.shell.transports.pool import Pool
from keybearer.shell.transports.routes import Route, Routes
from keybearer.shell.transports.tracebacks import without_frames
from keybearer.shell.transports.unpacking import Unpacker, unpacker
from keybearer.types.http import Headers, Reply, Request

__all__ = ["HTTPClientTransport"]

_FAILURES: Final = (OSError, ValueError, http.HTTPException)

_FRAMING: Final = frozenset({"host", "content-length", "transfer-encoding", "connection"})
"""Headers that say how a request is framed, which is decided here."""

_FOLD: Final = re.compile(r"\r?\n[ \t]+")
"""A header on two lines, as older standards had it."""


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
        clock = Clock(request)
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
            clock.body()
            if opens_stream(request, body.status, body.headers):
                return Reply(status=body.status, headers=body.headers, stream=body)
            return Reply(status=body.status, headers=body.headers, body=whole(body))
        raise failure

    def close(self) -> None:
        """Close every connection; what waits for one in another thread ends with an error."""
        self._pool.close()


def _exchange(request: Request, target: str, route: Route, sock: ClockedSocket, pool: Pool) -> _Body:
    """Send a request and read its reply's head."""
    connection: Any = http.HTTPConnection(route.origin.host, route.origin.port)
    connection.auto_open = 0
    connection.sock = sock
    connection.putrequest(request.method, target, skip_host=True, skip_accept_encoding=True)
    connection.putheader("host", route.host)
    for name, value in request.headers.items():
        if name not in _FRAMING:
            connection.putheader(name, value)
    if route.forwarded and route.login is not None:
        connection.putheader("proxy-authorization", route.login.reveal())
    if request.body or request.method == "POST":
        connection.putheader("content-length", str(len(request.body)))
    connection.endheaders(request.body or None)
    sent = sock.flush()
    sock.clock.sent()
    response: http.HTTPResponse = connection.getresponse()
    while 100 < response.status < 200 and response.status != 101:
        response = _next(response)
    headers = Headers((name, _FOLD.sub(" ", value).strip()) for name, value in response.headers.items())
    body = framed(response, headers, sock)
    return _Body(headers, body, sock, pool, route.key if sent and body.lasting else None)


def _next(response: http.HTTPResponse) -> http.HTTPResponse:
    """Read the head that follows an interim one."""
    response.headers = response.msg = None  # type: ignore[assignment] # as a response is before its head was read
    response.begin()
    return response


class _Body:
    """A reply whose head was read, and its open body."""

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
            raise closed_here()  # its connection may serve another request by now
        self._clock.resume()
        try:
            data = self._body.read() if self._unpacker is None else self._unpacked(self._unpacker)
        except _FAILURES as error:
            failure = _translate(error, "read", "idle", self._sock)
        except BaseException as error:  # noqa: BLE001 - it goes on
            self._give_up()
            raise without_frames(error)  # noqa: B904 - it is the same one
        else:
            self._clock.leave()
            if data or not self._sock.ended:
                return data
            failure = closed_here()
        self._give_up()
        raise failure

    def _give_up(self) -> None:
        """Close a connection that has failed: nothing more will come of it."""
        self._key = None
        self.close()

    def _unpacked(self, unpacker: Unpacker) -> bytes:
        while True:
            packed = self._body.read() if unpacker.hungry else b""
            if not packed and unpacker.hungry:
                unpacker.close()
                return b""
            if data := unpacker.unpack(packed):
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
        """Release the connection; it is closed unless the body was read to its end. Another thread's read of it ends."""
        if self._closed:
            return
        self._closed = True
        if self._key is not None and self._body.ended():
            self._pool.keep(self._key, self._sock)
        else:
            self._sock.shut()
            self._pool.drop(self._sock)


def _translate(error: Exception, phase: str, limit: str, sock: ClockedSocket) -> TransportError:
    """Turn an exception of http.client or the system into ours: the one place where that is done.

    Args:
        error: The exception.
        phase: Where it came: `first_byte`, or `read` once a byte of the reply had come.
        limit: The time limit that a time-out is of.
        sock: The connection.
    """
    clock = sock.clock
    if sock.ended:
        return closed_here()
    if clock.expired:
        return clock.late("total")
    if isinstance(error, TimeoutError):
        return clock.late(limit)
    if phase == "first_byte" and isinstance(error, ValueError | http.InvalidURL):
        reason = "the URL or a header has a character that may not be there"  # their own words show it, and it may be a secret
        return clock.failed("url", reason, retryable=False)
    if isinstance(error, http.BadStatusLine) and not isinstance(error, http.RemoteDisconnected):
        return clock.failed("read", f"the answer is not HTTP: {error}")
    if isinstance(error, http.UnknownProtocol):
        return clock.failed("read", f"the answer is not HTTP/1.1 but {error}")
    return clock.failed(phase, error)
