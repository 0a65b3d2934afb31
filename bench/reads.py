"""One event a read, the reader never waiting: the client's own socket gives at most one event's bytes each time it is read.

A server cannot arrange this: what it sends ahead of the reader comes in one read. So the limit is set on the reader's side, below
every library alike: on `socket.socket` for blocking readers, on asyncio's transport for awaiting ones. The blocking form
adds a Python call (about 0.2 us) to every read, for every library alike.
"""

from __future__ import annotations

import asyncio
import socket
from asyncio import selector_events
from typing import Any

from bench.wire import FRAME

__all__ = ["one_event_a_read"]


def one_event_a_read() -> None:
    """Limit every read of this process to one event from now on."""
    assert issubclass(asyncio.SelectorEventLoop, selector_events.BaseSelectorEventLoop)
    inside: Any = selector_events
    inside._SelectorSocketTransport.max_size = FRAME  # noqa: SLF001 - the only place that has the size
    recv, recv_into = socket.socket.recv, socket.socket.recv_into

    def limited_recv(self: socket.socket, size: int, *flags: int) -> bytes:
        return recv(self, min(size, FRAME), *flags)

    def limited_recv_into(self: socket.socket, buffer: Any, size: int = 0, *flags: int) -> int:
        return recv_into(self, buffer, min(size or len(buffer), FRAME), *flags)

    every: Any = socket.socket
    every.recv, every.recv_into = limited_recv, limited_recv_into
