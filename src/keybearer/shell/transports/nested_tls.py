"""TLS inside TLS: a connection to an origin through an https proxy.

The standard library wraps only sockets in TLS, so this class moves bytes between its TLS engine and the outer connection.
"""

from __future__ import annotations

import functools
import ssl
import time
from collections.abc import Callable
from typing import Any, Final, TypeVar

__all__ = ["NestedTLS"]

T = TypeVar("T")

_PIECE: Final = 16 << 10
"""How much is read of the outer connection at a time, in bytes: one record."""


class NestedTLS:
    """A connection with the methods of a socket that are used here.

    Args:
        outer: The connection to the proxy.
        context: How to secure the inner one.
        host: The origin's name.
        end: Until when the handshake must be done, on the monotonic clock; None for no limit.

    Raises:
        OSError: The handshake failed, or took too long.
    """

    def __init__(self, outer: ssl.SSLSocket, context: ssl.SSLContext, host: str, end: float | None) -> None:
        self._outer = outer
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._in, self._out, server_hostname=host)
        self._end = end
        self._run(self._tls.do_handshake)
        self._end = None

    def recv_into(self, buffer: Any) -> int:
        """Read into a buffer; 0 at the end."""
        try:
            data = self._run(functools.partial(self._tls.read, len(buffer)))
        except ssl.SSLZeroReturnError:
            return 0
        buffer[: len(data)] = data
        return len(data)

    def sendall(self, data: bytes) -> None:
        """Write all of some bytes."""
        view, sent = memoryview(data), 0
        while sent < len(view):
            sent += self._run(functools.partial(self._tls.write, view[sent:]))

    def settimeout(self, seconds: float | None) -> None:
        """Limit how long a read or a write of the outer connection may take."""
        self._outer.settimeout(seconds)

    def pending(self) -> int:
        """Return how many bytes can be read without waiting."""
        return self._tls.pending() or self._in.pending or self._outer.pending()

    def fileno(self) -> int:
        """Return the outer connection's descriptor."""
        return self._outer.fileno()

    def shutdown(self, how: int) -> None:
        """Shut the outer connection down, which ends a waiting read."""
        self._outer.shutdown(how)

    def close(self) -> None:
        """Close the outer connection."""
        self._outer.close()

    def _run(self, step: Callable[[], T]) -> T:
        while True:
            try:
                result = step()
            except ssl.SSLWantReadError:
                self._flush()
            else:
                self._flush()
                return result
            if self._end is not None:
                left = self._end - time.monotonic()
                if left <= 0:
                    raise TimeoutError
                self._outer.settimeout(left)
            if data := self._outer.recv(_PIECE):
                self._in.write(data)
            else:
                self._in.write_eof()

    def _flush(self) -> None:
        if data := self._out.read():
            self._outer.sendall(data)
