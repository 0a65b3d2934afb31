"""When to look at a batch again, for both clients.

Contract: a look that failed for a time is followed by another, as one at a batch that goes on is.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from keybearer.api.checks import number
from keybearer.errors import CircuitOpen, DeadlineExceeded, KeybearerError, TransportError, UsageError
from keybearer.flow import Flow, Sleep
from keybearer.policy.deadline import format_seconds
from keybearer.types.batches import MessageBatch

__all__ = ["Looks"]

_FIRST, _LONGEST, _FACTOR = 2.0, 60.0, 1.5
"""The first wait between two looks at a batch, the longest one, in seconds, and how much longer each is than the one before."""

PATIENCE: Final = 3600.0
"""How long looks may fail one after another where the caller sets no limit, in seconds."""

_limit = number("a number of seconds, 0 or more, or None for as long as it takes", lambda n: n >= 0)


class Looks:
    """When to look at a batch again.

    Args:
        on_look: What is called at each look.
        give_up_after: How long to wait at the most, in seconds; None for as long as it takes.
        now: The monotonic clock.

    Raises:
        UsageError: One of them cannot be used.
    """

    def __init__(self, on_look: object, give_up_after: float | None, now: Callable[[], float] = time.monotonic) -> None:
        if on_look is not None and not callable(on_look):
            raise UsageError(f"on_look is of type {type(on_look).__name__}; it takes a function of a batch.")
        if give_up_after is not None and (problem := _limit(give_up_after)) is not None:
            raise UsageError(f"give_up_after {problem}.")
        self._limit, self._now = give_up_after, now
        self._end = None if give_up_after is None else now() + give_up_after
        self._failing: float | None = None
        self._next = _FIRST

    def after(self, batch: MessageBatch) -> Flow[None]:
        """Wait after a look at a batch that has not ended.

        Raises:
            DeadlineExceeded: In the flow; the caller waits no longer.
        """
        self._failing = None
        wait = self._wait()
        if wait is None:
            raise DeadlineExceeded(
                f"The batch {batch.id} has not ended within {format_seconds(self._limit or 0.0)}: it is {batch.processing_status}.",
                hint="It goes on; wait for it again.",
            )
        yield from Sleep(wait)

    def after_error(self, error: KeybearerError) -> Flow[None]:
        """Wait after a look that failed.

        Raises:
            KeybearerError: In the flow: the error, where the next look would fail too, or the caller waits no longer.
        """
        if self._failing is None:
            self._failing = self._now()
        wait = self._wait() if _passes(error) else None
        if wait is None or (self._end is None and self._now() - self._failing > PATIENCE):
            raise error
        yield from Sleep(wait)

    def _wait(self) -> float | None:
        """Return how long to wait now, in seconds; None if the time is over."""
        wait, self._next = self._next, min(_LONGEST, self._next * _FACTOR)
        if self._end is None:
            return wait
        left = self._end - self._now()
        return min(wait, left) if left > 0 else None


def _passes(error: KeybearerError) -> bool:
    """Whether a later look may succeed; a look costs nothing, so that one whose outcome is not known is repeated too."""
    return error.retryable or isinstance(error, CircuitOpen) or (isinstance(error, TransportError) and error.delivered)
