"""The retry budget."""

from __future__ import annotations

import contextlib

import pytest

from keybearer.policy.retry_budget import RetryBudget


def budget(share: float = 0.1, reserve: float | None = None) -> RetryBudget:
    """Return a budget that needs no lock."""
    return RetryBudget(share, reserve=reserve, lock=contextlib.nullcontext())


@pytest.mark.parametrize(("at_once", "retries"), [(1, 10), (6, 10), (20, 30), (100, 150)])
def test_when_everything_fails_there_are_as_many_retries_as_the_bucket_holds(at_once: int, retries: int) -> None:
    """A thousand calls that all fail have ten retries, or one and a half for each that is under way; calls pay for none."""
    bucket, taken = budget(), 0
    for _ in range(1000 // at_once):
        for _ in range(at_once):
            bucket.begin()
        taken += sum(bucket.take() for _ in range(4 * at_once))
        for _ in range(at_once):
            bucket.end(succeeded=False)
    assert taken == retries


def test_a_success_pays_for_its_share() -> None:
    """Ten calls that succeed pay for one retry, and nothing is saved up beyond the reserve."""
    bucket = budget(reserve=3)
    for _ in range(500):
        bucket.begin()
        bucket.end(succeeded=True)
    assert [bucket.take() for _ in range(4)] == [True, True, True, False]
    for _ in range(9):
        bucket.begin()
        bucket.end(succeeded=True)
    assert not bucket.take()
    bucket.begin()
    bucket.end(succeeded=True)
    assert [bucket.take(), bucket.take()] == [True, False]
    assert bucket.left == pytest.approx(0)


def test_the_reserve_can_be_set() -> None:
    """None at all, or many; then what is under way does not matter."""
    empty, full = budget(reserve=0), budget(reserve=100)
    for _ in range(50):
        empty.begin()
    assert not empty.take()
    assert sum(full.take() for _ in range(200)) == 100


def test_a_share_of_one_is_no_budget() -> None:
    """Whoever wants every call tried as often as the policy says gets that."""
    assert all(budget(1.0).take() for _ in range(10_000))


def test_a_forked_child_begins_with_a_full_reserve() -> None:
    """What the parent's calls have spent is not the child's, and none of them is under way in it."""
    bucket = budget()
    for _ in range(40):
        bucket.begin()
    assert sum(bucket.take() for _ in range(100)) == 60
    bucket.after_fork(contextlib.nullcontext())
    assert sum(bucket.take() for _ in range(100)) == 10
