"""The async transport, on aiohttp (asyncio)."""

from __future__ import annotations

import asyncio
from asyncio import sslproto
from contextvars import ContextVar
from typing import Any, Final

import aiohttp
from aiohttp.abc import AbstractStreamWriter
from aiohttp.payload import BytesPayload

from keybearer.errors import TransportError
from keybearer.shell.proxies import Proxies
from keybearer.shell.tls import tls_context
from keybearer.shell.transport import DRAIN, Clock, TransportOptions, awaited_whole, opens_stream
from keybearer.types.http import Headers, Reply, Request

__all__ = ["AiohttpTransport"]

_FAILURES = (aiohttp.ClientError, OSError, ValueError, RuntimeError)
"""What a request may end with; a read after a broken chunk is a bare RuntimeError."""


PIECE: Final = 256 << 10
"""How much of a body is written at a time, in bytes."""

TLS_BUFFER: Final = 32 << 10
"""What one TLS connection reads at a time, in bytes."""

_reused: Final = ContextVar("reused", default=False)
"""Whether this task's last request went out on a connection that had served another."""


class AiohttpTransport:
    """Send requests with aiohttp. One session an event loop, made on first use.

    Args:
        options: How to connect.
    """

    def __init__(self, options: TransportOptions | None = None) -> None:
        self._options = options or TransportOptions()
        self._sessions: dict[asyncio.AbstractEventLoop, aiohttp.ClientSession] = {}
        self._proxies = Proxies(self._options)

    async def send(self, request: Request) -> Reply:
        """Send a request and give its reply."""
        limits, clock = request.timeouts, Clock(request)
        timeout = aiohttp.ClientTimeout(total=limits.total, connect=limits.connect, sock_read=limits.first_byte)
        _reused.set(False)
        failure: TransportError
        proxy = self._proxies.of(request.url)
        clock.proxied = proxy is not None
        try:
            response = await self._session().request(
                request.method,
                request.url,
                data=request.body if len(request.body) <= PIECE else _Bytes(request.body),
                headers=request.headers,
                timeout=timeout,
                allow_redirects=False,
                # Not aiohttp's own reading of the environment: it goes through a thread, twice a request, which costs more than
                # the request; and it takes passwords from ~/.netrc, where no credential of ours is looked for.
                proxy=proxy,
                ssl=tls_context(self._options.ca_file) if request.url.startswith("https:") else True,
            )
        except _FAILURES as error:
            failure = _translate(error, "first_byte", clock)
        else:
            headers = Headers(response.headers.items())
            if response.connection is not None and (protocol := response.connection.protocol) is not None:
                protocol.read_timeout = limits.idle
                protocol.start_timeout()
            stream = _Stream(response, clock)
            if opens_stream(request, response.status, headers):
                return Reply(status=response.status, headers=headers, stream=stream)
            return Reply(status=response.status, headers=headers, body=await awaited_whole(stream))
        failure.reused = _reused.get()
        raise failure

    async def close(self) -> None:
        """Close every connection of this event loop, and drop those of loops that have ended."""
        sessions, self._sessions = self._sessions, {}
        here = asyncio.get_running_loop()
        for loop, session in sessions.items():
            if loop is here:
                await session.close()
            else:
                _abandon(session)

    def _drop_ended(self) -> None:
        """Drop the sessions of event loops that have ended, with their connections."""
        for loop in [loop for loop in self._sessions if loop.is_closed()]:
            _abandon(self._sessions.pop(loop))

    def _session(self) -> aiohttp.ClientSession:
        loop = asyncio.get_running_loop()
        session = self._sessions.get(loop)
        if session is None or session.closed:
            self._drop_ended()
            session = self._sessions[loop] = aiohttp.ClientSession(
                connector=_Connector(limit=0, limit_per_host=0),
                cookie_jar=aiohttp.DummyCookieJar(),
                skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding"),
            )
        return session


class _Connector(aiohttp.TCPConnector):
    """A connector that notes whether a request goes out on a kept-alive connection; a trace would cost 20 us a request."""

    async def connect(self, *args: Any, **kwargs: Any) -> Any:
        _reused.set(True)
        return await super().connect(*args, **kwargs)

    async def _create_connection(self, *args: Any, **kwargs: Any) -> Any:
        _reused.set(False)
        protocol = await super()._create_connection(*args, **kwargs)
        _slim(protocol.transport)
        return protocol


def _slim(transport: Any) -> None:
    """Give a TLS connection of asyncio a read buffer of two records in place of its 256 KB, which stay resident while it is open.

    asyncio has no setting for it. Another event loop's transport, or a later asyncio's, is left as it is.
    """
    tls = getattr(transport, "_ssl_protocol", None)
    if isinstance(tls, sslproto.SSLProtocol) and isinstance(getattr(tls, "_ssl_buffer", None), bytearray):
        inside: Any = tls
        inside.max_size = TLS_BUFFER
        inside._ssl_buffer = bytearray(TLS_BUFFER)  # noqa: SLF001 - see above
        inside._ssl_buffer_view = memoryview(inside._ssl_buffer)  # noqa: SLF001 - see above


def _abandon(session: aiohttp.ClientSession) -> None:
    """Let go of a session whose event loop has ended and can close nothing any more: close its sockets here."""
    connector = session.connector
    for connections in getattr(connector, "_conns", {}).values():
        for protocol, *_ in connections:
            transport: Any = protocol.transport
            transport = getattr(getattr(transport, "_ssl_protocol", None), "_transport", transport)
            sock = getattr(transport, "_sock", None)
            if sock is not None:
                transport._sock = None  # noqa: SLF001 - or its finalizer complains of what is done here
                sock.close()
    if connector is not None:
        connector._closed = True  # noqa: SLF001 - closing it properly needs its loop
    session.detach()


class _Bytes(BytesPayload):
    """A request's body, which aiohttp would warn of above 1 MB: handed on in pieces, so that the event loop is not held up."""

    def __init__(self, value: bytes) -> None:
        super(BytesPayload, self).__init__(value, content_type="application/json")
        self._size = len(value)

    async def write_with_length(self, writer: AbstractStreamWriter, content_length: int | None) -> None:
        """Write it, or as much of it as may be."""
        view = memoryview(self._value)[:content_length]
        for at in range(0, len(view), PIECE):
            await writer.write(view[at : at + PIECE])


class _Stream:
    """The open body of an aiohttp response."""

    __slots__ = ("_clock", "_closed", "_response")

    def __init__(self, response: aiohttp.ClientResponse, clock: Clock) -> None:
        self._response = response
        content: Any = response.content
        if hasattr(content, "_low_water"):
            # The socket is read on once all that came was taken: aiohttp asks for it at every chunk that it gives, which costs as much
            # as the chunk. It has no setting for it; a version without this attribute is as fast as it is.
            content._low_water = 1  # noqa: SLF001 - see above
        self._clock = clock
        connection = response.connection
        protocol = connection.protocol if connection is not None else None
        self._closed = protocol.closed if protocol is not None else None
        if self._closed is not None:
            self._closed.add_done_callback(self._connection_lost)
            # Kept on the connection, once: a future that ends with an exception that nobody looked at is logged.
            self._closed.remove_done_callback(_look_at)
            self._closed.add_done_callback(_look_at)

    def _connection_lost(self, _closed: asyncio.Future[None]) -> None:
        # After a chunk that it cannot parse, aiohttp closes the connection and leaves the body's reader waiting.
        content = self._response.content
        if not content.is_eof() and content.exception() is None:
            content.set_exception(aiohttp.ClientPayloadError("it ended inside the reply"))

    async def read(self) -> bytes:
        """Give the next bytes as they came; `b""` at the end."""
        try:
            return await self._response.content.readany()
        except _FAILURES as error:
            failure = _translate(error, "read", self._clock)
        raise failure

    async def finish(self) -> None:
        """Read the body's end, if it is there soon."""
        if not self._response.content.at_eof():
            try:
                async with asyncio.timeout(DRAIN):
                    await self._response.content.readany()
            except _FAILURES:
                pass  # the message is complete; the connection is only worth closing
        await self.close()

    async def close(self) -> None:
        """Release the connection; it is closed unless the body was read to its end."""
        if self._closed is not None:
            self._closed.remove_done_callback(self._connection_lost)
        if self._response.content.at_eof():
            self._response.release()
        else:
            self._response.close()


def _look_at(future: asyncio.Future[None]) -> None:
    if not future.cancelled():
        future.exception()


def _translate(error: Exception, phase: str, clock: Clock) -> TransportError:
    """Turn an exception of aiohttp into ours: the one place where that is done."""
    reason = _reason(error)
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return clock.late("connect")
    if isinstance(error, aiohttp.SocketTimeoutError):
        return clock.late("first_byte" if phase == "first_byte" else "idle")
    if isinstance(error, TimeoutError):
        return clock.late("total")
    if isinstance(error, aiohttp.ClientProxyConnectionError | aiohttp.ClientHttpProxyError):
        return clock.failed("proxy", reason)
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return clock.failed("dns", reason)
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return clock.failed("tls", error.certificate_error, retryable=False)
    if isinstance(error, aiohttp.ClientConnectorSSLError | aiohttp.ClientSSLError):
        return clock.failed("tls", reason)
    if isinstance(error, aiohttp.ClientConnectorError):
        return clock.failed("connect", reason)
    if isinstance(error, aiohttp.InvalidURL | aiohttp.NonHttpUrlClientError | UnicodeError):
        return clock.failed("url", reason, retryable=False)
    return clock.failed(phase, reason)


def _reason(error: Exception) -> str | BaseException:
    """Return why, without aiohttp's own words around it."""
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return f"{error.status} {error.message}"
    if isinstance(error, aiohttp.ClientResponseError):
        return f"the answer is not HTTP: {error.message}"
    reason: BaseException = getattr(error, "os_error", error)
    return reason
