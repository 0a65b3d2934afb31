"""The retry budget: when everything fails, retries stay few.

Strategy: a bucket of tokens. A retry takes one out; a call that succeeds puts a share of one in. The bucket holds the larger of ten
tokens and one and a half for each call that is under way, so that a moment in which every call of a batch fails once costs no
call, however large the batch. A client whose every call fails sends that many requests more than it has calls, and no more.

Contract: what the service limits (429) is no failure, and draws on nothing here: `max_retries` bounds it. With a share of 1 there is
no budget.

Source: "Using load shedding to avoid overload", Amazon Builders' Library; the retry throttling of gRPC (proposal A6).
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Final

__all__ = ["RetryBudget"]

LEAST: Final = 10.0
"""What the bucket holds however few calls are under way, in retries."""

PER_CALL: Final = 1.5
"""What it holds for each call under way, in retries."""


class RetryBudget:
    """A client's retries as a share of its successful calls.

    Args:
        share: Retries that a successful call pays for: 0.1 for one in ten calls; 1 for no budget.
        reserve: What the bucket holds, in retries; None for the larger of ten and 1.5 for each call under way.
        guard: A lock, where threads share the budget.
    """

    def __init__(
        self, share: float = 0.1, *, reserve: float | None = None, guard: AbstractContextManager[object]
    ) -> None:
        self._share = share
        self._reserve = reserve
        self._spent = 0.0
        self._under_way = 0
        self._guard = guard

    @property
    def left(self) -> float:
        """How many retries there are tokens for."""
        return max(0.0, self._holds() - self._spent)

    def begin(self) -> None:
        """Note that a call begins; it must `end`."""
        with self._guard:
            self._under_way += 1

    def end(self, *, succeeded: bool) -> None:
        """Note that a call has ended."""
        with self._guard:
            self._under_way = max(0, self._under_way - 1)
            if succeeded:
                self._spent = max(0.0, self._spent - self._share)

    def take(self) -> bool:
        """Take a token for a retry; False when there is none."""
        if self._share >= 1:
            return True
        with self._guard:
            if self._spent + 1 > self._holds():
                return False
            self._spent += 1
            return True

    def begin_anew(self, guard: AbstractContextManager[object]) -> None:
        """Forget the calls that a forked child's parent has under way, and what they spent; take another lock."""
        self._guard, self._under_way, self._spent = guard, 0, 0.0

    def _holds(self) -> float:
        return max(LEAST, PER_CALL * self._under_way) if self._reserve is None else self._reserve
