"""Request and reply bodies on aiohttp.

Contract: all reads of a reply share one timer. A waiting read ends when another task closes its stream.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Any, Final, NamedTuple

import aiohttp

from keybearer.errors import KeybearerError, TransportError
from keybearer.shell.transports.aiohttp_failures import FAILURES, translate
from keybearer.shell.transports.base import DRAIN, IOClock, closed_error
from keybearer.shell.transports.http1_head import head_problem
from keybearer.shell.transports.routes import Route
from keybearer.shell.transports.tracebacks import without_frames
from keybearer.shell.transports.unpacking import Unpacker, unpacker
from keybearer.shell.transports.uploads import pieces_async
from keybearer.types.http import Headers, Request

__all__ = ["AiohttpCall", "AiohttpStream", "Upload"]

_PIECE: Final = 256 << 10
"""How much of a body is written at a time, in bytes, so that a large one does not block the event loop."""


class StreamClosed(Exception):  # noqa: N818 - it never leaves this module
    """The stream was closed while a read of it waited."""


class Upload:
    """A request's body while it is sent.

    Args:
        request: The request.

    Attributes:
        size: Its length in bytes.
        done: Whether aiohttp has taken all of it.
        when_done: Called once it has, where that is after the head; None where nobody waits for the answer's head any more.
        failure: Why it could not be read; aiohttp says so in words of its own.
    """

    def __init__(self, request: Request) -> None:
        self._body, self._source = request.body, request.upload
        self.size = request.size
        self.done = self._source is None and self.size <= _PIECE
        self.when_done: Callable[[], None] | None = None
        self.failure: KeybearerError | None = None

    def data(self) -> Any:
        """Return the body for aiohttp: bytes, or an iterator of pieces when it is large or read while it is sent."""
        return (self._body or None) if self.done else self._pieces()

    async def _pieces(self) -> AsyncGenerator[bytes, None]:
        if self._source is not None:
            try:
                async for piece in pieces_async(self._source):
                    yield piece
            except KeybearerError as error:
                self.failure = error
                raise
        view = memoryview(self._body)
        for at in range(0, len(view), _PIECE):
            yield bytes(view[at : at + _PIECE])
        self.done = True
        if self.when_done is not None:
            self.when_done()


class AiohttpCall(NamedTuple):
    """A request with its route, clock and body."""

    request: Request
    route: Route
    clock: IOClock
    upload: Upload
    ca_file: str | None


class AiohttpStream:
    """A reply whose head was read; its body is still to be read."""

    __slots__ = (
        "_clock",
        "_closed",
        "_content",
        "_idle",
        "_lost",
        "_response",
        "_since",
        "_timer",
        "_unpacker",
        "_upload",
        "headers",
        "status",
    )

    def __init__(self, response: aiohttp.ClientResponse, call: AiohttpCall) -> None:
        call.clock.head_received()
        self.status = response.status
        self.headers = Headers(response.headers.items())
        self._response, self._content = response, response.content
        self._clock, self._upload = call.clock, call.upload
        self._idle = call.request.timeouts.idle
        self._since: float | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False
        self._unpacker = _unpacker(response, self.headers)
        self._lost: asyncio.Future[None] | None = None
        if not self._content.is_eof():
            protocol = response.connection.protocol if response.connection is not None else None
            self._lost = protocol.closed if protocol is not None else None
            if self._lost is not None:  # else it is lost, and a read that would wait fails
                self._lost.remove_done_callback(_look_at)  # of an earlier reply on this connection
                self._lost.add_done_callback(_look_at)
                self._lost.add_done_callback(self._connection_lost)

    def _connection_lost(self, _: asyncio.Future[None]) -> None:
        # After a chunk that it cannot parse, aiohttp closes the connection and leaves the body's reader waiting.
        if not self._content.is_eof() and self._content.exception() is None:
            self._content.set_exception(aiohttp.ClientPayloadError("it ended inside the reply"))

    def _watch(self) -> None:
        """Fail the waiting read when its time has passed, else look again then. One timer serves all reads."""
        loop = asyncio.get_running_loop()
        self._timer = None
        if self._since is None:
            return  # no read waits; the next one starts the timer again
        try:
            left = self._clock.next_read()
        except TimeoutError:
            self._content.set_exception(TimeoutError())
            return
        if left is None:
            return
        if self._idle is not None:
            left = min(left, self._since + self._idle - loop.time())
        if left > 0:
            self._timer = loop.call_later(left, self._watch)
        else:
            self._content.set_exception(TimeoutError())

    async def read(self) -> bytes:
        """Give the next bytes as they came; `b""` at the end."""
        if self._closed:
            raise closed_error()
        if self._unpacker is None and self._content.at_eof() and self._content.exception() is None:
            return b""  # as the second read of nearly every reply that is no stream
        self._since = asyncio.get_running_loop().time()
        self._clock.resume()
        if self._timer is None and not self._content.is_eof():  # else all has come, and no read waits
            self._watch()
        try:
            return await (self._content.readany() if self._unpacker is None else self._unpacked(self._unpacker))
        except StreamClosed:
            failure: TransportError = closed_error()
        except FAILURES as error:
            failure = translate(error, "read", "idle", self._clock)
        except BaseException as error:  # noqa: BLE001 - it goes on
            raise without_frames(error)  # noqa: B904 - it is the same one
        finally:
            self._since = None
            self._clock.pause()
        raise failure

    async def _unpacked(self, unpacker: Unpacker) -> bytes:
        data = None
        while data is None:
            data = unpacker.feed(await self._content.readany() if unpacker.needs_input else b"")
        return data

    async def finish(self) -> None:
        """Read the body's end, if it is there soon."""
        try:
            if not self._closed and not self._content.at_eof():
                async with asyncio.timeout(DRAIN):
                    await self._content.readany()
        except (StreamClosed, *FAILURES):
            pass  # the message is complete; the connection is only worth closing
        finally:
            await self.close()

    async def close(self) -> None:
        """Keep the connection if the body was read to its end, else close it; a read that waits in another task ends."""
        if self._closed:
            return
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._lost is not None:
            self._lost.remove_done_callback(self._connection_lost)
        if self._content.at_eof() and self._upload.done:
            self._response.release()
            return
        if self._since is not None:
            self._content.set_exception(StreamClosed())
        connection = self._response.connection
        if connection is not None and connection.transport is not None:
            connection.transport.abort()  # do not wait for bytes that are still to be sent
        self._response.close()


def _look_at(closed: asyncio.Future[None]) -> None:
    """Look at how a connection ended: an exception that nobody looks at is logged, also where no reply is read any more."""
    if not closed.cancelled():
        closed.exception()


def _unpacker(response: aiohttp.ClientResponse, headers: Headers) -> Unpacker | None:
    """Check a reply's head and return the unpacker for its body.

    Raises:
        ValueError: The head is refused; the connection is closed.
    """
    version = response.version or (1, 1)
    problem = head_problem(response.status, (version[0], version[1]), headers)
    try:
        if not problem:
            return unpacker(headers.get("content-encoding", "identity"))
    except ValueError as error:
        problem = str(error)
    response.close()
    raise ValueError(problem)
