"""A client's own rate: requests spaced evenly, first come, first served.

Strategy: callers that must wait stand in a queue. Only the head of the queue sleeps, until the next free moment; it takes that moment,
and wakes the one behind it. So a caller that gives up leaves no gap, no caller overtakes another, and nothing polls.

Contract: a caller whose turn cannot come within its deadline is refused when it asks. `guard` is held for a few lines of arithmetic,
never across a wait. A queue that is served late (a busy machine) catches up on at most `CATCH_UP` seconds.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Final

from keybearer.flow import Flow, Sleep, Wait
from keybearer.policy.deadline import Deadline

if TYPE_CHECKING:
    from concurrent.futures import Future

__all__ = ["RateLimiter"]

CATCH_UP: Final = 0.1
"""How late the head of the queue may be and still have the moment that was its own, in seconds."""

WAITED_FOR: Final = "Waiting for this client's rate limit (rate_limit.requests_per_second)"


class RateLimiter:
    """Space out requests.

    Args:
        rate: Requests a second; None for no limit of ours.
        burst: How many may go at once after a quiet time.
        future: Makes a future.
        guard: A lock, where threads share the limiter.
    """

    def __init__(
        self,
        rate: float | None,
        *,
        burst: int = 1,
        future: Callable[[], Future[None]],
        guard: AbstractContextManager[object],
    ) -> None:
        if rate is not None and not rate > 0:
            raise ValueError(f"requests_per_second is {rate}; it must be above 0")
        self.rate = rate
        self._gap = 1 / rate if rate else 0.0
        self._slack = self._gap * (max(burst, 1) - 1)
        self._next = 0.0  # the next free moment
        self._queue: OrderedDict[Future[None], None] = OrderedDict()
        self._future = future
        self._guard = guard

    @property
    def waiting(self) -> int:
        """How many callers wait."""
        return len(self._queue)

    def acquire(self, deadline: Deadline, clock: Callable[[], float]) -> Flow[None]:
        """Wait for a turn, and take it.

        Args:
            deadline: The call's.
            clock: The monotonic clock.

        Raises:
            DeadlineExceeded: In the flow; the turn would come too late.
        """
        if not self._gap:
            return
        turn = self._enter(deadline, clock())
        if turn is None:
            return
        try:
            if not turn.done():
                yield from self._reach_head(turn, deadline, clock)
            while (wait := self._until_free(clock())) > 0:
                yield from Sleep(wait)
        except BaseException:
            self._leave(turn)
            raise
        with self._guard:
            self._take(self._next_free(clock(), CATCH_UP))
        self._leave(turn)

    def begin_anew(self, guard: AbstractContextManager[object]) -> None:
        """Forget the callers that wait in a forked child's parent; take another lock."""
        self._guard, self._next = guard, 0.0
        self._queue.clear()

    def _enter(self, deadline: Deadline, now: float) -> Future[None] | None:
        """Take a turn at once and return None; or join the queue, and return what is set when its head is reached."""
        turn = self._future()  # made outside the lock: an allocation may run a finalizer
        with self._guard:
            moment = self._next_free(now, 0.0)
            wait = moment - now + self._gap * len(self._queue)
            if wait <= 0 and not self._queue:
                self._take(moment)
                return None
            deadline.check(wait, now, WAITED_FOR)
            if not self._queue:
                turn.set_result(None)
            self._queue[turn] = None
            return turn

    def _reach_head(self, turn: Future[None], deadline: Deadline, clock: Callable[[], float]) -> Flow[None]:
        left = deadline.remaining(clock())
        try:
            yield from Wait(turn, left if deadline.limit < float("inf") else None)
        except TimeoutError:
            pass
        else:
            return
        raise deadline.exceeded(self._gap, clock(), WAITED_FOR)

    def _leave(self, turn: Future[None]) -> None:
        """Leave the queue; the next one is at its head then."""
        with self._guard:
            self._queue.pop(turn, None)
            head = next(iter(self._queue), None)
            if head is not None and not head.done():
                head.set_result(None)

    def _until_free(self, now: float) -> float:
        with self._guard:
            return self._next_free(now, CATCH_UP) - now

    def _next_free(self, now: float, late: float) -> float:
        """Return the next free moment: in the past by the burst at the most, or by what a queue may catch up on."""
        return max(self._next, now - max(self._slack, late))

    def _take(self, moment: float) -> None:
        self._next = moment + self._gap
