"""Answers that come while a request is still being sent, for the transports that write it themselves.

Strategy: a server that refuses an upload answers and reads no more of it. Who only writes waits until its time has passed, and where
the server hangs up at once, the answer is lost. So while more than a small request goes out, what comes in is read, without waiting.
TLS sends of its own accord too (session tickets), which reads as nothing.

Contract: only a refusal ends the sending (RFC 9112, section 9.5). An interim answer or one of success is kept until all was sent.
"""

from __future__ import annotations

import select
from typing import Any, Final

__all__ = ["MUCH", "SMALL", "Early", "readable_when_writable"]

SMALL: Final = 16 << 10
"""What is written without a look for an answer, in bytes: it fits into the system's buffers."""

MUCH: Final = 1 << 20
"""From how many bytes on a sync transport looks for an answer: a conversation goes out in one piece, an upload does not."""

_STATUS_AT: Final = len("HTTP/1.1 ")


class Early:
    """What has come of an answer before the request was sent."""

    __slots__ = ("data",)

    def __init__(self) -> None:
        self.data = bytearray()

    def take(self, most: int) -> bytes:
        """Take bytes out, the first ones first."""
        taken = bytes(self.data[:most])
        del self.data[:most]
        return taken

    def is_refusal(self) -> bool | None:
        """Return whether its status is 300 or more; None while no status that counts has come."""
        at = 0
        while self.data.startswith(b"HTTP/1.", at):
            first = bytes(self.data[at + _STATUS_AT : at + _STATUS_AT + 1])
            if first != b"1":
                return first in {b"3", b"4", b"5"} if first else None
            end = self.data.find(b"\r\n\r\n", at)
            if end < 0:
                return None
            at = end + 4  # an interim answer
        return None


def readable_when_writable(sock: Any, seconds: float | None) -> bool:
    """Wait until something can be written or read; return whether it can be read.

    Args:
        sock: The socket, or an object with its descriptor.
        seconds: How long to wait; None for no limit.

    Raises:
        TimeoutError: Neither can be done within the time.
    """
    if hasattr(select, "poll"):
        poll = select.poll()
        poll.register(sock, select.POLLIN | select.POLLOUT)
        events = poll.poll(None if seconds is None else seconds * 1000)
        if not events:
            raise TimeoutError
        return bool(events[0][1] & ~select.POLLOUT)
    readable, writable, _ = select.select([sock], [sock], [], seconds)
    if not readable and not writable:
        raise TimeoutError
    return bool(readable)
