"""One limit of a process's share: what it was leased, and what of that it has used."""

from __future__ import annotations

import math
from typing import Final

from msgspec import Struct

from keybearer.types.fleet import LimitGrant, LimitReport
from keybearer.types.rate_limits import Limit

__all__ = ["FleetLine"]

KEPT: Final = 0.5
"""What is left of a lease is kept for the next one up to so many seconds' worth."""

LARGEST: Final = 0.5
"""No request is taken to need more than this share of a bucket: the estimate of one with pictures would be far off."""

_SURE: Final = 0.05
"""How fast a bucket fills is only taken from a figure where so much of it is missing."""


class FleetLine(Struct):
    """One limit; its unit is requests or tokens.

    Attributes:
        limits: Whether it limits anything: it was granted.
        left: What may be used now, as of `at`; below zero when more was used than was leased.
        rate: The leased rate, a second.
        steady: The rate without Redis.
        at: When `left` was counted, on the monotonic clock.
        under_way: What requests under way are taken to need.
        used: What was used since the last report that was answered.
        begun: What the requests that started since then were taken to need.
        largest: The most that one request was taken to need; it fades.
        size: The size of the service's bucket; 0 while it is not known.
        seen: What the service last said is left, how fast its bucket fills, and when that was.
    """

    limits: bool = False
    left: float = 0.0
    rate: float = 0.0
    steady: float = 0.0
    at: float = 0.0
    under_way: float = 0.0
    used: float = 0.0
    begun: float = 0.0
    largest: float = 0.0
    size: float = 0.0
    seen: tuple[float, float | None, float] | None = None

    def fitting(self, amount: float) -> float:
        """Return what a request is taken to need, so that it can ever be had."""
        return min(amount, LARGEST * self.size) if self.size and amount > 1 else amount

    def until(self, needed: float, now: float) -> float:
        """Return how long it takes until an amount may be used, in seconds."""
        missing = needed - self._left(now)
        if missing <= 1e-9:
            return 0.0
        return max(0.0, self.at - now) + missing / self.rate if self.rate else math.inf

    def start(self, amount: float, now: float, *, counts_now: bool) -> None:
        """Take what a request is taken to need; `counts_now` where the service counts it when it comes."""
        self.left, self.at = self._left(now) - amount, max(now, self.at)
        self.begun += amount
        self.largest = max(amount, self.largest)
        if counts_now:
            self.used += amount
        else:
            self.under_way += amount

    def ended(self, amount: float, *, counted: bool) -> None:
        """Give back what a request was taken to need, unless it was counted when it started."""
        if not counted:
            self.under_way = max(0.0, self.under_way - amount)
            self.left += amount

    def use(self, amount: float) -> None:
        """Take what an answer took."""
        self.used += amount
        self.left -= amount

    def observe(self, limit: Limit, now: float, wall: float) -> None:
        """Record what a reply stated."""
        if limit.limit is None or limit.remaining is None:
            return
        self.size = float(limit.limit)
        missing, left = limit.limit - limit.remaining, (limit.reset or 0.0) - wall
        sure = left > 1 and missing > _SURE * limit.limit
        self.seen = float(limit.remaining), missing / left if sure else None, now

    def pause(self, now: float, until: float) -> None:
        """Have nothing left until a time: the service has said that its bucket is empty, and when it is not."""
        self.left, self.at = min(self._left(now), 0.0), max(until, self.at)

    def keep(self, now: float, waiting: float) -> None:
        """Let go of what is left of the lease but for what waits and a little; what was used too much stays owed."""
        most = max(KEPT * self.rate, self.largest, waiting)
        self.left, self.at = min(self._left(now), most), max(now, self.at)
        self.largest *= 0.9

    def report(self, now: float, waiting: float, period: float, elapsed: float, growth: float) -> LimitReport:
        """Return the report.

        Args:
            now: The monotonic clock.
            waiting: What those in line are taken to need.
            period: How long the next lease is to last, in seconds.
            elapsed: How long ago the last report was answered, in seconds.
            growth: By how much more than lately it may want.
        """
        left = self._left(now)
        return LimitReport(
            used=self.used,
            held=self.under_way + max(0.0, left),
            wants=waiting / period + growth * self.begun / elapsed,
            short=max(0.0, waiting - left),
            largest=self.largest,
            remaining=None if self.seen is None else self.seen[0],
            limit=None if self.seen is None else self.size,
            fill=None if self.seen is None else self.seen[1],
            age=None if self.seen is None else max(0.0, now - self.seen[2]),
            steady=self.steady if self.limits and self.steady else None,
        )

    def apply(self, report: LimitReport, grant: LimitGrant | None, now: float, *, asked: float | None) -> None:
        """Take a lease.

        Args:
            report: The report that it answers.
            grant: The lease; None where this limits nothing.
            now: The monotonic clock.
            asked: How many requests may find out what the limits are; None where they are known.
        """
        before = self._left(now) if self.limits else 0.0
        self.used -= report.used
        self.begun, self.at = 0.0, max(now, self.at)
        self.limits = grant is not None or asked is not None
        self.rate = self.steady = 0.0
        if grant is not None:
            self.rate, self.steady = grant.rate, grant.steady
            self.left = max(before, -LARGEST * (self.size or math.inf)) + grant.at_once
        elif asked is not None:
            self.left = max(0.0, before) + asked

    def go_alone(self, now: float, *, first: bool) -> None:
        """Go on at the steady rate; without any lease before, nothing is known that could limit it."""
        self.left, self.at = self._left(now), max(now, self.at)
        self.rate = self.steady
        self.limits = self.limits and not first and self.steady > 0

    def _left(self, now: float) -> float:
        return self.left + self.rate * max(0.0, now - self.at)
