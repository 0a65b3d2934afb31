"""A client's own rate: a token bucket, first come, first served.

Strategy: a reservation is a point in time. Each caller takes the next free one and sleeps until then, so the queue is fair and
nothing polls. A caller that is cancelled while it waits gives its place back.

Contract: `guard` is held for a few lines of arithmetic and never across a wait.
"""

from __future__ import annotations

import heapq
from contextlib import AbstractContextManager

__all__ = ["RateLimiter"]


class RateLimiter:
    """Space out requests.

    Args:
        rate: Requests a second; None for no limit of ours.
        burst: How many may go at once after a quiet time.
        guard: A lock, where threads share the limiter.
    """

    def __init__(self, rate: float | None, *, burst: int = 1, guard: AbstractContextManager[object]) -> None:
        if rate is not None and not rate > 0:
            raise ValueError(f"requests_per_second is {rate}; it must be above 0")
        self.rate = rate
        self._gap = 1 / rate if rate else 0.0
        self._slack = self._gap * (max(burst, 1) - 1)
        self._next = 0.0
        self._freed: list[float] = []  # places that were given back, earliest first
        self._guard = guard

    def reserve(self, now: float) -> float:
        """Take the next place and return how long to wait for it, in seconds."""
        if not self._gap:
            return 0.0
        with self._guard:
            while self._freed:
                place = heapq.heappop(self._freed)
                if place >= now - self._gap:  # an older one has passed unused
                    return max(0.0, place - now)
            place = max(self._next, now - self._slack)
            self._next = place + self._gap
            return max(0.0, place - now)

    def give_back(self, place: float) -> None:
        """Give a place back that was not used; the next caller gets it.

        Args:
            place: When it was due.
        """
        if self._gap:
            with self._guard:
                heapq.heappush(self._freed, place)
