"""The retry budget."""

from __future__ import annotations

import contextlib

from keybearer.policy.budget import RetryBudget


def test_when_everything_fails_retries_are_a_tenth_of_the_calls() -> None:
    """A thousand calls that each want as many retries as they can get have a hundred, and the reserve."""
    budget = RetryBudget(guard=contextlib.nullcontext())
    retries = 0
    for _ in range(1000):
        budget.call()
        while budget.take():
            retries += 1
    assert 100 <= retries <= 110


def test_calls_that_succeed_fill_it_up_to_the_reserve() -> None:
    """The bucket holds no more than its reserve."""
    budget = RetryBudget(reserve=3, guard=contextlib.nullcontext())
    for _ in range(500):
        budget.call()
    assert [budget.take() for _ in range(4)] == [True, True, True, False]
    assert budget.left == 0
