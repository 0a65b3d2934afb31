"""At most so many at once, first come, first served.

Strategy: who may not go on gets a future, which is set when a place is free; the place passes from hand to hand, so nobody overtakes.

Contract: whoever entered leaves exactly once; whoever gives up waiting says so. `future` makes the futures: the shells have them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from concurrent.futures import Future

__all__ = ["Gate"]


class Gate:
    """A client's limit of requests under way.

    Args:
        places: How many may be inside at once.
        future: Makes a future.
        guard: A lock, where threads share the gate.
    """

    def __init__(
        self, places: int, *, future: Callable[[], Future[None]], guard: AbstractContextManager[object]
    ) -> None:
        self.places = places
        self._free = places
        self._future = future
        self._guard = guard
        self._waiting: deque[Future[None]] = deque()

    @property
    def inside(self) -> int:
        """How many are inside."""
        return self.places - self._free

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def enter(self) -> Future[None] | None:
        """Take a place; None when there is one, else a future that is set when there is."""
        with self._guard:
            if self._free and not self._waiting:
                self._free -= 1
                return None
            future = self._future()
            self._waiting.append(future)
            return future

    def leave(self) -> None:
        """Give the place to the one that has waited longest."""
        with self._guard:
            if not self._waiting:
                self._free += 1
                return
            following = self._waiting.popleft()
        following.set_result(None)

    def give_up(self, future: Future[None]) -> None:
        """Stop waiting; a place that came meanwhile goes on to the next."""
        with self._guard:
            if future in self._waiting:
                self._waiting.remove(future)
                return
        self.leave()
