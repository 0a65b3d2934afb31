"""Whom a call waits for, run as data: the rate, places, the budget, the breaker, a refresh, the service's limits."""

from __future__ import annotations

import contextlib
from concurrent.futures import Future
from typing import Any

import msgspec
import pytest

from keybearer import errors as e
from keybearer.credentials.credential import Credential
from keybearer.exchange.request import Exchange
from keybearer.flow import Flow, Send, Sleep, Wait
from keybearer.policy.adaptive import AdaptiveRateLimiter
from keybearer.policy.breaker import CircuitBreaker
from keybearer.policy.concurrency import ConcurrencyLimiter
from keybearer.policy.retry import RetryPolicy
from keybearer.policy.retry_budget import RetryBudget
from keybearer.shell.transports.failures import connection_error, timeout_error
from keybearer.types.http import Timeouts
from keybearer.types.rate_limits import Limit, RateLimits
from support.world import DRAFT, World, admission, refused, reply, within


def test_the_client_s_rate_spaces_requests() -> None:
    """At two a second, calls go out half a second apart, retries included."""
    world = World(reply(200), refused(500, "api_error"), reply(200))
    exchange = world.exchange(admission=admission(rate=2.0), retry=RetryPolicy(min_delay=0.1, max_delay=0.1))
    for _ in range(2):
        world.run(exchange.send(DRAFT))
    assert [at for at, _ in world.sent] == [pytest.approx(1000 + 0.5 * n) for n in range(3)]


def test_a_wait_for_the_rate_past_the_deadline_fails_now_and_gives_the_place_back() -> None:
    """A queue that is longer than the deadline is reported at once, and the place is free for the next caller."""
    world = World(reply(200), reply(200))
    exchange = world.exchange(admission=admission(rate=0.1))
    world.run(exchange.send(DRAFT))
    with pytest.raises(e.DeadlineExceeded, match="rate limit"):
        world.run(exchange.send(within(5)))
    world.run(exchange.send(within(20)))
    assert [at for at, _ in world.sent] == [1000, 1010]


def test_a_cancelled_wait_gives_its_place_back() -> None:
    """A caller that is cancelled in the queue frees its place."""
    world = World(reply(200), reply(200))
    exchange = world.exchange(admission=admission(rate=1.0))
    world.run(exchange.send(DRAFT))
    waiting = exchange.send(DRAFT)
    assert isinstance(next(waiting), Sleep)
    with pytest.raises(KeyboardInterrupt):
        waiting.throw(KeyboardInterrupt())
    world.run(exchange.send(DRAFT))
    assert [at for at, _ in world.sent] == [1000, 1001]


def test_the_budget_ends_retries_when_everything_fails() -> None:
    """A thousand calls against a service that always fails send a thousand and the reserve, and say why there are no more."""
    world = World(*[refused(500, "api_error")] * 2000)
    exchange = world.exchange()
    for _ in range(1000):
        with pytest.raises(e.ServerError) as caught:
            world.run(exchange.send(DRAFT))
    assert len(world.sent) == 1010
    assert "retry budget" in str(caught.value)


def test_the_breaker_opens_and_lets_one_probe_through() -> None:
    """After a row of failures nothing is sent; a hundred callers at the half-open breaker send one request."""
    circuit = CircuitBreaker(failures=3, span=0.0, cooldown=10.0, lock=contextlib.nullcontext())
    world = World(*[refused(529, "overloaded_error")] * 3, reply(200), reply(200))
    exchange = world.exchange(admission=admission(breaker=circuit), retry=RetryPolicy(server_attempts=1))
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


def half_open() -> tuple[World, Exchange]:
    """Return a world in which the next call is the probe of a breaker that has opened; after it the service is well."""
    circuit = CircuitBreaker(failures=1, span=0.0, cooldown=10.0, lock=contextlib.nullcontext())
    world = World(refused(500, "api_error"), *[reply(200)] * 3)
    exchange = world.exchange(admission=admission(breaker=circuit), retry=RetryPolicy(server_attempts=1))
    with pytest.raises(e.ServerError):
        world.run(exchange.send(DRAFT))
    with pytest.raises(e.CircuitOpen):
        world.run(exchange.send(DRAFT))
    world.now += 10
    return world, exchange


@pytest.mark.parametrize(
    "end",
    [
        timeout_error("total", 0.5),
        connection_error("tls", DRAFT.url, "no", retryable=False),
        connection_error("url", DRAFT.url, "no", retryable=False),
        TypeError("a transport's own mistake"),
        KeyboardInterrupt(),
        GeneratorExit(),
    ],
    ids=["the caller's deadline", "certificate", "URL", "a bug", "cancelled", "closed"],
)
def test_a_probe_that_says_nothing_of_the_service_lets_the_next_call_be_the_probe(end: BaseException) -> None:
    """Whatever ends the one call that was let through, the client is not shut for ever: the next call goes out."""
    world, exchange = half_open()
    probe = exchange.send(DRAFT)
    assert isinstance(next(probe), Send)
    with pytest.raises(type(end)):
        probe.throw(end)
    assert world.run(exchange.send(DRAFT)).status == 200


def test_a_probe_that_is_never_sent_lets_the_next_call_be_the_probe() -> None:
    """Neither a credential that cannot be had nor a deadline that passes first keeps the breaker shut."""
    world, exchange = half_open()
    waiting = msgspec.structs.replace(exchange, credentials=Refreshing()).send(within(5))
    assert isinstance(next(waiting), Wait)
    with pytest.raises(e.DeadlineExceeded):
        waiting.throw(TimeoutError())
    assert world.run(exchange.send(DRAFT)).status == 200


@pytest.mark.parametrize(
    "end",
    [timeout_error("first_byte", 0.5), connection_error("connect", DRAFT.url, "no"), refused(529, "overloaded_error")],
)
def test_a_probe_that_fails_opens_the_breaker_again(end: Any) -> None:
    """A service that does not answer in its own time has failed: nothing goes out for another cool-down."""
    world, exchange = half_open()
    probe = exchange.send(DRAFT)
    next(probe)
    with pytest.raises(e.KeybearerError):
        probe.throw(end) if isinstance(end, Exception) else probe.send(end)
    world.now += 9
    with pytest.raises(e.CircuitOpen, match="in 1 s"):
        world.run(exchange.send(DRAFT))
    world.now += 1
    assert world.run(exchange.send(DRAFT)).status == 200


def test_a_429_or_a_4xx_never_opens_the_breaker() -> None:
    """Only failures of the service count; any other answer ends the row."""
    circuit = CircuitBreaker(failures=2, span=0.0, cooldown=10.0, lock=contextlib.nullcontext())
    kinds = [
        refused(500, "api_error"),
        refused(429, "rate_limit_error"),
        refused(500, "api_error"),
        refused(404, "not_found_error"),
    ]
    world = World(*kinds, reply(200))
    exchange = world.exchange(
        admission=admission(breaker=circuit), retry=RetryPolicy(server_attempts=1, rate_limit_attempts=1)
    )
    for _ in kinds:
        with pytest.raises(e.APIError):
            world.run(exchange.send(DRAFT))
    assert world.run(exchange.send(DRAFT)).status == 200


def test_a_place_is_given_back_however_a_call_ends() -> None:
    """Success, refusal, a failed connection, a broken hook's neighbour and a cancellation all free the place."""
    concurrency = ConcurrencyLimiter(1, future=Future, lock=contextlib.nullcontext())
    world = World(
        reply(200), refused(400, "invalid_request_error"), e.ConnectionFailed("no", phase="tls", retryable=False)
    )
    exchange = world.exchange(admission=admission(concurrency=concurrency))
    world.run(exchange.send(DRAFT))
    for error in (e.InvalidRequest, e.ConnectionFailed):
        with pytest.raises(error):
            world.run(exchange.send(DRAFT))
    cancelled = exchange.send(DRAFT)
    assert isinstance(next(cancelled), Send)
    assert concurrency.in_use == 1
    with pytest.raises(KeyboardInterrupt):
        cancelled.throw(KeyboardInterrupt())
    assert concurrency.in_use == 0


def test_no_place_within_the_deadline() -> None:
    """A wait for a place that outlasts the deadline says how many places there are."""
    concurrency = ConcurrencyLimiter(1, future=Future, lock=contextlib.nullcontext())
    concurrency.acquire()
    world = World()
    waiting = world.exchange(admission=admission(concurrency=concurrency)).send(within(5))
    assert next(waiting).timeout == 5.0  # type: ignore[attr-defined] # it is a Wait
    with pytest.raises(e.DeadlineExceeded, match="concurrency limit of 1 stayed full"):
        waiting.throw(TimeoutError())
    assert concurrency.waiting == 0


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


@pytest.mark.parametrize(
    "end",
    [reply(200), connection_error("connect", DRAFT.url, "no"), timeout_error("total", 0.5), KeyboardInterrupt()],
    ids=["answered", "no connection", "the caller's deadline", "cancelled"],
)
def test_however_a_request_ends_it_is_under_way_no_longer(end: Any) -> None:
    """Of two that went out one has ended, so a reply with one request left has room for the other, and the next waits a second."""
    adaptive = AdaptiveRateLimiter(lock=contextlib.nullcontext())
    limits = {"limit": "60", "remaining": "1", "reset": "2023-11-14T22:30:59Z"}  # 59 s after the world's clock
    stated = reply(200, None, *((f"anthropic-ratelimit-requests-{name}", value) for name, value in limits.items()))
    world = World(stated)
    exchange = world.exchange(admission=admission(adaptive=adaptive), retry=RetryPolicy(server_attempts=1))
    going, ending = exchange.send(DRAFT), exchange.send(DRAFT)
    assert isinstance(next(going), Send)
    assert isinstance(next(ending), Send)
    with pytest.raises(StopIteration if isinstance(end, msgspec.Struct) else type(end)):
        ending.throw(end) if isinstance(end, BaseException) else ending.send(end)
    world.run(exchange.send(DRAFT))
    assert adaptive.wait(world.now) == pytest.approx(1.0)
    going.close()


def test_a_stale_connection_says_nothing_of_the_service() -> None:
    """A kept-alive connection that had ended does not open a breaker that two failures in a row open, nor end their row."""
    circuit = CircuitBreaker(failures=2, span=0.0, cooldown=10.0, lock=contextlib.nullcontext())
    gone = e.ConnectionFailed("gone", phase="first_byte", reused=True)
    world = World(refused(500, "api_error"), gone, refused(500, "api_error"))
    exchange = world.exchange(admission=admission(breaker=circuit), retry=RetryPolicy(server_attempts=1))
    for _ in range(2):
        with pytest.raises(e.ServerError):
            world.run(exchange.send(DRAFT))
    assert len(world.sent) == 3
    assert circuit.state(world.now) == "open"


def test_callers_that_wait_together_do_not_go_together() -> None:
    """Of those who waited for room under the service's limit, one goes for each that there is room for."""
    adaptive = AdaptiveRateLimiter(lock=contextlib.nullcontext())
    world = World(*[reply(200)] * 3)
    exchange = world.exchange(admission=admission(adaptive=adaptive))
    start = world.clocks.wall()
    adaptive.on_reply(RateLimits(limits={"requests": Limit(limit=60, remaining=0, reset=start + 60)}), world.now, start)
    first, second = exchange.send(DRAFT), exchange.send(DRAFT)
    assert [next(first), next(second)] == [Sleep(1.0), Sleep(1.0)]
    world.now += 1.001
    assert isinstance(first.send(None), Send)
    assert isinstance(second.send(None), Sleep)


@pytest.mark.parametrize(
    "headers",
    [
        [
            ("anthropic-ratelimit-requests-limit", "5"),
            ("anthropic-ratelimit-requests-remaining", "0"),
            ("anthropic-ratelimit-requests-reset", "2099-01-01T00:00:00Z"),
        ],
        [("retry-after", "51811")],
    ],
)
def test_nothing_that_the_service_s_headers_say_keeps_a_first_attempt_from_being_sent(
    headers: list[tuple[str, str]],
) -> None:
    """After a strange reply a call with five seconds is sent at once; one with ten minutes waits one of them at the most."""
    status = 429 if headers[0][0] == "retry-after" else 200
    strange = refused(429, "rate_limit_error", *headers) if status == 429 else reply(200, None, *headers)
    world = World(strange, reply(200), reply(200))
    exchange = world.exchange(admission=admission(adaptive=AdaptiveRateLimiter(lock=contextlib.nullcontext())))
    with contextlib.suppress(e.RateLimited):
        world.run(exchange.send(within(5)))
    world.run(exchange.send(within(5)))
    world.run(exchange.send(within(600)))
    assert [at for at, _ in world.sent] == [1000, 1000, 1060]


def test_a_wall_clock_that_is_set_back_does_not_prolong_a_pause() -> None:
    """A 429 asked for two seconds, and the clock went back an hour: the next call waits the two seconds."""
    world = World(refused(429, "rate_limit_error", ("retry-after", "2")), reply(200))
    exchange = world.exchange(admission=admission(adaptive=AdaptiveRateLimiter(lock=contextlib.nullcontext())))
    with pytest.raises(e.RateLimited):
        world.run(exchange.send(DRAFT, max_retries=0))
    moved = msgspec.structs.replace(world.clocks, wall=lambda: 1_699_996_400.0 + world.now)
    world.run(msgspec.structs.replace(exchange, clocks=moved).send(within(60)))
    assert [at for at, _ in world.sent] == [1000, 1002]


def test_a_429_draws_on_no_budget() -> None:
    """With no retry left in the budget, what the service limits is still tried as often as the policy says."""
    empty = RetryBudget(reserve=0, lock=contextlib.nullcontext())
    world = World(
        *[refused(429, "rate_limit_error", ("retry-after", "1"))] * 4, reply(200), refused(529, "overloaded_error")
    )
    exchange = world.exchange(admission=admission(budget=empty))
    assert world.run(exchange.send(DRAFT)).status == 200
    with pytest.raises(e.Overloaded, match="retry budget is spent"):
        world.run(exchange.send(DRAFT))


@pytest.mark.parametrize(("limit", "reason"), [("rate", "rate limit"), ("breaker", "failed too often")])
def test_a_retry_that_is_held_back_raises_what_was_tried(limit: str, reason: str) -> None:
    """When a limit of the client's own keeps the next attempt from going out, the error is the last attempt's, and says so."""
    circuit = CircuitBreaker(failures=1, span=0.0, cooldown=30.0, lock=contextlib.nullcontext())
    parts: Any = {"rate": 0.05} if limit == "rate" else {"breaker": circuit}
    world = World(refused(500, "api_error"), reply(200))
    with pytest.raises(e.ServerError, match=f"Not tried again: .*{reason}") as caught:
        world.run(world.exchange(admission=admission(**parts)).send(within(10)))
    assert caught.value.attempts == ("500",)


def test_a_429_that_names_no_time_makes_calls_wait_as_long_as_the_policy_says() -> None:
    """A minute, also the next calls; with 0 no more than the backoff, and the next calls not at all."""
    for policy, slept in ((RetryPolicy(min_delay=0.5), 60), (RetryPolicy(min_delay=0.5, rate_limit_delay=0), 0)):
        world = World(refused(429, "rate_limit_error"), reply(200))
        adaptive = AdaptiveRateLimiter(lock=contextlib.nullcontext())
        exchange = world.exchange(admission=admission(adaptive=adaptive), retry=policy.limited(0))
        with pytest.raises(e.RateLimited) as caught:
            world.run(exchange.send(DRAFT))
        assert caught.value.retry_after == slept
        world.run(exchange.send(DRAFT))
        assert sum(world.slept) == pytest.approx(slept)


def test_no_wait_for_the_service_s_limits_is_longer_than_the_caller_would_wait_for_the_first_byte() -> None:
    """Half of it at the most, where the call has no deadline."""
    for first_byte, slept in ((200.0, 60), (100.0, 0)):
        world = World(refused(429, "rate_limit_error"), reply(200))
        adaptive = AdaptiveRateLimiter(lock=contextlib.nullcontext())
        exchange = world.exchange(admission=admission(adaptive=adaptive), retry=RetryPolicy(rate_limit_attempts=1))
        draft = msgspec.structs.replace(DRAFT, timeouts=Timeouts(first_byte=first_byte, total=None))
        with pytest.raises(e.RateLimited):
            world.run(exchange.send(draft))
        world.run(exchange.send(draft))
        assert sum(world.slept) == pytest.approx(slept)
