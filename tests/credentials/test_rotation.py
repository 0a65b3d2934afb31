"""Which of several keys is next: by what is left of each one's limits."""

from __future__ import annotations

import threading

from keybearer.credentials.rotation import KeyRotation
from keybearer.types.rate_limits import Limit, RateLimits, Window


def rotation(count: int = 3) -> KeyRotation:
    """Return a rotation of keys about which nothing is known."""
    return KeyRotation(count, lock=threading.Lock())


def left(remaining: int, reset: float = 100.0) -> RateLimits:
    """Return the limits of a reply."""
    return RateLimits(
        limits={
            "requests": Limit(limit=100, remaining=90, reset=reset),
            "tokens": Limit(limit=100, remaining=remaining, reset=reset),
        }
    )


def test_unknown_keys_take_turns() -> None:
    """Each is used before one is used again."""
    keys = rotation()
    assert [keys.choose(0.0) for _ in range(7)] == [0, 1, 2, 0, 1, 2, 0]


def test_the_key_with_most_left_is_used() -> None:
    """The scarcest of a key's limits counts, until its reset; near equals take turns."""
    keys = rotation()
    keys.on_limits(0, left(20))
    keys.on_limits(1, left(60))
    keys.on_limits(2, left(62))
    assert [keys.choose(0.0) for _ in range(4)] == [1, 2, 1, 2]
    keys.on_limits(0, left(88))
    assert keys.choose(0.0) == 0
    assert {keys.choose(100.0) for _ in range(3)} == {0, 1, 2}


def test_a_subscriptions_windows_count_too() -> None:
    """What is used of a window is not left; a limit without figures says nothing."""
    keys = rotation(2)
    keys.on_limits(0, RateLimits(windows={"5h": Window(utilization=0.9, reset=50.0), "7d": Window(status="allowed")}))
    assert [keys.choose(0.0) for _ in range(2)] == [1, 1]
    keys.on_limits(0, RateLimits(limits={"requests": Limit(limit=0, remaining=0, reset=1.0)}))
    assert keys.choose(0.0) == 1


def test_a_key_that_rests_is_left_out() -> None:
    """Until its time has passed; where all rest, the one that is free first is used."""
    keys = rotation(2)
    keys.rest(0, 10.0, 0.0)
    assert [keys.choose(1.0) for _ in range(2)] == [1, 1]
    keys.rest(1, 5.0, 0.0)
    assert (keys.free(1.0), keys.choose(1.0)) == (0, 1)
    keys.rest(1, 1.0, 0.0)  # a shorter rest ends no longer one
    assert (keys.free(6.0), keys.free(11.0)) == (1, 2)
