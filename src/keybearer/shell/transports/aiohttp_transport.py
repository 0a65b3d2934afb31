"""The async transport, on aiohttp's session (asyncio).

Strategy: aiohttp does HTTP; around it stand the call's clock, kept by one timer for all reads, and the ends of things: the session of
an event loop is closed when that loop shuts down, by an asynchronous generator that the loop closes, so that a program which closes
nothing is not complained of.

Contract: however a call ends, by an error, a cancellation or a time limit of the caller's, no frame of aiohttp, whose locals hold the
headers, is in the traceback. A read that waits ends when its stream is closed in another task.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator
from functools import lru_cache
from types import SimpleNamespace
from typing import Any, Final

import aiohttp
from yarl import URL

from keybearer.errors import TransportError
from keybearer.shell.transports.aiohttp_body import Call, Stream, Upload
from keybearer.shell.transports.aiohttp_failures import FAILURES, translate
from keybearer.shell.transports.base import Clock, TransportOptions, awaited_whole, opens_stream
from keybearer.shell.transports.dialing import keep_alive
from keybearer.shell.transports.pool import KEEP_IDLE
from keybearer.shell.transports.routes import Route, Routes
from keybearer.shell.transports.tls import tls_context
from keybearer.shell.transports.tracebacks import without_frames
from keybearer.types.http import Reply, Request

__all__ = ["AiohttpTransport"]

_HEAD: Final = 64 << 10
"""The most bytes of one line of a reply's head."""

_AUTOMATIC: Final = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")
"""Headers that aiohttp adds of its own accord, and here does not."""

_FRAMING: Final = frozenset({"host", "content-length", "transfer-encoding", "connection"})
"""Headers that say how a request is framed, which is decided here."""


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
        clock = Clock(request)
        clock.proxied = route.proxy is not None
        call = Call(request, route, clock, Upload(request.body), self._options.ca_file)
        phase = "first_byte"
        failure: TransportError
        try:
            response = await _asked(await self._session(), call)
            phase = "read"
            stream = Stream(response, call)
        except FAILURES as error:
            failure = translate(error, phase, "first_byte", clock)
            failure.reused = clock.reused
        except BaseException as error:  # noqa: BLE001 - it goes on
            raise without_frames(error)  # noqa: B904 - it is the same one
        else:
            if opens_stream(request, stream.status, stream.headers):
                return Reply(status=stream.status, headers=stream.headers, stream=stream)
            return Reply(status=stream.status, headers=stream.headers, body=await awaited_whole(stream))
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
    trace = aiohttp.TraceConfig()
    trace.on_request_headers_sent.append(_on_sent)
    trace.on_connection_reuseconn.append(_on_reused)
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_IDLE, socket_factory=_socket),
        cookie_jar=aiohttp.DummyCookieJar(),
        skip_auto_headers=_AUTOMATIC,
        auto_decompress=False,
        trust_env=False,
        trace_configs=[trace],
        max_line_size=_HEAD,
        max_field_size=_HEAD,
    )


def _socket(info: Any) -> socket.socket:
    sock = socket.socket(*info[:3])
    keep_alive(sock)
    return sock


async def _until_the_loop_ends(session: aiohttp.ClientSession) -> AsyncGenerator[None, None]:
    """Close a session when this generator is closed: by its transport, or by the event loop that shuts down."""
    try:
        yield
    finally:
        await session.close()
        await asyncio.sleep(0)  # the event loop closes the sockets in its next round


async def _on_sent(_session: aiohttp.ClientSession, context: SimpleNamespace, _: Any) -> None:
    context.trace_request_ctx.sent()


async def _on_reused(_session: aiohttp.ClientSession, context: SimpleNamespace, _: Any) -> None:
    context.trace_request_ctx.clock.reused = True


class _Waiting:
    """A request whose reply's head is waited for: what its trace tells, and until when."""

    def __init__(self, clock: Clock, limit: asyncio.Timeout) -> None:
        self.clock = clock
        self._limit = limit

    def sent(self) -> None:
        """Note that the head is on its way: the time to the first byte begins."""
        self.clock.sent()
        left = self.clock.next_read()
        if left is not None:
            self._limit.reschedule(asyncio.get_running_loop().time() + left)


async def _asked(session: aiohttp.ClientSession, call: Call) -> aiohttp.ClientResponse:
    """Send a request and read its reply's head."""
    request, clock = call.request, call.clock
    async with asyncio.timeout(clock.to_write()) as limit:
        return await session.request(
            request.method,
            URL(request.url, encoded=True),
            data=call.upload.data(),
            headers=_headers(call),
            allow_redirects=False,
            timeout=_connect_within(clock.to_connect()),
            trace_request_ctx=_Waiting(clock, limit),
            **_way(call.route, call.ca_file),
        )


def _headers(call: Call) -> dict[str, str]:
    headers = {name: value for name, value in call.request.headers.items() if name not in _FRAMING}
    if call.route.forwarded and call.route.login is not None:
        headers["proxy-authorization"] = call.route.login.reveal()
    if not call.upload.done:
        headers["content-length"] = str(call.upload.size)
    return headers


def _way(route: Route, ca_file: str | None) -> dict[str, Any]:
    """Return aiohttp's arguments for how an origin is reached."""
    proxy = route.proxy
    secure = route.origin.secure or (proxy is not None and proxy.secure)
    way: dict[str, Any] = {"ssl": tls_context(ca_file) if secure else True}
    if proxy is not None:
        way["proxy"] = URL.build(scheme="https" if proxy.secure else "http", host=proxy.host, port=proxy.port)
        if route.login is not None and route.tunnelled:
            way["proxy_headers"] = {"proxy-authorization": route.login.reveal()}
    return way


@lru_cache(maxsize=16)
def _connect_within(seconds: float | None) -> aiohttp.ClientTimeout:
    """Return aiohttp's time limit for a connection, and no other."""
    return aiohttp.ClientTimeout(total=None, connect=seconds)
