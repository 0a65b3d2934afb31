"""The async transport, on aiohttp's session (asyncio).

Strategy: aiohttp speaks HTTP. This module adds the call's clock, with one timer for all reads of a reply. Each event loop has its own
session. The loop closes it on shutdown, because an asynchronous generator of that loop holds it, so a program that closes nothing
gets no warning.

Contract: however a call ends, by an error, a cancellation or the caller's time limit, its traceback has no frame of aiohttp, whose
locals hold the headers. A waiting read ends when another task closes its stream.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextvars import ContextVar
from functools import lru_cache
from typing import Any, Final

import aiohttp
from yarl import URL

from keybearer.errors import KeybearerError, TransportError
from keybearer.shell.transports.aiohttp_body import AiohttpCall, AiohttpStream, Upload
from keybearer.shell.transports.aiohttp_failures import FAILURES, translate
from keybearer.shell.transports.base import IOClock, TransportOptions, opens_stream, read_all_async
from keybearer.shell.transports.dialing import keep_alive
from keybearer.shell.transports.http1_head import without_framing
from keybearer.shell.transports.pool import KEEP_IDLE
from keybearer.shell.transports.routes import Route, Routes
from keybearer.shell.transports.tls import tls_context
from keybearer.shell.transports.tracebacks import without_frames
from keybearer.types.http import Reply, Request

__all__ = ["AiohttpTransport"]

_HEAD: Final = 64 << 10
"""The most bytes of one line of a reply's head."""

_AUTOMATIC: Final = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")
"""Headers that aiohttp would add by itself; each is switched off here."""


class AiohttpTransport:
    """Send requests with aiohttp. The connections of each event loop are its own, made on first use.

    Args:
        options: How to connect.
    """

    def __init__(self, options: TransportOptions | None = None) -> None:
        self._options = options or TransportOptions()
        self._routes = Routes(self._options)
        self._sessions: dict[asyncio.AbstractEventLoop, tuple[aiohttp.ClientSession, AsyncGenerator[None, None]]] = {}

    async def send(self, request: Request) -> Reply:
        """Send a request and give its reply."""
        route, _ = self._routes.of(request.url)
        clock = IOClock(request)
        clock.proxied = route.proxy is not None
        call = AiohttpCall(request, route, clock, Upload(request), self._options.ca_file)
        phase = "first_byte"
        failure: KeybearerError
        try:
            response = await _send(await self._session(), call)
            phase = "read"
            stream = AiohttpStream(response, call)
        except FAILURES as error:
            failure = call.upload.failure or translate(error, phase, "first_byte", clock)
            if isinstance(failure, TransportError):
                failure.reused = clock.reused
        except BaseException as error:  # noqa: BLE001 - it goes on
            raise without_frames(error)  # noqa: B904 - it is the same one
        else:
            if opens_stream(request, stream.status, stream.headers):
                return Reply(status=stream.status, headers=stream.headers, stream=stream)
            return Reply(status=stream.status, headers=stream.headers, body=await read_all_async(stream))
        raise failure

    async def close(self) -> None:
        """Close every connection of this event loop."""
        held = self._sessions.pop(asyncio.get_running_loop(), None)
        if held is not None:
            await held[1].aclose()

    async def _session(self) -> aiohttp.ClientSession:
        loop = asyncio.get_running_loop()
        held = self._sessions.get(loop)
        if held is None or held[0].closed:
            self._sessions = {each: kept for each, kept in self._sessions.items() if not each.is_closed()}
            session = _new_session()
            keeper = _until_the_loop_ends(session)
            self._sessions[loop] = held = (session, keeper)
            await anext(keeper)
        return held[0]


def _new_session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=_Connector(limit=0, keepalive_timeout=KEEP_IDLE, socket_factory=_socket),
        cookie_jar=aiohttp.DummyCookieJar(),
        skip_auto_headers=_AUTOMATIC,
        auto_decompress=False,
        trust_env=False,
        max_line_size=_HEAD,
        max_field_size=_HEAD,
    )


class _Connector(aiohttp.TCPConnector):
    """A connector that tells a call when it has a connection: what aiohttp's traces tell costs a twentieth of a request."""

    async def connect(self, *args: Any, **named: Any) -> Any:
        """Give a request its connection."""
        waiting = _WAITING.get()
        waiting.dialled = False
        connection = await super().connect(*args, **named)
        try:
            waiting.connected()
        except BaseException:  # its time has passed, and aiohttp does not know of the connection yet
            connection.close()
            raise
        return connection


def _socket(info: Any) -> socket.socket:
    sock = socket.socket(*info[:3])
    keep_alive(sock)
    _WAITING.get().dialled = True
    return sock


async def _until_the_loop_ends(session: aiohttp.ClientSession) -> AsyncGenerator[None, None]:
    """Close a session when this generator is closed, by its transport or by the event loop's shutdown."""
    try:
        yield
    finally:
        await session.close()
        await asyncio.sleep(0)  # the event loop closes the sockets in its next round


class _WaitForHead:
    """A request while its reply's head has not come.

    Args:
        call: The call.
        limit: The time-out around it.

    Attributes:
        dialled: Whether a socket was made for it: else its connection has served another request.
    """

    def __init__(self, call: AiohttpCall, limit: asyncio.Timeout) -> None:
        self.dialled = False
        self._call: AiohttpCall | None = call
        self._limit = limit

    def connected(self) -> None:
        """Note that there is a connection: the request's head is sent now, and with it a small body."""
        if self._call is not None:
            self._call.clock.reused = not self.dialled
            if self._call.upload.done:
                self.sent()

    def sent(self) -> None:
        """Note that the request was sent: the time to the first byte begins."""
        if self._call is None:
            return
        self._call.clock.sent()
        left, until = self._call.clock.next_read(), self._limit.when()
        if left is None:
            return
        at = asyncio.get_running_loop().time() + left
        if until is None or at < until:
            self._limit.reschedule(at)

    def over(self) -> None:
        """Let the call go: this task's context lives as long as the connections that were made in it."""
        self._call = None


_WAITING: Final[ContextVar[_WaitForHead]] = ContextVar("_WAITING")
"""The request that this task sends."""


async def _send(session: aiohttp.ClientSession, call: AiohttpCall) -> aiohttp.ClientResponse:
    """Send a request and read its reply's head."""
    request, clock = call.request, call.clock
    async with asyncio.timeout(clock.to_write()) as limit:
        waiting = _WaitForHead(call, limit)
        before = _WAITING.set(waiting)
        call.upload.when_done = waiting.sent
        try:
            return await session.request(
                request.method,
                _url(request.url),
                data=call.upload.data(),
                headers=_headers(call),
                allow_redirects=False,
                timeout=_connect_within(clock.to_connect()),
                **_route_arguments(call.route, call.ca_file),
            )
        finally:
            _WAITING.reset(before)
            waiting.over()
            call.upload.when_done = None  # nobody waits for the head any more


def _headers(call: AiohttpCall) -> dict[str, str]:
    headers = without_framing(call.request.headers)
    if call.route.forwarded and call.route.login is not None:
        headers["proxy-authorization"] = call.route.login.reveal()
    if not call.upload.done:
        headers["content-length"] = str(call.upload.size)
    return headers


def _route_arguments(route: Route, ca_file: str | None) -> dict[str, Any]:
    """Return aiohttp's arguments for a route."""
    proxy = route.proxy
    secure = route.origin.secure or (proxy is not None and proxy.secure)
    arguments: dict[str, Any] = {"ssl": tls_context(ca_file) if secure else True}
    if proxy is not None:
        arguments["proxy"] = URL.build(scheme="https" if proxy.secure else "http", host=proxy.host, port=proxy.port)
        if route.login is not None and route.tunnelled:
            arguments["proxy_headers"] = {"proxy-authorization": route.login.reveal()}
    return arguments


@lru_cache(maxsize=16)
def _url(text: str) -> URL:
    """Return a URL as aiohttp takes it; it keeps what it has worked out of its parts."""
    return URL(text, encoded=True)


@lru_cache(maxsize=16)
def _connect_within(seconds: float | None) -> aiohttp.ClientTimeout:
    """Return aiohttp's time limits: one for connecting, none for the rest."""
    return aiohttp.ClientTimeout(total=None, connect=seconds)
