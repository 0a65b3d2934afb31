"""A connection for http.client whose reads and writes are limited by the call's clock.

Strategy: http.client needs two things of a socket, `sendall` and `makefile`. Both are provided here, so no reply outlasts its call,
not even one whose head arrives byte by byte. The file is kept, because the body is read from it too.

Contract: `received` counts the bytes of the current reply. A connection that received more than its reply is not used again: the
extra bytes would be taken for the next answer.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import select
import socket
import time
from collections.abc import Iterable
from http import client as http
from ssl import SSLWantReadError, SSLWantWriteError
from typing import Any

from keybearer.shell.transports.base import IOClock
from keybearer.shell.transports.early import MUCH, SMALL, Early, readable_when_writable

__all__ = ["ClockedSocket", "ReplyFile"]


class _AnsweredEarly(Exception):  # noqa: N818 - it never leaves this module
    """The server has refused the request, or ended the connection, before all of it was sent."""


class ClockedSocket:
    """One connection.

    Args:
        sock: The socket, or an object that works like one.

    Attributes:
        clock: The clock of the current call.
        received: How many bytes of the current reply have arrived.
        file: The current reply.
        served: How many requests it has served.
        ended: Whether it was closed on this side.
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
        self._early = Early()
        self._sent = 0
        self.since = 0.0

    def begin(self, clock: IOClock) -> None:
        """Begin to serve a call."""
        self.clock, self.received, self.file = clock, 0, None
        self._held.clear()
        self._early, self._sent = Early(), 0
        clock.reused = self.served > 0
        self.served += 1

    def rest(self) -> None:
        """Become idle."""
        del self.clock
        self.file = None
        self.since = time.monotonic()

    def silent(self) -> bool:
        """Return whether nothing has arrived since the last reply, not even the connection's end."""
        try:
            if getattr(self._sock, "pending", int)():
                return False
            return not _readable(self._sock)
        except (OSError, ValueError):
            return False

    def sendall(self, data: bytes) -> None:
        """Collect bytes for `flush`. A head and a small body then go out in one packet, which wakes the other side once."""
        self._held.append(data)

    def flush(self, upload: Iterable[bytes] = ()) -> bool:
        """Send the collected bytes within the call's time; return whether all were sent.

        A server that hangs up earlier may have answered, mostly with an error.

        Args:
            upload: What is sent after them, a piece at a time.
        """
        small = sum(map(len, self._held)) <= SMALL
        pieces = [b"".join(self._held)] if small else list(self._held)
        self._held.clear()
        try:
            for each in itertools.chain(pieces, upload):
                self._send(each)
        except (BrokenPipeError, ConnectionResetError, _AnsweredEarly):
            return False
        return True

    def _send(self, data: bytes) -> None:
        """Send bytes; what goes beyond `MUCH` goes out in pieces, with a look for an answer before each."""
        self._sent += len(data)
        if self._sent <= MUCH:
            self._sock.settimeout(self.clock.to_write())
            self._sock.sendall(data)
            return
        view = memoryview(data)
        for at in range(0, len(view), SMALL):
            while self._early.is_refusal() is None and readable_when_writable(self._sock, self.clock.to_write()):
                self._look()
            self._sock.settimeout(self.clock.to_write())
            self._sock.sendall(view[at : at + SMALL])

    def _look(self) -> None:
        """Keep what has come for the reply's reader.

        Raises:
            _AnsweredEarly: It is a refusal, or the end.
        """
        buffer = bytearray(SMALL)
        self._sock.settimeout(0)
        try:
            count = self._sock.recv_into(buffer)
        except (BlockingIOError, SSLWantReadError, SSLWantWriteError):
            return  # part of a TLS record, or one without data of ours
        self.received += count
        self._early.data += buffer[:count]
        if not count or self._early.is_refusal():
            raise _AnsweredEarly

    def recv_into(self, buffer: Any) -> int:
        """Read into a buffer within the clock's time."""
        if early := self._early.take(len(buffer)):
            buffer[: len(early)] = early
            return len(early)
        self._sock.settimeout(self.clock.next_read())
        count: int = self._sock.recv_into(buffer)
        self.received += count
        return count

    def makefile(self, _mode: str) -> ReplyFile:
        """Return a file for the next reply; http.client calls this."""
        self.file = ReplyFile(self)
        return self.file

    def close(self) -> None:
        """Do nothing. http.client calls this before the reply is read; the connection's owner calls `end`."""

    def shut(self) -> None:
        """End a read that waits in another thread, and all later ones."""
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
    """The incoming bytes of one reply; none once it is `over`."""

    def __init__(self, sock: ClockedSocket) -> None:
        super().__init__()
        self._sock = sock
        self.over = False

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Read into a buffer; None once it is over, so that a peek at the rest does not wait."""
        return None if self.over else self._sock.recv_into(buffer)


class ReplyFile(io.BufferedReader):
    """One reply as a file: http.client reads the head from it."""

    def __init__(self, sock: ClockedSocket) -> None:
        self._incoming = _Incoming(sock)
        self._owner = sock
        super().__init__(self._incoming)

    def readline(self, size: int | None = -1) -> bytes:
        """Read a line of a head. It must be complete, with a carriage return only at its end."""
        most = -1 if size is None else size
        line = super().readline(most)
        if not line.endswith(b"\n") and len(line) != most and self._owner.received:
            raise http.HTTPException("it ended inside the head")
        if b"\r" in line.removesuffix(b"\n").removesuffix(b"\r"):
            raise http.HTTPException("a line of it has a carriage return inside")
        return line

    def flush(self) -> None:
        """Do nothing: nothing is written. HTTPResponse.close calls this, even after the file was closed."""

    def empty(self) -> bool:
        """Return whether every byte that arrived was read."""
        self._incoming.over = True
        return not self.closed and not self.peek(1)
