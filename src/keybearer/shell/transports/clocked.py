"""A connection as http.client takes one, each read and write of it under the call's clock.

Strategy: http.client asks of what it takes for a socket that it sends, and that it opens as a file for a reply. Both are given here,
and so no reply outlasts what is left of its call, one whose head drips byte by byte neither. The file is kept: the body is read of it.

Contract: `received` counts the bytes of the reply under way. A connection on which more came than its reply must not be used again: it
would be taken for the next answer.
"""

from __future__ import annotations

import contextlib
import io
import select
import socket
import time
from http import client as http
from typing import Any, Final

from keybearer.shell.transports.base import IOClock

__all__ = ["ClockedSocket", "ReplyFile"]

_SMALL: Final = 16 << 10
"""A request up to this length, in bytes, goes out in one piece."""


class ClockedSocket:
    """One connection.

    Args:
        sock: The socket, or what works as one.

    Attributes:
        clock: The clock of the call that it serves.
        received: How many bytes of the reply under way have come.
        file: The reply under way.
        served: How many requests it has served.
        ended: Whether it was ended on this side.
        since: When it was last used, on the monotonic clock.
    """

    clock: IOClock

    def __init__(self, sock: Any) -> None:
        self._sock = sock
        self.received = 0
        self.served = 0
        self.ended = False
        self.file: ReplyFile | None = None
        self._held: list[bytes] = []
        self.since = 0.0

    def begin(self, clock: IOClock) -> None:
        """Serve a call from now on."""
        self.clock, self.received, self.file = clock, 0, None
        self._held.clear()
        clock.reused = self.served > 0
        self.served += 1

    def rest(self) -> None:
        """Serve nobody for now."""
        del self.clock
        self.file = None
        self.since = time.monotonic()

    def silent(self) -> bool:
        """Return whether nothing has come since the last reply, not even the connection's end."""
        try:
            if getattr(self._sock, "pending", int)():
                return False
            return not _readable(self._sock)
        except (OSError, ValueError):
            return False

    def sendall(self, data: bytes) -> None:
        """Take bytes to send; `flush` sends them. A head and a small body are one packet then, and one wake-up of the other side."""
        self._held.append(data)

    def flush(self) -> bool:
        """Send what was taken, as long as the call has; return whether all of it went out.

        Who hung up before that may have answered: an error, mostly.
        """
        small = sum(map(len, self._held)) <= _SMALL
        pieces = [b"".join(self._held)] if small else list(self._held)
        self._held.clear()
        try:
            for each in pieces:
                self._sock.settimeout(self.clock.to_write())
                self._sock.sendall(each)
        except (BrokenPipeError, ConnectionResetError):
            return False
        return True

    def recv_into(self, buffer: Any) -> int:
        """Read what has come into a buffer, as long as the clock allows."""
        self._sock.settimeout(self.clock.next_read())
        count: int = self._sock.recv_into(buffer)
        self.received += count
        return count

    def makefile(self, _mode: str) -> ReplyFile:
        """Open it for a reply, as http.client opens a socket."""
        self.file = ReplyFile(self)
        return self.file

    def close(self) -> None:
        """Do nothing: http.client calls this before the reply was read. Who owns the connection ends it."""

    def shut(self) -> None:
        """Let a read that waits in another thread end, and all that follow."""
        self.ended = True
        with contextlib.suppress(OSError):  # it has ended
            self._sock.shutdown(socket.SHUT_RDWR)

    def end(self) -> None:
        """Close the connection."""
        self.ended = True
        self._sock.close()


def _readable(sock: Any) -> bool:
    if hasattr(select, "poll"):
        poll = select.poll()
        poll.register(sock, select.POLLIN)
        return bool(poll.poll(0))
    return bool(select.select([sock], [], [], 0)[0])


class _Incoming(io.RawIOBase):
    """What comes in for one reply; nothing more once it is `over`."""

    def __init__(self, sock: ClockedSocket) -> None:
        super().__init__()
        self._sock = sock
        self.over = False

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Read what has come into a buffer; None where a look at what is left must not wait."""
        return None if self.over else self._sock.recv_into(buffer)


class ReplyFile(io.BufferedReader):
    """One reply as a file: http.client reads the head from it."""

    def __init__(self, sock: ClockedSocket) -> None:
        self._incoming = _Incoming(sock)
        self._owner = sock
        super().__init__(self._incoming)

    def readline(self, size: int | None = -1) -> bytes:
        """Read a line of a head: it has an end, and a carriage return only before that."""
        most = -1 if size is None else size
        line = super().readline(most)
        if not line.endswith(b"\n") and len(line) != most and self._owner.received:
            raise http.HTTPException("it ended inside the head")
        if b"\r" in line.removesuffix(b"\n").removesuffix(b"\r"):
            raise http.HTTPException("a line of it has a carriage return inside")
        return line

    def empty(self) -> bool:
        """Return whether nothing is left that has come."""
        self._incoming.over = True
        return not self.peek(1)
