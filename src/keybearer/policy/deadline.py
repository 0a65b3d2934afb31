"""A call's deadline: every wait of the call is under it, its queueing and its retries included."""

from __future__ import annotations

import math

from msgspec import Struct

from keybearer.errors import DeadlineExceeded

__all__ = ["Deadline", "format_seconds"]


def format_seconds(seconds: float) -> str:
    """Format a time for an error, to the millisecond: `2.5 s`, `0.013 s`."""
    if 0 < seconds < 0.0005:
        return "under 0.001 s"
    return f"{seconds:.3f}".rstrip("0").rstrip(".") + " s"


class Deadline(Struct, frozen=True):
    """A point on the monotonic clock.

    Attributes:
        at: When the call must have ended, in seconds on that clock; infinity for never.
        limit: The limit that it comes from, in seconds.
    """

    at: float
    limit: float

    @classmethod
    def start(cls, now: float, limit: float | None) -> Deadline:
        """Return the deadline of a call that starts now and may take `limit` seconds; None for no limit."""
        return cls(now + limit, limit) if limit is not None else cls(math.inf, math.inf)

    def remaining(self, now: float) -> float:
        """Return what is left, in seconds; never below zero."""
        return max(0.0, self.at - now)

    def check(self, wait: float, now: float, why: str) -> None:
        """Refuse a wait that would pass the deadline.

        Args:
            wait: The wait, in seconds.
            now: The monotonic clock.
            why: What is waited for, in words.

        Raises:
            DeadlineExceeded: It would.
        """
        if wait >= self.remaining(now):
            raise self.exceeded(wait, now, why)

    def exceeded(self, wait: float, now: float, why: str) -> DeadlineExceeded:
        """Return the error for a wait that would pass the deadline; the arguments are as of `check`."""
        remaining = self.remaining(now)
        if remaining > 0:
            left = f"{format_seconds(remaining)} are left of the call's {format_seconds(self.limit)}"
            message = f"{why} would take {format_seconds(wait)}, but {left}."
        else:
            message = f"{why} took longer than the call's {format_seconds(self.limit)}."
        return DeadlineExceeded(
            message,
            wait=wait,
            remaining=remaining,
            hint="Try again later, or give the call more time with timeout=...",
        )
