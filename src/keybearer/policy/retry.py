"""Whether a failed attempt is retried, and after how long.

Strategy: pure functions of the error and of the attempts so far. The error's class says whether the same request may succeed later;
`RetryPolicy` says how often it is tried. The wait is the longer of the one that the service asks for and the backoff.

Source of the backoff: decorrelated jitter, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015. One thing differs: no wait
is shorter than the one before it, so that the service sees each client slow down.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct, structs

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
"""The longest wait in seconds, even if the service asks for more and the call has no deadline."""


class RetryPolicy(Struct, frozen=True, kw_only=True):
    """Which failed requests are sent again, how often and how soon.

    Attributes:
        rate_limit_attempts: The most attempts of a request that gets a 429, the first one included.
        server_attempts: The most attempts after a 5xx, a 529 or a failed connection, the first one included.
        min_delay: The shortest backoff, in seconds.
        max_delay: The longest backoff, in seconds. A wait is longer if the service asks for more.
        multiplier: The most that one backoff may be, as a multiple of the one before.
        rate_limit_delay: The wait after a 429 that names none, in seconds, for this request and all others of the client; 0 for no
            more than the backoff of this one.
    """

    rate_limit_attempts: int = 5
    server_attempts: int = 3
    min_delay: float = 1.0
    max_delay: float = 60.0
    multiplier: float = 2.0
    rate_limit_delay: float = 60.0

    def limited(self, max_retries: int | None) -> RetryPolicy:
        """Return the policy with at most that many retries of any kind; None changes nothing."""
        if max_retries is None:
            return self
        most = max_retries + 1
        return structs.replace(self, rate_limit_attempts=most, server_attempts=most)

    def backoff(self, previous: float, random: float) -> float:
        """Return the next backoff in seconds: between the previous one and `multiplier` times that.

        Args:
            previous: The previous backoff, in seconds; 0 before the first.
            random: A number in [0, 1).
        """
        least = max(previous, self.min_delay)
        return min(self.max_delay, least + random * least * (self.multiplier - 1))

    def allows(self, error: KeybearerError, attempt: int) -> bool:
        """Return whether another attempt may follow.

        Args:
            error: The error of the last attempt.
            attempt: The number of that attempt, from 1.
        """
        if isinstance(error, TransportError) and error.delivered and not _unanswered(error):
            return False  # the service may have carried it out, and would bill it twice
        said = should_retry(error.headers) if isinstance(error, APIError) and _may_pass(error) else None
        if isinstance(error, RateLimited):
            return said is not False and attempt < self.rate_limit_attempts
        if said is False or not (error.retryable or said):
            return False
        return attempt < self.server_attempts

    def delay(self, error: KeybearerError, backoff: float) -> float:
        """Return how long to wait before the next attempt, in seconds: the longer of the service's wait and the backoff.

        Args:
            error: The error of the last attempt.
            backoff: The backoff, in seconds.
        """
        asked = error.retry_after if isinstance(error, RateLimited | ServerError) else None
        return min(max(asked or 0.0, backoff), LONGEST)


def _unanswered(error: TransportError) -> bool:
    """Whether a connection ended before the first byte of a reply."""
    return isinstance(error, ConnectionFailed) and error.phase in {"send", "first_byte"}


def _may_pass(error: APIError) -> bool:
    """Whether `x-should-retry` is believed: not for a wrong request or credential, nor for a spent quota."""
    return not isinstance(error, QuotaExceeded) and (error.status in {408, 409, 429} or error.status >= 500)
