"""The sync transport, on urllib3."""

from __future__ import annotations

import contextlib
import threading
from http.client import BadStatusLine, HTTPResponse, RemoteDisconnected
from io import BufferedReader
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

import urllib3
from urllib3 import exceptions as x
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from keybearer.errors import TransportError
from keybearer.shell.chunked import ChunkedDecoder
from keybearer.shell.proxies import proxy_for
from keybearer.shell.tls import tls_context
from keybearer.shell.transport import DRAIN, READ_SIZE, Clock, TransportOptions, opens_stream, whole
from keybearer.types.http import Headers, Reply, Request

if TYPE_CHECKING:
    from urllib3.response import BaseHTTPResponse

__all__ = ["Urllib3Transport"]

_thread = threading.local()
"""`_thread.reused`: whether this thread's last request went out on a connection that had served another."""


_SMALL: Final = 16 << 10
"""A body up to this length, in bytes, goes out in one call with its request's head."""


class _Counted:
    """A connection that knows how many requests it has carried, and sends a small one in one call.

    http.client sends head and body apart: two system calls, two packets, and two wake-ups of the other side.
    """

    _requests = 0
    _head: bytes | None = None  # while a request is written: its head, kept back until the body's first bytes come

    def connect(self) -> None:
        self._requests = 0
        super().connect()  # type: ignore[misc] # mixed into a connection

    def request(self, *args: Any, **kwargs: Any) -> None:
        _thread.reused = self._requests > 0
        self._head = b""
        try:
            super().request(*args, **kwargs)  # type: ignore[misc] # mixed into a connection
            self._flush(b"")
        finally:
            self._head = None
        self._requests += 1

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


class _Connection(_Counted, HTTPConnection):
    pass


class _TLSConnection(_Counted, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TLSPool(HTTPSConnectionPool):
    ConnectionCls = _TLSConnection


class Urllib3Transport:
    """Send requests with urllib3.

    Args:
        options: How to connect.
    """

    def __init__(self, options: TransportOptions | None = None) -> None:
        self._options = options or TransportOptions()
        self._managers: dict[str | None, urllib3.PoolManager] = {}
        self._origins: dict[str, urllib3.PoolManager | HTTPConnectionPool] = {}
        self._lock = threading.Lock()

    def send(self, request: Request) -> Reply:
        """Send a request and give its reply."""
        clock = Clock(request)
        limits, total = request.timeouts, request.timeouts.total
        timeout = urllib3.Timeout(connect=_least(limits.connect, total), read=_least(limits.first_byte, total))
        _thread.reused = False
        failure: TransportError
        try:
            opener, target = self._route(request.url)
            response = opener.urlopen(
                request.method,
                target,
                body=request.body or None,
                headers=request.headers,
                timeout=timeout,
                retries=False,
                redirect=False,
                preload_content=False,
            )
        except (x.HTTPError, OSError, ValueError) as error:
            failure = _translate(error, "first_byte", clock)
        else:
            headers = Headers(response.headers.items())
            stream = (_ChunkedStream if _is_chunked(response) else _Stream)(response, clock)
            if opens_stream(request, response.status, headers):
                return Reply(status=response.status, headers=headers, stream=stream)
            return Reply(status=response.status, headers=headers, body=whole(stream))
        failure.reused = _thread.reused
        raise failure

    def close(self) -> None:
        """Close every connection."""
        with self._lock:
            managers, self._managers, self._origins = list(self._managers.values()), {}, {}
        for manager in managers:
            manager.clear()

    def _route(self, url: str) -> tuple[urllib3.PoolManager | HTTPConnectionPool, str]:
        """Return what opens a URL, and what to ask it for.

        The environment's proxies are read and the URL is parsed once an origin: done at every request, that costs more than
        keybearer does.
        """
        scheme, _, host, path = url.split("/", 3)
        opener = self._origins.get(scheme + host)
        if opener is None:
            with self._lock:
                opener = self._origins[scheme + host] = self._opener(url)
        return opener, "/" + path if isinstance(opener, HTTPConnectionPool) else url

    def _opener(self, url: str) -> urllib3.PoolManager | HTTPConnectionPool:
        proxy = proxy_for(url, self._options)
        manager = self._managers.get(proxy)
        if manager is None:
            manager = self._managers[proxy] = self._make(proxy, secure=url.startswith("https:"))
        # Through a proxy, the manager sees to the absolute URL and the proxy's headers.
        return manager if proxy else manager.connection_from_url(url)

    def _make(self, proxy: str | None, *, secure: bool) -> urllib3.PoolManager:
        kwargs: dict[str, Any] = {"maxsize": self._options.max_connections, "retries": False}
        if secure or (proxy or "").startswith("https:"):
            kwargs["ssl_context"] = tls_context(self._options.ca_file)
        manager = (
            urllib3.ProxyManager(proxy, proxy_headers=_login(proxy), **kwargs)
            if proxy
            else urllib3.PoolManager(**kwargs)
        )
        manager.pool_classes_by_scheme = {"http": _Pool, "https": _TLSPool}
        return manager


class _Stream:
    """The open body of a urllib3 response."""

    __slots__ = ("_clock", "_response", "_timeout")

    def __init__(self, response: BaseHTTPResponse, clock: Clock) -> None:
        self._response = response
        self._clock = clock
        self._timeout: float | None = -1.0

    def read(self) -> bytes:
        """Give the next bytes as they came; `b""` at the end."""
        timeout = self._clock.next_read()
        if timeout != self._timeout:
            self._timeout = timeout
            _set_timeout(self._response, timeout)
        try:
            return self._next()
        except (x.HTTPError, OSError, ValueError) as error:
            failure = _translate(error, "read", self._clock)
        raise failure

    def _next(self) -> bytes:
        return self._response.read1(READ_SIZE)

    def finish(self) -> None:
        """Read the body's end, if it is there soon."""
        _set_timeout(self._response, DRAIN)
        with contextlib.suppress(x.HTTPError, OSError, ValueError):  # the message is complete whatever comes
            self._next()
        self.close()

    def close(self) -> None:
        """Release the connection; urllib3 has put it back already when the body was read to its end."""
        self._response.close()


def _is_chunked(response: BaseHTTPResponse) -> bool:
    return bool(getattr(response, "chunked", False)) and not response.headers.get("content-encoding")


class _ChunkedStream(_Stream):
    """The open body of a chunked response, read from below urllib3: see `keybearer.shell.chunked` for why."""

    __slots__ = ("_decoder", "_ended", "_file", "_http")

    def __init__(self, response: BaseHTTPResponse, clock: Clock) -> None:
        super().__init__(response, clock)
        self._decoder = ChunkedDecoder()
        self._ended = False
        inside: Any = response
        self._http: HTTPResponse = inside._fp  # noqa: SLF001 - urllib3 has no public way to what it reads from
        self._file: BufferedReader = self._http.fp

    def _next(self) -> bytes:
        decoder = self._decoder
        while not self._ended:
            raw = self._file.read1(READ_SIZE)
            if not raw:
                raise x.ProtocolError("the body ended before its last chunk")
            try:
                data = decoder.feed(raw)
            except ValueError as error:
                raise x.ProtocolError(str(error)) from None
            self._ended = decoder.done
            if self._ended and not decoder.rest:
                self._http.close()  # tells the connection that its response has been read
                self._response.release_conn()
            if data:
                return data
        return b""


def _set_timeout(response: BaseHTTPResponse, timeout: float | None) -> None:
    connection = getattr(response, "connection", None)
    sock = getattr(connection, "sock", None)
    if sock is None:  # the connection closes after this reply, and its socket went to the response
        raw = getattr(getattr(getattr(response, "_fp", None), "fp", None), "raw", None)
        sock = getattr(raw, "_sock", None)
    if sock is not None:
        sock.settimeout(timeout)


def _login(proxy: str) -> dict[str, str] | None:
    """Return the header for a proxy whose URL has a user and a password; urllib3 reads none from there."""
    auth = urllib3.util.parse_url(proxy).auth
    return urllib3.make_headers(proxy_basic_auth=unquote(auth)) if auth else None


def _least(*limits: float | None) -> float | None:
    return min((limit for limit in limits if limit is not None), default=None)


def _translate(error: Exception, phase: str, clock: Clock) -> TransportError:
    """Turn an exception of urllib3 into ours: the one place where that is done."""
    if clock.expired:
        return clock.late("total")
    reason = _innermost(error)
    if isinstance(error, x.ProxyError):
        return clock.failed("proxy", reason)
    if isinstance(error, x.NameResolutionError):
        return clock.failed("dns", reason)
    if isinstance(error, x.ConnectTimeoutError) and not isinstance(error, x.NewConnectionError):
        return clock.late("connect")
    if isinstance(error, x.NewConnectionError):
        return clock.failed("connect", reason)
    if isinstance(error, x.ReadTimeoutError | TimeoutError):
        return clock.late("first_byte" if phase == "first_byte" else "idle")
    if isinstance(error, x.SSLError):
        return clock.failed("tls", reason, retryable="CERTIFICATE" not in str(reason))
    if isinstance(error, x.LocationValueError | ValueError):
        return clock.failed("url", reason, retryable=False)
    if isinstance(reason, BadStatusLine) and not isinstance(reason, RemoteDisconnected):
        return clock.failed(phase, f"the answer is not HTTP: {reason}")
    return clock.failed(phase, reason)


def _innermost(error: BaseException) -> BaseException:
    """Return the exception that urllib3's are wrapped around."""
    while (inner := next((a for a in error.args[::-1] if isinstance(a, BaseException)), None)) or error.__cause__:
        error = inner or error.__cause__ or error
    return error
