"""The retry budget: when everything fails, retries stay a small share of the calls.

Strategy: a bucket. Each call puts a tenth of a token in, each retry takes one out; an empty bucket means no retry. A client that
mostly succeeds always has some; one whose every call fails sends about a tenth more than it was asked to.

Source: "Using load shedding to avoid overload", Amazon Builders' Library; the retry budget of gRPC (A6).
"""

from __future__ import annotations

from contextlib import AbstractContextManager

__all__ = ["RetryBudget"]


class RetryBudget:
    """A client's retries as a share of its calls.

    Args:
        share: Tokens that a call puts in: 0.1 for one retry in ten calls.
        reserve: What the bucket starts with and holds at the most.
        guard: A lock, where threads share the budget.
    """

    def __init__(self, share: float = 0.1, *, reserve: float = 10.0, guard: AbstractContextManager[object]) -> None:
        self._share = share
        self._reserve = reserve
        self._tokens = reserve
        self._guard = guard

    @property
    def left(self) -> float:
        """How many retries there are tokens for."""
        return self._tokens

    def call(self) -> None:
        """Count a call."""
        with self._guard:
            self._tokens = min(self._reserve, self._tokens + self._share)

    def take(self) -> bool:
        """Take a token for a retry; False when there is none."""
        with self._guard:
            if self._tokens < 1:
                return False
            self._tokens -= 1
            return True
