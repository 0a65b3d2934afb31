"""When a tool call may start: at most so many at once, in the order of the calls.

Contract: a call of a read-only tool may overtake the calls before it; any other starts after those before it have started or were
turned down. What was put off holds back every later call that is not read-only.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from concurrent.futures import Future

__all__ = ["Order", "Place"]


class Place:
    """A call's place in the order.

    Attributes:
        overtakes: Whether it may start before the calls ahead of it.
    """

    __slots__ = ("dropped", "future", "held", "overtakes", "passed", "running")

    def __init__(self, *, overtakes: bool) -> None:
        self.overtakes = overtakes
        self.future: Future[bool] | None = None  # of a call that waits
        self.running = False
        self.passed = False  # it has started, or never will
        self.held = False  # it was put off
        self.dropped = False  # nobody waits for it any more


class Order:
    """The calls of one reply.

    Args:
        limit: How many may run at once.
        future: Makes a future.
        lock: The lock of its state.
    """

    def __init__(self, limit: int, *, future: Callable[[], Future[bool]], lock: AbstractContextManager[object]) -> None:
        self._limit = limit
        self._future = future
        self._lock = lock
        self._places: list[Place] = []
        self._running = 0

    def enter(self, *, overtakes: bool) -> Place:
        """Give a call its place, behind all that have one."""
        place = Place(overtakes=overtakes)
        with self._lock:
            self._places.append(place)
        return place

    def turn(self, place: Place) -> Future[bool]:
        """Return a future that is True once the call may start, False if it is put off with one before it, cancelled if dropped."""
        future = self._future()
        with self._lock:
            dropped = place.dropped
            place.future = None if dropped else future
        if dropped:
            future.cancel()
        self._advance()
        return future

    def leave(self, place: Place) -> None:
        """Let the next calls start: this one has ended, or will not run. It is done once; again does nothing."""
        with self._lock:
            self._running -= place.running
            place.running, place.passed, place.future = False, True, None
        self._advance()

    def hold(self, place: Place) -> None:
        """Put a call off, and with it every later one that may not overtake it."""
        with self._lock:
            place.held = True
        self._advance()

    def drop(self, place: Place) -> bool:
        """Never let a call start; return whether it had not started."""
        with self._lock:
            waiting, place.future = (None, place.future) if place.running else (place.future, None)
            place.dropped = not place.running
            place.passed = True
        if waiting is not None:
            waiting.cancel()
        self._advance()
        return place.dropped

    def _advance(self) -> None:
        due: list[tuple[Future[bool], bool]] = []
        with self._lock:
            behind = held = False
            for place in self._places:
                future = place.future
                if future is not None and not place.running:
                    if held and not place.overtakes:
                        place.future, place.held = None, True
                        due.append((future, False))
                    elif self._running < self._limit and (place.overtakes or not behind):
                        self._running += 1
                        place.running = place.passed = True
                        due.append((future, True))
                held = held or (place.held and not place.overtakes)
                behind = behind or not (place.passed or place.overtakes)
            self._places = [place for place in self._places if place.held or place.running or not place.passed]
        for future, may_start in due:
            future.set_result(may_start)
