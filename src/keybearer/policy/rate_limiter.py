"""A client's own rate: requests spaced evenly, first come, first served.

Strategy: callers that must wait join a queue. Only the first in the queue sleeps, until the next free slot; it takes the slot and
wakes the next caller. So a caller that gives up leaves no gap, no caller overtakes another, and nothing polls.

Contract: a caller whose slot would come after its deadline is refused at once. The lock is held for a few lines of arithmetic, never
during a wait. If a busy machine wakes the queue too late, at most `CATCH_UP` seconds of slots are still used.
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
"""How late the first in the queue may take a slot that has passed, in seconds."""

WAITED_FOR: Final = "Waiting for this client's rate limit (rate_limit.requests_per_second)"


class RateLimiter:
    """Space out requests.

    Args:
        rate: Requests per second; None for no limit.
        burst: How many requests may be sent at once after an idle time.
        future: Makes a future.
        lock: The lock of its state.
    """

    def __init__(
        self,
        rate: float | None,
        *,
        burst: int = 1,
        future: Callable[[], Future[None]],
        lock: AbstractContextManager[object],
    ) -> None:
        if rate is not None and not rate > 0:
            raise ValueError(f"requests_per_second is {rate}; it must be above 0")
        self.rate = rate
        self._gap = 1 / rate if rate else 0.0
        self._slack = self._gap * (max(burst, 1) - 1)
        self._next = 0.0  # the next free slot, on the monotonic clock
        self._queue: OrderedDict[Future[None], None] = OrderedDict()
        self._future = future
        self._lock = lock

    @property
    def waiting(self) -> int:
        """How many callers wait."""
        return len(self._queue)

    def acquire(self, deadline: Deadline, clock: Callable[[], float]) -> Flow[None]:
        """Wait for a slot, and take it.

        Args:
            deadline: The call's deadline.
            clock: The monotonic clock.

        Raises:
            DeadlineExceeded: In the flow; the slot would come too late.
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
        with self._lock:
            self._take(self._next_free(clock(), CATCH_UP))
        self._leave(turn)

    def after_fork(self, lock: AbstractContextManager[object]) -> None:
        """Reset in a forked child: the parent's waiting callers are forgotten, and the lock is replaced."""
        self._lock, self._next = lock, 0.0
        self._queue.clear()

    def _enter(self, deadline: Deadline, now: float) -> Future[None] | None:
        """Take a slot at once and return None; or join the queue, and return a future that is set when this caller is first in it."""
        turn = self._future()  # made outside the lock: an allocation may run a finalizer
        with self._lock:
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
        """Leave the queue, and wake the caller that is first in it now."""
        with self._lock:
            self._queue.pop(turn, None)
            head = next(iter(self._queue), None)
            if head is not None and not head.done():
                head.set_result(None)

    def _until_free(self, now: float) -> float:
        with self._lock:
            return self._next_free(now, CATCH_UP) - now

    def _next_free(self, now: float, late: float) -> float:
        """Return the next free slot. It may lie in the past, by the burst or by `late` seconds for a caller that woke late."""
        return max(self._next, now - max(self._slack, late))

    def _take(self, moment: float) -> None:
        self._next = moment + self._gap
