"""The retry budget: it limits the retries of all calls together, so that a failing service gets few of them.

Strategy: a token bucket. A retry takes a token; a successful call returns a share of one. The bucket holds ten tokens, or 1.5 for each
call under way if that is more, so a batch of any size survives one failure of each of its calls. If every call fails, the retries end
when the bucket is empty.

Contract: retries of a 429 take no token; `max_retries` limits them. With a share of 1 there is no budget.

Source: "Using load shedding to avoid overload", Amazon Builders' Library; the retry throttling of gRPC (proposal A6).
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Final

__all__ = ["RetryBudget"]

LEAST: Final = 10.0
"""The smallest size of the bucket, in retries."""

PER_CALL: Final = 1.5
"""The size of the bucket for each call under way, in retries."""


class RetryBudget:
    """A client's retries as a share of its successful calls.

    Args:
        share: How many retries a successful call pays for: 0.1 is one retry for ten calls; 1 is no budget.
        reserve: The size of the bucket, in retries; None for ten, or 1.5 for each call under way if that is more.
        lock: The lock of its state.
    """

    def __init__(
        self, share: float = 0.1, *, reserve: float | None = None, lock: AbstractContextManager[object]
    ) -> None:
        self._share = share
        self._reserve = reserve
        self._spent = 0.0
        self._under_way = 0
        self._lock = lock

    @property
    def left(self) -> float:
        """How many retries are left, as tokens in the bucket."""
        return max(0.0, self._size() - self._spent)

    def begin(self) -> None:
        """Record that a call begins; `end` must follow."""
        with self._lock:
            self._under_way += 1

    def end(self, *, succeeded: bool) -> None:
        """Record that a call has ended."""
        with self._lock:
            self._under_way = max(0, self._under_way - 1)
            if succeeded:
                self._spent = max(0.0, self._spent - self._share)

    def take(self) -> bool:
        """Take a token for a retry; False when there is none."""
        if self._share >= 1:
            return True
        with self._lock:
            if self._spent + 1 > self._size():
                return False
            self._spent += 1
            return True

    def after_fork(self, lock: AbstractContextManager[object]) -> None:
        """Reset in a forked child: the parent's calls and the retries they took are forgotten, and the lock is replaced."""
        self._lock, self._under_way, self._spent = lock, 0, 0.0

    def _size(self) -> float:
        return max(LEAST, PER_CALL * self._under_way) if self._reserve is None else self._reserve
