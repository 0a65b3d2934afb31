"""The open connections, so that a fault can cut one the way a network does.

ASGI hides the connection, but gives the peer's address. A subclass of the HTTP protocol that uvicorn would use keeps its
transport under that address.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import Any, cast

__all__ = ["Connections"]

Address = tuple[str, int]


class Connections:
    """The open connections, by the peer's address."""

    def __init__(self) -> None:
        self._transports: dict[Address, asyncio.Transport] = {}
        self._lost: dict[Address, asyncio.Event] = {}

    def protocol(self) -> type[asyncio.Protocol]:
        """Make the protocol class for uvicorn, from httptools' if that is installed, else from h11's."""
        try:
            from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol as Base
        except ImportError:
            from uvicorn.protocols.http.h11_impl import H11Protocol as Base  # type: ignore[assignment]

        transports, lost = self._transports, self._lost

        class Noted(Base):  # type: ignore[misc,valid-type,unused-ignore]  # one of two bases, chosen above
            def connection_made(self, transport: Any) -> None:
                super().connection_made(transport)
                self.noted_as = transport.get_extra_info("peername")[:2]
                transports[self.noted_as] = transport
                lost[self.noted_as] = asyncio.Event()

            def connection_lost(self, exc: Exception | None) -> None:
                transports.pop(self.noted_as, None)
                super().connection_lost(exc)
                lost.pop(self.noted_as).set()

        return cast("type[asyncio.Protocol]", Noted)

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
