"""The sockets behind the requests, so that a fault can cut one the way a network does.

ASGI hides the connection; uvicorn's protocol class knows it. A subclass of whichever HTTP protocol uvicorn would use
notes its transport under the peer's address, which is what ASGI does tell.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import Any, cast

__all__ = ["Connections"]

Address = tuple[str, int]


class Connections:
    """Every open connection, by the peer's address."""

    def __init__(self) -> None:
        self._transports: dict[Address, asyncio.Transport] = {}
        self._lost: dict[Address, asyncio.Event] = {}

    def protocol(self) -> type[asyncio.Protocol]:
        """Make the protocol class to give to uvicorn: httptools' when it is installed, else h11's."""
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
        """Tell whether a peer is still there."""
        transport = self._transports.get(client) if client else None
        return transport is not None and not transport.is_closing()

    async def cut(self, client: Address | None, *, reset: bool) -> None:
        """End a connection in the middle, and return once uvicorn knows.

        Args:
            client: The peer.
            reset: With a TCP reset; else what was written is flushed and the connection closes.
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
        """Write raw bytes, past HTTP."""
        transport = self._transports.get(client) if client else None
        if transport is not None and not transport.is_closing():
            transport.write(data)
