"""aiohttp's connections, as the async transport uses them: which are new, what they hold, how they are written to and end.

What is private of aiohttp and asyncio is touched here and, of a reply's body, in `keybearer.shell.aiohttp`.
"""

from __future__ import annotations

import asyncio
from asyncio import sslproto
from functools import cached_property, lru_cache
from typing import Any, Final

import aiohttp
from aiohttp.http import StreamWriter

__all__ = ["PIECE", "TLS_BUFFER", "Asked", "Connector", "abort", "connect_within", "write"]

TLS_BUFFER: Final = 32 << 10
"""What one TLS connection reads at a time, in bytes."""

PIECE: Final = 256 << 10
"""How much of a body is written at a time, in bytes."""


class Asked(aiohttp.ClientRequest):
    """What a connector is asked with, for all requests to an origin: by which key it keeps connections is found out once."""

    @cached_property
    def connection_key(self) -> Any:
        """What connections are kept by."""
        return super().connection_key


class Connector(aiohttp.TCPConnector):
    """A connector that tells which connections are new, and holds little for each.

    Attributes:
        made: The new connections, until they are handed out.
    """

    def __init__(self) -> None:
        super().__init__(limit=0, limit_per_host=0)
        self.made: set[Any] = set()

    async def _create_connection(self, *args: Any, **kwargs: Any) -> Any:
        protocol = await super()._create_connection(*args, **kwargs)
        _slim(protocol.transport)
        self.made.add(protocol)
        return protocol

    def abandon(self) -> None:
        """Let go of connections whose event loop has ended and can close nothing any more: close their sockets here."""
        for connections in getattr(self, "_conns", {}).values():
            for protocol, *_ in connections:
                transport: Any = protocol.transport
                transport = getattr(getattr(transport, "_ssl_protocol", None), "_transport", transport)
                sock = getattr(transport, "_sock", None)
                if sock is not None:
                    transport._sock = None  # noqa: SLF001 - or its finalizer complains of what is done here
                    sock.close()
        self._closed = True  # closing it properly needs its loop


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


@lru_cache(maxsize=16)  # making one costs as much as all that is done with it
def connect_within(seconds: float | None) -> aiohttp.ClientTimeout:
    """Return aiohttp's time limit for a connection, and no other."""
    return aiohttp.ClientTimeout(total=None, connect=seconds)


async def write(protocol: Any, head: bytes, body: bytes) -> None:
    """Write a large body in pieces, so that the event loop is not held up, and no more of it waits in the transport than one."""
    writer = StreamWriter(protocol, asyncio.get_running_loop())
    protocol.transport.write(head)
    view = memoryview(body)
    try:
        for at in range(0, len(view), PIECE):
            await writer.write(view[at : at + PIECE])
    except (OSError, aiohttp.ClientError):
        pass  # the other side hung up: what it said before is what counts


def abort(connection: Any) -> None:
    """Close a connection at once: what waits to be sent is not worth waiting for."""
    transport = getattr(connection.protocol, "transport", None)
    if transport is not None:
        transport.abort()
    connection.close()
