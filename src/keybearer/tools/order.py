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

    __slots__ = ("dropped", "future", "held", "overtakes", "passed", "running", "waits")

    def __init__(self, *, overtakes: bool) -> None:
        self.overtakes = overtakes
        self.waits = False  # for its turn
        self.future: Future[bool] | None = None  # of a call that could not start at once
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

    def turn(self, place: Place) -> Future[bool] | None:
        """Return None if the call may start now.

        If not, return a future that is True once it may, False if it is put off with one before it, cancelled if it was dropped.
        """
        with self._lock:
            place.waits = not place.dropped
            due = self._due()
            future = None if place.running else self._future()
            waits, put_off = place.waits, place.held
            if waits:
                place.future = future
        _answer(due)
        if future is not None and not waits:
            if put_off:
                future.set_result(False)
            else:
                future.cancel()
        return future

    def leave(self, place: Place) -> None:
        """Let the next calls start: this one has ended, or will not run. It is done once; again does nothing."""
        with self._lock:
            self._running -= place.running
            place.running, place.passed, place.waits, place.future = False, True, False, None
            due = self._due()
        _answer(due)

    def hold(self, place: Place) -> None:
        """Put a call off, and with it every later one that may not overtake it."""
        with self._lock:
            place.held = True
            due = self._due()
        _answer(due)

    def drop(self, place: Place) -> bool:
        """Never let a call start; return whether it had not started."""
        with self._lock:
            waiting, place.future, place.waits = place.future, None, False
            place.dropped = not place.running
            place.passed = True
            due = self._due()
        if waiting is not None:
            waiting.cancel()
        _answer(due)
        return place.dropped

    def _due(self) -> list[tuple[Future[bool], bool]]:
        """Decide on the calls that wait, as far as can be; return the futures that are due, which are set without the lock."""
        due: list[tuple[Future[bool], bool]] = []
        behind = held = False
        for place in self._places:
            if place.waits:
                may_start = self._running < self._limit and (place.overtakes or not behind)
                if held and not place.overtakes:
                    may_start, place.held = False, True
                if may_start:
                    self._running += 1
                    place.running = place.passed = True
                if may_start or place.held:
                    place.waits = False
                    if place.future is not None:
                        due.append((place.future, may_start))
                        place.future = None
            held = held or (place.held and not place.overtakes)
            behind = behind or not (place.passed or place.overtakes)
        self._places = [place for place in self._places if place.held or place.running or not place.passed]
        return due


def _answer(due: list[tuple[Future[bool], bool]]) -> None:
    for future, may_start in due:
        future.set_result(may_start)
