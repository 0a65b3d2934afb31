"""Both transports once more, on httpx2: for trio, HTTP/2 and SOCKS proxies (extra `keybearer[httpx]`)."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import SimpleNamespace
from typing import Any

import httpx2

from keybearer.errors import ConnectionFailed, TimedOut, TransportError
from keybearer.shell.runtime import current_runtime
from keybearer.shell.tls import tls_context
from keybearer.shell.transport import DRAIN, Clock, TransportOptions, awaited_whole, opens_stream, total_passed, whole
from keybearer.types.http import Headers, Reply, Request

__all__ = ["AsyncHttpxTransport", "HttpxTransport"]

_FAILURES = (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, OSError, ValueError)


def _settings(options: TransportOptions) -> dict[str, Any]:
    return {
        "proxy": options.proxy or None,
        "trust_env": options.trust_env and options.proxy is None,
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


class _Watch:
    """What httpcore tells of one request: whether it made a connection for it."""

    def __init__(self) -> None:
        self.connected = False

    def __call__(self, event: str, _info: dict[str, Any]) -> None:
        self.connected = self.connected or "connect_tcp" in event

    async def awaited(self, event: str, info: dict[str, Any]) -> None:
        self(event, info)


class _Head(threading.local):
    """Until when this thread waits for a reply's head; None while it does not."""

    end: float | None = None


_head = _Head()


class _ClockedStream:
    """A connection of httpcore whose reads, while a reply's head is awaited, end with the call.

    Its own time limit begins anew with each read, so a server that drips the head byte by byte would outlast any.
    """

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if _head.end is not None:
            left = max(_head.end - time.monotonic(), 0.001)  # 0 would mean not to wait
            timeout = left if timeout is None else min(timeout, left)
        data: bytes = self._stream.read(max_bytes, timeout)
        return data

    def start_tls(self, *args: Any, **kwargs: Any) -> _ClockedStream:
        return _ClockedStream(self._stream.start_tls(*args, **kwargs))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class _ClockedBackend:
    """What makes httpcore's connections, such that they are clocked."""

    def __init__(self, backend: Any) -> None:
        self._backend = backend

    def connect_tcp(self, *args: Any, **kwargs: Any) -> _ClockedStream:
        return _ClockedStream(self._backend.connect_tcp(*args, **kwargs))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._backend, name)


def _clocked(client: httpx2.Client) -> httpx2.Client:
    """Have a client's connections clocked: httpcore takes a backend, but httpx has no argument to hand it on."""
    inside: Any = client
    for transport in (inside._transport, *inside._mounts.values()):  # noqa: SLF001 - see above
        if (pool := getattr(transport, "_pool", None)) is not None:
            pool._network_backend = _ClockedBackend(pool._network_backend)  # noqa: SLF001 - see above
    return client


class HttpxTransport:
    """Send requests with httpx2, blocking.

    Args:
        options: How to connect.
    """

    def __init__(self, options: TransportOptions | None = None) -> None:
        self._client = _clocked(httpx2.Client(**_settings(options or TransportOptions())))

    def send(self, request: Request) -> Reply:
        """Send a request and give its reply."""
        clock, watch = Clock(request.timeouts), _Watch()
        failure: TransportError
        try:
            built = self._client.build_request(**_arguments(request, SimpleNamespace(trace=watch)))
            total = request.timeouts.total
            _head.end = None if total is None else time.monotonic() + total
            response = self._client.send(built, stream=True)
        except _FAILURES as error:
            failure = total_passed() if clock.expired else _translate(error, "first_byte")
        else:
            clock.body()
            headers = Headers(response.headers.multi_items())
            stream = _Stream(response, clock)
            if opens_stream(request, response.status_code, headers):
                return Reply(status=response.status_code, headers=headers, stream=stream)
            return Reply(status=response.status_code, headers=headers, body=whole(stream))
        finally:
            _head.end = None
        failure.reused = not watch.connected
        raise failure

    def close(self) -> None:
        """Close every connection."""
        self._client.close()


class _Stream:
    """The open body of an httpx2 response."""

    def __init__(self, response: httpx2.Response, clock: Clock) -> None:
        self._response = response
        self._clock = clock
        self._chunks: Iterator[bytes] = response.iter_bytes()
        self._at_end = False

    def read(self) -> bytes:
        """Give the next bytes as they came; `b""` at the end."""
        try:
            _set_timeout(self._response, self._clock.next_read())
            data = next(self._chunks, b"")
        except _FAILURES as error:
            failure = total_passed() if self._clock.expired else _translate(error, "read")
        else:
            self._at_end = not data
            return data
        raise failure

    def finish(self) -> None:
        """Read the body's end, if it is there soon."""
        _set_timeout(self._response, DRAIN)
        with contextlib.suppress(*_FAILURES):  # the message is complete; the connection is only worth closing
            self._at_end = not next(self._chunks, b"")
        self.close()

    def close(self) -> None:
        """Release the connection; another thread's read of it ends, where it carries this reply only."""
        if not self._at_end and self._response.http_version == "HTTP/1.1":
            sock = self._response.extensions["network_stream"].get_extra_info("socket")
            with contextlib.suppress(OSError):  # it has ended
                sock.shutdown(socket.SHUT_RDWR)
        self._at_end = True
        self._response.close()


class AsyncHttpxTransport:
    """Send requests with httpx2, awaited: on asyncio and on trio.

    Args:
        options: How to connect.
    """

    def __init__(self, options: TransportOptions | None = None) -> None:
        self._client = httpx2.AsyncClient(**_settings(options or TransportOptions()))

    async def send(self, request: Request) -> Reply:
        """Send a request and give its reply."""
        clock, watch = Clock(request.timeouts), _Watch()
        failure: TransportError
        try:
            built = self._client.build_request(**_arguments(request, SimpleNamespace(trace=watch.awaited)))
            async with current_runtime().within(request.timeouts.total):  # each read is limited, but not their sum
                response = await self._client.send(built, stream=True)
        except _FAILURES as error:
            failure = total_passed() if clock.expired else _translate(error, "first_byte")
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
        await self._client.aclose()


class _AsyncStream:
    """The open body of an httpx2 response."""

    def __init__(self, response: httpx2.Response, clock: Clock) -> None:
        self._response = response
        self._clock = clock
        self._chunks: AsyncIterator[bytes] = response.aiter_bytes()

    async def read(self) -> bytes:
        """Give the next bytes as they came; `b""` at the end."""
        try:
            _set_timeout(self._response, self._clock.next_read())
            return await anext(self._chunks, b"")
        except _FAILURES as error:
            failure = total_passed() if self._clock.expired else _translate(error, "read")
        raise failure

    async def finish(self) -> None:
        """Read the body's end, if it is there soon."""
        _set_timeout(self._response, DRAIN)
        with contextlib.suppress(*_FAILURES):  # the message is complete; the connection is only worth closing
            await anext(self._chunks, b"")
        await self.close()

    async def close(self) -> None:
        """Release the connection."""
        await self._response.aclose()


def _set_timeout(response: httpx2.Response, timeout: float | None) -> None:
    # httpcore reads the time limit of each read from the request's own extensions.
    response.request.extensions["timeout"]["read"] = timeout


def _translate(error: Exception, phase: str) -> TransportError:
    """Turn an exception of httpx2 into ours: the one place where that is done."""
    text = (str(error) or type(error).__name__).rstrip(".")
    if isinstance(error, httpx2.ConnectTimeout | httpx2.PoolTimeout):
        return TimedOut("No connection was made in time.", phase="connect")
    if isinstance(error, httpx2.TimeoutException):
        what = "No reply began in time." if phase == "first_byte" else "No more of the reply came in time."
        return TimedOut(what, phase="first_byte" if phase == "first_byte" else "idle", delivered=True)
    if isinstance(error, httpx2.ProxyError):
        return ConnectionFailed(f"The proxy failed: {text}.", phase="proxy")
    if isinstance(error, httpx2.ConnectError):
        if "CERTIFICATE" in text or "SSL" in text:
            return ConnectionFailed(f"TLS failed: {text}.", phase="tls", retryable="CERTIFICATE" not in text)
        if any(word in text for word in ("Name or service", "getaddrinfo", "nodename", "resolution")):
            return ConnectionFailed(f"The host name was not found: {text}.", phase="dns")
        return ConnectionFailed(f"No connection could be made: {text}.", phase="connect")
    if isinstance(error, httpx2.UnsupportedProtocol | httpx2.InvalidURL | ValueError):
        return ConnectionFailed(f"The URL cannot be used: {text}.", phase="connect", retryable=False)
    return ConnectionFailed(f"The connection broke: {text}.", phase=phase, delivered=True)
