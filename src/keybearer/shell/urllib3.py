"""The sync transport, on urllib3."""

from __future__ import annotations

import contextlib
import threading
import weakref
from http.client import HTTPException
from typing import Any, Final

import urllib3
from urllib3 import exceptions as x
from urllib3.connectionpool import HTTPConnectionPool

from keybearer.errors import ConnectionFailed, TimedOut, TransportError
from keybearer.shell.chunked import ChunkedDecoder
from keybearer.shell.connections import POOLS, Response, call
from keybearer.shell.proxies import proxy_for
from keybearer.shell.tls import tls_context
from keybearer.shell.transport import (
    DRAIN,
    READ_SIZE,
    Clock,
    TransportOptions,
    closed_here,
    opens_stream,
    total_passed,
    whole,
)
from keybearer.types.http import Headers, Reply, Request, Timeouts

__all__ = ["Urllib3Transport"]

_ONCE: Final = urllib3.Retry(total=False, redirect=False)
"""No retry of urllib3's own: the exchange sees to that."""

_FAILURES: Final = (x.HTTPError, OSError, ValueError, HTTPException)


class Urllib3Transport:
    """Send requests with urllib3.

    Args:
        options: How to connect.
    """

    def __init__(self, options: TransportOptions | None = None) -> None:
        self._options = options or TransportOptions()
        self._managers: dict[str | None, urllib3.PoolManager] = {}
        self._origins: dict[str, urllib3.PoolManager | HTTPConnectionPool] = {}
        self._open: weakref.WeakSet[_Body] = weakref.WeakSet()
        self._lock = threading.Lock()

    def send(self, request: Request) -> Reply:
        """Send a request and give its reply."""
        clock = call.clock = Clock(request.timeouts)
        call.reused = False
        timeout = urllib3.Timeout(connect=_least(request.timeouts.connect, request.timeouts.total))
        failure: TransportError
        try:
            opener, target = self._route(request.url)
            # A `Response` of ours: that is what the connections of these pools give.
            response: Any = opener.urlopen(
                request.method,
                target,
                body=request.body or None,
                headers=request.headers,
                timeout=timeout,
                retries=_ONCE,
                redirect=False,
                preload_content=False,
            )
        except _FAILURES as error:
            failure = total_passed() if clock.expired else _translate(error, "first_byte")
        else:
            clock.body()
            headers = Headers(response.getheaders())
            body = _body(response, headers)
            if opens_stream(request, response.status, headers):
                with self._lock:
                    self._open.add(body)
                return Reply(status=response.status, headers=headers, stream=body)
            return Reply(status=response.status, headers=headers, body=whole(body))
        failure.reused = call.reused
        raise failure

    def close(self) -> None:
        """Close every connection; a stream that is read in another thread ends with an error."""
        with self._lock:
            managers, self._managers, self._origins = list(self._managers.values()), {}, {}
            bodies = list(self._open)
        for body in bodies:
            body.close()
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
        manager = urllib3.ProxyManager(proxy, **kwargs) if proxy else urllib3.PoolManager(**kwargs)
        manager.pool_classes_by_scheme = POOLS
        return manager


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
        try:
            data = self._next()
        except _FAILURES as error:
            clock = self._response.reader.clock
            failure = closed_here() if self._closed else total_passed() if clock.expired else _translate(error, "read")
        else:
            if data or not self._closed:
                return data
            failure = closed_here()
        raise failure

    def _next(self) -> bytes:
        data = self._response.read1(READ_SIZE)
        if not data and self._response.length:
            raise x.ProtocolError(f"the body ended {self._response.length} bytes early")
        return data

    @property
    def _at_end(self) -> bool:
        """Whether the whole body was read, so that the connection can be used again."""
        return self._response.length == 0

    def finish(self) -> None:
        """Read the body's end, if it is there soon."""
        if not self._at_end:
            self._response.reader.clock = Clock(Timeouts(idle=DRAIN, total=None))
            self._response.reader.clock.body()
            with contextlib.suppress(*_FAILURES):  # the message is complete whatever comes
                self._next()
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
                raise x.ProtocolError("the body ended before its last chunk")
            try:
                data = decoder.feed(raw)
            except ValueError as error:
                raise x.ProtocolError(str(error)) from None
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
            response, dict(response.getheaders()), response.status, preload_content=False, original_response=response
        )

    def _next(self) -> bytes:
        return self._unpacked.read1(READ_SIZE)

    @property
    def _at_end(self) -> bool:
        return False  # not worth knowing


def _least(*limits: float | None) -> float | None:
    return min((limit for limit in limits if limit is not None), default=None)


def _translate(error: Exception, phase: str) -> TransportError:
    """Turn an exception of urllib3 into ours: the one place where that is done."""
    text = _reason(error)
    if isinstance(error, x.ProxyError):
        return ConnectionFailed(f"The proxy failed: {text}.", phase="proxy")
    if isinstance(error, x.NameResolutionError):
        return ConnectionFailed(f"The host name was not found: {text}.", phase="dns")
    if isinstance(error, x.ConnectTimeoutError) and not isinstance(error, x.NewConnectionError):
        return TimedOut("No connection was made in time.", phase="connect")
    if isinstance(error, x.NewConnectionError):
        return ConnectionFailed(f"No connection could be made: {text}.", phase="connect")
    if isinstance(error, x.ReadTimeoutError | TimeoutError):
        what = "No reply began in time." if phase == "first_byte" else "No more of the reply came in time."
        return TimedOut(what, phase="first_byte" if phase == "first_byte" else "idle", delivered=True)
    if isinstance(error, x.SSLError):
        return ConnectionFailed(f"TLS failed: {text}.", phase="tls", retryable="CERTIFICATE" not in text)
    if isinstance(error, x.LocationValueError | ValueError):
        return ConnectionFailed(f"The URL cannot be used: {text}.", phase="connect", retryable=False)
    return ConnectionFailed(f"The connection broke: {text}.", phase=phase, delivered=True)


def _reason(error: BaseException) -> str:
    """Return the innermost reason, without urllib3's object addresses."""
    while (inner := next((a for a in error.args[::-1] if isinstance(a, BaseException)), None)) or error.__cause__:
        error = inner or error.__cause__ or error
    text = str(error).rpartition("object at 0x")[2].partition(">: ")[2] or str(error)
    return text.rstrip(".") or type(error).__name__
