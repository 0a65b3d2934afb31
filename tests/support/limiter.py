"""A service's rate limit and a client's workers on a virtual clock: how well the client uses what there is."""

from __future__ import annotations

import contextlib
import heapq
import random

from keybearer.errors import RateLimited
from keybearer.policy.adaptive import AdaptiveRateLimiter
from keybearer.policy.retry import RetryPolicy
from keybearer.types.rate_limits import Limit, RateLimits

LIMIT, FILL, MINUTES = 60.0, 1.0, 10
"""A bucket of 60 requests that fills with one a second, for ten minutes."""


def run(workers: int, *, adaptive: bool) -> tuple[float, float]:
    """Run workers that each always have a next request, of two seconds.

    Args:
        workers: How many.
        adaptive: Whether the client learns from the headers.

    Returns:
        The share of the service's capacity that was used, and the share of requests that got a 429.
    """
    draw = random.Random(workers)  # noqa: S311 - jitter
    limiter = AdaptiveRateLimiter(lock=contextlib.nullcontext()) if adaptive else None
    policy = RetryPolicy()
    level, filled, accepted, refused = LIMIT, 0.0, 0, 0
    queue = [(0.0, number, "ask", 0.0) for number in range(workers)]
    heapq.heapify(queue)
    end = MINUTES * 60.0
    while queue and queue[0][0] < end:
        now, number, what, backoff = heapq.heappop(queue)
        level, filled = min(LIMIT, level + FILL * (now - filled)), now
        if what == "ask":
            wait = limiter.wait(now) if limiter else 0.0
            if wait:
                heapq.heappush(queue, (now + wait + 1e-6, number, "ask", backoff))
                continue
            if limiter:
                limiter.on_sent()
            fits = level >= 1
            if fits:
                level -= 1
                accepted += 1
            else:
                refused += 1
            heapq.heappush(queue, (now + (2.0 if fits else 0.1), number, "done" if fits else "refused", backoff))
            continue
        if limiter:
            reset = now + (LIMIT - level) / FILL
            limit = Limit(limit=int(LIMIT), remaining=int(level), reset=reset)
            limiter.on_reply(RateLimits(limits={"requests": limit}), now, now)
        if what == "done":
            heapq.heappush(queue, (now, number, "ask", 0.0))
            continue
        error = RateLimited("429", retry_after=max(1.0, (1 - level) / FILL))
        if limiter:
            limiter.on_rate_limited(error.retry_after, now)
        backoff = policy.backoff(backoff, draw.random())
        heapq.heappush(queue, (now + policy.delay(error, backoff), number, "ask", backoff))
    return accepted / (LIMIT + FILL * end), refused / max(1, accepted + refused)
