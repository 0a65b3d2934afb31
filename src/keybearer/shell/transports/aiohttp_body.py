"""Bodies on aiohttp: a request's on its way out, and a reply's while it is read.

Contract: all reads of a reply share one timer; a read that waits ends when its stream is closed in another task.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any, Final, NamedTuple

import aiohttp

from keybearer.errors import TransportError
from keybearer.shell.transports.aiohttp_failures import FAILURES, translate
from keybearer.shell.transports.base import DRAIN, Clock, closed_here
from keybearer.shell.transports.http1_head import head_problem
from keybearer.shell.transports.routes import Route
from keybearer.shell.transports.tracebacks import without_frames
from keybearer.shell.transports.unpacking import Unpacker, unpacker
from keybearer.types.http import Headers, Request

__all__ = ["Call", "Stream", "Upload"]

_PIECE: Final = 256 << 10
"""How much of a body is written at a time, in bytes: the event loop is not held up by a large one."""


class _Closed(Exception):  # noqa: N818 - what happened; it never leaves this module
    """The stream was closed while a read of it waited."""


class Upload:
    """A request's body on its way out.

    Args:
        body: The body.

    Attributes:
        size: How long it is, in bytes.
        done: Whether all of it was handed over.
    """

    def __init__(self, body: bytes) -> None:
        self._body = body
        self.size = len(body)
        self.done = len(body) <= _PIECE

    def data(self) -> Any:
        """Return the body as aiohttp takes it: in pieces where it is large."""
        return (self._body or None) if self.done else self._pieces()

    async def _pieces(self) -> AsyncGenerator[bytes, None]:
        view = memoryview(self._body)
        for at in range(0, len(view), _PIECE):
            yield bytes(view[at : at + _PIECE])
        self.done = True


class Call(NamedTuple):
    """A request, and what it takes to send it."""

    request: Request
    route: Route
    clock: Clock
    upload: Upload
    ca_file: str | None


class Stream:
    """A reply whose head was read, and its open body."""

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

    def __init__(self, response: aiohttp.ClientResponse, call: Call) -> None:
        call.clock.body()
        self.status = response.status
        self.headers = Headers(response.headers.items())
        self._response, self._content = response, response.content
        self._clock, self._upload = call.clock, call.upload
        self._idle = call.request.timeouts.idle
        self._since: float | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False
        self._unpacker = _checked(response, self.headers)
        self._lost: asyncio.Future[None] | None = None
        if not self._content.is_eof() and response.connection is not None:
            self._lost = getattr(response.connection.protocol, "closed", None)
            if self._lost is not None:
                self._lost.add_done_callback(self._connection_lost)

    def _connection_lost(self, closed: asyncio.Future[None]) -> None:
        # After a chunk that it cannot parse, aiohttp closes the connection and leaves the body's reader waiting.
        if not closed.cancelled():
            closed.exception()  # one that nobody looks at is logged
        if not self._content.is_eof() and self._content.exception() is None:
            self._content.set_exception(aiohttp.ClientPayloadError("it ended inside the reply"))

    def _watch(self) -> None:
        """Look again when the read that waits now has waited long enough: one timer for all of them."""
        loop = asyncio.get_running_loop()
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
            left = min(left, self._since + self._idle - loop.time())
        if left > 0:
            self._timer = loop.call_later(left, self._watch)
        else:
            self._content.set_exception(TimeoutError())

    async def read(self) -> bytes:
        """Give the next bytes as they came; `b""` at the end."""
        if self._closed:
            raise closed_here()
        self._since = asyncio.get_running_loop().time()
        self._clock.resume()
        if self._timer is None:
            self._watch()
        try:
            return await (self._content.readany() if self._unpacker is None else self._unpacked(self._unpacker))
        except _Closed:
            failure: TransportError = closed_here()
        except FAILURES as error:
            failure = translate(error, "read", "idle", self._clock)
        except BaseException as error:  # noqa: BLE001 - it goes on
            raise without_frames(error)  # noqa: B904 - it is the same one
        finally:
            self._since = None
            self._clock.leave()
        raise failure

    async def _unpacked(self, unpacker: Unpacker) -> bytes:
        while True:
            packed = await self._content.readany() if unpacker.hungry else b""
            if not packed and unpacker.hungry:
                unpacker.close()
                return b""
            if data := unpacker.unpack(packed):
                return data

    async def finish(self) -> None:
        """Read the body's end, if it is there soon."""
        try:
            if not self._closed and not self._content.at_eof():
                async with asyncio.timeout(DRAIN):
                    await self._content.readany()
        except (_Closed, *FAILURES):
            pass  # the message is complete; the connection is only worth closing
        finally:
            await self.close()

    async def close(self) -> None:
        """Release the connection; it is closed unless the body was read to its end. Another task's read of it ends."""
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
            self._content.set_exception(_Closed())
        connection = self._response.connection
        if connection is not None and connection.transport is not None:
            connection.transport.abort()  # what waits to be sent is not worth waiting for
        self._response.close()


def _checked(response: aiohttp.ClientResponse, headers: Headers) -> Unpacker | None:
    """Return what unpacks a reply's body, once its head is known to be sound.

    Raises:
        ValueError: It is not; the connection is closed.
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
