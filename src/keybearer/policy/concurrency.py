"""At most so many at once, first come, first served.

Strategy: who may not go on gets a future, which is set when a place is free; the place passes from hand to hand, so nobody overtakes.

Contract: whoever entered leaves exactly once; whoever gives up waiting says so. `future` makes the futures: the shells have them.
"""

from __future__ import annotations

import contextlib
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
        self._left: deque[None] = deque()  # places of streams that nobody closed

    @property
    def inside(self) -> int:
        """How many are inside."""
        return self.places - self._free - len(self._left)

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def enter(self) -> Future[None] | None:
        """Take a place; None when there is one, else a future that is set when there is."""
        future = self._future()  # made outside the lock: an allocation may run a collector, and that a `leave_later`
        self._catch_up()
        with self._guard:
            if self._free and not self._waiting:
                self._free -= 1
                return None
            self._waiting.append(future)
            return future

    def leave(self) -> None:
        """Give the place to the one that has waited longest."""
        self._catch_up()
        self._leave()

    def leave_later(self) -> None:
        """Give a place back from a finalizer, which may run anywhere: the next that comes or goes passes it on."""
        self._left.append(None)

    def give_up(self, future: Future[None]) -> None:
        """Stop waiting; a place that came meanwhile goes on to the next."""
        with self._guard:
            if future in self._waiting:
                self._waiting.remove(future)
                return
        self._leave()

    def begin_anew(self, guard: AbstractContextManager[object]) -> None:
        """Forget who is inside and who waits in a forked child's parent; take another lock."""
        self._guard, self._free = guard, self.places
        self._waiting.clear()
        self._left.clear()

    def _catch_up(self) -> None:
        while self._left:
            with contextlib.suppress(IndexError):
                self._left.pop()
                self._leave()

    def _leave(self) -> None:
        with self._guard:
            if not self._waiting:
                self._free = min(self.places, self._free + 1)  # one from before a fork is no place of this process
                return
            following = self._waiting.popleft()
        following.set_result(None)
