"""The async transport, on aiohttp (asyncio).

Strategy: as in `keybearer.shell.connections`. aiohttp does what is hard about connections (pools, TLS, proxies, tunnels, racing
addresses) and parses what comes in. Its session, request and response, which are made for any program and are most of what a plain
request costs with it, are left out: a request is written to the connection, and what the parser gives is read from there.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
from aiohttp.http import HttpProcessingError
from msgspec import Struct
from yarl import URL

from keybearer.errors import TransportError
from keybearer.shell.aiohttp_connections import PIECE, Asked, Connector, abort, connect_within, write
from keybearer.shell.head import host_header, request_head
from keybearer.shell.proxies import Proxies
from keybearer.shell.tls import tls_context
from keybearer.shell.transport import DRAIN, MAX_BODY, Clock, TransportOptions, awaited_whole, opens_stream
from keybearer.types.http import Headers, Reply, Request

__all__ = ["AiohttpTransport"]

_FAILURES = (aiohttp.ClientError, HttpProcessingError, OSError, ValueError, RuntimeError)
"""What a request may end with; a read after a broken chunk is a bare RuntimeError."""

HEAD: Final = 64 << 10
"""The most bytes of one line of a reply's head."""


class _Origin(Struct, frozen=True):
    """What is known of an origin, on one event loop.

    Attributes:
        asked: What aiohttp's connector is asked for connections with; nothing else of it is used.
        connector: The event loop's connections.
        host: The `host` header.
        proxied: Whether there is a proxy.
        forwarded: Whether that is asked for whole URLs.
    """

    asked: Asked
    connector: Connector
    host: str
    proxied: bool
    forwarded: bool


class AiohttpTransport:
    """Send requests with aiohttp. The connections of each event loop are its own, made on first use.

    Args:
        options: How to connect.
    """

    def __init__(self, options: TransportOptions | None = None) -> None:
        self._options = options or TransportOptions()
        self._connectors: dict[asyncio.AbstractEventLoop, Connector] = {}
        self._origins: dict[tuple[asyncio.AbstractEventLoop, str], _Origin] = {}
        self._proxies = Proxies(self._options)

    async def send(self, request: Request) -> Reply:
        """Send a request and give its reply."""
        clock = Clock(request)
        failure: TransportError
        try:
            origin, path = self._origin(request.url)
            clock.proxied = origin.proxied
            stream = await self._exchange(origin, request.url if origin.forwarded else path, request, clock)
            headers = stream.headers
            if opens_stream(request, stream.status, headers):
                return Reply(status=stream.status, headers=headers, stream=stream)
        except _FAILURES as error:
            failure = _translate(error, "first_byte", clock)
            failure.reused = clock.reused
        else:
            return Reply(status=stream.status, headers=headers, body=stream.all_there() or await awaited_whole(stream))
        raise failure

    async def close(self) -> None:
        """Close every connection of this event loop, and drop those of loops that have ended."""
        connectors, self._connectors, self._origins = self._connectors, {}, {}
        here = asyncio.get_running_loop()
        for loop, connector in connectors.items():
            if loop is here:
                await connector.close()
                await asyncio.sleep(0)  # the event loop closes the socket of an aborted connection in its next round
            else:
                connector.abandon()

    async def _exchange(self, origin: _Origin, target: str, request: Request, clock: Clock) -> _Stream:
        """Send a request and read its reply's head."""
        connection = await self._connected(origin, clock)
        writing: asyncio.Task[None] | None = None
        timer: asyncio.TimerHandle | None = None
        try:
            protocol: Any = connection.protocol
            protocol.set_response_params(
                read_until_eof=True, read_timeout=None, max_line_size=HEAD, max_field_size=HEAD, max_headers=200
            )
            more = origin.asked.headers if origin.forwarded else {}
            head = request_head(request, target, origin.host, {n: v for n, v in more.items() if n.lower() in _TO_PROXY})
            if len(request.body) <= PIECE:
                protocol.transport.write(head + request.body)
            else:  # while a reply is awaited: it may come before the whole was sent
                writing = asyncio.create_task(write(protocol, head, request.body))
            clock.sent()
            if (left := clock.next_read()) is not None:
                timer = asyncio.get_running_loop().call_later(left, _too_late, protocol)
            status = 100
            while 100 <= status < 200:
                message, content = await protocol.read()
                status = message.code
        except BaseException:
            abort(connection)
            raise
        finally:
            if timer is not None:
                timer.cancel()
            if writing is not None:
                writing.cancel()
        clock.body()
        return _Stream(connection, message, content, clock, request, whole=writing is None or writing.done())

    async def _connected(self, origin: _Origin, clock: Clock) -> Any:
        """Return a connection: one that was kept, or a new one."""
        made = origin.connector.made
        try:
            connection = await origin.connector.connect(origin.asked, [], connect_within(clock.to_connect()))
        except TimeoutError:
            if clock.expired:
                raise
            raise aiohttp.ConnectionTimeoutError from None
        clock.reused = connection.protocol not in made
        made.discard(connection.protocol)
        return connection

    def _origin(self, url: str) -> tuple[_Origin, str]:
        """Return what is known of a URL's origin, and the URL's path."""
        scheme, _, host, path = url.split("/", 3)
        loop = asyncio.get_running_loop()
        origin = self._origins.get((loop, scheme + host))
        if origin is None or origin.connector.closed:
            origin = self._origins[loop, scheme + host] = self._find(url, loop)
        return origin, "/" + path

    def _find(self, url: str, loop: asyncio.AbstractEventLoop) -> _Origin:
        for ended in [each for each in self._connectors if each.is_closed()]:
            self._connectors.pop(ended).abandon()
        self._origins = {key: known for key, known in self._origins.items() if not key[0].is_closed()}
        connector = self._connectors.get(loop)
        if connector is None or connector.closed:
            connector = self._connectors[loop] = Connector()
        parts = urlsplit(url)
        secure = parts.scheme == "https"
        # Not aiohttp's own reading of the environment: it goes through a thread, twice a request, which costs more than the request.
        proxy = self._proxies.of(url)
        asked = Asked(
            "POST",
            URL(url),
            loop=loop,
            headers={},
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
            proxy=URL(proxy) if proxy else None,
            ssl=tls_context(self._options.ca_file) if secure else True,
        )
        return _Origin(
            asked=asked,
            connector=connector,
            host=host_header(parts.netloc, parts.scheme),
            proxied=proxy is not None,
            forwarded=proxy is not None and not secure,
        )


_TO_PROXY: Final = frozenset({"proxy-authorization"})


def _too_late(protocol: Any) -> None:
    protocol.set_exception(TimeoutError())


class _Stream:
    """A reply whose head was read, and its open body."""

    __slots__ = (
        "_clock",
        "_connection",
        "_content",
        "_idle",
        "_lost",
        "_since",
        "_timer",
        "_whole",
        "headers",
        "status",
    )

    def __init__(
        self, connection: Any, message: Any, content: Any, clock: Clock, request: Request, *, whole: bool
    ) -> None:
        self.status: int = message.code
        self.headers = Headers(message.headers.items())
        self._connection = connection
        self._content = content
        self._clock = clock
        self._idle = request.timeouts.idle
        self._whole = whole  # whether all of the request went out
        self._since: float | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._lost: asyncio.Future[None] | None = None
        if content.is_eof():
            return
        if hasattr(content, "_low_water"):
            # The socket is read on once all that came was taken: aiohttp asks for it at every chunk that it gives, which costs as much
            # as the chunk. It has no setting for it; a version without this attribute is as fast as it is.
            content._low_water = 1  # noqa: SLF001 - see above
        self._lost = connection.protocol.closed
        if self._lost is not None:
            self._lost.add_done_callback(self._connection_lost)
            # Kept on the connection, once: a future that ends with an exception that nobody looked at is logged.
            self._lost.remove_done_callback(_look_at)
            self._lost.add_done_callback(_look_at)
        self._watch()

    def _watch(self) -> None:
        """Look again when the read that waits now, or the next, has waited long enough: one timer for all of them."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        self._timer = None
        if self._since is None:
            return  # nobody waits: the next read sets it anew
        try:
            left = self._clock.next_read()
        except TimeoutError:
            self._content.set_exception(TimeoutError())
            return
        if left is None:
            return
        if self._idle is not None:
            left = min(left, self._since + self._idle - now)
        if left > 0:
            self._timer = loop.call_later(left, self._watch)
        else:
            self._content.set_exception(aiohttp.SocketTimeoutError())

    def _connection_lost(self, _closed: asyncio.Future[None]) -> None:
        # After a chunk that it cannot parse, aiohttp closes the connection and leaves the body's reader waiting.
        if not self._content.is_eof() and self._content.exception() is None:
            self._content.set_exception(aiohttp.ClientPayloadError("it ended inside the reply"))

    def all_there(self) -> bytes:
        """Give the whole body and release the connection, where it came with the head; else nothing."""
        content = self._content
        if not content.is_eof() or content.exception() is not None or content.total_bytes > MAX_BODY:
            return b""
        data: bytes = content.read_nowait()
        self._let_go()
        return data

    def _let_go(self) -> None:
        """Give the connection back if its reply was read to the end, and close it otherwise."""
        if not self._whole:
            abort(self._connection)
        elif self._content.at_eof():
            self._connection.release()
        else:
            self._connection.close()

    async def read(self) -> bytes:
        """Give the next bytes as they came; `b""` at the end."""
        self._since = asyncio.get_running_loop().time()
        self._clock.resume()
        if self._timer is None:
            self._watch()
        try:
            data: bytes = await self._content.readany()
        except _FAILURES as error:
            failure = _translate(error, "read", self._clock)
        else:
            return data
        finally:
            self._since = None
            self._clock.leave()
        raise failure

    async def finish(self) -> None:
        """Read the body's end, if it is there soon."""
        try:
            if not self._content.at_eof():
                async with asyncio.timeout(DRAIN):
                    await self._content.readany()
        except _FAILURES:
            pass  # the message is complete; the connection is only worth closing
        finally:
            await self.close()

    async def close(self) -> None:
        """Release the connection; it is closed unless the body was read to its end."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._lost is not None:
            self._lost.remove_done_callback(self._connection_lost)
        self._let_go()


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
        return clock.late("total" if clock.expired else phase)
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
