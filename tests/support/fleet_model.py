"""A fleet on a virtual clock: the processes' shares, the script in a real Redis that can be gone, and the simulator's buckets.

Only what is about time is imitated: the line of a request, its latency, its retries, and the thread that sends the reports. So a
minute of 32 processes takes seconds, and comes to the same each time.
"""

from __future__ import annotations

import contextlib
import heapq
import itertools
import random
from collections.abc import Callable
from concurrent.futures import Future

import msgspec

from keybearer.policy.fleet_share import FleetShare, FleetTicket
from keybearer.shell.redis.fleet import AGAIN, LIMITS
from keybearer.shell.redis.link import RedisLink, RedisScript
from keybearer.simulator.core.clock import SimulatedClock
from keybearer.simulator.core.errors import ServiceError
from keybearer.simulator.service.rate_limits import TIERS, ServiceLimits
from keybearer.types.fleet import FleetGrant
from keybearer.types.http import Draft
from keybearer.types.rate_limits import RateLimits
from keybearer.types.usage import Usage

__all__ = ["FleetModel"]

SIZES = ((0.70, 110), (0.95, 880), (1.0, 4400))
"""The share of the requests up to which a size goes, and that size in tokens; the real fleet's (`bench/fleet_work.py`)."""

TENANTS = (("heavy", 2.0, 8, 0.0), ("one", 1.0, 8, 0.0), ("other", 1.0, 8, 0.0), ("light", 1.0, 1, 1.2))
"""A tenant's name, its weight, how many requests each of its processes has under way, and the pause between two, in seconds."""

LOOK = 1.0
"""How long a request waits at the most before it looks again, in seconds."""

_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(FleetGrant)
_SCRIPT = RedisScript(LIMITS.text.replace("redis.call('TIME')", "{ARGV[2], 0}"))
"""The script with the model's clock in place of Redis'."""


class FleetModel:
    """A fleet, its Redis and its service.

    Args:
        link: A running Redis.
        tier: Whose buckets the service has.
        processes: How many; a quarter of them for each tenant.
        forgets: Whether Redis is empty when it is back.
    """

    def __init__(self, link: RedisLink, *, tier: str = "4", processes: int = 32, forgets: bool = True) -> None:
        self.now, self.wall = 1000.0, SimulatedClock(start=1_800_000_000.0)
        self.random = random.Random(7)  # noqa: S311 - a load
        self.service, self.tier = ServiceLimits(tier, self.wall), TIERS[tier]
        self.key, self.link, self.gone, self.forgets = link.server.key("model", "limits"), link, False, forgets
        link.command("DEL", self.key)
        self.statuses: list[tuple[float, int]] = []
        self.used: dict[str, float] = {name: 0.0 for name, *_ in TENANTS}
        self.done = dict.fromkeys(self.used, 0)
        self.reports = 0
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = itertools.count()
        self.processes = [_Process(self, number, processes) for number in range(processes)]

    def at(self, when: float, what: Callable[[], None]) -> None:
        """Do something at a time."""
        heapq.heappush(self._events, (when, next(self._numbers), what))

    def run(self, seconds: float, outages: tuple[tuple[float, float], ...] = ()) -> None:
        """Run for so long.

        Args:
            seconds: How long.
            outages: When Redis goes, and for how long, in seconds.
        """
        begun = self.now
        for start, length in outages:
            self.at(begun + start, self._lose)
            self.at(begun + start + length, self._find)
        for each in self.processes:
            each.begin()
        while self._events and self._events[0][0] < begun + seconds:
            when, _, what = heapq.heappop(self._events)
            self.wall.advance(when - self.now)
            self.now = when
            what()

    def capacity_used(self, seconds: float) -> float:
        """Return the share of the tightest bucket that was used."""
        requests, tokens = sum(self.done.values()), sum(self.used.values())
        return max(requests / self.tier.requests, tokens / self.tier.input_tokens) / (1 + seconds / 60)

    def tenants(self, seconds: float) -> dict[str, float]:
        """Return what each tenant had, as a part of its share: of what it asked for where it pauses, else by weights."""
        per_tenant = len(self.processes) // len(TENANTS)
        shares, rest = {}, {}
        for name, weight, at_once, pause in TENANTS:
            if pause:
                shares[name] = self.done[name] / (seconds / pause * at_once * per_tenant)
            else:
                rest[name] = weight
        level = sum(self.used[name] for name in rest) / sum(rest.values())
        return shares | {name: self.used[name] / (level * weight) for name, weight in rest.items()}

    def _lose(self) -> None:
        self.gone = True
        if self.forgets:
            self.link.command("DEL", self.key)

    def _find(self) -> None:
        self.gone = False

    def script(self, report: bytes) -> bytes:
        """Run the script."""
        self.reports += 1
        answer = self.link.run(_SCRIPT, [self.key], [report.decode(), f"{self.now:.6f}"])
        return str(answer).encode()


class _Process:
    """A process: its share, its workers, and the thread that reports."""

    def __init__(self, model: FleetModel, number: int, processes: int) -> None:
        self.model = model
        self.tenant, weight, self.at_once, self.pause = TENANTS[number * len(TENANTS) // processes]
        self.share = FleetShare(
            name=f"p{number}", tenant=self.tenant, weight=weight, future=Future, lock=contextlib.nullcontext()
        )
        self._due = float("inf")

    def begin(self) -> None:
        """Let all workers ask for their first request."""
        for _ in range(self.at_once):
            self.model.at(self.model.now, self._ask)

    def _ask(self) -> None:
        draw = self.model.random.random()
        tokens = int(next(size for share, size in SIZES if draw <= share) * self.model.random.uniform(0.5, 1.5))
        self._enter(_Work(tokens, self.model.random.choice((20, 50, 120)), self.model.now))

    def _enter(self, work: _Work) -> None:
        head = f'{{"model": "m", "max_tokens": {work.answer}, "x": "'.encode()
        body = head + b"w" * (5 * work.tokens)
        ticket = self.share.enter(Draft(method="POST", url="http://h/v1/messages", headers={}, body=body))
        self._wait(work, ticket)

    def _wait(self, work: _Work, ticket: FleetTicket) -> None:
        if ticket.started:
            return
        wait, changed = self.share.wait(ticket, self.model.now)
        if not wait:
            self.share.start(ticket, self.model.now)
            self.model.at(self.model.now + self.model.random.uniform(0.002, 0.01), lambda: self._send(work, ticket))
        else:
            work.looks += 1
            look = work.looks  # who is woken by one of the two does not look again for the other
            again = lambda: self._wait(work, ticket) if work.looks == look else None  # noqa: E731 - short
            self.model.at(self.model.now + min(wait, LOOK) + 1e-6, again)
            changed.add_done_callback(lambda _: self.model.at(self.model.now, again))
        self._report_when_due()

    def _send(self, work: _Work, ticket: FleetTicket) -> None:
        model = self.model
        try:
            model.service.admit("o", "m", work.tokens, subscription=False)
        except ServiceError as refused:
            model.statuses.append((model.now, 429))
            headers = dict(refused.headers)
            self.share.on_reply(RateLimits.from_headers(headers), model.now, model.wall.now())
            self.share.on_rate_limited(float(headers["retry-after"]), model.now)
            self.share.ended(ticket)
            work.attempts += 1
            wait = float(headers["retry-after"]) + model.random.uniform(0, 2**work.attempts)
            model.at(model.now + wait, lambda: self._enter(work))
            self._report_when_due()
            return
        model.at(model.now + model.random.uniform(0.02, 0.3), lambda: self._end(work, ticket))

    def _end(self, work: _Work, ticket: FleetTicket) -> None:
        model = self.model
        model.service.charge("o", "m", input_tokens=work.tokens, output_tokens=work.answer, subscription=False)
        model.statuses.append((model.now, 200))
        model.used[self.tenant] += work.tokens
        model.done[self.tenant] += 1
        headers = model.service.headers("o", "m", subscription=False)
        self.share.on_reply(RateLimits.from_headers(headers), model.now, model.wall.now())
        self.share.on_usage(Usage(input_tokens=work.tokens, output_tokens=work.answer))
        self.share.ended(ticket)
        pause = self.pause * model.random.uniform(0.5, 1.5) - (model.now - work.begun)
        model.at(model.now + max(0.0, pause), self._ask)
        self._report_when_due()

    def _report_when_due(self) -> None:
        due = self.share.due()
        if due is not None and due < self._due:
            self._due = due
            self.model.at(max(due, self.model.now), lambda: self._report(due))

    def _report(self, due: float) -> None:
        if due != self._due:
            return  # it was to be sent sooner
        self._due = float("inf")
        later = self.share.due()
        if later is None or later > self.model.now + 1e-9:
            self._report_when_due()
            return
        report = self.share.report(self.model.now)
        if self.model.gone:
            self.share.lost(self.model.now, again=self.model.random.uniform(*AGAIN))
        else:
            grant = _DECODER.decode(self.model.script(_ENCODER.encode(report)))
            self.share.apply(report, grant, self.model.now)
        self._report_when_due()


class _Work:
    """What a worker wants answered."""

    def __init__(self, tokens: int, answer: int, begun: float) -> None:
        self.tokens, self.answer, self.begun = tokens, answer, begun
        self.looks = self.attempts = 0
