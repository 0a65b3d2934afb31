"""Both transports on httpcore2, the part of httpx2 that speaks HTTP: for trio, HTTP/2 and SOCKS proxies (extra `keybearer[httpx]`).

Strategy: the pools (`httpx_pools`) without httpx2's client above them, which would add redirects, cookies and headers. Time limits are
kept by the pools' network backend (`httpx_clocked`).

Contract: as in `base`. Over HTTP/1.1 a reply is held to the same rules as on the other transports.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from typing import Any

try:
    import h2  # noqa: F401 - httpcore2 asks for it when the first connection speaks HTTP/2
    import httpcore2
except ImportError as error:
    raise ImportError(
        f"This transport needs {error.name}, which is not installed. Install keybearer with its extra: 'keybearer[httpx]'",
        name=error.name,
    ) from None

from keybearer.errors import TransportError
from keybearer.shell.runtime import current_runtime
from keybearer.shell.transports.base import (
    IOClock,
    TransportOptions,
    closed_error,
    opens_stream,
    read_all,
    read_all_async,
)
from keybearer.shell.transports.http1_head import head_problem
from keybearer.shell.transports.httpx_clocked import AsyncClockedBackend, ClockedBackend, HttpxCall
from keybearer.shell.transports.httpx_failures import FAILURES, translate
from keybearer.shell.transports.httpx_pools import Pools, httpcore_request
from keybearer.shell.transports.tracebacks import without_frames
from keybearer.shell.transports.unpacking import Unpacker, unpacker
from keybearer.shell.transports.uploads import pieces_async
from keybearer.types.http import Headers, Reply, Request

__all__ = ["AsyncHttpxTransport", "HttpxTransport"]


class _Head:
    """The head of a reply, checked.

    Raises:
        ValueError: It cannot be used.
    """

    def __init__(self, response: httpcore2.Response) -> None:
        self.status = response.status
        self.headers = Headers((name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers)
        version = response.extensions["http_version"]
        self.is_http1 = version != b"HTTP/2"
        if self.is_http1:
            major, _, minor = version.removeprefix(b"HTTP/").partition(b".")
            if problem := head_problem(self.status, (int(major), int(minor or 0)), self.headers):
                raise ValueError(problem)
        self.unpacker: Unpacker | None = unpacker(self.headers.get("content-encoding", "identity"))


class HttpxTransport:
    """Send requests with httpcore2, blocking. Threads may share it.

    Args:
        options: How to connect.
    """

    def __init__(self, options: TransportOptions | None = None) -> None:
        self._pools: Pools[httpcore2.ConnectionPool] = Pools(
            httpcore2.ConnectionPool, ClockedBackend, options or TransportOptions()
        )

    def send(self, request: Request) -> Reply:
        """Send a request and give its reply."""
        clock = IOClock(request)
        call = HttpxCall(clock)
        phase = "first_byte"
        failure: TransportError
        try:
            pool = self._pools.of(request.url, clock)
            with call.current():
                response = pool.handle_request(
                    httpcore_request(request, call.trace, request.upload and request.upload.pieces())
                )
            phase = "read"
            stream = HttpxStream(response, call)
        except TransportError as error:
            failure = without_frames(error)
        except FAILURES as error:
            failure = translate(error, phase, call)
        except BaseException as error:  # noqa: BLE001 - it goes on
            raise without_frames(error)  # noqa: B904 - it is the same one
        else:
            head = stream.head
            if opens_stream(request, head.status, head.headers):
                return Reply(status=head.status, headers=head.headers, stream=stream)
            return Reply(status=head.status, headers=head.headers, body=read_all(stream))
        failure.reused = clock.reused
        raise failure

    def close(self) -> None:
        """Close every connection."""
        for pool in self._pools.take_all():
            pool.close()


class HttpxStream:
    """The open body of a reply.

    Raises:
        ValueError: The reply's head cannot be used; the connection is closed.
    """

    def __init__(self, response: httpcore2.Response, call: HttpxCall) -> None:
        try:
            self.head = _Head(response)
        except ValueError:
            response.close()
            raise
        call.clock.head_received()
        self._response, self._call, self._clock = response, call, call.clock
        self._chunks: Iterator[bytes] = response.iter_stream()
        self._at_end = False
        self._closed = False

    def read(self) -> bytes:
        """Give the next bytes as they came; `b""` at the end."""
        self._clock.resume()
        try:
            with self._call.current():
                data = self._next()
        except FAILURES as error:
            failure = closed_error() if self._closed else translate(error, "read", self._call)
        except BaseException as error:  # noqa: BLE001 - it goes on
            raise without_frames(error)  # noqa: B904 - it is the same one
        else:
            self._clock.pause()
            self._at_end = not data
            return data
        raise failure

    def _next(self) -> bytes:
        if self.head.unpacker is None:
            return next(self._chunks, b"")
        data = None
        while data is None:
            data = self.head.unpacker.feed(next(self._chunks, b"") if self.head.unpacker.needs_input else b"")
        return data

    def finish(self) -> None:
        """Read the body's end, if it is there soon."""
        self._clock.drain()
        try:
            with self._call.current():
                self._at_end = not next(self._chunks, b"")
        except FAILURES:
            pass  # the message is complete; the connection is only worth closing
        finally:
            self.close()

    def close(self) -> None:
        """Keep the connection if the body was read to its end, else close it; over HTTP/1.1 a waiting read ends."""
        closed, self._closed = self._closed, True
        if not closed and not self._at_end and self.head.is_http1:
            sock = self._response.extensions["network_stream"].get_extra_info("socket")
            with contextlib.suppress(OSError):  # it has ended
                sock.shutdown(socket.SHUT_RDWR)
        self._response.close()


class AsyncHttpxTransport:
    """Send requests with httpcore2, awaited: on asyncio and on trio.

    Args:
        options: How to connect.
    """

    def __init__(self, options: TransportOptions | None = None) -> None:
        self._pools: Pools[httpcore2.AsyncConnectionPool] = Pools(
            httpcore2.AsyncConnectionPool, AsyncClockedBackend, options or TransportOptions()
        )

    async def send(self, request: Request) -> Reply:
        """Send a request and give its reply."""
        clock = IOClock(request)
        call = HttpxCall(clock)
        phase = "first_byte"
        failure: TransportError
        try:
            pool = self._pools.of(request.url, clock)
            with call.current():
                # The backend limits each step; this also limits the wait for a connection that HTTP/2 requests share.
                async with current_runtime().within(clock.to_write()):
                    response = await pool.handle_async_request(
                        httpcore_request(request, call.async_trace, request.upload and pieces_async(request.upload))
                    )
            phase = "read"
            stream = await AsyncHttpxStream.opened(response, call)
        except FAILURES as error:
            failure = translate(error, phase, call)
        except BaseException as error:  # noqa: BLE001 - it goes on
            raise without_frames(error)  # noqa: B904 - it is the same one
        else:
            head = stream.head
            if opens_stream(request, head.status, head.headers):
                return Reply(status=head.status, headers=head.headers, stream=stream)
            return Reply(status=head.status, headers=head.headers, body=await read_all_async(stream))
        failure.reused = clock.reused
        raise failure

    async def close(self) -> None:
        """Close every connection."""
        for pool in self._pools.take_all():
            await pool.aclose()


class AsyncHttpxStream:
    """The open body of a reply."""

    def __init__(self, response: httpcore2.Response, head: _Head, call: HttpxCall) -> None:
        call.clock.head_received()
        self.head = head
        self._response, self._call, self._clock = response, call, call.clock
        self._closed = False
        self._chunks: Any = response.aiter_stream()

    @classmethod
    async def opened(cls, response: httpcore2.Response, call: HttpxCall) -> AsyncHttpxStream:
        """Check a reply's head and return its stream.

        Raises:
            ValueError: The head cannot be used; the connection is closed.
        """
        try:
            head = _Head(response)
        except ValueError:
            await response.aclose()
            raise
        return cls(response, head, call)

    async def read(self) -> bytes:
        """Give the next bytes as they came; `b""` at the end."""
        if self._is_closed():
            raise closed_error()
        self._clock.resume()
        try:
            with self._call.current():
                data = await self._next()
        except FAILURES as error:
            failure = closed_error() if self._is_closed() else translate(error, "read", self._call)
        except BaseException as error:  # noqa: BLE001 - it goes on
            raise without_frames(error)  # noqa: B904 - it is the same one
        else:
            self._clock.pause()
            if data or not self._is_closed():
                return data
            failure = closed_error()
        raise failure

    def _is_closed(self) -> bool:
        """Whether it was closed, in this task or, while a read waited, in another."""
        return self._closed

    async def _next(self) -> bytes:
        data: bytes | None = None
        if self.head.unpacker is None:
            data = await anext(self._chunks, b"")
        while data is None:
            unpacker: Any = self.head.unpacker
            data = unpacker.feed(await anext(self._chunks, b"") if unpacker.needs_input else b"")
        return data

    async def finish(self) -> None:
        """Read the body's end, if it is there soon."""
        self._clock.drain()
        try:
            if not self._closed:
                with self._call.current():
                    await anext(self._chunks, b"")
        except FAILURES:
            pass  # the message is complete; the connection is only worth closing
        finally:
            await self.close()

    async def close(self) -> None:
        """Keep the connection if the body was read to its end, else close it; a read that waits in another task ends."""
        if self._closed:
            return
        self._closed = True
        try:
            await self._response.aclose()
        finally:
            if not self._chunks.ag_running:  # else it ends with the read that waits in it
                await self._chunks.aclose()  # trio warns of a generator that is left to the garbage collector
