"""Backoff, as numbers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from keybearer.errors import RateLimited
from keybearer.policy.retry import RetryPolicy

random = st.floats(0, 1, exclude_max=True)


@given(st.lists(random, min_size=1, max_size=30))
def test_each_wait_is_between_the_shortest_and_twice_the_one_before(draws: list[float]) -> None:
    """Decorrelated jitter: from 1 s to 60 s, at most double the wait before."""
    policy, wait = RetryPolicy(), 0.0
    for draw in draws:
        after = policy.backoff(wait, draw)
        assert 1.0 <= after <= min(60.0, 2 * max(wait, 1.0))
        wait = after


def test_it_reaches_the_longest_wait_and_stays() -> None:
    """With the worst luck the waits double up to the longest."""
    policy, waits = RetryPolicy(), [0.0]
    for _ in range(8):
        waits.append(policy.backoff(waits[-1], 0.999999999))
    assert [round(wait) for wait in waits[1:]] == [2, 4, 8, 16, 32, 60, 60, 60]


@given(st.floats(0, 10_000), random)
def test_the_service_s_wait_is_the_least(asked: float, draw: float) -> None:
    """The wait is never shorter than what the service asks for."""
    error = RateLimited("no", retry_after=asked)
    assert RetryPolicy().delay(error, 0.0, draw) >= asked
