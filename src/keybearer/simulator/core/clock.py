"""A clock that tests can turn forward.

Every part of the simulator reads this clock and no other, so one call of `advance` expires a five-minute cache entry,
refills a rate limit or ends an hour-long batch. A sleep ends when its time comes, or when the clock is turned past it;
while the clock is frozen, only turning it ends a sleep. Safe to turn from any thread.
"""

from __future__ import annotations

import asyncio
import math
import threading
import time
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

__all__ = ["SimulatedClock", "http_date", "rfc3339"]

LATEST: Final = datetime(9999, 1, 1, tzinfo=UTC).timestamp()
"""The latest time of a clock; times a year later can still be formatted."""
DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def rfc3339(moment: float) -> str:
    """Format a time the way the API does.

    Args:
        moment: Seconds since the epoch.

    Returns:
        Such as `2026-10-21T12:00:00Z`.
    """
    return _rfc3339(math.floor(moment))


@lru_cache(maxsize=64)
def _rfc3339(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def http_date(moment: float) -> str:
    """Format a time for a header (RFC 9110, section 5.6.7).

    Args:
        moment: Seconds since the epoch.

    Returns:
        Such as `Wed, 21 Oct 2026 12:00:00 GMT`.
    """
    at = datetime.fromtimestamp(math.floor(moment), UTC)
    return f"{DAYS[at.weekday()]}, {at.day:02d} {MONTHS[at.month - 1]} {at:%Y %H:%M:%S} GMT"


class SimulatedClock:
    """The wall clock plus an offset, or a frozen time plus an offset.

    Args:
        start: Freeze the clock at this time (seconds since the epoch); follow the wall clock when omitted.
        running_from: Start at this time (seconds since the epoch), before or after the wall clock's, and go on from there.
    """

    def __init__(self, start: float | None = None, *, running_from: float | None = None) -> None:
        self._start = start
        self._running_from = running_from
        self._begin()
        self._lock = threading.Lock()
        self._sleepers: set[tuple[float, asyncio.AbstractEventLoop, asyncio.Event]] = set()

    def _begin(self) -> None:
        self._frozen = self._start
        self._offset = 0.0 if self._running_from is None else self._running_from - time.time()

    def restart(self) -> None:
        """Go back to the time and the motion of the start, and end every sleep."""
        with self._lock:
            self._begin()
            sleepers = list(self._sleepers)
            self._sleepers.clear()
        for _, loop, event in sleepers:
            loop.call_soon_threadsafe(event.set)

    def now(self) -> float:
        """Return seconds since the epoch."""
        return self._offset + (time.time() if self._frozen is None else self._frozen)

    def freeze(self) -> None:
        """Stop the clock; from now on only `advance` moves it."""
        with self._lock:
            if self._frozen is None:
                self._frozen = time.time()

    def advance(self, seconds: float) -> None:
        """Turn the clock forward, and end every sleep whose time has come.

        Args:
            seconds: How far; not negative.
        """
        if not seconds >= 0:  # nan is not
            raise ValueError(f"a clock only turns forward, not by {seconds} s")
        with self._lock:
            if self.now() + seconds > LATEST:
                raise ValueError(f"a clock does not turn beyond the year 9998, as it would by {seconds} s")
            self._offset += seconds
            now = self.now()
            due = [sleeper for sleeper in self._sleepers if sleeper[0] <= now]
        for _, loop, event in due:
            loop.call_soon_threadsafe(event.set)

    async def sleep(self, seconds: float) -> None:
        """Wait until the clock has advanced by `seconds`, by itself or by `advance`."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        event = asyncio.Event()
        deadline = self.now() + seconds
        sleeper = (deadline, asyncio.get_running_loop(), event)
        with self._lock:
            self._sleepers.add(sleeper)
        try:
            while (left := deadline - self.now()) > 0 and sleeper in self._sleepers:
                try:
                    await asyncio.wait_for(event.wait(), None if self._frozen is not None else left)
                except TimeoutError:
                    continue
                event.clear()
        finally:
            with self._lock:
                self._sleepers.discard(sleeper)
