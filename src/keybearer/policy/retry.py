"""Whether an attempt that failed is worth another, and after how long.

Strategy: one pure function of the error and of what was tried so far. The error's class says whether the same request may succeed
later; the table of limits says how often; the wait is the longer of what the service asks and of the backoff.

Source of the backoff: decorrelated jitter, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
"""

from __future__ import annotations

from msgspec import Struct

from keybearer.errors import APIError, KeybearerError, RateLimited, ServerError
from keybearer.policy.hints import should_retry

__all__ = ["RetryPolicy"]


class RetryPolicy(Struct, frozen=True, kw_only=True):
    """When to try again.

    Attributes:
        rate_limit_attempts: How often a 429 is tried, the first time included.
        server_attempts: How often a 5xx, a 529 or a connection that failed is tried, the first time included.
        min_delay: The shortest wait, in seconds.
        max_delay: The longest wait of our own choosing, in seconds; the service may ask for more.
        multiplier: How much longer each wait may be than the one before.
    """

    rate_limit_attempts: int = 5
    server_attempts: int = 3
    min_delay: float = 1.0
    max_delay: float = 60.0
    multiplier: float = 2.0

    def limited(self, max_retries: int | None) -> RetryPolicy:
        """Return the policy with at most that many retries of any kind."""
        if max_retries is None:
            return self
        most = max_retries + 1
        return RetryPolicy(
            rate_limit_attempts=most,
            server_attempts=most,
            min_delay=self.min_delay,
            max_delay=self.max_delay,
            multiplier=self.multiplier,
        )

    def backoff(self, previous: float, random: float) -> float:
        """Return the next wait of our own choosing.

        Args:
            previous: The one before, in seconds; 0 at first.
            random: A number in [0, 1).
        """
        top = max(previous, self.min_delay) * self.multiplier
        return min(self.max_delay, self.min_delay + random * (top - self.min_delay))

    def allows(self, error: KeybearerError, attempt: int) -> bool:
        """Return whether another attempt may follow.

        Args:
            error: What the attempt ended with.
            attempt: Its number, from 1.
        """
        said = should_retry(error.headers) if isinstance(error, APIError) else None
        if isinstance(error, RateLimited):
            return said is not False and attempt < self.rate_limit_attempts
        if said is False or not (error.retryable or said):
            return False
        return attempt < self.server_attempts

    def delay(self, error: KeybearerError, previous: float, random: float) -> float:
        """Return how long to wait before the next attempt, in seconds: at least what the service asks for."""
        asked = error.retry_after if isinstance(error, RateLimited | ServerError) else None
        return max(asked or 0.0, self.backoff(previous, random))
