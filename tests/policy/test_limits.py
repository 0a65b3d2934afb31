"""The token bucket, on a clock of the test's own."""

from __future__ import annotations

import contextlib

import pytest

from keybearer.policy.limits import RateLimiter


def limiter(rate: float | None, burst: int = 1) -> RateLimiter:
    """Return a limiter that needs no lock."""
    return RateLimiter(rate, burst=burst, guard=contextlib.nullcontext())


def test_callers_are_spaced_in_the_order_they_came() -> None:
    """At four a second, each caller waits a quarter of a second longer than the one before."""
    bucket = limiter(4)
    assert [bucket.reserve(100.0) for _ in range(4)] == [0.0, 0.25, 0.5, 0.75]


def test_time_that_passed_counts() -> None:
    """After a quiet time the next caller goes at once, and only one."""
    bucket = limiter(1)
    assert [bucket.reserve(0.0), bucket.reserve(10.0), bucket.reserve(10.0)] == [0.0, 0.0, 1.0]


def test_a_burst_after_a_quiet_time() -> None:
    """With a burst of three, three go at once, then one a gap."""
    bucket = limiter(1, burst=3)
    assert [bucket.reserve(50.0) for _ in range(5)] == [0.0, 0.0, 0.0, 1.0, 2.0]


def test_a_place_given_back_is_the_next_one_s() -> None:
    """The next caller gets the place itself, so that no two are due at once."""
    bucket = limiter(1)
    assert [bucket.reserve(0.0) for _ in range(4)] == [0.0, 1.0, 2.0, 3.0]
    bucket.give_back(1.0)
    assert [bucket.reserve(0.5), bucket.reserve(0.5)] == [0.5, 3.5]


def test_a_place_that_has_passed_is_not_given_out_again() -> None:
    """A place given back too late is gone."""
    bucket = limiter(1)
    assert [bucket.reserve(0.0), bucket.reserve(0.0)] == [0.0, 1.0]
    bucket.give_back(1.0)
    assert bucket.reserve(9.0) == 0.0
    assert bucket.reserve(9.0) == 1.0


def test_no_rate_is_no_wait() -> None:
    """Without a rate nothing waits."""
    bucket = limiter(None)
    assert [bucket.reserve(0.0) for _ in range(3)] == [0.0] * 3
    bucket.give_back(0.0)
    assert bucket.reserve(0.0) == 0.0


@pytest.mark.parametrize("rate", [0.0, -1.0, float("nan")])
def test_a_rate_must_be_above_zero(rate: float) -> None:
    """Zero, less than zero and no number are refused."""
    with pytest.raises(ValueError, match="above 0"):
        limiter(rate)
