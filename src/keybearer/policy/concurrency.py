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
    """A client's limit of requests under way.

    Args:
        permits: How many requests may be under way at once.
        future: Makes a future.
        guard: A lock, where threads share the limiter.
    """

    def __init__(
        self, permits: int, *, future: Callable[[], Future[None]], guard: AbstractContextManager[object]
    ) -> None:
        self.permits = permits
        self._free = permits
        self._future = future
        self._guard = guard
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
        """Take a permit and return None, or return a future that is set when one was handed over."""
        future = self._future()  # made outside the lock: an allocation may run a collector, and that a `release_later`
        self._catch_up()
        with self._guard:
            if self._free and not self._waiting:
                self._free -= 1
                return None
            self._waiting.append(future)
            return future

    def release(self) -> None:
        """Hand the permit to the longest waiter."""
        self._catch_up()
        self._release()

    def release_later(self) -> None:
        """Return a permit from a finalizer, which may run anywhere: the next `acquire` or `release` passes it on."""
        self._returned.append(None)

    def give_up(self, future: Future[None]) -> None:
        """Stop waiting; a permit handed over meanwhile goes to the next waiter."""
        with self._guard:
            if future in self._waiting:
                self._waiting.remove(future)
                return
        self._release()

    def begin_anew(self, guard: AbstractContextManager[object]) -> None:
        """In a forked child, forget the parent's permits and waiters, and take another lock."""
        self._guard, self._free = guard, self.permits
        self._waiting.clear()
        self._returned.clear()

    def _catch_up(self) -> None:
        while self._returned:
            with contextlib.suppress(IndexError):
                self._returned.pop()
                self._release()

    def _release(self) -> None:
        with self._guard:
            if not self._waiting:
                self._free = min(self.permits, self._free + 1)  # a permit from before a fork is none of this process
                return
            following = self._waiting.popleft()
        following.set_result(None)
