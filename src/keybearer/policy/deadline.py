"""A call's deadline, which limits every wait of the call, in queues and between retries too."""

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
        at: When the call must have ended, in seconds on that clock; infinite for no deadline.
        limit: How long the call may take, in seconds; infinite for no deadline.
    """

    at: float
    limit: float

    @classmethod
    def start(cls, now: float, limit: float | None) -> Deadline:
        """Return the deadline of a call that starts now and may take `limit` seconds; with None, one that never passes."""
        return cls(now + limit, limit) if limit is not None else cls(math.inf, math.inf)

    def remaining(self, now: float) -> float:
        """Return the seconds that are left, at least 0."""
        return max(0.0, self.at - now)

    def check(self, wait: float, now: float, why: str) -> None:
        """Refuse a wait that would pass the deadline.

        Args:
            wait: The wait, in seconds.
            now: The monotonic clock.
            why: The reason for the wait, as the beginning of a sentence.

        Raises:
            DeadlineExceeded: It would pass the deadline.
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
