"""The connection pool of the http.client transport: idle connections, and those in use, so that `close` ends them all.

Contract: a connection is kept only after a reply that was read to its end and left no bytes behind. After `KEEP_IDLE` seconds it is
closed, because a router may have dropped it silently. It is used again only if nothing has arrived on it meanwhile.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Hashable
from typing import Final

from keybearer.shell.transports.clocked import ClockedSocket

__all__ = ["Pool"]

KEEP_IDLE: Final = 15.0
"""How long an idle connection is kept, in seconds."""


class Pool:
    """One transport's connections.

    Args:
        most: How many are kept for one route.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: dict[Hashable, list[ClockedSocket]] = {}
        self._in_use: set[ClockedSocket] = set()
        self._lock = threading.Lock()

    def take(self, key: Hashable) -> ClockedSocket | None:
        """Return a route's most recently used connection that can be used again; None without one."""
        while True:
            with self._lock:
                kept = self._kept.get(key)
                if not kept:
                    return None
                sock = kept.pop()
                self._in_use.add(sock)
            if time.monotonic() - sock.since < KEEP_IDLE and sock.silent():
                return sock
            self.drop(sock)

    def add(self, sock: ClockedSocket) -> None:
        """Note that a new connection is in use."""
        with self._lock:
            self._in_use.add(sock)

    def keep(self, key: Hashable, sock: ClockedSocket) -> None:
        """Keep a connection for the next request, and close those that were idle for too long."""
        sock.rest()
        oldest = time.monotonic() - KEEP_IDLE
        with self._lock:
            if sock not in self._in_use:  # the transport was closed meanwhile
                old = [sock]
            else:
                self._in_use.discard(sock)
                kept = self._kept.setdefault(key, [])
                kept.append(sock)
                count = max(len(kept) - self._most, sum(each.since < oldest for each in kept))
                old, self._kept[key] = kept[:count], kept[count:]
        for each in old:
            each.end()

    def drop(self, sock: ClockedSocket) -> None:
        """Close a connection."""
        with self._lock:
            self._in_use.discard(sock)
        sock.end()

    def close(self) -> None:
        """Close every connection; reads that wait in other threads end."""
        with self._lock:
            kept, self._kept = self._kept, {}
            in_use, self._in_use = self._in_use, set()
        for sock in [each for route in kept.values() for each in route]:
            sock.end()
        for sock in in_use:
            sock.shut()
