"""Connections that are kept for the next request, and those in use, so that closing a transport ends them all.

Contract: a connection is kept only after a reply that was read to its end and left nothing behind; it is let go after `KEEP_IDLE`
seconds, for what is in between may have dropped it by then without a word; and it is used again only while nothing has come on it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Hashable
from typing import Final

from keybearer.shell.transports.clocked import ClockedSocket

__all__ = ["Pool"]

KEEP_IDLE: Final = 15.0
"""How long a connection is kept that nobody uses, in seconds."""


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
        """Return the connection of a route that was used last, if there is one that can be used again."""
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
        """Keep a connection for the next request, and let go of those that were not used for long."""
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
        """Close every connection; reads that wait for one in other threads end."""
        with self._lock:
            kept, self._kept = self._kept, {}
            in_use, self._in_use = self._in_use, set()
        for sock in [each for route in kept.values() for each in route]:
            sock.end()
        for sock in in_use:
            sock.shut()
