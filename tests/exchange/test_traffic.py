"""Whom a call waits for, run as data: the rate, places, the budget, the breaker, a refresh, the service's limits."""

from __future__ import annotations

import contextlib
from concurrent.futures import Future

import pytest

from keybearer import errors as e
from keybearer.credentials.base import Credential
from keybearer.flow import Flow, Send, Sleep, Wait
from keybearer.policy.breaker import CircuitBreaker
from keybearer.policy.gate import Gate
from keybearer.policy.pacer import Pacer
from keybearer.policy.retry import RetryPolicy
from keybearer.types.limits import Limit, RateLimits
from support.world import DRAFT, World, refused, reply, traffic, within


def test_the_client_s_rate_spaces_requests() -> None:
    """At two a second, calls go out half a second apart, retries included."""
    world = World(reply(200), refused(500, "api_error"), reply(200))
    exchange = world.exchange(traffic=traffic(rate=2.0), retry=RetryPolicy(min_delay=0.1, max_delay=0.1))
    for _ in range(2):
        world.run(exchange.send(DRAFT))
    assert [at for at, _ in world.sent] == [pytest.approx(1000 + 0.5 * n) for n in range(3)]


def test_a_wait_for_the_rate_past_the_deadline_fails_now_and_gives_the_place_back() -> None:
    """A queue that is longer than the deadline is told at once, and the place is free for the next caller."""
    world = World(reply(200), reply(200))
    exchange = world.exchange(traffic=traffic(rate=0.1))
    world.run(exchange.send(DRAFT))
    with pytest.raises(e.DeadlineExceeded, match="rate limit"):
        world.run(exchange.send(within(5)))
    world.run(exchange.send(within(20)))
    assert [at for at, _ in world.sent] == [1000, 1010]


def test_a_cancelled_wait_gives_its_place_back() -> None:
    """A caller that is cancelled in the queue frees its place."""
    world = World(reply(200), reply(200))
    exchange = world.exchange(traffic=traffic(rate=1.0))
    world.run(exchange.send(DRAFT))
    waiting = exchange.send(DRAFT)
    assert isinstance(next(waiting), Sleep)
    with pytest.raises(KeyboardInterrupt):
        waiting.throw(KeyboardInterrupt())
    world.run(exchange.send(DRAFT))
    assert [at for at, _ in world.sent] == [1000, 1001]


def test_the_budget_ends_retries_when_everything_fails() -> None:
    """A thousand calls against a service that always fails send at most a tenth more than a thousand, and the reserve."""
    world = World(*[refused(500, "api_error")] * 2000)
    exchange = world.exchange()
    for _ in range(1000):
        with pytest.raises(e.ServerError) as caught:
            world.run(exchange.send(DRAFT))
    assert len(world.sent) <= 1110
    assert "retry budget" in str(caught.value)


def test_the_breaker_opens_and_lets_one_probe_through() -> None:
    """After a row of failures nothing is sent; a hundred callers at the half-open breaker send one request."""
    circuit = CircuitBreaker(failures=3, span=0.0, cooldown=10.0, guard=contextlib.nullcontext())
    world = World(*[refused(529, "overloaded_error")] * 3, reply(200), reply(200))
    exchange = world.exchange(traffic=traffic(breaker=circuit), retry=RetryPolicy(server_attempts=1))
    for _ in range(3):
        with pytest.raises(e.Overloaded):
            world.run(exchange.send(DRAFT))
    with pytest.raises(e.CircuitOpen, match="in 10 s"):
        world.run(exchange.send(DRAFT))
    world.now += 10
    callers = [exchange.send(DRAFT) for _ in range(100)]
    effects = []
    for caller in callers:
        with contextlib.suppress(e.CircuitOpen):
            effects.append((caller, next(caller)))
    assert len(effects) == 1
    with pytest.raises(StopIteration):
        effects[0][0].send(reply(200))
    assert world.run(exchange.send(DRAFT)).status == 200


def test_a_429_or_a_4xx_never_opens_the_breaker() -> None:
    """Only failures of the service count; any other answer ends the row."""
    circuit = CircuitBreaker(failures=2, span=0.0, cooldown=10.0, guard=contextlib.nullcontext())
    kinds = [
        refused(500, "api_error"),
        refused(429, "rate_limit_error"),
        refused(500, "api_error"),
        refused(404, "not_found_error"),
    ]
    world = World(*kinds, reply(200))
    exchange = world.exchange(
        traffic=traffic(breaker=circuit), retry=RetryPolicy(server_attempts=1, rate_limit_attempts=1)
    )
    for _ in kinds:
        with pytest.raises(e.APIError):
            world.run(exchange.send(DRAFT))
    assert world.run(exchange.send(DRAFT)).status == 200


def test_a_place_is_given_back_however_a_call_ends() -> None:
    """Success, refusal, a failed connection, a broken hook's neighbour and a cancellation all free the place."""
    gate = Gate(1, future=Future, guard=contextlib.nullcontext())
    world = World(
        reply(200), refused(400, "invalid_request_error"), e.ConnectionFailed("no", phase="tls", retryable=False)
    )
    exchange = world.exchange(traffic=traffic(gate=gate))
    world.run(exchange.send(DRAFT))
    for error in (e.InvalidRequest, e.ConnectionFailed):
        with pytest.raises(error):
            world.run(exchange.send(DRAFT))
    cancelled = exchange.send(DRAFT)
    assert isinstance(next(cancelled), Send)
    assert gate.inside == 1
    with pytest.raises(KeyboardInterrupt):
        cancelled.throw(KeyboardInterrupt())
    assert gate.inside == 0


def test_no_place_within_the_deadline() -> None:
    """A wait for a place that outlasts the deadline says how many places there are."""
    gate = Gate(1, future=Future, guard=contextlib.nullcontext())
    gate.enter()
    world = World()
    waiting = world.exchange(traffic=traffic(gate=gate)).send(within(5))
    assert next(waiting).timeout == 5.0  # type: ignore[attr-defined] # it is a Wait
    with pytest.raises(e.DeadlineExceeded, match="All 1 places"):
        waiting.throw(TimeoutError())
    assert gate.waiting == 0


class Refreshing:
    """A provider whose refresh goes on elsewhere."""

    def __init__(self) -> None:
        self.future: Future[Credential] = Future()

    def current(self) -> Flow[Credential]:
        """Wait for the refresh."""
        return (yield from Wait(self.future))

    def rejected(self, credential: Credential) -> None:
        """Do nothing."""


def test_a_wait_for_a_refresh_is_under_the_deadline() -> None:
    """The wait has what is left of the call's time; when that passes the call ends, and the refresh is left alone."""
    provider = Refreshing()
    waiting = World().exchange(credentials=provider).send(within(5))
    effect = next(waiting)
    assert isinstance(effect, Wait)
    assert effect.timeout == 5.0
    with pytest.raises(e.DeadlineExceeded, match="not refreshed within"):
        waiting.throw(TimeoutError())
    assert not provider.future.cancelled()


def test_callers_that_wait_together_do_not_go_together() -> None:
    """Of those who waited for room under the service's limit, one goes for each that there is room for."""
    pacer = Pacer(guard=contextlib.nullcontext())
    world = World(*[reply(200)] * 3)
    exchange = world.exchange(traffic=traffic(pacer=pacer))
    start = world.ambient.wall()
    pacer.done(RateLimits(limits={"requests": Limit(limit=60, remaining=0, reset=start + 60)}), start)
    first, second = exchange.send(DRAFT), exchange.send(DRAFT)
    assert [next(first), next(second)] == [Sleep(1.0), Sleep(1.0)]
    world.now += 1.001
    assert isinstance(first.send(None), Send)
    assert isinstance(second.send(None), Sleep)
