"""Learn the service's rate limits from its replies, and slow down before it answers 429.

Strategy: each reply says how much of each limit there is, what is left, and when it is full again; the service's limits are
buckets that fill steadily. From that follow the rate at which one fills and what is in it now. A request that would find too
little waits until there is enough. A 429 makes everyone wait as long as it says.

Contract: an estimate, never a promise; what it cannot know it lets pass. Waits end at the limit's reset, and a pause after `LONGEST`.
The service states a reset on the wall clock; it is converted to the monotonic clock at once, so that a clock that jumps changes
no wait.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Final

from msgspec import Struct

from keybearer.types.rate_limits import RateLimits
from keybearer.types.usage import Usage

__all__ = ["AdaptiveRateLimiter"]

_SMOOTHING: Final = 0.3
"""How much the last request counts in what a request usually costs."""

LONGEST: Final = 60.0
"""The longest wait on the strength of headers, in seconds: then a request goes out and learns anew, so that one strange reply
cannot silence a client."""

_OUTPUT: Final = "output-tokens"


class _Bucket(Struct):
    """One limit, as a reply stated it.

    Attributes:
        limit: What it holds when full.
        level: What was in it.
        fill: How much comes in a second.
        reset: When it is full again, on the monotonic clock.
        at: When the reply said so, on the monotonic clock.
        spent: What was sent since.
    """

    limit: float
    level: float
    fill: float
    reset: float
    at: float
    spent: float = 0.0

    def now_in(self, now: float) -> float:
        """Return what is in it now."""
        return min(self.limit, self.level + self.fill * (now - self.at)) - self.spent


class AdaptiveRateLimiter:
    """What one client knows of the service's limits.

    Args:
        guard: A lock, where threads share the limiter.
    """

    def __init__(self, *, guard: AbstractContextManager[object]) -> None:
        self._guard = guard
        self._buckets: dict[str, _Bucket] = {}
        self._usual: dict[str, float] = {"requests": 1.0}
        self._under_way = 0
        self._paused = 0.0

    def wait(self, now: float) -> float:
        """Return how long a request had better wait, in seconds; `now` is the monotonic clock."""
        with self._guard:
            wait = max(0.0, self._paused - now)
            for name, bucket in self._buckets.items():
                need = self._usual.get(name, 0.0)
                short = need - bucket.now_in(now)
                if need and short > 0 and bucket.reset > now:
                    wait = max(wait, min(short / bucket.fill if bucket.fill else 1e9, bucket.reset - now))
            return min(wait, LONGEST)

    def on_sent(self) -> None:
        """Note that a request goes out."""
        with self._guard:
            self._under_way += 1
            for name, bucket in self._buckets.items():
                bucket.spent += self._usual.get(name, 0.0)

    def on_reply(self, limits: RateLimits | None, now: float, wall: float) -> None:
        """Note that a request has ended, and the limits that its reply stated.

        Args:
            limits: The limits in the reply; None for none.
            now: The monotonic clock.
            wall: The wall clock, which the limits' resets are on.
        """
        with self._guard:
            self._under_way = max(0, self._under_way - 1)
            for name, each in (limits.limits if limits else {}).items():
                if each.limit is None or each.remaining is None or each.reset is None:
                    continue
                missing, left = each.limit - each.remaining, each.reset - wall
                fill = missing / left if left > 0 else 0.0
                # What is under way is not in the service's figure yet.
                spent = self._under_way * self._usual.get(name, 0.0)
                self._buckets[name] = _Bucket(each.limit, each.remaining, fill, now + left, now, spent)

    def on_rate_limited(self, wait: float, now: float) -> None:
        """Note a 429: everyone waits as long as it asks, and a minute at the most.

        Args:
            wait: What it asks for, in seconds.
            now: The monotonic clock.
        """
        with self._guard:
            self._paused = max(self._paused, now + min(wait, LONGEST))

    def begin_anew(self, guard: AbstractContextManager[object]) -> None:
        """Forget the requests that a forked child's parent has under way; take another lock. What was learnt stays."""
        self._guard, self._under_way = guard, 0

    def on_usage(self, usage: Usage) -> None:
        """Learn what a request usually costs."""
        fresh, output = _count(usage.input_tokens), _count(usage.output_tokens)
        read = None if fresh is None else fresh + (_count(usage.cache_creation_input_tokens) or 0)
        costs = {
            "input-tokens": read,
            _OUTPUT: output,
            "tokens": None if read is None or output is None else read + output,
        }
        with self._guard:
            for name, cost in costs.items():
                if cost is not None:
                    before = self._usual.get(name, float(cost))
                    self._usual[name] = before + _SMOOTHING * (cost - before)


def _count(value: object) -> int | None:
    """Return a figure of the service's; None for what is none: it is not known, and counts for nothing, not for 0."""
    return value if isinstance(value, int) and 0 <= value < _MOST else None


_MOST: Final = 10**12
"""More tokens than any request has."""
