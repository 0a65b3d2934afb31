"""Whether an attempt that failed is worth another, and after how long.

Strategy: one pure function of the error and of what was tried so far. The error's class says whether the same request may succeed
later; the table of limits says how often; the wait is the longer of what the service asks and of the backoff.

Source of the backoff: decorrelated jitter, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015; here a wait is never
shorter than the one before it, so that a service which judges its clients sees them back off.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from keybearer.errors import (
    APIError,
    ConnectionFailed,
    KeybearerError,
    QuotaExceeded,
    RateLimited,
    ServerError,
    TransportError,
)
from keybearer.policy.retry_hints import should_retry

__all__ = ["RetryPolicy"]

LONGEST: Final = 30 * 86_400.0
"""The longest wait at all, in seconds, for a call without a deadline."""


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
        """Return the next wait of our own choosing: from the one before to `multiplier` times that.

        Args:
            previous: The one before, in seconds; 0 at first.
            random: A number in [0, 1).
        """
        least = max(previous, self.min_delay)
        return min(self.max_delay, least + random * least * (self.multiplier - 1))

    def allows(self, error: KeybearerError, attempt: int) -> bool:
        """Return whether another attempt may follow.

        Args:
            error: What the attempt ended with.
            attempt: Its number, from 1.
        """
        if isinstance(error, TransportError) and error.delivered and not _unanswered(error):
            return False  # the service may have carried it out, and would be paid for it twice
        said = should_retry(error.headers) if isinstance(error, APIError) and _may_pass(error) else None
        if isinstance(error, RateLimited):
            return said is not False and attempt < self.rate_limit_attempts
        if said is False or not (error.retryable or said):
            return False
        return attempt < self.server_attempts

    def delay(self, error: KeybearerError, backoff: float) -> float:
        """Return how long to wait before the next attempt, in seconds: what the service asks for, and our own wait at the least.

        Args:
            error: What the attempt ended with.
            backoff: The wait of our own choosing, in seconds.
        """
        asked = error.retry_after if isinstance(error, RateLimited | ServerError) else None
        return min(max(asked or 0.0, backoff), LONGEST)


def _unanswered(error: TransportError) -> bool:
    """Whether a connection ended before a byte of a reply came, or a stream before its first content did."""
    return isinstance(error, ConnectionFailed) and error.phase in {"send", "first_byte"}


def _may_pass(error: APIError) -> bool:
    """Whether `x-should-retry` can be right: not for a request or a credential that is wrong, nor for a quota that is spent."""
    return not isinstance(error, QuotaExceeded) and (error.status in {408, 409, 429} or error.status >= 500)
