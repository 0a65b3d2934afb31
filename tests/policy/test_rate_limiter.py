"""A client's own rate, on a clock of the test's own: the flows of many callers, run as data."""

from __future__ import annotations

import contextlib
import heapq
import itertools
from concurrent.futures import Future

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keybearer.errors import DeadlineExceeded
from keybearer.flow import Effect, Flow, Sleep, Wait
from keybearer.policy.deadline import Deadline
from keybearer.policy.rate_limiter import RateLimiter


def limiter(rate: float | None, burst: int = 1) -> RateLimiter:
    """Return a limiter that needs no lock."""
    return RateLimiter(rate, burst=burst, future=Future, lock=contextlib.nullcontext())


class Callers:
    """Callers of one limiter, each driven by its flow.

    Attributes:
        now: The clock.
        went: Who had a turn, and when.
    """

    def __init__(self, bucket: RateLimiter, now: float = 0.0) -> None:
        self.bucket, self.now = bucket, now
        self.went: list[tuple[str, float]] = []
        self._events: list[tuple[float, int, str]] = []
        self._flows: dict[str, Flow[None]] = {}
        self._ticks = itertools.count()

    def call(self, name: str, limit: float | None = None) -> None:
        """Let a caller ask for a turn, with that many seconds until its deadline."""
        flow = self.bucket.acquire(Deadline.start(self.now, limit), lambda: self.now)
        self._flows[name] = flow
        self._step(name, lambda: next(flow))

    def cancel(self, name: str) -> None:
        """End a caller's wait."""
        flow = self._flows.pop(name)
        with contextlib.suppress(KeyboardInterrupt):
            flow.throw(KeyboardInterrupt())

    def pass_time(self, until: float) -> None:
        """Move the clock, and wake whoever's wait ends."""
        while self._events and self._events[0][0] <= until:
            at, _, name = heapq.heappop(self._events)
            self.now = max(self.now, at)
            self._resume(name)
        self.now = max(self.now, until)

    def _resume(self, name: str) -> None:
        flow = self._flows.get(name)
        if flow is not None:
            self._step(name, lambda: flow.send(None))

    def _step(self, name: str, advance: object) -> None:
        try:
            effect: Effect[None] = advance()  # type: ignore[operator] # a step of the flow
        except StopIteration:
            del self._flows[name]
            self.went.append((name, round(self.now, 6)))
            return
        except BaseException:
            del self._flows[name]
            raise
        if isinstance(effect, Sleep):
            self._wake_at(self.now + effect.seconds, name)
        else:
            assert isinstance(effect, Wait)
            effect.future.add_done_callback(lambda _: self._wake_at(self.now, name))

    def _wake_at(self, at: float, name: str) -> None:
        heapq.heappush(self._events, (at, next(self._ticks), name))


def test_callers_are_spaced_in_the_order_they_came() -> None:
    """At four a second, each caller waits a quarter of a second longer than the one before."""
    callers = Callers(limiter(4), now=100.0)
    for name in "abcd":
        callers.call(name)
    callers.pass_time(200.0)
    assert callers.went == [("a", 100.0), ("b", 100.25), ("c", 100.5), ("d", 100.75)]


def test_time_that_passed_counts() -> None:
    """After a quiet time the next caller goes at once, and only one."""
    callers = Callers(limiter(1))
    callers.call("a")
    callers.pass_time(10.0)
    callers.call("b")
    callers.call("c")
    callers.pass_time(20.0)
    assert callers.went == [("a", 0.0), ("b", 10.0), ("c", 11.0)]


def test_a_burst_after_a_quiet_time() -> None:
    """With a burst of three, three go at once, then one a gap."""
    callers = Callers(limiter(1, burst=3), now=50.0)
    for name in "abcde":
        callers.call(name)
    callers.pass_time(60.0)
    assert callers.went == [("a", 50.0), ("b", 50.0), ("c", 50.0), ("d", 51.0), ("e", 52.0)]


@pytest.mark.parametrize("gone", ["b", "c", "d"])
def test_whoever_gives_up_leaves_no_gap_and_lets_nobody_overtake(gone: str) -> None:
    """A caller that is cancelled in the queue moves up those behind it; one that comes later goes last."""
    callers = Callers(limiter(1))
    for name in "abcd":
        callers.call(name)
    callers.pass_time(0.5)
    callers.cancel(gone)
    callers.call("late")
    callers.pass_time(10.0)
    left = [name for name in "abcd" if name != gone]
    assert callers.went == [(name, float(at)) for at, name in enumerate([*left, "late"])]


def test_a_turn_that_would_come_too_late_is_refused_at_once() -> None:
    """The wait counts those who stand before; whoever is refused takes nobody's turn."""
    callers = Callers(limiter(1))
    for name in "abc":
        callers.call(name)
    with pytest.raises(DeadlineExceeded, match=r"rate limit .* would take 3 s, but 2\.5 s are left"):
        callers.call("hurried", limit=2.5)
    callers.call("retry_overloaded", limit=3.5)
    callers.pass_time(10.0)
    assert callers.went[-1] == ("retry_overloaded", 3.0)


def test_a_queue_that_is_served_late_catches_up_on_little() -> None:
    """After a stall of five seconds in the middle of a queue of ten, the moments that passed are not all used at once."""
    bucket = limiter(10)
    callers = Callers(bucket)
    for name in "abcdefghij":
        callers.call(name)
    callers.now = 5.0  # the machine slept
    callers.pass_time(20.0)
    assert [at for _, at in callers.went] == [0.0, 5.0, 5.0, 5.1, 5.2, 5.3, 5.4, 5.5, 5.6, 5.7]


def test_no_rate_is_no_wait() -> None:
    """Without a rate nothing waits."""
    callers = Callers(limiter(None))
    for name in "abc":
        callers.call(name)
    assert callers.went == [("a", 0.0), ("b", 0.0), ("c", 0.0)]


def test_a_forked_child_does_not_wait_behind_its_parent() -> None:
    """The parent's queue is not the child's: the first call of the child goes at once."""
    bucket = limiter(1)
    parent = Callers(bucket)
    for name in "abc":
        parent.call(name)
    bucket.after_fork(contextlib.nullcontext())
    child = Callers(bucket, now=0.5)
    child.call("first")
    assert child.went == [("first", 0.5)]
    assert bucket.waiting == 0


@pytest.mark.parametrize("rate", [0.0, -1.0, float("nan")])
def test_a_rate_must_be_above_zero(rate: float) -> None:
    """Zero, less than zero and no number are refused."""
    with pytest.raises(ValueError, match="above 0"):
        limiter(rate)


steps = st.lists(
    st.one_of(
        st.just("call"), st.tuples(st.just("cancel"), st.integers(0, 20)), st.tuples(st.just("wait"), st.floats(0, 3))
    ),
    max_size=60,
)


@given(steps)
def test_order_and_rate_hold_whatever_is_cancelled(plan: list[str | tuple[str, float]]) -> None:
    """Those who go, go in the order in which they came, a gap apart, and nobody who waits is forgotten."""
    callers, waiting = Callers(limiter(1)), []
    for number, step in enumerate(plan):
        if step == "call":
            callers.call(f"{number:03}")
            waiting.append(f"{number:03}")
        elif step[0] == "wait":
            callers.pass_time(callers.now + float(step[1]))
        gone = {name for name, _ in callers.went}
        waiting = [name for name in waiting if name not in gone]
        if step[0] == "cancel" and waiting:
            callers.cancel(waiting.pop(int(step[1]) % len(waiting)))
    callers.pass_time(callers.now + 100.0)
    names, times = [name for name, _ in callers.went], [at for _, at in callers.went]
    assert names == sorted(names)
    assert all(after - before >= 0.999 for before, after in itertools.pairwise(times))
    assert set(waiting) <= set(names)
    assert callers.bucket.waiting == 0
