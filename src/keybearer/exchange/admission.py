"""Admit requests: wait for the circuit breaker, a concurrency permit, the client's rate and the service's limits.

Contract: each admitted request is released exactly once, by `release`; for a stream, when it is closed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Literal

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
from keybearer.flow import Clocks, Flow, Sleep, Wait
from keybearer.policy.adaptive import LONGEST, AdaptiveRateLimiter
from keybearer.policy.breaker import BreakerOpen, CircuitBreaker
from keybearer.policy.concurrency import ConcurrencyLimiter
from keybearer.policy.deadline import Deadline, format_seconds
from keybearer.policy.rate_limiter import RateLimiter
from keybearer.policy.retry_budget import RetryBudget
from keybearer.types.hooks import LimitCrossed
from keybearer.types.http import Reply
from keybearer.types.rate_limits import RateLimits

if TYPE_CHECKING:
    from keybearer.exchange.fleet import FleetPort
    from keybearer.policy.alerts import QuotaAlerts

__all__ = ["Admission", "LimitState"]


class LimitState(Struct, frozen=True, kw_only=True):
    """The present state of a client's limits: `client.limits`.

    Attributes:
        requests_per_second: The client's own rate; None without one.
        under_way: How many requests are under way; None without a concurrency limit.
        waiting: How many calls wait for a permit or for the client's own rate.
        retries_left: How many retries are left in the budget.
        circuit: The circuit breaker's state; `closed` without a breaker.
        service: The rate limits in the headers of the last reply that had any; None before that.
    """

    requests_per_second: float | None
    under_way: int | None
    waiting: int
    retries_left: float
    circuit: Literal["closed", "open", "half_open"]
    service: RateLimits | None


class Admission:
    """The admission control of one client.

    Args:
        limiter: The client's own rate.
        budget: The client's retries.
        alerts: Which crossed limits are reported; None for none.
        concurrency: Limits how many requests are under way at once; None for no limit.
        adaptive: Keeps to the service's limits; None to ignore them.
        breaker: Stops sending while the service fails; None for no breaker.
        fleet: Keeps to the service's limits together with other processes, in place of `adaptive`; None for none.
    """

    def __init__(
        self,
        *,
        limiter: RateLimiter,
        budget: RetryBudget,
        alerts: QuotaAlerts | None = None,
        concurrency: ConcurrencyLimiter | None = None,
        adaptive: AdaptiveRateLimiter | None = None,
        breaker: CircuitBreaker | None = None,
        fleet: FleetPort | None = None,
    ) -> None:
        self.limiter, self.budget, self.concurrency, self.adaptive, self.breaker = (
            limiter,
            budget,
            concurrency,
            adaptive,
            breaker,
        )
        self.fleet = fleet
        self._alerts = alerts
        self._service: RateLimits | None = None

    def state(self, now: float) -> LimitState:
        """Return the present state; `now` is the monotonic clock."""
        return LimitState(
            requests_per_second=self.limiter.rate,
            under_way=self.concurrency.in_use if self.concurrency else None,
            waiting=self.limiter.waiting + (self.concurrency.waiting if self.concurrency else 0),
            retries_left=self.budget.left,
            circuit=self.breaker.state(now) if self.breaker else "closed",
            service=self._service,
        )

    def admit(
        self,
        deadline: Deadline,
        clocks: Clocks,
        *,
        patience: float | None = None,
        waited: Callable[[str, float], None] | None = None,
    ) -> Flow[int]:
        """Wait until a request may be sent.

        A wait for the client's own limits ends with an error at the call's deadline. A wait for the service's limits, which are an
        estimate, is skipped if it would take more than half of the remaining time, or of the patience.

        Args:
            deadline: The call's.
            clocks: The clocks.
            patience: How long the caller would wait for the reply's first byte, in seconds; None for as long as it takes.
            waited: Called with the name of each limiter and the seconds that it took, also where the wait failed; None for nobody.

        Returns:
            The number of the circuit breaker's probe, if the request is one; else 0.

        Raises:
            CircuitOpen: In the flow; nothing is sent for now.
            DeadlineExceeded: In the flow; the wait for a limit of the client's own would be too long.
        """
        if self.concurrency:
            yield from _timed("concurrency", self._permit(self.concurrency, deadline, clocks), clocks, waited)
        try:
            yield from _timed("rate", self.limiter.acquire(deadline, clocks.monotonic), clocks, waited)
            service = self._service_limits(deadline, clocks, math.inf if patience is None else patience)
            yield from _timed("service", service, clocks, waited)
            probe = self._pass_breaker(clocks.monotonic())  # last: it may have opened while this call waited
        except BaseException:
            self.release()
            raise
        if self.adaptive:
            self.adaptive.on_sent()
        return probe

    def _pass_breaker(self, now: float) -> int:
        if self.breaker is None:
            return 0
        try:
            return self.breaker.admit(now)
        except BreakerOpen as error:
            wait = error.seconds
        raise CircuitOpen(
            "The service failed too often just now, so nothing was sent.",
            retry_after=wait,
            hint=f"One call is let through to try in {wait:.0f} s.",
        )

    def _permit(self, concurrency: ConcurrencyLimiter, deadline: Deadline, clocks: Clocks) -> Flow[None]:
        future = concurrency.acquire()
        if future is None:
            return
        try:
            left = deadline.remaining(clocks.monotonic())
            yield from Wait(future, left if deadline.limit < float("inf") else None)
        except TimeoutError:
            concurrency.give_up(future)
        except BaseException:
            concurrency.give_up(future)
            raise
        else:
            return
        raise DeadlineExceeded(
            f"This client's concurrency limit of {concurrency.permits} stayed full for the call's {format_seconds(deadline.limit)}.",
            hint="Raise rate_limit.concurrency, or give the call more time with timeout=...",
        )

    def _service_limits(self, deadline: Deadline, clocks: Clocks, patience: float) -> Flow[None]:
        """Wait for the service's limits."""
        waited = 0.0
        if self.fleet is not None and not self.fleet.alone:
            return  # the fleet's lease is waited for when it is known whose limits they are
        while self.adaptive and waited < LONGEST and (wait := self.adaptive.wait(now := clocks.monotonic())):
            if wait > min(deadline.remaining(now), patience) / 2:
                return  # after such a wait it might not be answered in time, so it is sent now and the service decides
            # Checked again after each wait: several calls may have waited for the same tokens.
            yield from Sleep(wait)
            waited += wait

    def release(self) -> None:
        """Release an admitted request."""
        if self.concurrency:
            self.concurrency.release()

    def release_later(self) -> None:
        """Release an admitted request from a finalizer."""
        if self.concurrency:
            self.concurrency.release_later()

    def unanswered(self, clocks: Clocks) -> None:
        """Record that a request got no reply."""
        if self.adaptive:
            self.adaptive.on_reply(None, clocks.monotonic(), clocks.wall())

    def record_limits(self, reply: Reply, clocks: Clocks) -> list[LimitCrossed]:
        """Record the rate limits in a reply, and return those that have crossed the alert threshold since the last one."""
        limits = RateLimits.from_headers(reply.headers)
        self._service = limits or self._service
        if self.adaptive:
            self.adaptive.on_reply(limits, clocks.monotonic(), clocks.wall())
        return [] if self._alerts is None else self._alerts.crossed(limits)

    def ended(self, error: KeybearerError | None, probe: int, clocks: Clocks) -> None:
        """Record how an attempt ended.

        Args:
            error: The error that ended it; None for an answer.
            probe: The number that `admit` returned.
            clocks: The clocks.
        """
        if self.adaptive and isinstance(error, RateLimited):
            self.adaptive.on_rate_limited(error.retry_after, clocks.monotonic())
        if self.breaker is None:
            return
        if isinstance(error, TransportError) and _is_ours(error):
            self.given_up(probe)
        elif isinstance(error, ServerError | TransportError) or type(error) in {StreamTruncated, StreamAPIError}:
            self.breaker.fail(clocks.monotonic())
        else:
            self.breaker.succeed()

    def given_up(self, probe: int) -> None:
        """Record an attempt that says nothing about the service: it was cancelled, not sent, or its deadline passed."""
        if self.breaker and probe:
            self.breaker.abandon(probe)

    def after_fork(self, make_lock: Callable[[], AbstractContextManager[object]]) -> None:
        """Reset in a forked child: it has none of its parent's calls, and a thread that it lacks may have held any lock.

        Args:
            make_lock: Makes a lock.
        """
        for part in (self.limiter, self.budget, self.concurrency, self.adaptive, self.breaker):
            if part is not None:
                part.after_fork(make_lock())
        if self.fleet is not None:
            self.fleet.after_fork()


def _timed(limiter: str, wait: Flow[None], clocks: Clocks, waited: Callable[[str, float], None] | None) -> Flow[None]:
    """Wait, and say how long that took."""
    if waited is None:
        yield from wait
        return
    begun = clocks.monotonic()
    try:
        yield from wait
    except GeneratorExit:  # perhaps of the garbage collector
        raise
    except BaseException:
        waited(limiter, clocks.monotonic() - begun)
        raise
    waited(limiter, clocks.monotonic() - begun)


def _is_ours(error: TransportError) -> bool:
    """Whether a failure says nothing about the service: the caller's own deadline, URL or certificate."""
    return error.phase == "total" or (not error.retryable and not error.delivered)
