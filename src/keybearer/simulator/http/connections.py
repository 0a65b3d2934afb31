"""The open connections, so that a fault can cut one the way a network does, and one that asks nothing is closed.

ASGI hides the connection, but gives the peer's address. A subclass of the HTTP protocol that uvicorn would use keeps its
transport under that address. A connection whose next request has no whole head in time is closed: uvicorn does so only
while not a byte of the head has come, and only after a first reply.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import Any, Final, cast

from starlette.types import ASGIApp, Receive, Scope, Send

__all__ = ["Connections"]

HEAD_SECONDS: Final = 60.0

Address = tuple[str, int]


class Connections:
    """The open connections, by the peer's address.

    Args:
        head_seconds: How long a connection may wait for the next request's head, on the wall clock.
    """

    def __init__(self, *, head_seconds: float = HEAD_SECONDS) -> None:
        self._head_seconds = head_seconds
        self._transports: dict[Address, asyncio.Transport] = {}
        self._lost: dict[Address, asyncio.Event] = {}
        self._waiting: dict[Address, asyncio.TimerHandle] = {}

    def protocol(self) -> type[asyncio.Protocol]:
        """Make the protocol class for uvicorn, from httptools' if that is installed, else from h11's."""
        try:
            from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol as Base
        except ImportError:
            from uvicorn.protocols.http.h11_impl import H11Protocol as Base  # type: ignore[assignment]

        transports, lost, wait, stop = self._transports, self._lost, self._wait, self._stop

        class Noted(Base):  # type: ignore[misc,valid-type,unused-ignore]  # one of two bases, chosen above
            def connection_made(self, transport: Any) -> None:
                super().connection_made(transport)
                self.noted_as = transport.get_extra_info("peername")[:2]
                transports[self.noted_as] = transport
                lost[self.noted_as] = asyncio.Event()
                wait(self.noted_as)

            def connection_lost(self, exc: Exception | None) -> None:
                stop(self.noted_as)
                transports.pop(self.noted_as, None)
                super().connection_lost(exc)
                lost.pop(self.noted_as).set()

        return cast("type[asyncio.Protocol]", Noted)

    def watch(self, app: ASGIApp) -> ASGIApp:
        """Wrap an application, so that a connection's wait ends when a request's head is there, and begins anew after the reply."""

        async def watched(scope: Scope, receive: Receive, send: Send) -> None:
            client = tuple(scope["client"]) if scope.get("client") else None
            self._stop(client)
            try:
                await app(scope, receive, send)
            finally:
                self._wait(client)

        return watched

    def _wait(self, client: Address | None) -> None:
        transport = self._transports.get(client) if client else None
        if client is not None and transport is not None:
            loop = asyncio.get_running_loop()
            self._waiting[client] = loop.call_later(self._head_seconds, transport.close)

    def _stop(self, client: Address | None) -> None:
        timer = self._waiting.pop(client, None) if client else None
        if timer is not None:
            timer.cancel()

    def is_open(self, client: Address | None) -> bool:
        """Return whether a peer is still connected."""
        transport = self._transports.get(client) if client else None
        return transport is not None and not transport.is_closing()

    async def cut(self, client: Address | None, *, reset: bool) -> None:
        """End a connection in the middle, and return once uvicorn has noticed.

        Args:
            client: The peer.
            reset: Send a TCP reset; otherwise flush what was written, and close.
        """
        transport = self._transports.get(client) if client else None
        if client is None or transport is None:
            return
        lost = self._lost[client]
        if not reset:
            transport.close()
        else:
            raw = transport.get_extra_info("socket")
            if raw is not None:  # a linger of zero turns the close into a reset
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            transport.abort()
        await lost.wait()

    def write(self, client: Address | None, data: bytes) -> None:
        """Write raw bytes, without HTTP."""
        transport = self._transports.get(client) if client else None
        if transport is not None and not transport.is_closing():
            transport.write(data)
