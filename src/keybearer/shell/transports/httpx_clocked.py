"""httpx2's blocking connections under the call's clock while a reply's head is awaited.

Its own time limit begins anew with each read, so a server that drips the head byte by byte would outlast any.
"""

from __future__ import annotations

import threading
import time
from typing import Any

import httpx2

__all__ = ["clocked", "head"]


class Head(threading.local):
    """Until when this thread waits for a reply's head; None while it does not."""

    end: float | None = None


head = Head()


class _ClockedStream:
    """A connection of httpcore whose reads, while a reply's head is awaited, end with the call.

    Its own time limit begins anew with each read, so a server that drips the head byte by byte would outlast any.
    """

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if head.end is not None:
            left = max(head.end - time.monotonic(), 0.001)  # 0 would mean not to wait
            timeout = left if timeout is None else min(timeout, left)
        data: bytes = self._stream.read(max_bytes, timeout)
        return data

    def start_tls(self, *args: Any, **kwargs: Any) -> _ClockedStream:
        return _ClockedStream(self._stream.start_tls(*args, **kwargs))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class _ClockedBackend:
    """What makes httpcore's connections, such that they are clocked."""

    def __init__(self, backend: Any) -> None:
        self._backend = backend

    def connect_tcp(self, *args: Any, **kwargs: Any) -> _ClockedStream:
        return _ClockedStream(self._backend.connect_tcp(*args, **kwargs))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._backend, name)


def clocked(**options: Any) -> httpx2.Client:
    """Make a client whose connections are clocked: httpcore takes a backend, but httpx has no argument to hand it on."""
    client = httpx2.Client(**options)
    inside: Any = client
    pool = inside._transport._pool  # noqa: SLF001 - see above
    pool._network_backend = _ClockedBackend(pool._network_backend)  # noqa: SLF001 - see above
    return client
