"""What one client knows of its traffic, and what holds a request back: the breaker, the places, the rate, the service's limits.

Contract: a request that was admitted is given back exactly once, by `leave`; for a stream that is when it is closed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Literal

from msgspec import Struct

from keybearer.errors import (
    CircuitOpen,
    DeadlineExceeded,
    KeybearerError,
    RateLimited,
    ServerError,
    StreamAPIError,
    StreamTruncated,
    TransportError,
)
from keybearer.flow import Ambient, Flow, Sleep, Wait
from keybearer.policy.adaptive import LONGEST, Pacer
from keybearer.policy.alerts import QuotaAlerts
from keybearer.policy.breaker import CircuitBreaker, Held
from keybearer.policy.concurrency import Gate
from keybearer.policy.deadline import Deadline, told
from keybearer.policy.rate_limiter import RateLimiter
from keybearer.policy.retry_budget import RetryBudget
from keybearer.types.hooks import LimitCrossed
from keybearer.types.http import Reply
from keybearer.types.rate_limits import RateLimits

__all__ = ["LimitState", "Traffic"]

_log = logging.getLogger("keybearer")


class LimitState(Struct, frozen=True, kw_only=True):
    """The present state of a client's limits: `client.limits`.

    Attributes:
        requests_per_second: The client's own rate.
        under_way: How many requests are under way, where there is a limit of them.
        waiting: How many wait for a place, or for their turn under the client's own rate.
        retries_left: How many retries the budget has.
        circuit: The circuit breaker's state.
        service: What the last reply said of the service's limits.
    """

    requests_per_second: float | None
    under_way: int | None
    waiting: int
    retries_left: float
    circuit: Literal["closed", "open", "half_open"]
    service: RateLimits | None


class Traffic:
    """One client's traffic.

    Args:
        limiter: The client's own rate.
        budget: Its retries.
        alerts: What to warn of.
        gate: How many requests may be under way at once.
        pacer: What is known of the service's limits; None to learn nothing.
        breaker: When to stop for a while; None for never.
    """

    def __init__(
        self,
        *,
        limiter: RateLimiter,
        budget: RetryBudget,
        alerts: QuotaAlerts | None = None,
        gate: Gate | None = None,
        pacer: Pacer | None = None,
        breaker: CircuitBreaker | None = None,
    ) -> None:
        self.limiter, self.budget, self.gate, self.pacer, self.breaker = limiter, budget, gate, pacer, breaker
        self._alerts = alerts or QuotaAlerts(None)
        self._service: RateLimits | None = None

    def state(self, now: float) -> LimitState:
        """Return the present state; `now` is the monotonic clock."""
        return LimitState(
            requests_per_second=self.limiter.rate,
            under_way=self.gate.inside if self.gate else None,
            waiting=self.limiter.waiting + (self.gate.waiting if self.gate else 0),
            retries_left=self.budget.left,
            circuit=self.breaker.state(now) if self.breaker else "closed",
            service=self._service,
        )

    def admit(self, deadline: Deadline, ambient: Ambient) -> Flow[int]:
        """Wait until a request may go out; every wait is under the deadline.

        Limits that the user set hold, and say so. What the service's headers say only delays a request, and only where that leaves
        it half of its time.

        Returns:
            The number of the circuit breaker's probe, where the request is that; else 0.

        Raises:
            CircuitOpen: In the flow; nothing is sent for now.
            DeadlineExceeded: In the flow; the wait for a limit of the client's own would be too long.
        """
        if self.gate:
            yield from self._place(self.gate, deadline, ambient)
        try:
            yield from self._turn(deadline, ambient)
            probe = self._closed(ambient.monotonic())  # asked last: it may have opened while this call waited
        except BaseException:
            self.leave()
            raise
        if self.pacer:
            self.pacer.sent()
        return probe

    def _closed(self, now: float) -> int:
        if self.breaker is None:
            return 0
        try:
            return self.breaker.enter(now)
        except Held as held:
            wait = held.seconds
        raise CircuitOpen(
            "The service failed too often just now, so nothing was sent.",
            retry_after=wait,
            hint=f"One call is let through to try in {wait:.0f} s.",
        )

    def _place(self, gate: Gate, deadline: Deadline, ambient: Ambient) -> Flow[None]:
        future = gate.enter()
        if future is None:
            return
        try:
            left = deadline.remaining(ambient.monotonic())
            yield from Wait(future, left if deadline.limit < float("inf") else None)
        except TimeoutError:
            gate.give_up(future)
        except BaseException:
            gate.give_up(future)
            raise
        else:
            return
        raise DeadlineExceeded(
            f"All {gate.places} places of this client were taken for the call's {told(deadline.limit)}.",
            hint="Raise rate_limit.concurrency, or give the call more time with timeout=...",
        )

    def _turn(self, deadline: Deadline, ambient: Ambient) -> Flow[None]:
        """Wait for a turn under the client's rate, then for room under the service's limits."""
        yield from self.limiter.acquire(deadline, ambient.monotonic)
        waited = 0.0
        while self.pacer and waited < LONGEST and (wait := self.pacer.wait(now := ambient.monotonic())):
            if wait > deadline.remaining(now) / 2:
                return  # it had better wait longer, but then it could not be answered in time: the service decides
            # Asked again after each wait: of those who waited together, only as many go as there is room for.
            yield from Sleep(wait)
            waited += wait

    def leave(self) -> None:
        """Give an admitted request's place back."""
        if self.gate:
            self.gate.leave()

    def leave_later(self) -> None:
        """Give a place back from a finalizer."""
        if self.gate:
            self.gate.leave_later()

    def unanswered(self, ambient: Ambient) -> None:
        """Take note of a request that no reply came to."""
        if self.pacer:
            self.pacer.done(None, ambient.monotonic(), ambient.wall())

    def told(self, reply: Reply, ambient: Ambient) -> list[LimitCrossed]:
        """Take note of what a reply says of the limits, and return what has newly crossed the alert threshold."""
        limits = RateLimits.from_headers(reply.headers)
        self._service = limits or self._service
        if self.pacer:
            self.pacer.done(limits, ambient.monotonic(), ambient.wall())
        news = self._alerts.crossed(limits)
        for each in news:
            _log.warning("limits: %.0f %% of %s is used", 100 * each.used, each.name)
        return news

    def ended(self, error: KeybearerError | None, probe: int, ambient: Ambient) -> None:
        """Take note of how an attempt ended.

        Args:
            error: What it ended with; None for a reply that can be used.
            probe: The number that `admit` gave.
            ambient: Clocks.
        """
        if self.pacer and isinstance(error, RateLimited):
            self.pacer.refused(error.retry_after, ambient.monotonic())
        if self.breaker is None:
            return
        if isinstance(error, TransportError) and _is_ours(error):
            self.given_up(probe)
        elif isinstance(error, ServerError | TransportError) or type(error) in {StreamTruncated, StreamAPIError}:
            self.breaker.fail(ambient.monotonic())
        else:
            self.breaker.succeed()

    def given_up(self, probe: int) -> None:
        """Take note of an attempt that says nothing of the service: cancelled, out of the caller's own time, never sent."""
        if self.breaker and probe:
            self.breaker.abandon(probe)

    def begin_anew(self, make_guard: Callable[[], AbstractContextManager[object]]) -> None:
        """Begin anew in a forked child: its parent's calls and threads are not here, and may have held any lock.

        Args:
            make_guard: Makes a lock.
        """
        for part in (self.limiter, self.budget, self.gate, self.pacer, self.breaker):
            if part is not None:
                part.begin_anew(make_guard())


def _is_ours(error: TransportError) -> bool:
    """Whether a failure says nothing of the service: the caller's own deadline, URL or certificate."""
    return error.phase == "total" or (not error.retryable and not error.delivered)
