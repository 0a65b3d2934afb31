"""Both transports once more, on httpx2: for trio, HTTP/2 and SOCKS proxies (extra `keybearer[httpx]`)."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import SimpleNamespace
from typing import Any, Generic, TypeVar

try:
    import h2  # noqa: F401 - httpx2 asks for it when its first client is made, in words of its own
    import httpx2
except ImportError as error:
    raise ImportError(
        f"This transport needs {error.name}, which is not installed. Install it with: pip install 'keybearer[httpx]'",
        name=error.name,
    ) from None

from keybearer.errors import TransportError
from keybearer.shell.runtime import current_runtime
from keybearer.shell.transports.base import (
    DRAIN,
    Clock,
    TransportOptions,
    awaited_whole,
    closed_here,
    opens_stream,
    whole,
)
from keybearer.shell.transports.httpx_clocked import clocked, head
from keybearer.shell.transports.proxies import Proxies
from keybearer.shell.transports.tls import tls_context
from keybearer.shell.transports.tracebacks import without_frames
from keybearer.types.http import Headers, Reply, Request

__all__ = ["AsyncHttpxTransport", "HttpxTransport"]

C = TypeVar("C")
"""A client of httpx2."""

_FAILURES = (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, OSError, ValueError)


def _settings(options: TransportOptions, proxy: str | None) -> dict[str, Any]:
    return {
        "proxy": proxy,
        "trust_env": False,  # the environment's proxies are read in one way for every transport
        "verify": tls_context(options.ca_file),
        "http2": True,
        "cookies": CookieJar(DefaultCookiePolicy(allowed_domains=[])),  # none is kept
        "follow_redirects": False,
        "limits": httpx2.Limits(max_connections=None, max_keepalive_connections=options.max_connections),
    }


def _arguments(request: Request, seen: SimpleNamespace) -> dict[str, Any]:
    limits = request.timeouts
    first = min((t for t in (limits.first_byte, limits.total) if t is not None), default=None)
    timeout = httpx2.Timeout(connect=limits.connect, read=first, write=first, pool=limits.connect)
    return {
        "method": request.method,
        "url": request.url,
        "headers": request.headers,
        "content": request.body or None,
        "timeout": timeout,
        "extensions": {"trace": seen.trace},
    }


class _Clients(Generic[C]):
    """One client of httpx2 for each proxy, and one for direct connections: what it connects through is set when it is made.

    Args:
        kind: The class of them.
        options: How to connect.
    """

    def __init__(self, kind: Callable[..., C], options: TransportOptions) -> None:
        self._kind = kind
        self._options = options
        self._proxies = Proxies(options, socks=True)
        self._made: dict[str | None, C] = {}
        self._lock = threading.Lock()

    def of(self, url: str, clock: Clock) -> C:
        """Return the client for a URL, and tell the clock whether it goes through a proxy."""
        proxy = self._proxies.of(url)
        clock.proxied = proxy is not None
        with self._lock:
            client = self._made.get(proxy)
            if client is None:
                client = self._made[proxy] = self._kind(**_settings(self._options, proxy))
            return client

    def taken(self) -> list[C]:
        """Return all of them and forget them."""
        with self._lock:
            made, self._made = list(self._made.values()), {}
        return made


class _Watch:
    """What httpcore tells of one request: whether it made a connection for it."""

    def __init__(self) -> None:
        self.connected = False

    def __call__(self, event: str, _info: dict[str, Any]) -> None:
        self.connected = self.connected or "connect_tcp" in event

    async def awaited(self, event: str, info: dict[str, Any]) -> None:
        self(event, info)


class HttpxTransport:
    """Send requests with httpx2, blocking.

    Args:
        options: How to connect.
    """

    def __init__(self, options: TransportOptions | None = None) -> None:
        self._clients: _Clients[httpx2.Client] = _Clients(clocked, options or TransportOptions())

    def send(self, request: Request) -> Reply:
        """Send a request and give its reply."""
        clock, watch = Clock(request), _Watch()
        failure: TransportError
        try:
            client = self._clients.of(request.url, clock)
            built = client.build_request(**_arguments(request, SimpleNamespace(trace=watch)))
            total = request.timeouts.total
            head.end = None if total is None else time.monotonic() + total
            response = client.send(built, stream=True)
        except _FAILURES as error:
            failure = _translate(error, "first_byte", clock)
        except BaseException as error:  # noqa: BLE001 - it goes on
            raise without_frames(error)  # noqa: B904 - it is the same one
        else:
            clock.body()
            headers = Headers(response.headers.multi_items())
            stream = _Stream(response, clock)
            if opens_stream(request, response.status_code, headers):
                return Reply(status=response.status_code, headers=headers, stream=stream)
            return Reply(status=response.status_code, headers=headers, body=whole(stream))
        finally:
            head.end = None
        failure.reused = not watch.connected
        raise failure

    def close(self) -> None:
        """Close every connection."""
        for client in self._clients.taken():
            client.close()


class _Stream:
    """The open body of an httpx2 response."""

    def __init__(self, response: httpx2.Response, clock: Clock) -> None:
        self._response = response
        self._clock = clock
        self._chunks: Iterator[bytes] = response.iter_bytes()
        self._at_end = False
        self._closed = False

    def read(self) -> bytes:
        """Give the next bytes as they came; `b""` at the end."""
        self._clock.resume()
        try:
            _set_timeout(self._response, self._clock.next_read())
            data = next(self._chunks, b"")
        except _FAILURES as error:
            failure = closed_here() if self._closed else _translate(error, "read", self._clock)
        except BaseException as error:  # noqa: BLE001 - it goes on
            raise without_frames(error)  # noqa: B904 - it is the same one
        else:
            self._clock.leave()
            self._at_end = not data
            return data
        raise failure

    def finish(self) -> None:
        """Read the body's end, if it is there soon."""
        _set_timeout(self._response, DRAIN)
        try:
            self._at_end = not next(self._chunks, b"")
        except _FAILURES:
            pass  # the message is complete; the connection is only worth closing
        finally:
            self.close()

    def close(self) -> None:
        """Release the connection; another thread's read of it ends, where it carries this reply only."""
        closed, self._closed = self._closed, True
        if not closed and not self._at_end and self._response.http_version == "HTTP/1.1":
            sock = self._response.extensions["network_stream"].get_extra_info("socket")
            with contextlib.suppress(OSError):  # it has ended
                sock.shutdown(socket.SHUT_RDWR)
        self._response.close()


class AsyncHttpxTransport:
    """Send requests with httpx2, awaited: on asyncio and on trio.

    Args:
        options: How to connect.
    """

    def __init__(self, options: TransportOptions | None = None) -> None:
        self._clients: _Clients[httpx2.AsyncClient] = _Clients(httpx2.AsyncClient, options or TransportOptions())

    async def send(self, request: Request) -> Reply:
        """Send a request and give its reply."""
        clock, watch = Clock(request), _Watch()
        failure: TransportError
        try:
            client = self._clients.of(request.url, clock)
            built = client.build_request(**_arguments(request, SimpleNamespace(trace=watch.awaited)))
            async with current_runtime().within(request.timeouts.total):  # each read is limited, but not their sum
                response = await client.send(built, stream=True)
        except _FAILURES as error:
            failure = _translate(error, "first_byte", clock)
        except BaseException as error:  # noqa: BLE001 - it goes on
            raise without_frames(error)  # noqa: B904 - it is the same one
        else:
            clock.body()
            headers = Headers(response.headers.multi_items())
            stream = _AsyncStream(response, clock)
            if opens_stream(request, response.status_code, headers):
                return Reply(status=response.status_code, headers=headers, stream=stream)
            return Reply(status=response.status_code, headers=headers, body=await awaited_whole(stream))
        failure.reused = not watch.connected
        raise failure

    async def close(self) -> None:
        """Close every connection."""
        for client in self._clients.taken():
            await client.aclose()


class _AsyncStream:
    """The open body of an httpx2 response."""

    def __init__(self, response: httpx2.Response, clock: Clock) -> None:
        self._response = response
        self._clock = clock
        self._closed = False
        self._chunks: Any = response.aiter_bytes()

    async def read(self) -> bytes:
        """Give the next bytes as they came; `b""` at the end."""
        if self._gone():
            raise closed_here()
        self._clock.resume()
        try:
            _set_timeout(self._response, self._clock.next_read())
            data: bytes = await anext(self._chunks, b"")
        except _FAILURES as error:
            failure = closed_here() if self._gone() else _translate(error, "read", self._clock)
        except BaseException as error:  # noqa: BLE001 - it goes on
            raise without_frames(error)  # noqa: B904 - it is the same one
        else:
            self._clock.leave()
            if data or not self._gone():
                return data
            failure = closed_here()
        raise failure

    def _gone(self) -> bool:
        """Whether it was closed, in this task or, while a read waited, in another."""
        return self._closed

    async def finish(self) -> None:
        """Read the body's end, if it is there soon."""
        _set_timeout(self._response, DRAIN)
        try:
            if not self._closed:
                await anext(self._chunks, b"")
        except _FAILURES:
            pass  # the message is complete; the connection is only worth closing
        finally:
            await self.close()

    async def close(self) -> None:
        """Release the connection. Another task's read of it ends."""
        if self._closed:
            return
        self._closed = True
        try:
            await self._response.aclose()
        finally:
            if not self._chunks.ag_running:  # else it ends with the read that waits in it
                await self._chunks.aclose()  # trio warns of a generator that is left to the garbage collector


def _set_timeout(response: httpx2.Response, timeout: float | None) -> None:
    # httpcore reads the time limit of each read from the request's own extensions.
    response.request.extensions["timeout"]["read"] = timeout


def _translate(error: Exception, phase: str, clock: Clock) -> TransportError:
    """Turn an exception of httpx2 into ours: the one place where that is done."""
    if clock.expired:
        return clock.late("total")
    text = str(error)
    if isinstance(error, httpx2.ConnectTimeout | httpx2.PoolTimeout):
        return clock.late("connect")
    if isinstance(error, httpx2.TimeoutException):
        return clock.late("first_byte" if phase == "first_byte" else "idle")
    if isinstance(error, httpx2.ProxyError):
        return clock.failed("proxy", error)
    if isinstance(error, httpx2.ConnectError):
        if "CERTIFICATE" in text or "SSL" in text:
            return clock.failed("tls", error, retryable="CERTIFICATE" not in text)
        if any(word in text for word in ("Name or service", "getaddrinfo", "nodename", "resolution")):
            return clock.failed("dns", error)
        return clock.failed("connect", error)
    if isinstance(error, httpx2.RemoteProtocolError) and "without sending" not in text:
        return clock.failed("read", error)
    if isinstance(error, httpx2.UnsupportedProtocol | httpx2.InvalidURL | ValueError):
        return clock.failed("url", error, retryable=False)
    return clock.failed(phase, error)
