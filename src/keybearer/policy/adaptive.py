"""Learn the service's rate limits from its replies, and slow down before it answers 429.

Strategy: the service's limits are token buckets. Each reply has, for each limit, the bucket's size, what is left in it and when it is
full again. The fill rate and the present level follow from that. A request that needs more than the level waits until there is enough.
A 429 makes all requests wait for the time that it asks for.

Contract: the level is an estimate. A limit about which too little is known delays nothing. A wait ends at the limit's reset, and after
`LONGEST` seconds at the latest. The service states a reset on the wall clock; it is converted to the monotonic clock at once, so a
change of the wall clock changes no wait.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Final

from msgspec import Struct

from keybearer.types.rate_limits import RateLimits
from keybearer.types.usage import Usage

__all__ = ["LONGEST", "AdaptiveRateLimiter", "read_tokens"]

_SMOOTHING: Final = 0.3
"""The weight of the last request in the average cost of a request (exponential smoothing)."""

LONGEST: Final = 60.0
"""The longest wait because of headers, in seconds. Then a request is sent and its reply has new figures, so one odd reply cannot block
a client."""

_OUTPUT: Final = "output-tokens"


class _Bucket(Struct):
    """One limit, as a reply stated it; the unit is requests or tokens.

    Attributes:
        limit: The bucket's size.
        level: What was left in it.
        fill: The fill rate, per second.
        reset: When it is full again, on the monotonic clock.
        at: When the reply came, on the monotonic clock.
        spent: The estimated cost of the requests sent since.
    """

    limit: float
    level: float
    fill: float
    reset: float
    at: float
    spent: float = 0.0

    def level_at(self, now: float) -> float:
        """Return the estimated level at a time of the monotonic clock."""
        return min(self.limit, self.level + self.fill * (now - self.at)) - self.spent


class AdaptiveRateLimiter:
    """A rate limiter that keeps to the service's limits, as far as replies have stated them.

    Args:
        lock: The lock of its state.
    """

    def __init__(self, *, lock: AbstractContextManager[object]) -> None:
        self._lock = lock
        self._buckets: dict[str, _Bucket] = {}
        self._usual: dict[str, float] = {"requests": 1.0}
        self._under_way = 0
        self._paused = 0.0

    def wait(self, now: float) -> float:
        """Return how long a request should wait, in seconds; `now` is the monotonic clock."""
        with self._lock:
            wait = max(0.0, self._paused - now)
            for name, bucket in self._buckets.items():
                need = self._usual.get(name, 0.0)
                short = need - bucket.level_at(now)
                if need and short > 0 and bucket.reset > now:
                    wait = max(wait, min(short / bucket.fill if bucket.fill else 1e9, bucket.reset - now))
            return min(wait, LONGEST)

    def on_sent(self) -> None:
        """Record that a request is sent."""
        with self._lock:
            self._under_way += 1
            for name, bucket in self._buckets.items():
                bucket.spent += self._usual.get(name, 0.0)

    def on_reply(self, limits: RateLimits | None, now: float, wall: float) -> None:
        """Record that a request has ended, and the limits that its reply stated.

        Args:
            limits: The limits in the reply; None without any.
            now: The monotonic clock.
            wall: The wall clock, in epoch seconds; the resets are on it.
        """
        with self._lock:
            self._under_way = max(0, self._under_way - 1)
            for name, each in (limits.limits if limits else {}).items():
                if each.limit is None or each.remaining is None or each.reset is None:
                    continue
                missing, left = each.limit - each.remaining, each.reset - wall
                fill = missing / left if left > 0 else 0.0
                # The service's figure does not have the requests under way yet.
                spent = self._under_way * self._usual.get(name, 0.0)
                self._buckets[name] = _Bucket(each.limit, each.remaining, fill, now + left, now, spent)

    def on_rate_limited(self, wait: float, now: float) -> None:
        """Record a 429: all requests wait as long as it asks, up to `LONGEST`.

        Args:
            wait: The wait that it asks for, in seconds.
            now: The monotonic clock.
        """
        with self._lock:
            self._paused = max(self._paused, now + min(wait, LONGEST))

    def after_fork(self, lock: AbstractContextManager[object]) -> None:
        """Reset in a forked child: the parent's requests under way are forgotten, and the lock is replaced. The known limits stay."""
        self._lock, self._under_way = lock, 0

    def on_usage(self, usage: Usage) -> None:
        """Update the average cost of a request with a message's usage."""
        read, output = read_tokens(usage)
        costs = {
            "input-tokens": read,
            _OUTPUT: output,
            "tokens": None if read is None or output is None else read + output,
        }
        with self._lock:
            for name, cost in costs.items():
                if cost is not None:
                    before = self._usual.get(name, float(cost))
                    self._usual[name] = before + _SMOOTHING * (cost - before)


def read_tokens(usage: Usage) -> tuple[int | None, int | None]:
    """Return the tokens of a message that count on the limits of input and of output: what the cache read counts on neither."""
    fresh = _count(usage.input_tokens)
    given = None if fresh is None else fresh + (_count(usage.cache_creation_input_tokens) or 0)
    return given, _count(usage.output_tokens)


def _count(value: object) -> int | None:
    """Return a figure of the service's as an int; None for anything else, which is unknown and not 0."""
    return value if isinstance(value, int) and 0 <= value < _MOST else None


_MOST: Final = 10**12
"""More tokens than any request has."""
