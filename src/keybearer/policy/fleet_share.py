"""A process's share of the limits that a fleet has in common: what it was leased, what it uses, and what it reports.

Strategy: a lease is a rate for each limit, so requests wait in line until the rate has covered those before them and themselves. What
a request will take is estimated when it starts, from its size and from what answers have taken, and replaced by what it took when it
ends. Every few seconds a report says what was used and what is wanted, and the grant that answers it is the next lease
(`shell/redis/limits.lua` divides what there is).

            enter ─▶ wait ─▶ start ─▶ ended, on_usage
    report ─▶ (Redis) ─▶ apply        └── lost: Redis cannot be reached, so the process goes on with its share

Contract: requests start in the order in which they came. `ended`, `on_usage`, `on_reply` and `on_rate_limited` take no lock, so that a
finalizer may call them; what they say is counted when the share is next used.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Final, TypeVar

from msgspec import Struct, field

from keybearer.policy.adaptive import LONGEST, read_tokens
from keybearer.policy.fleet_line import FleetLine
from keybearer.types.fleet import LIMITS, FleetGrant, FleetReport
from keybearer.types.http import Draft
from keybearer.types.rate_limits import RateLimits
from keybearer.types.usage import Usage

if TYPE_CHECKING:
    from concurrent.futures import Future

__all__ = ["FleetShare", "FleetTicket"]

T = TypeVar("T")

TARGET: Final = 32
"""How many requests a lease is to last for: so many fewer reports than requests there are."""

SHORTEST: Final = 0.25
LONGEST_LEASE: Final = 8.0
"""The shortest and the longest lease, in seconds."""

SOON: Final = 0.05
"""How soon after a report another may follow, in seconds, where a 429 or a first figure is to be passed on."""

FIRST_LOOK: Final = 0.05
"""How soon a request looks again that waits for the first lease, in seconds; that wakes it, too."""

TOKENS_A_BYTE: Final = 0.25
FIRST_OUTPUT: Final = 300.0
"""What a request is taken to need before any answer has come: about four bytes a token, and a short answer."""


class FleetTicket(Struct, eq=False):
    """A request in line, or under way.

    Attributes:
        size: The length of its body in bytes.
        costs: What it is taken to need of each limit.
        started: Whether it was sent.
    """

    size: int
    costs: dict[str, float]
    started: bool = False


class _News(Struct):
    """What was reported without a lock."""

    ended: deque[FleetTicket] = field(default_factory=deque)
    usage: deque[Usage] = field(default_factory=deque)
    replies: deque[tuple[RateLimits | None, float, float]] = field(default_factory=deque)
    holds: deque[tuple[float, float]] = field(default_factory=deque)


class FleetShare:
    """A process's share of one set of limits.

    Args:
        name: The process, by a name that no other has.
        tenant: Whom it works for.
        weight: The tenant's weight.
        places: How many requests the fleet may have under way; 0 for no such limit.
        future: Makes a future.
        lock: The lock of its state.
    """

    def __init__(
        self,
        *,
        name: str,
        tenant: str,
        weight: float,
        places: int = 0,
        future: Callable[[], Future[None]],
        lock: AbstractContextManager[object],
    ) -> None:
        self._name, self._tenant, self._weight, self._places = name, tenant, weight, places
        self._future, self._lock = future, lock
        self._news = _News()
        self._changed = future()
        self._lines = {name: FleetLine() for name in LIMITS}
        self._waiting: dict[FleetTicket, None] = {}
        self._under_way = 0
        self._bytes_seen, self._tokens_seen, self._output = 0.0, 0.0, FIRST_OUTPUT
        self._hold, self._hold_news = 0.0, False
        self._seen, self._stated = False, False
        self._period, self._rate = SHORTEST, 0.0
        self._last, self._started, self._throttled, self._satisfied = 0.0, 0, False, True
        self._sequence, self._heard = 0, 0
        self.busy: Callable[[], tuple[int, int]] = lambda: (0, 0)
        self.joined = False
        self.alone = False
        self.members = 0
        self.given: int | None = None

    # ── a request ────────────────────────────────────────────────────────────

    def enter(self, draft: Draft) -> FleetTicket:
        """Join the line with a request."""
        size, max_tokens = draft.size, _max_tokens(draft.body)
        with self._lock:
            self._catch_up()
            ratio = self._tokens_seen / self._bytes_seen if self._bytes_seen else TOKENS_A_BYTE
            given = size * ratio
            made = self._output if max_tokens is None else min(self._output, max_tokens)
            amounts = {"requests": 1.0, "input-tokens": given, "output-tokens": made, "tokens": given + made}
            costs = {name: line.fitting(amounts[name]) for name, line in self._lines.items()}
            ticket = FleetTicket(size, costs)
            self._waiting[ticket] = None
            return ticket

    def wait(self, ticket: FleetTicket, now: float) -> tuple[float, Future[None]]:
        """Return how long a request should wait, in seconds, and what is set when that has changed; 0 when it may start."""
        with self._lock:
            self._catch_up()
            wait = max(0.0, self._hold - now)
            if not self.joined and not self.alone:
                wait = FIRST_LOOK
            for name, line in self._lines.items():
                if line.limits:
                    needed = 0.0
                    for each in self._waiting:
                        needed += each.costs[name]
                        if each is ticket:
                            break
                    wait = max(wait, line.until(needed, now))
            self._throttled = self._throttled or wait > 0
            return wait, self._changed

    def start(self, ticket: FleetTicket, now: float) -> None:
        """Record that a request is sent."""
        with self._lock:
            self._waiting.pop(ticket, None)
            ticket.started = True
            self._under_way += 1
            self._started += 1
            for name, line in self._lines.items():
                line.start(ticket.costs[name], now, counts_now=name == "requests")

    def leave(self, ticket: FleetTicket) -> None:
        """Leave the line."""
        with self._lock:
            self._waiting.pop(ticket, None)

    def begin(self) -> None:
        """Record that a request got one of the places. It takes no lock."""
        self._started += 1

    def ended(self, ticket: FleetTicket) -> None:
        """Record that a request has ended. It takes no lock."""
        self._news.ended.append(ticket)

    def on_usage(self, usage: Usage) -> None:
        """Record what an answer took. It takes no lock."""
        self._news.usage.append(usage)

    def on_reply(self, limits: RateLimits | None, now: float, wall: float) -> None:
        """Record the limits that a successful reply stated, or that it stated none. It takes no lock."""
        self._news.replies.append((limits, now, wall))

    def on_rate_limited(self, wait: float, now: float) -> None:
        """Record a 429: everybody waits as long as it asks, up to a minute. It takes no lock."""
        self._news.holds.append((min(wait, LONGEST), now))

    # ── its reports ──────────────────────────────────────────────────────────

    def due(self) -> float | None:
        """Return when the next report is due, on the monotonic clock; None while there is nothing to report."""
        with self._lock:
            self._catch_up()
            active = bool(self._waiting or self._under_way or any(self.busy()))
            if self.alone:
                return self._last + self._period if active or self._started else None
            if not self.joined and not active:
                return None
            if self._hold_news or (self._seen and not self._stated):
                return self._last + SOON
            short = bool(self._waiting) and (self._satisfied or self._started >= TARGET)
            return self._last + (min(self._period, SHORTEST) if short else self._period)

    def report(self, now: float, *, leaving: bool = False) -> FleetReport:
        """Return the report of what was used since the last one that was answered.

        Args:
            now: The monotonic clock.
            leaving: Whether it is the last one.
        """
        with self._lock:
            self._catch_up()
            elapsed = max(now - self._last, SOON) if self._last else SHORTEST
            self._rate += 0.5 * (self._started / elapsed - self._rate)
            self._period = min(LONGEST_LEASE, max(SHORTEST, TARGET / self._rate if self._rate else SHORTEST))
            busy, queued = self.busy()
            idle = not (self._waiting or self._started or self._under_way or busy or queued)
            growth = 2.0 if self._throttled else 1.25
            limits = {}
            for name, line in self._lines.items():
                waiting = sum(each.costs[name] for each in self._waiting)
                line.keep(now, waiting)
                limits[name] = line.report(now, waiting, self._period, elapsed, growth)
            self._sequence += 1
            return FleetReport(
                id=self._name,
                seq=self._sequence,
                heard=self._heard,
                tenant=self._tenant,
                weight=self._weight,
                period=self._period,
                limits=limits,
                hold=max(0.0, self._hold - now) if self._hold_news else 0.0,
                known=self._seen,
                leaving=leaving or (idle and self.joined),
                members=self.members,
                alone=self.alone,
                places=self._places,
                busy=busy,
                waiting=queued or len(self._waiting),
            )

    def apply(self, report: FleetReport, grant: FleetGrant, now: float) -> bool:
        """Take the lease that a report was answered with; return whether the process went on alone until now."""
        with self._lock:
            anew = self.alone
            self.joined, self.alone = not report.leaving, False
            self._last, self._heard, self.members = now, report.seq, 0 if report.leaving else grant.members
            self._started, self._throttled, self._satisfied = 0, False, True
            self._hold_news, self._stated = False, self._stated or report.known
            held = grant.hold > 0 and now + grant.hold > self._hold
            self._hold = max(self._hold, now + grant.hold) if held else self._hold
            self.given = grant.places
            for name, line in self._lines.items():
                asked = grant.asked if not grant.known and name == "requests" else None
                lease = grant.limits.get(name)
                line.apply(report.limits[name], lease, now, asked=None if report.leaving else asked)
                self._satisfied = self._satisfied and (lease is None or lease.wanted)
            if held:
                self._pause(now)
            changed, self._changed = self._changed, self._future()
        changed.set_result(None)
        return anew

    def lost(self, now: float, *, again: float) -> bool:
        """Go on alone, at the rate that is this process's when everybody has a share; return whether it was not so already.

        Args:
            now: The monotonic clock.
            again: How long until the next report, in seconds.
        """
        with self._lock:
            anew = not self.alone
            if anew:
                for line in self._lines.values():
                    line.go_alone(now, first=not self.joined)
            self.alone, self.joined = True, False
            self._last, self._period = now, again
            changed, self._changed = self._changed, self._future()
        changed.set_result(None)
        return anew

    def _catch_up(self) -> None:
        """Count what was reported without the lock, which the caller holds."""
        for ticket in _taken(self._news.ended):
            self._under_way -= 1
            self._bytes_seen = 0.98 * self._bytes_seen + ticket.size
            for name, line in self._lines.items():
                line.ended(ticket.costs[name], counted=name == "requests")
        for usage in _taken(self._news.usage):
            self._count(*read_tokens(usage))
        for limits, now, wall in _taken(self._news.replies):
            self._seen = True
            stated = limits.limits if limits else {}
            for name in stated.keys() & LIMITS:
                if name != "tokens" or "input-tokens" not in stated:
                    self._lines[name].observe(stated[name], now, wall)
        for wait, now in _taken(self._news.holds):
            if now + wait > self._hold:
                self._hold, self._hold_news = now + wait, True
                self._pause(now)

    def _pause(self, now: float) -> None:
        for line in self._lines.values():
            line.pause(now, self._hold)

    def _count(self, given: int | None, made: int | None) -> None:
        """Count what an answer took."""
        if given is None or made is None:
            return
        self._tokens_seen = 0.98 * self._tokens_seen + given
        self._output += 0.1 * (made - self._output)
        for name, amount in (("input-tokens", given), ("output-tokens", made), ("tokens", given + made)):
            self._lines[name].use(amount)


def _taken(news: deque[T]) -> Iterator[T]:
    """Yield what others have appended, and take it away."""
    while news:
        try:
            yield news.popleft()
        except IndexError:  # another thread was faster
            return


_MAX_TOKENS: Final = re.compile(rb'"max_tokens":\s*(\d{1,9})')

_ENDS: Final = 2000
"""How much of a body is searched at each end, in bytes: what a client writes stands there, and no message is read for it."""


def _max_tokens(body: bytes) -> int | None:
    found = _MAX_TOKENS.search(body[:_ENDS]) or _MAX_TOKENS.search(body[-_ENDS:])
    return None if found is None else int(found[1])
