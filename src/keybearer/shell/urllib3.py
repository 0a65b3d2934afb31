"""The sync transport, on urllib3."""

from __future__ import annotations

import ssl
import threading
import weakref
from http import client as http
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import urllib3
from urllib3 import exceptions as x

from keybearer.errors import TransportError
from keybearer.shell.chunked import ChunkedDecoder
from keybearer.shell.connections import Response, Route, exchange
from keybearer.shell.head import host_header
from keybearer.shell.proxies import proxy_for
from keybearer.shell.tls import tls_context
from keybearer.shell.transport import READ_SIZE, Clock, TransportOptions, closed_here, opens_stream, whole
from keybearer.types.http import Headers, Reply, Request

__all__ = ["Urllib3Transport"]

_FAILURES: Final = (x.HTTPError, OSError, ValueError, http.HTTPException)


class Urllib3Transport:
    """Send requests with urllib3.

    Args:
        options: How to connect.
    """

    def __init__(self, options: TransportOptions | None = None) -> None:
        self._options = options or TransportOptions()
        self._managers: dict[str | None, urllib3.PoolManager] = {}
        self._routes: dict[str, Route] = {}
        self._open: weakref.WeakSet[_Body] = weakref.WeakSet()
        self._lock = threading.Lock()

    def send(self, request: Request) -> Reply:
        """Send a request and give its reply."""
        clock = Clock(request)
        failure: TransportError
        try:
            route, path = self._route(request.url)
            clock.proxied = route.proxied
            response = exchange(route, request.url if route.forwarded else path, request, clock)
        except _FAILURES as error:
            failure = _translate(error, "first_byte", clock)
            failure.reused = clock.reused
        else:
            headers = Headers(response.pairs)
            body = _body(response, headers)
            if opens_stream(request, response.status, headers):
                with self._lock:
                    self._open.add(body)
                return Reply(status=response.status, headers=headers, stream=body)
            return Reply(status=response.status, headers=headers, body=whole(body))
        raise failure

    def close(self) -> None:
        """Close every connection; a stream that is read in another thread ends with an error."""
        with self._lock:
            managers, self._managers, self._routes = list(self._managers.values()), {}, {}
            bodies = list(self._open)
        for body in bodies:
            body.close()
        for manager in managers:
            manager.clear()

    def _route(self, url: str) -> tuple[Route, str]:
        """Return how a URL is reached, and its path."""
        scheme, _, host, path = url.split("/", 3)
        route = self._routes.get(scheme + host)
        if route is None:
            with self._lock:
                route = self._routes[scheme + host] = self._find(url)
        return route, "/" + path

    def _find(self, url: str) -> Route:
        proxy = proxy_for(url, self._options)
        manager = self._managers.get(proxy)
        if manager is None:
            manager = self._managers[proxy] = self._make(proxy, secure=url.startswith("https:"))
        parts = urlsplit(url)
        return Route(
            pool=manager.connection_from_url(url),
            host=host_header(parts.netloc, parts.scheme),
            forwarded=proxy is not None and parts.scheme == "http",
            headers=dict(manager.proxy_headers)
            if isinstance(manager, urllib3.ProxyManager) and parts.scheme == "http"
            else {},
            proxied=proxy is not None,
        )

    def _make(self, proxy: str | None, *, secure: bool) -> urllib3.PoolManager:
        kwargs: dict[str, Any] = {"maxsize": self._options.max_connections}
        if secure or (proxy or "").startswith("https:"):
            kwargs["ssl_context"] = tls_context(self._options.ca_file)
        if proxy:
            return urllib3.ProxyManager(proxy, proxy_headers=_login(proxy), **kwargs)
        return urllib3.PoolManager(**kwargs)


def _body(response: Response, headers: Headers) -> _Body:
    if headers.get("content-encoding", "identity") != "identity":
        return _EncodedBody(response)
    return _ChunkedBody(response) if response.chunked else _Body(response)


class _Body:
    """The open body of a reply, with its length known or until the connection ends."""

    __slots__ = ("__weakref__", "_closed", "_response")

    def __init__(self, response: Response) -> None:
        self._response = response
        self._closed = False

    def read(self) -> bytes:
        """Give the next bytes as they came; `b""` at the end."""
        clock = self._response.reader.clock
        clock.resume()
        try:
            data = self._next()
        except _FAILURES as error:
            failure = closed_here() if self._closed else _translate(error, "read", clock)
        else:
            clock.leave()
            if data or not self._closed:
                return data
            failure = closed_here()
        raise failure

    def _next(self) -> bytes:
        data = self._response.read1(READ_SIZE)
        if not data and self._response.length:
            raise http.HTTPException(f"the body ended {self._response.length} bytes early")
        return data

    @property
    def _at_end(self) -> bool:
        """Whether the whole body was read, so that the connection can be used again."""
        return self._response.length == 0

    def finish(self) -> None:
        """Read the body's end, if it is there soon."""
        try:
            if not self._at_end:
                self._response.reader.clock.drain()
                self._next()
        except _FAILURES:
            pass  # the message is complete whatever comes
        finally:
            self.close()

    def close(self) -> None:
        """Release the connection; it is closed unless the body was read to its end. Another thread's read of it ends."""
        if self._closed:
            return
        self._closed = True
        if self._at_end:
            self._response.release()
        else:
            self._response.discard()


class _ChunkedBody(_Body):
    """The open body of a chunked reply, read from below http.client: see `keybearer.shell.chunked` for why."""

    __slots__ = ("_decoder", "_file")

    def __init__(self, response: Response) -> None:
        super().__init__(response)
        self._decoder = ChunkedDecoder()
        self._file = response.fp

    def _next(self) -> bytes:
        decoder = self._decoder
        while not decoder.done:
            raw = self._file.read1(READ_SIZE)
            if not raw:
                raise http.HTTPException("the body ended before its last chunk")
            try:
                data = decoder.feed(raw)
            except ValueError as error:
                raise http.HTTPException(str(error)) from None
            if data:
                return data
        return b""

    @property
    def _at_end(self) -> bool:
        return self._decoder.done and not self._decoder.rest


class _EncodedBody(_Body):
    """The open body of a reply that is compressed, though that was not asked for: urllib3 unpacks it."""

    __slots__ = ("_unpacked",)

    def __init__(self, response: Response) -> None:
        super().__init__(response)
        self._unpacked = urllib3.HTTPResponse(
            response, dict(response.pairs), response.status, preload_content=False, original_response=response
        )

    def _next(self) -> bytes:
        return self._unpacked.read1(READ_SIZE)

    @property
    def _at_end(self) -> bool:
        return False  # not worth knowing


def _login(proxy: str) -> dict[str, str] | None:
    """Return the header for a proxy whose URL has a user and a password; urllib3 reads none from there."""
    auth = urllib3.util.parse_url(proxy).auth
    return urllib3.make_headers(proxy_basic_auth=unquote(auth)) if auth else None


def _translate(error: Exception, phase: str, clock: Clock) -> TransportError:
    """Turn an exception of urllib3, http.client or the system into ours: the one place where that is done."""
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
    if isinstance(error, TimeoutError):
        return clock.late("first_byte" if phase == "first_byte" else "idle")
    if isinstance(error, x.SSLError | ssl.SSLError):
        return clock.failed("tls", reason, retryable="CERTIFICATE" not in str(reason))
    if isinstance(error, x.LocationValueError | ValueError):
        return clock.failed("url", reason, retryable=False)
    if isinstance(reason, http.BadStatusLine) and not isinstance(reason, http.RemoteDisconnected):
        return clock.failed(phase, f"the answer is not HTTP: {reason}")
    return clock.failed(phase, reason)


def _innermost(error: BaseException) -> BaseException:
    """Return the exception that urllib3's are wrapped around."""
    while (inner := next((a for a in error.args[::-1] if isinstance(a, BaseException)), None)) or error.__cause__:
        error = inner or error.__cause__ or error
    return error
