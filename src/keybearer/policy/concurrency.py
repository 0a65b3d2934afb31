"""Limit how many requests are under way at once, first come, first served.

Strategy: a caller without a permit gets a future. `release` hands the permit to the longest waiter, so later callers cannot overtake.

Contract: each `acquire` is followed by exactly one `release` or, for a wait that is abandoned, one `give_up`.
"""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from concurrent.futures import Future

__all__ = ["ConcurrencyLimiter"]


class ConcurrencyLimiter:
    """The limit of a client's requests under way.

    Args:
        permits: How many requests may be under way at once.
        future: Makes a future.
        lock: The lock of its state.
    """

    def __init__(
        self, permits: int, *, future: Callable[[], Future[None]], lock: AbstractContextManager[object]
    ) -> None:
        self.permits = permits
        self._free = permits
        self._future = future
        self._lock = lock
        self._waiting: deque[Future[None]] = deque()
        self._returned: deque[None] = deque()  # permits of abandoned streams

    @property
    def in_use(self) -> int:
        """How many permits are in use."""
        return self.permits - self._free - len(self._returned)

    @property
    def waiting(self) -> int:
        """How many callers wait."""
        return len(self._waiting)

    def acquire(self) -> Future[None] | None:
        """Take a permit and return None; if none is free, return a future that is set when one is handed over."""
        # Made outside the lock: an allocation may start a garbage collection, which may call `release_later`.
        future = self._future()
        self._catch_up()
        with self._lock:
            if self._free > 0 and not self._waiting:
                self._free -= 1
                return None
            self._waiting.append(future)
            return future

    def release(self) -> None:
        """Hand the permit to the longest waiter."""
        self._catch_up()
        self._release()

    def release_later(self) -> None:
        """Return a permit from a finalizer, where no lock may be taken. The next `acquire` or `release` hands it on."""
        self._returned.append(None)

    def give_up(self, future: Future[None]) -> None:
        """Stop waiting for a future; a permit that it got meanwhile goes to the next waiter."""
        with self._lock:
            if future in self._waiting:
                self._waiting.remove(future)
                return
        self._release()

    def resize(self, permits: int) -> None:
        """Set another number of permits. What is in use stays so; with fewer, the next ones to come back are not handed on."""
        with self._lock:
            self._free += permits - self.permits
            self.permits = permits
            waiters = [self._waiting.popleft() for _ in range(max(0, min(self._free, len(self._waiting))))]
            self._free -= len(waiters)
        for each in waiters:
            each.set_result(None)

    def after_fork(self, lock: AbstractContextManager[object]) -> None:
        """Reset in a forked child: the parent's permits and waiters are forgotten, and the lock is replaced."""
        self._lock, self._free = lock, self.permits
        self._waiting.clear()
        self._returned.clear()

    def _catch_up(self) -> None:
        while self._returned:
            with contextlib.suppress(IndexError):
                self._returned.pop()
                self._release()

    def _release(self) -> None:
        with self._lock:
            if not self._waiting or self._free < 0:
                self._free = min(self.permits, self._free + 1)  # a permit from before a fork is the parent's
                return
            following = self._waiting.popleft()
        following.set_result(None)
