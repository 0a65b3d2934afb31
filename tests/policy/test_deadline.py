"""A call's deadline, and how its figures are reported."""

from __future__ import annotations

import pytest

from keybearer.errors import DeadlineExceeded
from keybearer.policy.deadline import Deadline, format_seconds


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.0, "0 s"), (0.0131, "0.013 s"), (0.5, "0.5 s"), (20.0, "20 s"), (3600.0, "3600 s"), (2_592_000.0, "2592000 s")],
)
def test_times_are_formatted_to_the_millisecond(seconds: float, words: str) -> None:
    """No digits that say nothing, no powers of ten, and no wait that is reported as none."""
    assert format_seconds(seconds) == words


def test_a_wait_past_the_deadline_is_refused_with_its_figures() -> None:
    """What it waits for, how long that would take, what is left and of what."""
    deadline = Deadline.start(now=100.0, limit=20.0)
    deadline.check(19.9, 100.0, "It")
    with pytest.raises(DeadlineExceeded) as caught:
        deadline.check(3600.0, 100.5, "The next attempt")
    assert caught.value.message == "The next attempt would take 3600 s, but 19.5 s are left of the call's 20 s."
    assert (caught.value.wait, caught.value.remaining) == (3600.0, 19.5)
