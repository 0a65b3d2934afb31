"""The open connections, so that a fault can cut one the way a network does.

ASGI hides the connection, but gives the peer's address: each connection's transport is kept under it.
"""

from __future__ import annotations

import asyncio
import socket
import struct

__all__ = ["Address", "Connections"]

Address = tuple[str, int]


class Connections:
    """The open connections, by the peer's address."""

    def __init__(self) -> None:
        self._transports: dict[Address, asyncio.Transport] = {}
        self._lost: dict[Address, asyncio.Event] = {}

    def made(self, client: Address, transport: asyncio.Transport) -> None:
        """Keep a connection."""
        self._transports[client] = transport
        self._lost[client] = asyncio.Event()

    def lost(self, client: Address) -> None:
        """Forget a connection that has ended."""
        self._transports.pop(client, None)
        self._lost.pop(client, asyncio.Event()).set()

    def open(self) -> list[asyncio.Transport]:
        """List the transports."""
        return list(self._transports.values())

    def is_open(self, client: Address | None) -> bool:
        """Return whether a peer is still connected."""
        transport = self._transports.get(client) if client else None
        return transport is not None and not transport.is_closing()

    async def cut(self, client: Address | None, *, reset: bool) -> None:
        """End a connection in the middle, and return once the server has noticed.

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
